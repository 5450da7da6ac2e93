//! Ranges of bytes as the decoder asks for them, counted.

use std::io::{self, Read};
use std::sync::Arc;

use bytes::Bytes;
use insq_event::Progress;
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, Length};

use crate::ranged::RangedRead;

/// Counts what is read.
#[derive(Clone)]
pub(super) struct CountedRanges {
    pub(super) source: Arc<dyn RangedRead>,
    pub(super) length: u64,
    pub(super) progress: Arc<Progress>,
}

impl CountedRanges {
    /// Nothing is reserved for bytes that the source does not have.
    fn read(&self, start: u64, length: usize) -> Result<Vec<u8>> {
        if start
            .checked_add(length as u64)
            .is_none_or(|end| end > self.length)
        {
            let message = format!("bytes {start} to {start} + {length} of {}", self.length);
            return Err(ParquetError::EOF(message));
        }
        let mut bytes = vec![0; length];
        self.source.read_at(start, &mut bytes)?;
        self.progress.add_read(length as u64);
        Ok(bytes)
    }
}

impl Length for CountedRanges {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for CountedRanges {
    type T = Sequence;

    fn get_read(&self, start: u64) -> Result<Sequence> {
        Ok(Sequence {
            ranges: self.clone(),
            at: start,
            piece: Vec::new(),
            used: 0,
        })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        Ok(self.read(start, length)?.into())
    }
}

/// Bytes read ahead by a [`Sequence`], which is asked for headers: a few dozen bytes each.
const PIECE_BYTES: u64 = 1 << 10;

/// Reads on from some byte, in small pieces.
pub(super) struct Sequence {
    ranges: CountedRanges,
    at: u64,
    piece: Vec<u8>,
    used: usize,
}

impl Read for Sequence {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.used == self.piece.len() {
            let left = self.ranges.length.saturating_sub(self.at);
            let length = left.min(PIECE_BYTES.max(buffer.len() as u64));
            // As much as a buffer holds fits into memory.
            self.piece = self
                .ranges
                .read(self.at, length as usize)
                .map_err(io::Error::other)?;
            self.at += length;
            self.used = 0;
        }
        let rest = &self.piece[self.used..];
        let read = rest.len().min(buffer.len());
        buffer[..read].copy_from_slice(&rest[..read]);
        self.used += read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Memory(Vec<u8>);

    impl RangedRead for Memory {
        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
            buffer.copy_from_slice(&self.0[offset as usize..][..buffer.len()]);
            Ok(())
        }
    }

    fn ranges(length: usize) -> (CountedRanges, Vec<u8>) {
        let bytes: Vec<u8> = (0..length).map(|idx| (idx % 251) as u8).collect();
        let ranges = CountedRanges {
            source: Arc::new(Memory(bytes.clone())),
            length: length as u64,
            progress: Arc::default(),
        };
        (ranges, bytes)
    }

    #[test]
    fn only_what_is_asked_for_is_read_and_counted() {
        let (ranges, bytes) = ranges(10_000);
        assert_eq!(ranges.get_bytes(100, 50).unwrap(), bytes[100..150]);
        assert_eq!(ranges.progress.snapshot().bytes_read, 50);
        let mut header = [0; 30];
        ranges.get_read(200).unwrap().read_exact(&mut header).unwrap();
        assert_eq!(header, bytes[200..230]);
        assert_eq!(ranges.progress.snapshot().bytes_read, 50 + PIECE_BYTES);
    }

    #[test]
    fn a_sequence_reads_to_the_end_and_no_further() {
        let (ranges, bytes) = ranges(3_000);
        let mut rest = Vec::new();
        ranges.get_read(5).unwrap().read_to_end(&mut rest).unwrap();
        assert_eq!(rest, bytes[5..]);
        assert!(ranges.get_bytes(2_990, 11).is_err());
        assert!(ranges.get_bytes(u64::MAX, 2).is_err());
        assert!(ranges.get_bytes(0, usize::MAX).is_err());
    }
}
