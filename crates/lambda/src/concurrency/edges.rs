//! Where a log begins and ends, invocations are missing from it: those that ended before its first event, and those
//! that were still in flight at its last.

use std::ops::Range;

use rayon::prelude::*;

use super::scope::ScopeConcurrency;
use crate::load::{Load, Slice};
use crate::rank::nearest_rank;
use crate::time::TICK_US;

/// A stretch of the window in which concurrency is a lower bound.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// Microseconds since the epoch.
    pub range_us: Range<i64>,
    /// How many invocations are likely to be missing at its outer end: as many as are in flight on average.
    pub likely: f64,
    /// How many can be missing there if the log hides no more than it ever shows: the peak.
    pub at_most: u32,
}

/// Both ends of a window, as far as they are incomplete.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogEdges {
    /// Before the first REPORT event of the log.
    pub head: Option<Edge>,
    /// Before the last one, by the time that 99.5 % of invocations take.
    pub tail: Option<Edge>,
}

/// Of the invocations, this per cent are over within the time that an edge is long.
const EDGE_PERCENT: f64 = 99.5;

impl LogEdges {
    pub(super) fn of(load: &Load, window_us: &Range<i64>, total: &ScopeConcurrency) -> Self {
        let Some((first, last)) = load.reports_us() else {
            return Self::default();
        };
        let edge = |range_us: Range<i64>| {
            let range_us = range_us.start.max(window_us.start)..range_us.end.min(window_us.end);
            (!range_us.is_empty()).then_some(Edge {
                range_us,
                likely: total.mean,
                at_most: total.peak,
            })
        };
        let long = long_busy_us(load);
        Self {
            head: edge(window_us.start..first),
            tail: edge(last.saturating_sub(long)..last.max(window_us.end)),
        }
    }
}

/// Buckets of a power of two.
const BUCKETS_PER_OCTAVE: u32 = 8;

type Counts = [u64; (u32::BITS * BUCKETS_PER_OCTAVE) as usize];

fn no_counts() -> Counts {
    [0; (u32::BITS * BUCKETS_PER_OCTAVE) as usize]
}

/// The time within which [`EDGE_PERCENT`] of the invocations are over, microseconds, a little above: the upper bound
/// of a bucket.
fn long_busy_us(load: &Load) -> i64 {
    let slices: Vec<&Slice> = load.all_slices().collect();
    let counts = slices.par_iter().fold(no_counts, |mut counts, slice| {
        for call in slice.calls.iter() {
            counts[bucket(call.busy) as usize] += 1;
        }
        counts
    });
    let counts = counts.reduce(no_counts, |mut counts, more| {
        counts
            .iter_mut()
            .zip(more)
            .for_each(|(count, more)| *count += more);
        counts
    });
    let all = counts.iter().sum();
    let rank = nearest_rank(EDGE_PERCENT, all);
    let mut below = 0;
    let found = counts.iter().position(|count| {
        below += count;
        below >= rank
    });
    found.map_or(0, |idx| upper_bound(idx as u32) as i64 * TICK_US)
}

fn bucket(ticks: u32) -> u32 {
    let octave = ticks.checked_ilog2().unwrap_or(0);
    let inside = ((u64::from(ticks) * u64::from(BUCKETS_PER_OCTAVE)) >> octave) as u32 % BUCKETS_PER_OCTAVE;
    octave * BUCKETS_PER_OCTAVE + inside
}

fn upper_bound(bucket: u32) -> u64 {
    let (octave, inside) = (bucket / BUCKETS_PER_OCTAVE, bucket % BUCKETS_PER_OCTAVE);
    (u64::from(BUCKETS_PER_OCTAVE + inside + 1) << octave).div_ceil(u64::from(BUCKETS_PER_OCTAVE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_hold_what_is_below_their_bound() {
        for ticks in [1, 2, 3, 7, 8, 9, 100, 1_000, 12_345, u32::MAX] {
            let found = bucket(ticks);
            assert!(u64::from(ticks) <= upper_bound(found), "{ticks}");
            assert!(
                found == 0 || u64::from(ticks) + 1 >= upper_bound(found - 1),
                "{ticks}"
            );
        }
    }
}
