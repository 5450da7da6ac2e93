//! From the bytes of a file to the bytes of a log: gzip and zstd in a stream, as deep as they are wrapped.

use std::io::{self, BufReader, Cursor, Read};
use std::sync::Arc;

use insq_event::{DamageKind, MemoryBudget, Progress};

use crate::expansion::{EXPANSION_FREE_BYTES, ExpansionExceeded, ExpansionLimit, Limited};
use crate::gzip_whole::{self, Content, Gzip};
use crate::members::members;
use crate::remote::RemoteChanged;
use crate::standing::FileChanged;

/// Reads at once from a file.
const READ_BYTES: usize = 256 << 10;

/// How deep compression may be wrapped in compression: delivery streams wrap once.
pub(crate) const COMPRESSION_DEPTH_MAX: usize = 2;

/// What is decoded in one go is free from the limit of expansion.
const _: () = assert!(gzip_whole::DECODED_BYTES_MAX as u64 <= EXPANSION_FREE_BYTES);

/// A stream of log bytes.
pub(crate) type ByteStream = Box<dyn Read + Send>;

/// How bytes are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Codec {
    Gzip,
    Zstd,
}

/// Bytes that tell the codec.
pub(crate) const MAGIC_BYTES: usize = 4;

impl Codec {
    /// The codec of a stream that begins with `head`.
    pub(crate) fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            // A frame, or a skippable frame, of which there are sixteen kinds.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            _ => None,
        }
    }

    /// False when no member or frame can begin with `head`, of which only some bytes may be there.
    pub(crate) fn may_begin(self, head: &[u8]) -> bool {
        match self {
            Self::Gzip => head[0] == 0x1f && head.get(1).is_none_or(|byte| *byte == 0x8b),
            Self::Zstd if head.len() < MAGIC_BYTES => matches!(head[0], 0x28 | 0x50..=0x5f),
            Self::Zstd => Self::of(head) == Some(Self::Zstd),
        }
    }
}

/// The bytes of a log.
pub(crate) enum LogBytes {
    /// They come one after the other.
    Stream(ByteStream),
    /// All of them are there.
    Decoded(Content),
}

impl LogBytes {
    /// The same bytes one after the other.
    pub(crate) fn into_stream(self) -> ByteStream {
        match self {
            Self::Stream(stream) => stream,
            Self::Decoded(content) => Box::new(content),
        }
    }
}

/// Wraps `raw` in as many decoders as its content asks for; the number of them is returned, too. Bytes
/// taken from `raw` are counted as read, and must not expand more than `expansion_max`-fold.
///
/// # Errors
/// What the first read says, and more than [`COMPRESSION_DEPTH_MAX`] layers.
pub(crate) fn decompressed(
    raw: ByteStream,
    expansion_max: u64,
    progress: &Arc<Progress>,
    memory: &MemoryBudget,
) -> io::Result<(LogBytes, usize)> {
    let limit = ExpansionLimit::new(expansion_max);
    let mut bytes = LogBytes::Stream(Box::new(Counted {
        inner: raw,
        progress: Arc::clone(progress),
        limit: limit.clone(),
    }));
    let mut depth = 0;
    loop {
        let stream = match bytes {
            LogBytes::Decoded(content) if Codec::of(content.whole()).is_none() => {
                return Ok((LogBytes::Decoded(content), depth));
            }
            other => other.into_stream(),
        };
        let (head, rest) = peek(stream)?;
        let Some(codec) = Codec::of(&head) else {
            return Ok((LogBytes::Stream(Box::new(Cursor::new(head).chain(rest))), depth));
        };
        if depth == COMPRESSION_DEPTH_MAX {
            let message = format!("compressed more than {COMPRESSION_DEPTH_MAX} times over");
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        depth += 1;
        let compressed = match codec {
            Codec::Gzip => gzip_whole::decode(&head, rest, memory),
            Codec::Zstd => Gzip::Compressed(Box::new(Cursor::new(head).chain(rest))),
        };
        bytes = match compressed {
            // So little may come out of anything.
            Gzip::Decoded(content) => LogBytes::Decoded(content),
            Gzip::Compressed(stream) => {
                let decoder = members(codec, BufReader::with_capacity(READ_BYTES, stream))?;
                LogBytes::Stream(Box::new(Limited::new(decoder, limit.clone())))
            }
        };
    }
}

/// What an error of a stream says about the file.
pub(crate) fn damage_of(cause: &io::Error) -> DamageKind {
    match cause.get_ref() {
        Some(inner) if inner.is::<ExpansionExceeded>() => return DamageKind::ExpandsTooMuch,
        Some(inner) if inner.is::<FileChanged>() || inner.is::<RemoteChanged>() => {
            return DamageKind::Changed;
        }
        _ => {}
    }
    match cause.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof => {
            DamageKind::BadCompression
        }
        _ => DamageKind::Unreadable,
    }
}

