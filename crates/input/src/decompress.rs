//! From the bytes of a file to the bytes of a log: gzip in a stream, as deep as it is wrapped.

use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::sync::Arc;

use flate2::bufread::MultiGzDecoder;
use insq_event::Progress;

/// Reads at once from a file.
const READ_BYTES: usize = 256 << 10;

/// How deep gzip may be wrapped in gzip: delivery streams wrap once.
pub(crate) const GZIP_DEPTH_MAX: usize = 2;

/// The first bytes of every gzip member.
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// A stream of log bytes.
pub(crate) type ByteStream = Box<dyn Read + Send>;

/// Wraps `raw` in as many decoders as its content asks for; the number of them is returned, too. Bytes
/// taken from `raw` are counted as read.
///
/// # Errors
/// What the first read says.
pub(crate) fn decompressed(raw: ByteStream, progress: &Arc<Progress>) -> io::Result<(ByteStream, usize)> {
    let mut stream: ByteStream = Box::new(Counted {
        inner: raw,
        progress: Arc::clone(progress),
    });
    let mut depth = 0;
    loop {
        let (head, rest) = peek(stream)?;
        if head != GZIP_MAGIC || depth == GZIP_DEPTH_MAX {
            return Ok((Box::new(Cursor::new(head).chain(rest)), depth));
        }
        depth += 1;
        let whole = BufReader::with_capacity(READ_BYTES, Cursor::new(head).chain(rest));
        stream = Box::new(Members {
            decoder: MultiGzDecoder::new(whole),
        });
    }
}

/// The first two bytes, or fewer at the end, and the rest.
fn peek(mut stream: ByteStream) -> io::Result<(Vec<u8>, ByteStream)> {
    let mut head = Vec::with_capacity(GZIP_MAGIC.len());
    stream
        .by_ref()
        .take(GZIP_MAGIC.len() as u64)
        .read_to_end(&mut head)?;
    Ok((head, stream))
}

/// Decodes gzip members one after another.
struct Members<R: BufRead> {
    decoder: MultiGzDecoder<R>,
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.decoder.read(buffer)
    }
}

/// Counts what is read from a file.
struct Counted {
    inner: ByteStream,
    progress: Arc<Progress>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.progress.add_read(read as u64);
        Ok(read)
    }
}
