//! How much compressed data may expand: a bomb of some megabytes that unpacks to terabytes is stopped.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Compressed data may expand this many times. Logs shrink to a seventh or a twentieth, the most monotonous ones to a
/// hundredth; deflate at its best makes a thousandth.
pub const EXPANSION_MAX_DEFAULT: u64 = 250;

/// So many bytes may come out of anything: what takes a second to read is no bomb.
pub const EXPANSION_FREE_BYTES: u64 = 1 << 30;

/// How much came in, and how much may come out for it. Clones share the count.
#[derive(Clone, Debug)]
pub(crate) struct ExpansionLimit {
    compressed_bytes: Arc<AtomicU64>,
    factor_max: u64,
}

impl ExpansionLimit {
    pub(crate) fn new(factor_max: u64) -> Self {
        Self {
            compressed_bytes: Arc::default(),
            factor_max,
        }
    }

    /// Notes bytes taken from the file.
    pub(crate) fn add_compressed(&self, bytes: u64) {
        self.compressed_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// # Errors
    /// [`ExpansionExceeded`] when so much must not come out of what came in.
    pub(crate) fn check(&self, expanded_bytes: u64) -> io::Result<()> {
        let compressed_bytes = self.compressed_bytes.load(Ordering::Relaxed);
        let is_free = expanded_bytes <= EXPANSION_FREE_BYTES;
        if is_free || expanded_bytes <= compressed_bytes.saturating_mul(self.factor_max) {
            return Ok(());
        }
        Err(io::Error::other(ExpansionExceeded {
            compressed_bytes,
            expanded_bytes,
            factor_max: self.factor_max,
        }))
    }
}

/// Compressed data that expand beyond the limit.
#[derive(Debug, thiserror::Error)]
#[error("{expanded_bytes} bytes out of {compressed_bytes} are more than {factor_max} times as many")]
pub(crate) struct ExpansionExceeded {
    compressed_bytes: u64,
    expanded_bytes: u64,
    factor_max: u64,
}

/// A decoder that stops at the limit. Every layer of wrapped data is measured against the file.
pub(crate) struct Limited<R> {
    decoder: R,
    expanded_bytes: u64,
    limit: ExpansionLimit,
}

impl<R> Limited<R> {
    pub(crate) fn new(decoder: R, limit: ExpansionLimit) -> Self {
        Self {
            decoder,
            expanded_bytes: 0,
            limit,
        }
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.limit.check(self.expanded_bytes)?;
        let read = self.decoder.read(buffer)?;
        self.expanded_bytes += read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_holds_on_both_sides() {
        let limit = ExpansionLimit::new(250);
        limit.add_compressed(1 << 20);
        assert!(limit.check(EXPANSION_FREE_BYTES).is_ok());
        assert!(limit.check(EXPANSION_FREE_BYTES + 1).is_err());
        limit.add_compressed(9 << 20);
        assert!(limit.check(2_500 << 20).is_ok());
        assert!(limit.check((2_500 << 20) + 1).is_err());
    }
}
