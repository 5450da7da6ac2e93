//! Invocations in flight, beside the groups of a `stats`: what every worker gathers, and the sweep at the end.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, TimestampMillisecondType};
use arrow_array::{Array, ArrayRef, Float64Array, PrimitiveArray, TimestampMillisecondArray, UInt32Array};
use arrow_select::take::take;
use insq_event::Reservation;
use insq_functions::{ConcurrencyMeasure, Period, Step};
use insq_lambda::{Invocation, Level, WindowLevels, levels};
use insq_plan::{Aggregate, Concurrency, Expr};
use std::sync::Arc;

use crate::chunk::Chunk;
use crate::error::ExecError;
use crate::evaluate::Evaluator;
use crate::group::{Grouper, NewestEvents, Seen};

/// Bins with an invocation in flight, over all groups: more are a slip rather than an answer. An invocation of an hour is
/// in flight in 3.6 million bins of a millisecond.
pub(crate) const CONCURRENCY_BINS_MAX: usize = 10_000_000;

/// Bins that are given their groups at a time.
const PLACED_BINS: usize = 8_192;

/// The busy intervals of one combination of the keys that are no bin.
#[derive(Default)]
struct Series {
    starts_us: Vec<i64>,
    ends_us: Vec<i64>,
}

impl Series {
    fn size_bytes(&self) -> usize {
        (self.starts_us.capacity() + self.ends_us.capacity()) * size_of::<i64>()
    }
}

/// Gathers the busy intervals of invocations. An invocation costs two numbers, however many bins it is in flight in; the
/// bins are made by [`InFlight::place`].
///
/// # Order
/// Intervals are sorted before they are swept, so neither the order of rows nor of merges shows.
pub(crate) struct InFlight {
    plan: Concurrency,
    numbers: Grouper,
    series: Vec<Series>,
    series_bytes: usize,
    newest: NewestEvents,
    bins_max: usize,
}

/// What the sweep found.
pub(crate) struct Placed {
    /// One column per call, one cell per group.
    pub(crate) values: Vec<Vec<f64>>,
    /// Groups that have events; those behind them only have an invocation in flight.
    pub(crate) own: usize,
    /// The series of each of the others.
    series_of: Vec<u32>,
    newest: NewestEvents,
}

impl Placed {
    /// The newest invocation of the series of a group without events.
    pub(crate) fn newest(&self, group: usize) -> Seen {
        let series = group
            .checked_sub(self.own)
            .and_then(|idx| self.series_of.get(idx));
        series.map_or_else(Seen::default, |series| self.newest.of(*series as usize))
    }

    /// The columns of the calls, for so many groups.
    pub(crate) fn columns(&mut self, groups: usize) -> Vec<ArrayRef> {
        let values = std::mem::take(&mut self.values).into_iter().map(|mut values| {
            values.resize(groups, 0.0);
            Arc::new(Float64Array::from(values)) as ArrayRef
        });
        values.collect()
    }

    pub(crate) fn size_bytes(&self) -> usize {
        let cells: usize = self.values.iter().map(Vec::capacity).sum();
        cells * size_of::<f64>() + self.series_of.capacity() * size_of::<u32>()
    }
}

impl InFlight {
    /// `None` when the `stats` does not ask for it.
    pub(crate) fn of(aggregate: &Aggregate) -> Option<Self> {
        let plan = aggregate.concurrency.clone()?;
        let types = aggregate.keys.iter().map(|key| key.expr.column_type());
        Some(Self {
            numbers: Grouper::of_types(without_bin(&plan, types).collect()),
            plan,
            series: Vec::new(),
            series_bytes: 0,
            newest: NewestEvents::default(),
            bins_max: CONCURRENCY_BINS_MAX,
        })
    }

    /// Which of the keys is the bin.
    pub(crate) fn bin(&self) -> Option<usize> {
        self.plan.bin.map(|(idx, _)| idx)
    }

