//! From busy intervals to bins.

use insq_functions::{ConcurrencyMeasure, Period, Step};
use insq_lambda::{Level, WindowLevels, levels};

use super::Series;
use crate::error::ExecError;

/// How intervals become bins.
pub(super) struct Sweep {
    pub(super) measures: Vec<ConcurrencyMeasure>,
    pub(super) range_us: (Option<i64>, Option<i64>),
    pub(super) whole_us: (i64, i64),
    pub(super) bin: Option<Period>,
}

/// A bin that the sweep is in.
#[derive(Clone, Copy)]
struct Bin {
    /// `None` where no calendar reaches.
    start_ms: Option<i64>,
    end_us: i64,
}

/// What was measured in a bin, or in the whole time.
pub(super) struct Measured<'a> {
    pub(super) start_ms: i64,
    /// One value per call.
    pub(super) values: &'a [f64],
    /// Bins that will follow at least.
    pub(super) bins_ahead: usize,
}

type Emit<'a> = dyn FnMut(Measured<'_>) -> Result<(), ExecError> + 'a;

impl Sweep {
    pub(super) fn series(&self, series: &Series, emit: &mut Emit<'_>) -> Result<(), ExecError> {
        let stretches = levels(&series.starts_us, &series.ends_us);
        match self.bin {
            Some(period) => self.bins(period, stretches, emit),
            None => self.whole(stretches, emit),
        }
    }

    fn whole(&self, stretches: impl Iterator<Item = Level>, emit: &mut Emit<'_>) -> Result<(), ExecError> {
        let mut window = WindowLevels::default();
        stretches.for_each(|level| window.add(level.in_flight, level.end_us - level.start_us));
        if window.is_empty() {
            return Ok(());
        }
        let (start_us, end_us) = self.whole_us;
        emit(Measured {
            start_ms: 0,
            values: &self.values(&window, end_us.saturating_sub(start_us)),
            bins_ahead: 0,
        })
    }

    fn bins(
        &self,
        period: Period,
        stretches: impl Iterator<Item = Level>,
        emit: &mut Emit<'_>,
    ) -> Result<(), ExecError> {
        let mut window = WindowLevels::default();
        let mut bin: Option<Bin> = None;
        for level in stretches {
            let mut at = level.start_us;
            while at < level.end_us {
                let within = match bin.filter(|bin| at < bin.end_us) {
                    Some(within) => within,
                    None => {
                        let ahead = bins_at_least(period, level.end_us - at);
                        self.close(bin, &mut window, ahead, emit)?;
                        bin_at(period, at).unwrap_or(Bin {
                            start_ms: None,
                            end_us: level.end_us,
                        })
                    }
                };
                bin = Some(within);
                let until = level.end_us.min(within.end_us);
                window.add(level.in_flight, until - at);
                at = until;
            }
        }
        self.close(bin, &mut window, 0, emit)
    }

    /// Gives out a bin that is over.
    fn close(
        &self,
        bin: Option<Bin>,
        window: &mut WindowLevels,
        bins_ahead: usize,
        emit: &mut Emit<'_>,
    ) -> Result<(), ExecError> {
        if let Some(bin) = bin
            && let Some(start_ms) = bin.start_ms
            && !window.is_empty()
        {
            let start_us = start_ms.saturating_mul(1_000);
            let from = start_us.max(self.range_us.0.unwrap_or(i64::MIN));
            let to = bin.end_us.min(self.range_us.1.unwrap_or(i64::MAX));
            emit(Measured {
                start_ms,
                values: &self.values(window, to.saturating_sub(from)),
                bins_ahead,
            })?;
        }
        window.clear();
        Ok(())
    }

    fn values(&self, window: &WindowLevels, window_us: i64) -> Vec<f64> {
        let of = |measure: &ConcurrencyMeasure| match measure {
            ConcurrencyMeasure::Max => window.max() as f64,
            ConcurrencyMeasure::Mean => window.mean(window_us),
            ConcurrencyMeasure::Percentile(percent) => window.percentile(*percent, window_us) as f64,
        };
        self.measures.iter().map(of).collect()
    }
}

/// The bin that holds an instant; `None` where no calendar reaches.
fn bin_at(period: Period, at_us: i64) -> Option<Bin> {
    let start_ms = period.floor(at_us.div_euclid(1_000))?;
    Some(Bin {
        start_ms: Some(start_ms),
        end_us: period.next(start_ms)?.saturating_mul(1_000),
    })
}

/// Whole bins in a stretch of time, as far as their length is fixed.
fn bins_at_least(period: Period, length_us: i64) -> usize {
    match period.step {
        Step::Fixed { ms, .. } => usize::try_from(length_us / ms.max(1).saturating_mul(1_000)).unwrap_or(0),
        Step::Months { .. } => 0,
    }
}
