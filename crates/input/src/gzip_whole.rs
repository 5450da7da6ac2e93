//! Sound gzip files of moderate size, decoded in one go.
//!
//! Whatever is not surely one sound member is left to the decoder of [`crate::members`], which goes byte by byte, knows
//! several members, and says what is damaged.

use std::cell::RefCell;
use std::io::{self, Cursor, Read};

use arrow_buffer::Buffer;
use insq_event::{MemoryBudget, Reservation};
use libdeflater::{Decompressor, crc32};
use memchr::memmem;

use crate::decompress::ByteStream;
use crate::failing::Failing;

/// Compressed files up to this size are decoded in one go. With [`DECODED_BYTES_MAX`], it is what every thread may take.
pub(crate) const COMPRESSED_BYTES_MAX: usize = 4 << 20;

/// What they may become.
pub(crate) const DECODED_BYTES_MAX: usize = 32 << 20;

/// The check sum of the content, and its length.
const FOOTER_BYTES: usize = 8;

/// What became of a gzip stream.
pub(crate) enum Gzip {
    /// All of it, decoded.
    Decoded(Content),
    /// The same stream as before.
    Compressed(ByteStream),
}

thread_local! {
    /// Room for compressed bytes and for content, which the next file of the thread uses again: fresh memory would cost as
    /// much as a quarter of the decoding.
    static SPARE: RefCell<(Vec<u8>, Vec<u8>)> = const { RefCell::new((Vec::new(), Vec::new())) };
}

/// The content of a file.
pub(crate) struct Content {
    /// The beginning of `room`.
    bytes: Buffer,
    room: Buffer,
    /// What has been read as a stream.
    read: usize,
    _reservation: Reservation,
}

impl Content {
    /// The content, whatever was read of it. Nobody should hold on to a piece of it for longer than to itself: then its room
    /// could not be used again, and its memory would be nobody's.
    pub(crate) fn whole(&self) -> &Buffer {
        &self.bytes
    }
}

impl Read for Content {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = (&self.bytes[self.read..]).read(buffer)?;
        self.read += read;
        Ok(read)
    }
}

impl Drop for Content {
    fn drop(&mut self) {
        self.bytes = Buffer::from_vec(Vec::<u8>::new());
        let room = std::mem::replace(&mut self.room, self.bytes.clone());
        if let Ok(room) = room.into_vec() {
            // A thread that ends has no room any more.
            let _ = SPARE.try_with(|spare| spare.borrow_mut().1 = room);
        }
    }
}

/// Decodes the gzip stream that begins with `head`, if it is short and sound, and if there is memory for it.
pub(crate) fn decode(head: &[u8], mut rest: ByteStream, memory: &MemoryBudget) -> Gzip {
    if memory.limit_bytes() < COMPRESSED_BYTES_MAX {
        return Gzip::Compressed(Box::new(Cursor::new(head.to_vec()).chain(rest)));
    }
    let mut compressed = SPARE.with(|spare| std::mem::take(&mut spare.borrow_mut().0));
    compressed.clear();
    // Growing by doubling would take up to twice as much.
    compressed.reserve_exact(COMPRESSED_BYTES_MAX + 1);
    compressed.extend_from_slice(head);
    let room = (COMPRESSED_BYTES_MAX + 1).saturating_sub(compressed.len());
    let read = rest.by_ref().take(room as u64).read_to_end(&mut compressed);
    if read.is_ok() && compressed.len() <= COMPRESSED_BYTES_MAX {
        let mut room = SPARE.with(|spare| std::mem::take(&mut spare.borrow_mut().1));
        let mut reservation = memory.reservation("decompressing");
        return match decode_into(&mut room, &compressed, &mut reservation) {
            Some(length) => {
                SPARE.with(|spare| spare.borrow_mut().0 = compressed);
                let room = Buffer::from_vec(room);
                Gzip::Decoded(Content {
                    bytes: room.slice_with_length(0, length),
                    room,
                    read: 0,
                    _reservation: reservation,
                })
            }
            None => Gzip::Compressed(Box::new(Cursor::new(compressed))),
        };
    }
    let begun = Cursor::new(compressed);
    Gzip::Compressed(match read {
        Ok(_) => Box::new(begun.chain(rest)),
        // It comes again at its place.
        Err(cause) => Box::new(begun.chain(Failing::new(cause))),
    })
}

/// Fills the beginning of `room` with what one sound member holds, and tells how long that is; `None` for everything else.
fn decode_into(room: &mut Vec<u8>, compressed: &[u8], reservation: &mut Reservation) -> Option<usize> {
    let (_, footer) = compressed.split_last_chunk::<FOOTER_BYTES>()?;
    let [sum, length] = [&footer[..4], &footer[4..]].map(|bytes| bytes.try_into().map(u32::from_le_bytes));
    let (sum, length) = (sum.ok()?, length.ok()? as usize);
    if length > DECODED_BYTES_MAX || may_end_before(compressed, footer) {
        return None;
    }
    reservation.resize(compressed.len() + length).ok()?;
    if room.len() < length {
        *room = Vec::new();
        *room = vec![0; length];
    }
    let content = &mut room[..length];
    // The member is taken apart here: the library would add its check sum up before it is known whether the last bytes of
    // the file are its footer.
    let deflated = compressed.get(header_bytes(compressed)?..compressed.len() - FOOTER_BYTES)?;
    let written = Decompressor::new().deflate_decompress(deflated, content).ok()?;
    (written == length && crc32(content) == sum).then_some(length)
}

