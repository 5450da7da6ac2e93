//! Sound gzip files of moderate size, decoded in one go.
//!
//! Whatever is not surely one sound member is left to the decoder of [`crate::members`], which goes byte by byte, knows
//! several members, and says what is damaged.

use std::cell::RefCell;
use std::io::{self, Cursor, Read};

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

/// No member is shorter than its header and its footer.
const MEMBER_BYTES_MIN: usize = 18;

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
    bytes: Cursor<Vec<u8>>,
    _reservation: Reservation,
}

impl Read for Content {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.bytes.read(buffer)
    }
}

impl Drop for Content {
    fn drop(&mut self) {
        let content = std::mem::take(self.bytes.get_mut());
        // A thread that ends has no room any more.
        let _ = SPARE.try_with(|spare| spare.borrow_mut().1 = content);
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
        let mut content = SPARE.with(|spare| std::mem::take(&mut spare.borrow_mut().1));
        let mut reservation = memory.reservation("decompressing");
        return match decode_into(&mut content, &compressed, &mut reservation) {
            Some(()) => {
                SPARE.with(|spare| spare.borrow_mut().0 = compressed);
                Gzip::Decoded(Content {
                    bytes: Cursor::new(content),
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

/// Fills `content` with what one sound member holds; `None` for everything else.
fn decode_into(content: &mut Vec<u8>, compressed: &[u8], reservation: &mut Reservation) -> Option<()> {
    let (_, footer) = compressed.split_last_chunk::<FOOTER_BYTES>()?;
    let [sum, length] = [&footer[..4], &footer[4..]].map(|bytes| bytes.try_into().map(u32::from_le_bytes));
    let (sum, length) = (sum.ok()?, length.ok()? as usize);
    if length > DECODED_BYTES_MAX || may_hold_another(compressed) {
        return None;
    }
    reservation.resize(compressed.len() + length).ok()?;
    if content.capacity() < length {
        *content = Vec::new();
        content.reserve_exact(length);
    }
    content.resize(length, 0);
    // The member is taken apart here: the library would add its check sum up before it is known whether the last bytes of
    // the file are its footer.
    let deflated = compressed.get(header_bytes(compressed)?..compressed.len() - FOOTER_BYTES)?;
    let written = Decompressor::new().deflate_decompress(deflated, content).ok()?;
    (written == length && crc32(content) == sum).then_some(())
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

/// True when a second member may begin somewhere. Bytes that look like one by chance only cost time.
fn may_hold_another(compressed: &[u8]) -> bool {
    /// The magic bytes, and deflate, which is the only method.
    const BEGINNING: [u8; 3] = [0x1f, 0x8b, 0x08];
    /// The highest bits of the flags are reserved.
    const FLAGS_MAX: u8 = 0x1f;
    let behind = compressed.get(MEMBER_BYTES_MIN..).unwrap_or_default();
    memmem::find_iter(behind, &BEGINNING).any(|at| {
        let flags = behind.get(at + BEGINNING.len());
        flags.is_some_and(|flags| *flags <= FLAGS_MAX)
    })
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
        assert_eq!((taken(&most), taken(&more)), (!may_hold_another(&most), false));
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
