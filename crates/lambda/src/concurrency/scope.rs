//! A function, a pool, or all functions together.

use super::ConcurrencyOptions;
use super::estimate::BinEstimate;
use super::scaling::{Scaling, ScalingWindow};
use crate::quota::REQUESTS_PER_UNIT;
use crate::sweep::{Bin, LevelTimes, ScopeSweep};
use crate::time::MS_US;

/// The shares of a quota that are counted, per cent.
pub const QUOTA_SHARES: [u32; 5] = [50, 70, 80, 90, 100];

/// How often a share of a quota was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotaShare {
    /// Of the quota, per cent.
    pub percent: u32,
    /// In flight, rounded up.
    pub level: u32,
    /// Bins with so many in flight at some instant.
    pub bins: u64,
    /// Time with so many in flight, microseconds.
    pub time_us: u64,
}

/// The concurrency of a function, of a pool, or of all functions together.
#[derive(Clone, Debug)]
pub struct ScopeConcurrency {
    /// Name of the function; empty for more than one.
    pub name: String,
    /// What it is held to: the quota of the account, of the unreserved pool, or a reservation.
    pub quota: Option<u32>,
    /// Invocations that start in the window.
    pub calls: u64,
    /// Those of them that began with an initialisation or a restore.
    pub cold_starts: u64,
    /// Most in flight at any instant.
    pub peak: u32,
    /// The first such instant, microseconds since the epoch.
    pub peak_us: i64,
    /// Time-weighted mean.
    pub mean: f64,
    /// For how long how many were in flight.
    pub levels: LevelTimes,
    /// Length of the window, microseconds.
    pub window_us: u64,
    /// [`QUOTA_SHARES`] of the quota, if there is one above 0.
    pub shares: Vec<QuotaShare>,
    /// New environments against the scaling rate.
    pub scaling: Scaling,
    /// Most invocations that start in one bin, per second; and the start of that bin, microseconds since the epoch.
    pub requests_per_s: (f64, i64),
    /// The bin of the peak: what Little's law makes of it beside what was.
    pub at_peak: Option<BinEstimate>,
    /// The bin for which Little's law with the percentile gives most.
    pub highest_estimate: Option<BinEstimate>,
    /// Mean rate times mean duration over all of the window.
    pub estimated_mean: f64,
}

impl ScopeConcurrency {
    /// The smallest level at or below which concurrency was for `percent` per cent of the window.
    pub fn percentile(&self, percent: f64) -> u32 {
        self.levels.percentile(percent, self.window_us)
    }

    /// Requests a second that the quota lets through, whatever they take.
    pub fn requests_max_per_s(&self) -> Option<u64> {
        self.quota
            .map(|quota| u64::from(quota) * u64::from(REQUESTS_PER_UNIT))
    }
}

/// Gathers a [`ScopeConcurrency`], hour by hour.
pub(super) struct ScopeSummary {
    scope: ScopeConcurrency,
    bin_ms: i64,
    scaling: ScalingWindow,
    starts_max: (u32, i64),
    duration_sum_us: u128,
}

impl ScopeSummary {
    pub(super) fn new(name: &str, quota: Option<u32>, options: &ConcurrencyOptions) -> Self {
        let share = |quota: u32, percent: u32| QuotaShare {
            percent,
            level: (u64::from(quota) * u64::from(percent)).div_ceil(100) as u32,
            bins: 0,
            time_us: 0,
        };
        let shares = quota.filter(|quota| *quota > 0).map_or_else(Vec::new, |quota| {
            QUOTA_SHARES
                .iter()
                .map(|&percent| share(quota, percent))
                .collect()
        });
        Self {
            scope: ScopeConcurrency {
                name: name.to_owned(),
                quota,
                calls: 0,
                cold_starts: 0,
                peak: 0,
                peak_us: 0,
                mean: 0.0,
                levels: LevelTimes::default(),
                window_us: 0,
                shares,
                scaling: Scaling::default(),
                requests_per_s: (0.0, 0),
                at_peak: None,
                highest_estimate: None,
                estimated_mean: 0.0,
            },
            bin_ms: options.bin_ms,
            scaling: ScalingWindow::default(),
            starts_max: (0, 0),
            duration_sum_us: 0,
        }
    }

    pub(super) fn add(&mut self, slice_us: i64, swept: &ScopeSweep) {
        let scope = &mut self.scope;
        scope.levels.merge(&swept.levels);
        scope.cold_starts += swept.cold_starts_us.len() as u64;
        self.scaling.add(&swept.cold_starts_us);
        let is_new_peak = swept.peak.0 > scope.peak;
        if is_new_peak {
            (scope.peak, scope.peak_us) = swept.peak;
        }
        for bin in &swept.bins {
            let start_us = slice_us + i64::from(bin.number) * self.bin_ms * MS_US;
            self.add_bin(start_us, bin);
        }
        if is_new_peak {
            self.scope.at_peak = self.bin_at(slice_us, swept, self.scope.peak_us);
        }
    }

    fn add_bin(&mut self, start_us: i64, bin: &Bin) {
        let scope = &mut self.scope;
        scope.calls += u64::from(bin.starts);
        self.duration_sum_us += u128::from(bin.duration_sum_us);
        if bin.starts > self.starts_max.0 {
            self.starts_max = (bin.starts, start_us);
        }
        for share in &mut scope.shares {
            share.bins += u64::from(bin.max >= share.level);
        }
        if bin.ends > 0 {
            let estimate = BinEstimate::of(start_us, bin, self.bin_ms);
            let highest = scope.highest_estimate.map_or(0.0, |found| found.by_percentile);
            if estimate.by_percentile > highest {
                scope.highest_estimate = Some(estimate);
            }
        }
    }

    /// The bin of an instant, which was just swept.
    fn bin_at(&self, slice_us: i64, swept: &ScopeSweep, at_us: i64) -> Option<BinEstimate> {
        let number = ((at_us - slice_us) / (self.bin_ms * MS_US)) as u32;
        let found = swept.bins.binary_search_by_key(&number, |bin| bin.number).ok()?;
        let start_us = slice_us + i64::from(number) * self.bin_ms * MS_US;
        Some(BinEstimate::of(start_us, &swept.bins[found], self.bin_ms))
    }

    pub(super) fn finish(self, window_us: u64) -> ScopeConcurrency {
        let mut scope = self.scope;
        scope.window_us = window_us;
        scope.mean = scope.levels.mean(window_us);
        scope.scaling = self.scaling.finish();
        let per_s = 1_000.0 / self.bin_ms as f64;
        scope.requests_per_s = (f64::from(self.starts_max.0) * per_s, self.starts_max.1);
        if window_us > 0 {
            scope.estimated_mean = self.duration_sum_us as f64 / window_us as f64;
        }
        for share in &mut scope.shares {
            share.time_us = scope.levels.at_least_us(share.level);
        }
        scope
    }
}
