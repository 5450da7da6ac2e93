//! Invocations in flight, beside the groups of a `stats`: what every worker gathers. `sweep.rs` makes bins of it at the
//! end, and `place.rs` gives them their groups.

mod place;
mod sweep;
#[cfg(test)]
mod tests;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, TimestampMillisecondType};
use arrow_array::{Array, ArrayRef, PrimitiveArray, UInt32Array};
use arrow_select::take::take;
use insq_event::Reservation;
use insq_lambda::{Invocation, sort_instants};
use insq_plan::{Aggregate, Concurrency, Expr};

use crate::chunk::Chunk;
use crate::error::ExecError;
use crate::evaluate::Evaluator;
use crate::group::{Grouper, NewestEvents};
pub(crate) use place::Placed;
use place::Placing;
use sweep::Sweep;

/// Bins with an invocation in flight, over all groups: more are a slip rather than an answer. An invocation of an hour is
/// in flight in 3.6 million bins of a millisecond.
pub(crate) const CONCURRENCY_BINS_MAX: usize = 10_000_000;

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
        self.numbers.absorb(
            &other.numbers.state(0..other.series.len()),
            other.series.len(),
            &mut targets,
        )?;
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
        self.series.iter_mut().for_each(|series| {
            sort_instants(&mut series.starts_us);
            sort_instants(&mut series.ends_us);
        });
        let sweep = Sweep {
            measures: self.plan.calls.iter().map(|call| call.measure).collect(),
            range_us: self.range_us(),
            whole_us: self.whole_us(),
            bin: self.plan.bin.map(|(_, period)| period),
        };
        let mut placing = Placing::new(&self, groups, reservation, held_bytes)?;
        for (number, series) in self.series.iter().enumerate() {
            sweep.series(series, &mut |bin| {
                if placing.is_full() {
                    stop_if(is_cancelled())?;
                    placing.flush()?;
                }
                placing.add(number as u32, bin)
            })?;
        }
        stop_if(is_cancelled())?;
        placing.flush()?;
        Ok(placing.done(self.newest))
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

fn stop_if(is_cancelled: bool) -> Result<(), ExecError> {
    if is_cancelled {
        Err(ExecError::Cancelled)
    } else {
        Ok(())
    }
}