    /// Takes rows in, whose keys are known already. `moments` are their times and positions, where groups are ordered
    /// by them.
    pub(crate) fn push(
        &mut self,
        evaluator: &Evaluator,
        chunk: &Chunk,
        keys: &[ArrayRef],
        moments: Option<(&ArrayRef, &ArrayRef)>,
    ) -> Result<(), ExecError> {
        let found = self.intervals(evaluator, chunk)?;
        if found.is_empty() {
            return Ok(());
        }
        let rows: UInt32Array = found.iter().map(|(row, _)| *row).collect();
        let keys: Vec<ArrayRef> = without_bin(&self.plan, keys.iter())
            .map(|key| take(key, &rows, None))
            .collect::<Result<_, _>>()?;
        let mut numbers = Vec::new();
        self.numbers.assign(&keys, rows.len(), &mut numbers)?;
        self.resize();
        for ((_, interval), number) in found.iter().zip(&numbers) {
            let series = &mut self.series[*number as usize];
            let before = series.size_bytes();
            series.starts_us.push(interval.start_us);
            series.ends_us.push(interval.end_us);
            self.series_bytes += series.size_bytes() - before;
        }
        if let Some((times, positions)) = moments {
            let (times, positions) = (take(times, &rows, None)?, take(positions, &rows, None)?);
            self.newest.update(&numbers, &times, &positions)?;
        }
        Ok(())
    }

    fn resize(&mut self) {
        self.series.resize_with(self.numbers.len(), Series::default);
        self.newest.resize(self.numbers.len());
    }

    /// The rows that tell of an invocation, and when it was busy within the queried time.
    fn intervals(&self, evaluator: &Evaluator, chunk: &Chunk) -> Result<Vec<(u32, Invocation)>, ExecError> {
        let number = |expr: &Expr| -> Result<PrimitiveArray<Float64Type>, ExecError> {
            let array = evaluator.array(expr, chunk)?;
            let numbers = array.as_primitive_opt::<Float64Type>().cloned();
            numbers.ok_or_else(|| ExecError::Internal(format!("a duration of type {}", array.data_type())))
        };
        let durations = number(&self.plan.duration)?;
        if durations.null_count() == durations.len() {
            return Ok(Vec::new());
        }
        let ends = evaluator.array(&self.plan.end, chunk)?;
        let Some(ends) = ends.as_primitive_opt::<TimestampMillisecondType>() else {
            return Err(ExecError::Internal("an end that is no time".to_owned()));
        };
        let preparations: Vec<_> = self
            .plan
            .preparations
            .iter()
            .map(number)
            .collect::<Result<_, _>>()?;
        let mut found = Vec::new();
        for row in (0..chunk.rows).filter(|&row| durations.is_valid(row) && ends.is_valid(row)) {
            let prepared = preparations.iter().find(|array| array.is_valid(row));
            let prepared_ms = prepared.map_or(0.0, |array| array.value(row));
            let interval = interval(ends.value(row), durations.value(row), prepared_ms);
            let interval = self.within_range(interval);
            if interval.busy_us() > 0 {
                found.push((row as u32, interval));
            }
        }
        Ok(found)
    }

    fn within_range(&self, interval: Invocation) -> Invocation {
        let (since_us, until_us) = self.range_us();
        let start_us = interval.start_us.max(since_us.unwrap_or(i64::MIN));
        let end_us = interval.end_us.min(until_us.unwrap_or(i64::MAX));
        Invocation {
            start_us: start_us.min(end_us),
            end_us,
        }
    }

    fn range_us(&self) -> (Option<i64>, Option<i64>) {
        let us = |ms: Option<i64>| ms.map(|ms| ms.saturating_mul(1_000));
        (us(self.plan.range.start_ms), us(self.plan.range.end_ms))
    }

