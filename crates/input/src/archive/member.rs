//! A file of an archive.

use std::io::{self, BufReader, ErrorKind, Read};
use std::ops::Range;
use std::sync::Arc;

use super::checked::Checked;
use crate::decompress::Codec;
use crate::members::{deflated, members};
use crate::ranged::RangedRead;
use crate::remote::RemoteFile;

/// Compressed bytes read at a time.
const READ_BYTES: usize = 256 << 10;

pub(super) struct Member {
    pub(super) name: String,
    /// Its path as it stands in the archive, which may be no text.
    pub(super) path: Box<[u8]>,
    pub(super) source: Arc<dyn RangedRead>,
    /// Where its bytes stand.
    pub(super) range: Range<u64>,
    pub(super) packing: Packing,
}

/// How bytes are put into an archive.
pub(super) enum Packing {
    /// As they are.
    Plain,
    /// In one way or another, with how many there are and their checksum, where it is known.
    Summed {
        method: Method,
        length: u64,
        sum: Option<u32>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Stored,
    Deflated,
    Zstd,
}

impl RemoteFile for Member {
    fn name(&self) -> &str {
        &self.name
    }

    fn size_bytes(&self) -> u64 {
        match self.packing {
            Packing::Plain => self.range.end - self.range.start,
            Packing::Summed { length, .. } => length,
        }
    }

    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        let piece = Piece {
            source: Arc::clone(&self.source),
            range: self.range.clone(),
        };
        let Packing::Summed { method, length, sum } = self.packing else {
            return Ok(Box::new(piece));
        };
        let piece: Box<dyn Read + Send> = match method {
            Method::Stored => Box::new(piece),
            Method::Deflated => deflated(BufReader::with_capacity(READ_BYTES, piece))?,
            Method::Zstd => members(Codec::Zstd, BufReader::with_capacity(READ_BYTES, piece))?,
        };
        Ok(Box::new(Checked::new(piece, length, sum)))
    }

    fn read_range(&self, range: Range<u64>) -> io::Result<Vec<u8>> {
        let is_plain = matches!(
            self.packing,
            Packing::Plain
                | Packing::Summed {
                    method: Method::Stored,
                    ..
                }
        );
        if !is_plain {
            return Err(ErrorKind::Unsupported.into());
        }
        let (start, end) = (self.range.start + range.start, self.range.start + range.end);
        if end > self.range.end {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let mut bytes = vec![0; usize::try_from(end - start).map_err(io::Error::other)?];
        self.source.read_at(start, &mut bytes)?;
        Ok(bytes)
    }
}

/// Reads a range from its first byte to its last.
struct Piece {
    source: Arc<dyn RangedRead>,
    range: Range<u64>,
}

impl Read for Piece {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.range.end - self.range.start;
        let wanted = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        self.source.read_at(self.range.start, &mut buffer[..wanted])?;
        self.range.start += wanted as u64;
        Ok(wanted)
    }
}
