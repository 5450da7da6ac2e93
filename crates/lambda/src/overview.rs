//! A load in as many columns as a picture has.

use std::ops::Range;

use crate::load::FunctionId;
use crate::sweep::SliceSweep;
use crate::time::MS_US;

/// A window of time cut into columns of whole bins, each shown by its highest bin.
#[derive(Clone, Debug)]
pub struct Overview {
    /// What is shown, microseconds since the epoch; from the start of a bin.
    pub window_us: Range<i64>,
    /// Width of a column, microseconds: a whole number of bins.
    pub column_us: i64,
    /// Never empty.
    pub columns: Vec<OverviewColumn>,
    bin_us: i64,
}

/// A column of an [`Overview`]: the bin with the most in flight.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OverviewColumn {
    /// Most in flight at an instant.
    pub max: u32,
    /// Start of that bin, microseconds since the epoch.
    pub bin_us: i64,
    /// Time-weighted mean over the column.
    pub mean: f64,
    /// Of that bin, the functions and their shares of the busy time; they add up to 1. The largest first.
    pub shares: Vec<(FunctionId, f64)>,
}

impl Overview {
    /// Of `window_us` in at most `columns` columns.
    pub fn new(window_us: Range<i64>, columns: usize, bin_ms: i64) -> Self {
        let bin_us = bin_ms.max(1) * MS_US;
        let start = window_us.start.div_euclid(bin_us) * bin_us;
        let bins = (window_us.end - start).max(1).div_ceil_by(bin_us);
        let per_column = bins.div_ceil_by(columns.max(1) as i64);
        let count = bins.div_ceil_by(per_column) as usize;
        Self {
            window_us: start..window_us.end.max(start + 1),
            column_us: per_column * bin_us,
            columns: vec![OverviewColumn::default(); count],
            bin_us,
        }
    }

    /// Takes in an hour, as a sweep hands it on. Its bins must be as wide as those of the overview.
    pub fn add(&mut self, slice: &SliceSweep) {
        let number_of = |bin: u32| slice.start_us + i64::from(bin) * self.bin_us;
        let mut improved = Vec::new();
        for bin in &slice.total.bins {
            let start_us = number_of(bin.number);
            let Some(column) = self.column_of(start_us) else {
                continue;
            };
            let width = self.column_us as f64;
            let found = &mut self.columns[column];
            found.mean += bin.area_us as f64 / width;
            if bin.max > found.max {
                (found.max, found.bin_us) = (bin.max, start_us);
                if improved.last() != Some(&(column, bin.number)) {
                    improved.retain(|(known, _)| *known != column);
                    improved.push((column, bin.number));
                }
            }
        }
        for (column, number) in improved {
            self.columns[column].shares = shares(slice, number);
        }
    }

    fn column_of(&self, us: i64) -> Option<usize> {
        let column = (us - self.window_us.start).div_euclid(self.column_us);
        usize::try_from(column)
            .ok()
            .filter(|column| *column < self.columns.len())
    }
}

fn shares(slice: &SliceSweep, number: u32) -> Vec<(FunctionId, f64)> {
    let areas = slice.functions.iter().filter_map(|(id, scope)| {
        let found = scope.bins.binary_search_by_key(&number, |bin| bin.number).ok()?;
        Some((*id, scope.bins[found].area_us)).filter(|(_, area)| *area > 0)
    });
    let areas: Vec<(FunctionId, u64)> = areas.collect();
    let all: u64 = areas.iter().map(|(_, area)| area).sum();
    let mut shares: Vec<(FunctionId, f64)> = areas
        .into_iter()
        .map(|(id, area)| (id, area as f64 / all as f64))
        .collect();
    shares.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    shares
}

/// Rounded up, which whole numbers with a sign do not offer.
trait DivCeil {
    fn div_ceil_by(self, by: Self) -> Self;
}

impl DivCeil for i64 {
    /// For numbers above 0.
    fn div_ceil_by(self, by: Self) -> Self {
        (self + by - 1).div_euclid(by)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Concurrency, ConcurrencyOptions, LoadRecorder, Report};

    #[test]
    fn a_column_is_its_highest_bin() {
        let mut recorder = LoadRecorder::default();
        for (function, end_ms, duration_ms) in [
            ("a", 1_000, 500.0),
            ("a", 1_000, 500.0),
            ("b", 1_000, 1_000.0),
            ("b", 9_000, 3_000.0),
        ] {
            recorder.record(&Report {
                function,
                stream: None,
                end_ms: Some(end_ms),
                duration_ms: Some(duration_ms),
                init_ms: None,
            });
        }
        let load = recorder.finish();
        let mut overview = Overview::new(0..9_000_000, 3, 1_000);
        Concurrency::measure(&load, &ConcurrencyOptions::default(), None, |slice| {
            overview.add(slice)
        });
        assert_eq!(overview.column_us, 3_000_000);
        let maxima: Vec<u32> = overview.columns.iter().map(|column| column.max).collect();
        assert_eq!(maxima, [3, 0, 1]);
        assert_eq!(
            overview.columns[0].shares,
            [(FunctionId(0), 0.5), (FunctionId(1), 0.5)]
        );
        assert!((overview.columns[0].mean - 2.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn columns_are_whole_bins_and_no_more_than_asked_for() {
        for (length_us, columns, expected) in [(1, 5, 1), (10_000_000, 4, 4), (9_500_000, 3, 3)] {
            let overview = Overview::new(500_000..500_000 + length_us, columns, 1_000);
            assert_eq!(overview.columns.len(), expected, "{length_us}");
            assert_eq!(overview.column_us % 1_000_000, 0);
        }
    }
}