    /// Takes over what another worker gathered.
    pub(crate) fn merge(&mut self, other: Self) -> Result<(), ExecError> {
        let mut targets = Vec::with_capacity(other.series.len());
        self.numbers
            .assign(&other.numbers.keys()?, other.series.len(), &mut targets)?;
        self.resize();
        self.newest.merge(&targets, &other.newest);
        for (series, target) in other.series.into_iter().zip(targets) {
            let mine = &mut self.series[target as usize];
            let before = mine.size_bytes();
            if before == 0 {
                *mine = series;
            } else {
                mine.starts_us.extend(series.starts_us);
                mine.ends_us.extend(series.ends_us);
            }
            self.series_bytes += mine.size_bytes() - before;
        }
        Ok(())
    }

    pub(crate) fn size_bytes(&self) -> usize {
        self.series_bytes
            + self.series.capacity() * size_of::<Series>()
            + self.numbers.size_bytes()
            + self.newest.size_bytes()
    }

    /// Sweeps over the intervals and gives every bin with one in flight its group, a new one where it has none.
    /// `reservation` holds `held_bytes` for others and is grown by what is made here.
    pub(crate) fn place(
        mut self,
        groups: &mut Grouper,
        reservation: &mut Reservation,
        held_bytes: usize,
        is_cancelled: impl Fn() -> bool,
    ) -> Result<Placed, ExecError> {
        let own = groups.len();
        self.series.iter_mut().for_each(|series| {
            series.starts_us.sort_unstable();
            series.ends_us.sort_unstable();
        });
        let mut placing = Placing {
            keys: self.numbers.keys()?,
            bin: self.plan.bin,
            placed: Placed {
                values: vec![vec![0.0; own]; self.plan.calls.len()],
                own,
                series_of: Vec::new(),
                newest: NewestEvents::default(),
            },
            waiting: Found::new(self.plan.calls.len()),
            found_bins: 0,
            bins_max: self.bins_max,
            groups,
            reservation,
            held_bytes: held_bytes + self.size_bytes(),
        };
        let sweep = Sweep {
            measures: self.plan.calls.iter().map(|call| call.measure).collect(),
            range_us: self.range_us(),
            whole_us: self.whole_us(),
            bin: self.plan.bin.map(|(_, period)| period),
        };
        for (number, series) in self.series.iter().enumerate() {
            sweep.series(series, &mut |bin, measured, bins_at_least| {
                placing.add(number as u32, bin, measured, bins_at_least, &is_cancelled)
            })?;
        }
        placing.flush(&is_cancelled)?;
        let mut placed = placing.placed;
        placed.newest = self.newest;
        Ok(placed)
    }

    /// Without bins: the queried time, and where it is open what all invocations span.
    fn whole_us(&self) -> (i64, i64) {
        let (since_us, until_us) = self.range_us();
        let first = self
            .series
            .iter()
            .filter_map(|series| series.starts_us.first())
            .min();
        let last = self
            .series
            .iter()
            .filter_map(|series| series.ends_us.last())
            .max();
        let (first, last) = (first.copied().unwrap_or(0), last.copied().unwrap_or(0));
        (since_us.unwrap_or(first), until_us.unwrap_or(last))
    }
}

/// The items that do not belong to the key that is a bin.
fn without_bin<T>(plan: &Concurrency, items: impl Iterator<Item = T>) -> impl Iterator<Item = T> {
    let bin = plan.bin.map(|(idx, _)| idx);
    items
        .enumerate()
        .filter(move |(idx, _)| Some(*idx) != bin)
        .map(|(_, item)| item)
}

/// When an invocation was busy. One with a negative part is none.
fn interval(end_ms: i64, duration_ms: f64, prepared_ms: f64) -> Invocation {
    let is_sound = duration_ms >= 0.0 && prepared_ms >= 0.0;
    Invocation::ending_at(end_ms, if is_sound { duration_ms + prepared_ms } else { 0.0 })
}

/// Bins of series that wait for their groups.
struct Found {
    series: Vec<u32>,
    bins: Vec<i64>,
    values: Vec<Vec<f64>>,
}

impl Found {
    fn new(calls: usize) -> Self {
        Self {
            series: Vec::new(),
            bins: Vec::new(),
            values: vec![Vec::new(); calls],
        }
    }

