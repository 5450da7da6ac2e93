//! A histogram with buckets of equal relative width over all doubles.
//!
//! An HDR histogram takes no negative numbers and one range of magnitudes; `pct` meets any number of any
//! JSON field. The high bits of a double number its buckets directly.

use std::collections::BTreeMap;

use super::nearest_rank;
use crate::aggregate::state::split;

/// Bits of the mantissa that number a bucket: 1,024 buckets for each power of two, so that the middle of a
/// bucket is within 2^-11, or 0.05 %, of everything in it.
const MANTISSA_BITS: u32 = 10;

/// Bits of a double that are below the bucket's number.
const DROPPED_BITS: u32 = 52 - MANTISSA_BITS;

/// What an entry of the map costs, as measured on full nodes.
const ENTRY_BYTES: usize = 24;

/// Counts of values by bucket.
#[derive(Clone, Debug, Default)]
pub(super) struct Sketch {
    count: u64,
    /// Keyed so that keys are in the order of values; negative numbers have negative keys.
    buckets: BTreeMap<i64, u64>,
}

impl Sketch {
    pub(super) fn add(&mut self, value: f64, count: u64) {
        self.count += count;
        *self.buckets.entry(bucket(value)).or_default() += count;
    }

    pub(super) fn size_bytes(&self) -> usize {
        size_of::<Self>() + self.buckets.len() * ENTRY_BYTES
    }

    pub(super) fn percentile(&self, percent: f64) -> Option<f64> {
        let rank = nearest_rank(percent, self.count);
        let mut below = 0;
        for (&bucket, &count) in &self.buckets {
            below += count;
            if below >= rank {
                return Some(middle(bucket));
            }
        }
        None
    }

    pub(super) fn to_bytes(&self, out: &mut Vec<u8>) {
        for (bucket, count) in &self.buckets {
            out.extend_from_slice(&bucket.to_le_bytes());
            out.extend_from_slice(&count.to_le_bytes());
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.count += other.count;
        for (bucket, count) in &other.buckets {
            *self.buckets.entry(*bucket).or_default() += count;
        }
    }

    /// Adds counts that [`Sketch::to_bytes`] wrote.
    pub(super) fn merge_bytes(&mut self, bytes: &[u8]) -> Option<()> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let (bucket, more) = split::<8>(rest)?;
            let (count, more) = split::<8>(more)?;
            let count = u64::from_le_bytes(count);
            self.count += count;
            *self.buckets.entry(i64::from_le_bytes(bucket)).or_default() += count;
            rest = more;
        }
        Some(())
    }
}

/// The number of a value's bucket: 0 for zero, the others counted away from it on both sides.
fn bucket(value: f64) -> i64 {
    let magnitude = (value.abs().to_bits() >> DROPPED_BITS) as i64 + i64::from(value != 0.0);
    if value < 0.0 { -magnitude } else { magnitude }
}

/// The middle of a bucket.
fn middle(bucket: i64) -> f64 {
    if bucket == 0 {
        return 0.0;
    }
    let low = ((bucket.unsigned_abs() - 1) << DROPPED_BITS) | 1 << (DROPPED_BITS - 1);
    let value = f64::from_bits(low);
    if bucket < 0 { -value } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hdrhistogram::Histogram;

    #[test]
    fn the_middle_of_a_bucket_is_near_everything_in_it() {
        for value in [1e-300, 0.001, 0.37, 1.0, 7.31, 1024.0, 899_999.99, 1.7e12, 1e300] {
            for value in [value, -value] {
                let error = (middle(bucket(value)) - value).abs() / value.abs();
                assert!(error <= 1.0 / 2048.0, "{value}: {error}");
            }
        }
        assert_eq!(middle(bucket(0.0)), 0.0);
        assert!(bucket(-2.0) < bucket(-1.0) && bucket(-1.0) < bucket(0.0) && bucket(0.0) < bucket(1e-300));
    }

    #[test]
    fn percentiles_agree_with_an_hdr_histogram() {
        let mut sketch = Sketch::default();
        let mut oracle = Histogram::<u64>::new(3).unwrap();
        let mut state = 7u64;
        for _ in 0..100_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let micros = 1_000 + (state >> 33) % 5_000_000;
            sketch.add(micros as f64, 1);
            oracle.record(micros).unwrap();
        }
        for percent in [1.0, 50.0, 90.0, 99.0, 99.9, 100.0] {
            let (ours, theirs) = (
                sketch.percentile(percent).unwrap(),
                oracle.value_at_percentile(percent) as f64,
            );
            assert!(
                (ours - theirs).abs() / theirs < 0.002,
                "{percent}: {ours} and {theirs}"
            );
        }
    }
}