/// Bytes before the fields that a header may have.
const HEADER_BYTES_MIN: usize = 10;

/// What a header has beside its first bytes.
const HAS_EXTRA: u8 = 4;
const HAS_NAME: u8 = 8;
const HAS_COMMENT: u8 = 16;

/// Length of the header that `compressed` begins with; `None` for one that is out of the ordinary, or damaged.
fn header_bytes(compressed: &[u8]) -> Option<usize> {
    let [0x1f, 0x8b, 8, flags, ..] = compressed.get(..HEADER_BYTES_MIN)? else {
        return None;
    };
    // The lowest says that the content may be text.
    if flags & !(1 | HAS_EXTRA | HAS_NAME | HAS_COMMENT) != 0 {
        return None;
    }
    let mut end = HEADER_BYTES_MIN;
    if flags & HAS_EXTRA != 0 {
        let length = compressed.get(end..)?.first_chunk::<2>()?;
        end += length.len() + usize::from(u16::from_le_bytes(*length));
    }
    for text in [HAS_NAME, HAS_COMMENT] {
        if flags & text != 0 {
            end += memchr::memchr(0, compressed.get(end..)?)? + 1;
        }
    }
    Some(end)
}

/// True when a sound member may end before the file does. The decoder does not tell where it stopped; but behind a sound
/// member stands a footer that fits the content, which is the same as the last one of the file where that fits, too.
fn may_end_before(compressed: &[u8], footer: &[u8; FOOTER_BYTES]) -> bool {
    memmem::find(&compressed[..compressed.len() - 1], footer).is_some()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use super::*;

    fn gzip(bytes: &[u8], level: u32) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(level));
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn stream(bytes: &[u8]) -> Gzip {
        stream_within(bytes, usize::MAX)
    }

    fn stream_within(bytes: &[u8], memory_bytes: usize) -> Gzip {
        let (head, rest) = bytes.split_at(bytes.len().min(4));
        let memory = MemoryBudget::new(memory_bytes);
        decode(head, Box::new(Cursor::new(rest.to_vec())), &memory)
    }

    /// Without memory for the whole, the other decoder does it bit by bit.
    #[test]
    fn what_is_decoded_counts_as_memory() {
        let text = b"2026-03-04T00:00:00.123Z hello\n".repeat(100);
        let text = text.repeat(COMPRESSED_BYTES_MAX / text.len());
        let one = gzip(&text, 6);
        let needed = one.len() + text.len();
        assert!(needed > COMPRESSED_BYTES_MAX);
        for (memory_bytes, expected) in [(needed, true), (needed - 1, false), (0, false)] {
            match stream_within(&one, memory_bytes) {
                Gzip::Decoded(content) => assert_eq!((all(content), expected), (text.clone(), true)),
                Gzip::Compressed(rest) => assert_eq!((all(rest), expected), (one.clone(), false)),
            }
        }
    }

    /// Fresh memory for every file would cost as much as decoding it.
    #[test]
    fn room_is_used_again_unless_somebody_holds_on_to_it() {
        let texts = [&b"hello "[..], b"a", b"bye "].map(|text| text.repeat(1_000));
        let decoded = |text: &[u8]| match stream(&gzip(text, 6)) {
            Gzip::Decoded(content) => content,
            Gzip::Compressed(_) => panic!("one sound member"),
        };
        let mut places = texts.clone().map(|text| {
            let content = decoded(&text);
            assert_eq!(content.whole().as_slice(), text);
            content.whole().as_ptr() as usize
        });
        assert!(places.iter().all(|place| *place == places[0]), "{places:?}");
        let kept = decoded(&texts[0]).whole().clone();
        places[1] = decoded(&texts[1]).whole().as_ptr() as usize;
        assert_ne!(places[0], places[1]);
        assert_eq!(kept.as_slice(), texts[0]);
    }

    fn all(mut stream: impl Read) -> Vec<u8> {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        bytes
    }

    /// Bytes that no compressor makes smaller.
    fn noise(count: usize) -> Vec<u8> {
        let mut state = 1u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        };
        (0..count).map(|_| next()).collect()
    }

    #[test]
    fn one_sound_member_is_decoded_and_nothing_else() {
        let text = b"2026-03-04T00:00:00.123Z hello\n".repeat(100);
        let one = gzip(&text, 6);
        let is_decoded = |bytes: &[u8]| match stream(bytes) {
            Gzip::Decoded(content) => {
                assert_eq!(all(content), text);
                true
            }
            Gzip::Compressed(rest) => {
                assert_eq!(all(rest), bytes, "what is left must be what was there");
                false
            }
        };
        assert!(is_decoded(&one));
        // The same once more has the same footer.
        assert!(!is_decoded(&[&one[..], &one].concat()));
        assert!(!is_decoded(&[&one[..], &gzip(&text, 1)].concat()));
        assert!(!is_decoded(&[&one[..], &gzip(b"other", 1), &one].concat()));
        // So has what ends in a copy of the footer.
        let footer = &one[one.len() - FOOTER_BYTES..];
        assert!(!is_decoded(&[&one[..], footer].concat()));
        assert!(!is_decoded(&[&one[..], b"x", footer].concat()));
        // Three bytes of a text that is not compressed look like a second member.
        let quoting = [&text[..], &one[..4], &text].concat();
        let stored = gzip(&quoting, 0);
        assert!(matches!(stream(&stored), Gzip::Decoded(content) if all(&content.whole()[..]) == quoting));
        assert!(!is_decoded(&[&one[..], &[0; 512]].concat()));
        assert!(!is_decoded(&[&one[..], b"x"].concat()));
        for cut in 0..one.len() {
            assert!(!is_decoded(&one[..cut]), "{cut}");
        }
    }

    #[test]
    fn both_sizes_have_a_limit() {
        let zeros = |count| gzip(&vec![0; count], 6);
        assert!(matches!(stream(&zeros(DECODED_BYTES_MAX)), Gzip::Decoded(_)));
        assert!(matches!(
            stream(&zeros(DECODED_BYTES_MAX + 1)),
            Gzip::Compressed(_)
        ));
        // Filled up in the header.
        let content = noise(COMPRESSED_BYTES_MAX - 40_000);
        let filled = |extra: usize| {
            let builder = flate2::GzBuilder::new().extra(vec![0; extra]);
            let mut encoder = builder.write(Vec::new(), flate2::Compression::none());
            encoder.write_all(&content).unwrap();
            encoder.finish().unwrap()
        };
        let missing = COMPRESSED_BYTES_MAX - filled(0).len();
        let (most, more) = (filled(missing), filled(missing + 1));
        assert_eq!(
            (most.len(), more.len()),
            (COMPRESSED_BYTES_MAX, COMPRESSED_BYTES_MAX + 1)
        );
        let taken = |bytes: &[u8]| matches!(stream(bytes), Gzip::Decoded(_));
        assert_eq!((taken(&most), taken(&more)), (true, false));
    }

    /// Name, comment and more stand before the content, and a check sum of the header makes it one for the other decoder.
    #[test]
    fn headers_are_read_to_their_end() {
        let text = b"2026-03-04T00:00:00.123Z hello\n".repeat(10);
        let with = |builder: flate2::GzBuilder| {
            let mut encoder = builder.write(Vec::new(), flate2::Compression::new(6));
            encoder.write_all(&text).unwrap();
            encoder.finish().unwrap()
        };
        let is_decoded = |bytes: &[u8]| match stream(bytes) {
            Gzip::Decoded(content) => all(content) == text,
            Gzip::Compressed(_) => false,
        };
        let all_fields = flate2::GzBuilder::new()
            .filename("part-000.log")
            .comment("of a day")
            .extra(vec![0, 1, 2, 0]);
        let mut checked = with(all_fields);
        let header = HEADER_BYTES_MIN + 2 + 4 + "part-000.log".len() + 1 + "of a day".len() + 1;
        for cut in 0..=header {
            let expected = (cut == header).then_some(header);
            assert_eq!(header_bytes(&checked[..cut]), expected, "{cut}");
        }
        assert!(is_decoded(&checked));
        for builder in [
            flate2::GzBuilder::new().filename("part-000.log"),
            flate2::GzBuilder::new().comment("of a day"),
            flate2::GzBuilder::new().extra(Vec::new()),
        ] {
            assert!(is_decoded(&with(builder)));
        }
        checked[3] |= 2;
        assert!(matches!(stream(&checked), Gzip::Compressed(_)));
    }

    proptest! {
        /// Of bytes that were changed or put together anyhow, what is decoded is what the other decoder reads.
        #[test]
        fn what_is_decoded_is_what_the_other_decoder_reads(
            texts in proptest::collection::vec("[ab]{0,40}", 1..3),
            level in 0u32..10,
            change in proptest::option::of((any::<prop::sample::Index>(), any::<u8>())),
        ) {
            let mut bytes: Vec<u8> = texts.iter().flat_map(|text| gzip(text.as_bytes(), level)).collect();
            if let Some((place, byte)) = change {
                let place = place.index(bytes.len());
                bytes[place] = byte;
            }
            if let Gzip::Decoded(content) = stream(&bytes) {
                prop_assert_eq!(all(content), all(flate2::read::MultiGzDecoder::new(&bytes[..])));
            }
        }
    }
}