    fn clear(&mut self) {
        self.series.clear();
        self.bins.clear();
        self.values.iter_mut().for_each(Vec::clear);
    }
}

/// Gives bins their groups.
struct Placing<'a> {
    /// The keys of the series.
    keys: Vec<ArrayRef>,
    bin: Option<(usize, Period)>,
    placed: Placed,
    waiting: Found,
    found_bins: usize,
    bins_max: usize,
    groups: &'a mut Grouper,
    reservation: &'a mut Reservation,
    held_bytes: usize,
}

impl Placing<'_> {
    fn add(
        &mut self,
        series: u32,
        bin: i64,
        measured: &[f64],
        bins_at_least: usize,
        is_cancelled: &impl Fn() -> bool,
    ) -> Result<(), ExecError> {
        if self.bin.is_some() {
            self.found_bins += 1;
            if self.found_bins.saturating_add(bins_at_least) > self.bins_max {
                return Err(ExecError::TooManyBins { limit: self.bins_max });
            }
        }
        self.waiting.series.push(series);
        self.waiting.bins.push(bin);
        for (values, value) in self.waiting.values.iter_mut().zip(measured) {
            values.push(*value);
        }
        if self.waiting.series.len() == PLACED_BINS {
            self.flush(is_cancelled)?;
        }
        Ok(())
    }

    fn flush(&mut self, is_cancelled: &impl Fn() -> bool) -> Result<(), ExecError> {
        if is_cancelled() {
            return Err(ExecError::Cancelled);
        }
        let series = UInt32Array::from(std::mem::take(&mut self.waiting.series));
        let mut keys: Vec<ArrayRef> = self
            .keys
            .iter()
            .map(|key| take(key, &series, None))
            .collect::<Result<_, _>>()?;
        if let Some((idx, _)) = self.bin {
            let bins = TimestampMillisecondArray::from(std::mem::take(&mut self.waiting.bins));
            keys.insert(idx, Arc::new(bins));
        }
        let mut numbers = Vec::with_capacity(series.len());
        self.groups.assign(&keys, series.len(), &mut numbers)?;
        for (row, &group) in numbers.iter().enumerate() {
            let is_new = group as usize == self.placed.own + self.placed.series_of.len();
            if is_new {
                self.placed.series_of.push(series.value(row));
            }
        }
        for (cells, found) in self.placed.values.iter_mut().zip(&self.waiting.values) {
            cells.resize(self.groups.len(), 0.0);
            for (&group, value) in numbers.iter().zip(found) {
                cells[group as usize] = *value;
            }
        }
        self.waiting.clear();
        let bytes = self.held_bytes + self.groups.size_bytes() + self.placed.size_bytes();
        Ok(self.reservation.resize(bytes)?)
    }
}

/// How intervals become bins.
struct Sweep {
    measures: Vec<ConcurrencyMeasure>,
    range_us: (Option<i64>, Option<i64>),
    whole_us: (i64, i64),
    bin: Option<Period>,
}

/// A bin that the sweep is in.
#[derive(Clone, Copy)]
struct Bin {
    /// `None` where no calendar reaches.
    start_ms: Option<i64>,
    end_us: i64,
}

/// Takes the start of a bin, what was measured in it, and how many bins will follow at least.
type Emit<'a> = dyn FnMut(i64, &[f64], usize) -> Result<(), ExecError> + 'a;

impl Sweep {
    fn series(&self, series: &Series, emit: &mut Emit<'_>) -> Result<(), ExecError> {
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
        emit(0, &self.measured(&window, end_us.saturating_sub(start_us)), 0)
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
            emit(
                start_ms,
                &self.measured(window, to.saturating_sub(from)),
                bins_ahead,
            )?;
        }
        window.clear();
        Ok(())
    }

    fn measured(&self, window: &WindowLevels, window_us: i64) -> Vec<f64> {
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
        Step::Months(_) => 0,
    }
}