/// The first bytes, or fewer at the end, and the rest.
fn peek(mut stream: ByteStream) -> io::Result<(Vec<u8>, ByteStream)> {
    let mut head = Vec::with_capacity(MAGIC_BYTES);
    stream.by_ref().take(MAGIC_BYTES as u64).read_to_end(&mut head)?;
    Ok((head, stream))
}

/// Counts what is read from a file.
struct Counted {
    inner: ByteStream,
    progress: Arc<Progress>,
    limit: ExpansionLimit,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.progress.add_read(read as u64);
        self.limit.add_compressed(read as u64);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn memory() -> MemoryBudget {
        MemoryBudget::new(usize::MAX)
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
        encoder.include_checksum(true).unwrap();
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn read(bytes: Vec<u8>) -> (io::Result<Vec<u8>>, usize) {
        let (bytes, depth) =
            decompressed(Box::new(Cursor::new(bytes)), 250, &Arc::default(), &memory()).unwrap();
        let mut stream = bytes.into_stream();
        let mut out = Vec::new();
        (stream.read_to_end(&mut out).map(|_| out), depth)
    }

    #[test]
    fn codecs_are_told_by_magic_and_may_be_wrapped() {
        let text = b"2026-03-04T00:00:00.123Z hello\n".to_vec();
        let skippable = [&[0x53, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 7, 7][..], &zstd(&text)].concat();
        for (bytes, layers) in [
            (text.clone(), 0),
            (gzip(&text), 1),
            (zstd(&text), 1),
            (skippable, 1),
            (gzip(&zstd(&text)), 2),
            (zstd(&gzip(&text)), 2),
        ] {
            let (out, depth) = read(bytes);
            assert_eq!((out.unwrap(), depth), (text.clone(), layers));
        }
        let deeper = Box::new(Cursor::new(gzip(&gzip(&gzip(&text)))));
        let refused = decompressed(deeper, 250, &Arc::default(), &memory())
            .map(|_| ())
            .unwrap_err();
        assert_eq!(damage_of(&refused), DamageKind::BadCompression);
    }

    #[test]
    fn members_and_frames_follow_each_other() {
        for pack in [gzip, zstd] {
            let (out, _) = read([pack(b"one "), pack(b"two")].concat());
            assert_eq!(out.unwrap(), b"one two");
        }
    }

    #[test]
    fn damage_is_told_from_trouble_with_the_file() {
        let text: Vec<u8> = (0..100_000_u32)
            .flat_map(|n| n.to_string().into_bytes())
            .collect();
        for pack in [gzip, zstd] {
            let mut cut = pack(&text);
            cut.truncate(cut.len() / 2);
            let cause = read(cut).0.map(|out| out.len()).unwrap_err();
            assert_eq!(damage_of(&cause), DamageKind::BadCompression, "{cause:?}");

            let mut flipped = pack(&text);
            let middle = flipped.len() / 2;
            flipped[middle..middle + 8].fill(0xff);
            let cause = read(flipped).0.map(|out| out.len()).unwrap_err();
            assert_eq!(damage_of(&cause), DamageKind::BadCompression, "{cause:?}");
        }
        assert_eq!(
            damage_of(&io::Error::from(io::ErrorKind::PermissionDenied)),
            DamageKind::Unreadable
        );
    }
}
