//! gzip of sound files at the speed of [`Inflater`]; at the first doubt, from the start again with the decoder of
//! [`members`], which decides.
//!
//! What was given out by then is stepped over, so a file that is damaged gives the same bytes and the same error as if that
//! decoder had read it alone.

use std::io::{self, BufReader, ErrorKind, Read};

use crate::decompress::{ByteStream, Codec, READ_BYTES};
use crate::inflate::{Ended, Inflater, ROOM_BYTES, TAIL_BYTES, WINDOW_BYTES};
use crate::members::members;

/// The fixed part of a member's header.
const HEADER_BYTES: usize = 10;

/// A header is read when it lies within so many bytes: names of files may be that long.
const HEADER_BYTES_MAX: usize = 4 << 10;

/// The check sum and the length behind a member.
const TRAILER_BYTES: usize = 8;

/// What a header may hold beside the fixed part: extra fields, the name of the file, a comment.
const FLAG_EXTRA: u8 = 1 << 2;
const FLAG_NAME: u8 = 1 << 3;
const FLAG_COMMENT: u8 = 1 << 4;
/// That the text is text, which nobody looks at.
const FLAG_TEXT: u8 = 1 << 0;

/// So much of what was given out is decoded again together with what follows: the decoder words an error by how much room
/// it has around it.
const OVERLAP_BYTES: u64 = 4 << 10;

/// Opens the same compressed bytes once more, from the first on.
pub(crate) type Again = Box<dyn FnOnce() -> io::Result<ByteStream> + Send>;

/// Something is not plainly right.
struct Doubt;

/// Reads the members of a gzip file.
pub(crate) struct Gunzip {
    way: Way,
    /// Bytes given out.
    given_bytes: u64,
}

enum Way {
    Fast(Box<Fast>, Again),
    Careful(Box<dyn Read + Send>),
    /// Between the two, or behind an error.
    None,
}

impl Gunzip {
    /// `again` opens what `compressed` reads.
    pub(crate) fn new(compressed: ByteStream, again: Again) -> Self {
        Self::in_chunks(compressed, again, READ_BYTES)
    }

    /// Reads and decodes about `chunk_bytes` at a time, which are no fewer than a header may have.
    fn in_chunks(compressed: ByteStream, again: Again, chunk_bytes: usize) -> Self {
        Self {
            way: Way::Fast(Box::new(Fast::new(compressed, chunk_bytes)), again),
            given_bytes: 0,
        }
    }

    /// Opens the file again, steps over what was given out, and reads on into `buffer`.
    fn begin_again(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Way::Fast(_, again) = std::mem::replace(&mut self.way, Way::None) else {
            return Ok(0);
        };
        let compressed = BufReader::with_capacity(READ_BYTES, again()?);
        let mut careful = members(Codec::Gzip, compressed)?;
        let overlap_bytes = self.given_bytes.min(OVERLAP_BYTES);
        io::copy(
            &mut careful.by_ref().take(self.given_bytes - overlap_bytes),
            &mut io::sink(),
        )?;
        let overlap = overlap_bytes as usize;
        let mut bytes = vec![0; overlap + buffer.len()];
        let mut filled = 0;
        while filled <= overlap {
            match careful.read(&mut bytes[filled..])? {
                0 => break,
                read => filled += read,
            }
        }
        let read = filled.saturating_sub(overlap);
        buffer[..read].copy_from_slice(&bytes[overlap..overlap + read]);
        self.way = Way::Careful(careful);
        Ok(read)
    }
}

impl Read for Gunzip {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.way {
            Way::Fast(fast, _) => match fast.read(buffer) {
                Ok(read) => read,
                Err(Doubt) => self.begin_again(buffer)?,
            },
            Way::Careful(careful) => careful.read(buffer)?,
            Way::None => 0,
        };
        self.given_bytes += read as u64;
        Ok(read)
    }
}

/// What comes next in the compressed bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// The header of the first member.
    First,
    /// The header of another one, or the end.
    Header,
    Blocks,
    Trailer,
    End,
}

/// Decodes as long as there is no doubt.
struct Fast {
    compressed: ByteStream,
    /// What was read: the bytes from `at` to `end` are not decoded yet.
    input: Vec<u8>,
    at: usize,
    end: usize,
    /// True when nothing comes behind `end`.
    is_at_end: bool,
    next: Next,
    inflater: Inflater,
    /// What was decoded: up to `given` it is given out, up to `decoded` it waits for that.
    output: Vec<u8>,
    given: usize,
    decoded: usize,
    /// Where the member begins in the output, or 0 when that is further back than matches reach.
    floor: usize,
    check: crc32fast::Hasher,
    member_bytes: u64,
}

