//! What Little's law makes of a bin, beside what was.

use crate::littles_law::estimate;
use crate::sweep::Bin;
use crate::time::MS_US;

/// A bin of time, estimated and exact.
///
/// The estimate is what a query sees that counts REPORT events and multiplies by their durations: it knows
/// invocations by their ends, without the initialisation of new environments.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BinEstimate {
    /// Start of the bin, microseconds since the epoch.
    pub start_us: i64,
    /// Invocations that end in it.
    pub ends: u32,
    /// Percentile of their durations, milliseconds.
    pub duration_percentile_ms: f64,
    /// Mean of their durations, milliseconds.
    pub duration_mean_ms: f64,
    /// Count times percentile, per length of the bin.
    pub by_percentile: f64,
    /// Count times mean, per length of the bin.
    pub by_mean: f64,
    /// Most in flight at an instant, exactly.
    pub max: u32,
    /// Time-weighted mean, exactly.
    pub mean: f64,
}

/// Why an estimate is far from what was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EstimateGap {
    /// Within a tenth.
    Close,
    /// Invocations last longer than the bin: each counts once, where it ends, and is in flight in other bins.
    LongCalls,
    /// Few of the invocations last as long as the percentile, which the estimate takes for all.
    Percentile,
    /// Invocations overlap for a part of the bin only, which a mean over it does not show.
    Burst,
    /// The initialisation of new environments keeps them busy, and is no part of the duration.
    Initialisation,
}

/// Estimates within this factor of the truth are close.
const CLOSE: f64 = 1.1;

impl BinEstimate {
    pub(super) fn of(start_us: i64, bin: &Bin, bin_ms: i64) -> Self {
        let ms = |us: u64| us as f64 / MS_US as f64;
        let mean_ms = if bin.ends == 0 {
            0.0
        } else {
            ms(bin.duration_sum_us) / f64::from(bin.ends)
        };
        let width_ms = bin_ms as f64;
        Self {
            start_us,
            ends: bin.ends,
            duration_percentile_ms: ms(bin.duration_us),
            duration_mean_ms: mean_ms,
            by_percentile: estimate(u64::from(bin.ends), ms(bin.duration_us), width_ms),
            by_mean: estimate(u64::from(bin.ends), mean_ms, width_ms),
            max: bin.max,
            mean: bin.mean(bin_ms),
        }
    }

    /// The estimate with the percentile as a multiple of the exact maximum; `None` when nothing was in flight.
    pub fn ratio(&self) -> Option<f64> {
        (self.max > 0).then(|| self.by_percentile / f64::from(self.max))
    }

    /// Why the estimate with the percentile parts from the exact maximum.
    pub fn gap(&self, bin_ms: i64) -> EstimateGap {
        let Some(ratio) = self.ratio() else {
            return EstimateGap::Close;
        };
        if (1.0 / CLOSE..=CLOSE).contains(&ratio) {
            return EstimateGap::Close;
        }
        if self.duration_percentile_ms > bin_ms as f64 {
            return EstimateGap::LongCalls;
        }
        if ratio > 1.0 {
            // With the mean in place of the percentile, would it be close to the mean?
            return if self.by_percentile > self.by_mean * CLOSE {
                EstimateGap::Percentile
            } else {
                EstimateGap::Burst
            };
        }
        if self.by_mean * CLOSE < self.mean {
            EstimateGap::Initialisation
        } else {
            EstimateGap::Burst
        }
    }
}
