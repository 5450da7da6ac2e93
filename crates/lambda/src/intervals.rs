//! The exact number of invocations in flight, by one sweep over the ends of their intervals.

use std::collections::BTreeMap;

use crate::Invocation;
use crate::levels::levels;

/// Concurrency during one bin of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConcurrencyBin {
    /// Start of the bin, milliseconds since the epoch.
    pub start_ms: i64,
    /// Most invocations in flight at any instant of the bin.
    pub max: u64,
    /// Time-weighted mean of the invocations in flight.
    pub mean: f64,
}

/// Concurrency in every bin of `bin_ms` milliseconds during which anything was in flight, oldest first.
///
/// Intervals are half-open: an invocation that ends at an instant and one that starts at it do not overlap.
/// Invocations of no length are never in flight. `invocations` may come in any order.
///
/// # Memory
/// The ends of all intervals, and one entry per bin.
pub fn concurrency_by_bin(invocations: &[Invocation], bin_ms: i64) -> Vec<ConcurrencyBin> {
    let bin_us = bin_ms.max(1).saturating_mul(1_000);
    let mut bins: BTreeMap<i64, Bin> = BTreeMap::new();
    for_each_level(invocations, |start_us, end_us, in_flight| {
        let mut at = start_us;
        while at < end_us {
            let number = at.div_euclid(bin_us);
            let until = end_us.min((number + 1).saturating_mul(bin_us));
            let bin = bins.entry(number).or_default();
            bin.max = bin.max.max(in_flight);
            bin.area += i128::from(until - at) * i128::from(in_flight);
            at = until;
        }
    });
    bins.into_iter()
        .map(|(number, bin)| ConcurrencyBin {
            start_ms: number * bin_ms.max(1),
            max: bin.max,
            mean: bin.area as f64 / bin_us as f64,
        })
        .collect()
}

/// The highest number of invocations in flight and the first instant, in microseconds, at which it was
/// reached; `None` when nothing ever was in flight.
///
/// # Examples
/// ```
/// use insq_lambda::{Invocation, peak};
///
/// let invocations = [Invocation::ending_at(20, 10.0), Invocation::ending_at(25, 10.0)];
/// assert_eq!(peak(&invocations), Some((2, 15_000)));
/// ```
pub fn peak(invocations: &[Invocation]) -> Option<(u64, i64)> {
    let mut peak: Option<(u64, i64)> = None;
    for_each_level(invocations, |start_us, _, in_flight| {
        if peak.is_none_or(|(highest, _)| in_flight > highest) {
            peak = Some((in_flight, start_us));
        }
    });
    peak
}

#[derive(Default)]
struct Bin {
    max: u64,
    /// In flight times microseconds.
    area: i128,
}

/// Calls `visit(start_us, end_us, in_flight)` for every stretch of time with the same number in flight,
/// in order; stretches with none are left out.
fn for_each_level(invocations: &[Invocation], mut visit: impl FnMut(i64, i64, u64)) {
    let lasting = || invocations.iter().filter(|invocation| invocation.busy_us() > 0);
    let mut starts: Vec<i64> = lasting().map(|invocation| invocation.start_us).collect();
    let mut ends: Vec<i64> = lasting().map(|invocation| invocation.end_us).collect();
    starts.sort_unstable();
    ends.sort_unstable();
    for level in levels(&starts, &ends) {
        visit(level.start_us, level.end_us, level.in_flight);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Counts in every millisecond, one after another.
    fn brute_force(invocations: &[Invocation], bin_ms: i64) -> Vec<ConcurrencyBin> {
        let first = invocations
            .iter()
            .map(|i| i.start_us / 1_000)
            .min()
            .unwrap_or(0)
            .div_euclid(bin_ms);
        let last = invocations
            .iter()
            .map(|i| i.end_us / 1_000)
            .max()
            .unwrap_or(0)
            .div_euclid(bin_ms);
        let in_flight = |ms: i64| {
            invocations
                .iter()
                .filter(|i| i.start_us <= ms * 1_000 && ms * 1_000 < i.end_us)
                .count() as u64
        };
        (first..=last)
            .map(|bin| {
                let levels: Vec<u64> = (bin * bin_ms..(bin + 1) * bin_ms).map(in_flight).collect();
                ConcurrencyBin {
                    start_ms: bin * bin_ms,
                    max: levels.iter().copied().max().unwrap_or(0),
                    mean: levels.iter().sum::<u64>() as f64 / bin_ms as f64,
                }
            })
            .filter(|bin| bin.max > 0)
            .collect()
    }

    proptest! {
        #[test]
        fn the_sweep_agrees_with_counting(
            intervals in proptest::collection::vec((-500i64..3_000, 0i64..1_500), 0..40),
            bin_ms in 1i64..400,
        ) {
            let invocations: Vec<Invocation> =
                intervals.iter().map(|&(end, busy)| Invocation::ending_at(end, busy as f64)).collect();
            prop_assert_eq!(concurrency_by_bin(&invocations, bin_ms), brute_force(&invocations, bin_ms));
            let highest = brute_force(&invocations, bin_ms).iter().map(|bin| bin.max).max();
            prop_assert_eq!(peak(&invocations).map(|(level, _)| level), highest);
        }
    }

    #[test]
    fn touching_intervals_do_not_overlap() {
        let invocations = [
            Invocation::ending_at(100, 100.0),
            Invocation::ending_at(200, 100.0),
        ];
        assert_eq!(peak(&invocations), Some((1, 0)));
        assert_eq!(peak(&[]), None);
        assert_eq!(peak(&[Invocation::ending_at(5, 0.0)]), None);
    }
}
