//! How long a file is that only ends where its compression says so.

use std::io;

use flate2::{Decompress, FlushDecompress, Status};

use crate::archive::Bytes;
use crate::expansion::ExpansionLimit;

/// Bytes that are read, and unpacked, at a time. Logs shrink to a tenth, so that most of what is read is used.
const PACKED_BYTES: usize = 32 << 10;
const UNPACKED_BYTES: usize = 512 << 10;

/// What deflated bytes are.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Measured {
    /// The place behind them, or behind the last one that is sound; the end of the archive where they are cut.
    pub(super) end: u64,
    /// How many come out of them.
    pub(super) length: u64,
    pub(super) is_whole: bool,
}

/// Unpacks deflated files, one after the other.
pub(super) struct Measure {
    packed: Vec<u8>,
    unpacked: Vec<u8>,
    decoder: Decompress,
}

impl Measure {
    pub(super) fn new() -> Self {
        Self {
            packed: vec![0; PACKED_BYTES],
            unpacked: vec![0; UNPACKED_BYTES],
            decoder: Decompress::new(false),
        }
    }

    /// Unpacks the bytes from `start` on, to see how many there are.
    ///
    /// # Errors
    /// When too many come out of the archive.
    pub(super) fn deflated(
        &mut self,
        bytes: &Bytes,
        start: u64,
        limit: &ExpansionLimit,
    ) -> io::Result<Measured> {
        let Self {
            packed,
            unpacked,
            decoder,
        } = self;
        decoder.reset(false);
        loop {
            let at = start + decoder.total_in();
            let left = bytes.length.saturating_sub(at);
            let wanted = packed.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            let found = bytes.source.read_at(at, &mut packed[..wanted]);
            let input = if found.is_ok() { &packed[..wanted] } else { &[] };
            let before = (decoder.total_in(), decoder.total_out());
            let status = decoder.decompress(input, unpacked, FlushDecompress::None);
            limit.check(decoder.total_out())?;
            let is_at_rest = before == (decoder.total_in(), decoder.total_out());
            let end = match status {
                Ok(Status::StreamEnd) | Err(_) => start + decoder.total_in(),
                Ok(_) if is_at_rest => bytes.length,
                Ok(_) => continue,
            };
            return Ok(Measured {
                end,
                length: decoder.total_out(),
                is_whole: matches!(status, Ok(Status::StreamEnd)),
            });
        }
    }
}