impl Fast {
    fn new(compressed: ByteStream, chunk_bytes: usize) -> Self {
        Self {
            compressed,
            input: vec![0; chunk_bytes + TAIL_BYTES],
            at: 0,
            end: 0,
            is_at_end: false,
            next: Next::First,
            inflater: Inflater::new(),
            output: vec![0; WINDOW_BYTES + chunk_bytes + ROOM_BYTES],
            given: 0,
            decoded: 0,
            floor: 0,
            check: crc32fast::Hasher::new(),
            member_bytes: 0,
        }
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Doubt> {
        while self.given == self.decoded && self.next != Next::End {
            self.advance()?;
        }
        let count = buffer.len().min(self.decoded - self.given);
        buffer[..count].copy_from_slice(&self.output[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }

    fn advance(&mut self) -> Result<(), Doubt> {
        match self.next {
            Next::First => self.header(),
            Next::Header => {
                self.skip_zeros()?;
                if self.at == self.end {
                    self.next = Next::End;
                    return Ok(());
                }
                self.header()
            }
            Next::Blocks => self.blocks(),
            Next::Trailer => self.trailer(),
            Next::End => Ok(()),
        }
    }

    /// Makes sure that `count` bytes are there, or all that come.
    fn provide(&mut self, count: usize) -> Result<(), Doubt> {
        if self.end - self.at >= count || self.is_at_end {
            return Ok(());
        }
        self.input.copy_within(self.at..self.end, 0);
        (self.at, self.end) = (0, self.end - self.at);
        let room = self.input.len() - TAIL_BYTES;
        while self.end < room {
            match self.compressed.read(&mut self.input[self.end..room]) {
                Ok(0) => {
                    // What is behind the end is read as zeros, and never taken.
                    self.input[self.end..self.end + TAIL_BYTES].fill(0);
                    self.is_at_end = true;
                    break;
                }
                Ok(read) => self.end += read,
                Err(cause) if cause.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Err(Doubt),
            }
        }
        Ok(())
    }

    /// Some writers fill the last sector with zeros.
    fn skip_zeros(&mut self) -> Result<(), Doubt> {
        loop {
            self.provide(1)?;
            let rest = &self.input[self.at..self.end];
            let zeros = rest.iter().take_while(|byte| **byte == 0).count();
            self.at += zeros;
            if zeros == 0 || zeros < rest.len() {
                return Ok(());
            }
        }
    }

    fn header(&mut self) -> Result<(), Doubt> {
        self.provide(HEADER_BYTES_MAX)?;
        let length = header_length(&self.input[self.at..self.end]).ok_or(Doubt)?;
        self.at += length;
        self.next = Next::Blocks;
        self.inflater.reset();
        self.floor = self.decoded;
        (self.check, self.member_bytes) = (crc32fast::Hasher::new(), 0);
        Ok(())
    }

    fn blocks(&mut self) -> Result<(), Doubt> {
        let seen = if self.is_at_end {
            self.end + TAIL_BYTES
        } else {
            self.end
        };
        let input = &self.input[self.at..seen];
        let (taken, decoded, ended) = self
            .inflater
            .run(input, &mut self.output, self.decoded, self.floor);
        self.at += taken;
        let is_past_end = self.at > self.end;
        if ended == Ended::Refused || is_past_end || (ended == Ended::Hungry && self.is_at_end) {
            return Err(Doubt);
        }
        self.check.update(&self.output[self.decoded..decoded]);
        self.member_bytes += (decoded - self.decoded) as u64;
        self.decoded = decoded;
        match ended {
            Ended::Done => self.next = Next::Trailer,
            Ended::Full if self.given == self.decoded => self.make_room(),
            Ended::Hungry => self.provide(self.input.len())?,
            _ => {}
        }
        Ok(())
    }

    /// Keeps what matches may reach.
    fn make_room(&mut self) {
        let kept_from = self.decoded.saturating_sub(WINDOW_BYTES);
        self.output.copy_within(kept_from..self.decoded, 0);
        self.decoded -= kept_from;
        self.given = self.decoded;
        self.floor = self.floor.saturating_sub(kept_from);
    }

    fn trailer(&mut self) -> Result<(), Doubt> {
        self.provide(TRAILER_BYTES)?;
        let trailer = self.input[self.at..self.end]
            .first_chunk::<TRAILER_BYTES>()
            .ok_or(Doubt)?;
        let told = u64::from_le_bytes(*trailer);
        let counted = u64::from(self.check.clone().finalize()) | self.member_bytes << 32;
        if told != counted {
            return Err(Doubt);
        }
        self.at += TRAILER_BYTES;
        self.next = Next::Header;
        Ok(())
    }
}

/// The length of the header at the start of `bytes`; `None` when there is no plain one.
fn header_length(bytes: &[u8]) -> Option<usize> {
    let flags = match *bytes.first_chunk::<HEADER_BYTES>()? {
        [0x1f, 0x8b, 8, flags, ..] => flags,
        _ => return None,
    };
    if flags & !(FLAG_TEXT | FLAG_EXTRA | FLAG_NAME | FLAG_COMMENT) != 0 {
        return None;
    }
    let mut at = HEADER_BYTES;
    if flags & FLAG_EXTRA != 0 {
        let length = u16::from_le_bytes(*bytes[at..].first_chunk::<2>()?);
        at += 2 + usize::from(length);
    }
    for flag in [FLAG_NAME, FLAG_COMMENT] {
        if flags & flag != 0 {
            at += memchr::memchr(0, bytes.get(at..)?)? + 1;
        }
    }
    (at <= bytes.len()).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, GzBuilder};
    use proptest::prelude::*;
    use std::io::{Cursor, Write};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// What came out, and what was said at the end.
    type Told = (Vec<u8>, Option<(ErrorKind, String)>);

    /// Reads as the blocks are read: piece after piece, each until it is full.
    fn drain(mut reader: impl Read, piece: usize) -> Told {
        let (mut out, mut filled) = (Vec::new(), 0);
        loop {
            out.resize(out.len().max(filled + 1).next_multiple_of(piece), 0);
            match reader.read(&mut out[filled..]) {
                Ok(0) => {
                    out.truncate(filled);
                    return (out, None);
                }
                Ok(count) => filled += count,
                Err(cause) => {
                    out.truncate(filled);
                    return (out, Some((cause.kind(), cause.to_string())));
                }
            }
        }
    }

    fn careful(bytes: &[u8], piece: usize) -> Told {
        let reader = BufReader::with_capacity(READ_BYTES, Cursor::new(bytes.to_vec()));
        drain(members(Codec::Gzip, reader).unwrap(), piece)
    }

    /// The same with the fast way, and how often it began again.
    fn gunzip(bytes: &[u8], chunk_bytes: usize, piece: usize) -> (Told, usize) {
        let again_bytes = bytes.to_vec();
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        let again: Again = Box::new(move || {
            counted.fetch_add(1, Ordering::Relaxed);
            Ok(Box::new(Cursor::new(again_bytes)))
        });
        let reader = Gunzip::in_chunks(Box::new(Cursor::new(bytes.to_vec())), again, chunk_bytes);
        (drain(reader, piece), count.load(Ordering::Relaxed))
    }

    /// A text of repetitions near and far, runs and noise.
    fn text(seed: u64, bytes: usize) -> Vec<u8> {
        let mut state = seed | 1;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        let mut out: Vec<u8> = Vec::with_capacity(bytes);
        while out.len() < bytes {
            let (kind, length) = (next() % 8, 1 + (next() % 300) as usize);
            match kind {
                0 => out.extend((0..length).map(|_| next() as u8)),
                1 => out.extend(std::iter::repeat_n(next() as u8, length)),
                2..=5 if !out.is_empty() => {
                    let back = 1 + next() as usize % out.len().min(40_000);
                    for _ in 0..length {
                        out.push(out[out.len() - back]);
                    }
                }
                _ => out.extend(
                    format!("2026-03-04T00:00:{:02}Z INFO {}\n", next() % 60, next() % 1_000).bytes(),
                ),
            }
        }
        out.truncate(bytes);
        out
    }

    fn pack(bytes: &[u8], level: u32, header: u8) -> Vec<u8> {
        let mut builder = GzBuilder::new();
        if header & 1 != 0 {
            builder = builder.filename("a.log");
        }
        if header & 2 != 0 {
            builder = builder.extra(&b"extra"[..]);
        }
        if header & 4 != 0 {
            builder = builder.comment("a comment");
        }
        let mut encoder = builder.write(Vec::new(), Compression::new(level));
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[derive(Clone, Debug)]
    enum Damage {
        None,
        Cut(prop::sample::Index),
        Set(prop::sample::Index, u8),
        Flip(prop::sample::Index, u8),
        Append(Vec<u8>),
    }

    impl Damage {
        fn to(&self, bytes: &mut Vec<u8>) {
            match self {
                _ if bytes.is_empty() => {}
                Self::None => {}
                Self::Cut(at) => bytes.truncate(at.index(bytes.len())),
                Self::Set(at, byte) => {
                    let at = at.index(bytes.len());
                    bytes[at] = *byte;
                }
                Self::Flip(at, bit) => {
                    let at = at.index(bytes.len());
                    bytes[at] ^= 1 << (bit % 8);
                }
                Self::Append(more) => bytes.extend_from_slice(more),
            }
        }
    }

    fn damage() -> impl Strategy<Value = Damage> {
        prop_oneof![
            2 => Just(Damage::None),
            1 => any::<prop::sample::Index>().prop_map(Damage::Cut),
            1 => (any::<prop::sample::Index>(), any::<u8>()).prop_map(|(at, byte)| Damage::Set(at, byte)),
            2 => (any::<prop::sample::Index>(), any::<u8>()).prop_map(|(at, bit)| Damage::Flip(at, bit)),
            1 => prop_oneof![
                Just(vec![0; 600]),
                Just(vec![0x1f]),
                Just(vec![0x1f, 0x8b, 8]),
                proptest::collection::vec(any::<u8>(), 0..30),
            ].prop_map(Damage::Append),
        ]
    }

    fn member() -> impl Strategy<Value = Vec<u8>> {
        let bytes = prop_oneof![4 => 0usize..3_000, 2 => 0usize..120_000, 1 => Just(0)];
        (any::<u64>(), bytes, 0u32..=9, 0u8..8)
            .prop_map(|(seed, bytes, level, header)| pack(&text(seed, bytes), level, header))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(600))]

        #[test]
        fn sound_and_damaged_files_are_read_alike(
            members in proptest::collection::vec(member(), 1..4),
            damage in proptest::collection::vec(damage(), 1..3),
            chunk_bytes in prop_oneof![Just(HEADER_BYTES_MAX), HEADER_BYTES_MAX..20_000],
            piece in 1usize..70_000,
        ) {
            let mut bytes = members.concat();
            damage.iter().for_each(|damage| damage.to(&mut bytes));
            let expected = careful(&bytes, piece);
            let (told, _) = gunzip(&bytes, chunk_bytes, piece);
            prop_assert_eq!(told.1, expected.1);
            prop_assert!(told.0 == expected.0, "{} bytes, {} expected", told.0.len(), expected.0.len());
        }
    }

    #[test]
    fn sound_files_need_one_way_only() {
        let text = text(7, 700_000);
        for level in 0..=9 {
            let (one, two) = text.split_at(400_000);
            let mut bytes = [pack(one, level, 0), pack(b"", level, 7), pack(two, level, 1)].concat();
            bytes.extend([0; 512]);
            for (chunk_bytes, piece) in [(HEADER_BYTES_MAX, 1_000), (READ_BYTES, 1 << 20)] {
                let ((out, end), again) = gunzip(&bytes, chunk_bytes, piece);
                assert!(out == text, "level {level}");
                assert_eq!((end, again), (None, 0), "level {level}");
            }
        }
    }

    #[test]
    fn headers_have_a_limit() {
        let named = |length: usize| {
            let mut encoder = GzBuilder::new()
                .filename("n".repeat(length))
                .write(Vec::new(), Compression::fast());
            encoder.write_all(b"hello").unwrap();
            encoder.finish().unwrap()
        };
        let longest = HEADER_BYTES_MAX - HEADER_BYTES - 1;
        for (length, ways) in [(longest, 0), (longest + 1, 1)] {
            // Enough behind it that the header alone is in doubt.
            let bytes = named(length).repeat(2);
            let ((out, end), again) = gunzip(&bytes, HEADER_BYTES_MAX, 100);
            assert_eq!(
                (&out[..], end, again),
                (&b"hellohello"[..], None, ways),
                "{length}"
            );
        }
    }

    #[test]
    fn what_was_given_out_is_not_given_twice() {
        let text = text(3, 900_000);
        let mut bytes = [pack(&text, 6, 0), pack(&text, 6, 0)].concat();
        let last = bytes.len() - 6;
        bytes[last] ^= 1;
        let ((out, end), again) = gunzip(&bytes, HEADER_BYTES_MAX, 1_000);
        assert_eq!((out, end), careful(&bytes, 1_000));
        assert_eq!(again, 1);
    }
}
