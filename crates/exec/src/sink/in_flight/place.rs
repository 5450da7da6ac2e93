//! Bins in which an invocation is in flight, and the groups that they are.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, TimestampMillisecondArray, UInt32Array};
use arrow_select::take::take;
use insq_event::Reservation;

use super::InFlight;
use super::sweep::Measured;
use crate::error::ExecError;
use crate::group::{Grouper, NewestEvents, Seen};

/// Bins that are given their groups at a time.
const PLACED_BINS: usize = 8_192;

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
pub(super) struct Placing<'a> {
    /// The keys of the series.
    keys: Vec<ArrayRef>,
    /// Which of the keys of a group is the bin.
    bin: Option<usize>,
    placed: Placed,
    waiting: Found,
    found_bins: usize,
    bins_max: usize,
    groups: &'a mut Grouper,
    reservation: &'a mut Reservation,
    held_bytes: usize,
}

impl<'a> Placing<'a> {
    pub(super) fn new(
        found: &InFlight,
        groups: &'a mut Grouper,
        reservation: &'a mut Reservation,
        held_bytes: usize,
    ) -> Result<Self, ExecError> {
        let (own, calls) = (groups.len(), found.plan.calls.len());
        Ok(Self {
            keys: found.numbers.keys(0..found.numbers.len())?,
            bin: found.plan.bin.map(|(idx, _)| idx),
            placed: Placed {
                values: vec![vec![0.0; own]; calls],
                own,
                series_of: Vec::new(),
                newest: NewestEvents::default(),
            },
            waiting: Found::new(calls),
            found_bins: 0,
            bins_max: found.bins_max,
            groups,
            reservation,
            held_bytes: held_bytes + found.size_bytes(),
        })
    }

    pub(super) fn is_full(&self) -> bool {
        self.waiting.series.len() >= PLACED_BINS
    }

    /// Keeps a bin of a series until the next [`Placing::flush`].
    pub(super) fn add(&mut self, series: u32, bin: Measured<'_>) -> Result<(), ExecError> {
        if self.bin.is_some() {
            self.found_bins += 1;
            if self.found_bins.saturating_add(bin.bins_ahead) > self.bins_max {
                return Err(ExecError::TooManyBins { limit: self.bins_max });
            }
        }
        self.waiting.series.push(series);
        self.waiting.bins.push(bin.start_ms);
        for (values, value) in self.waiting.values.iter_mut().zip(bin.values) {
            values.push(*value);
        }
        Ok(())
    }

    /// Gives the bins that wait their groups.
    pub(super) fn flush(&mut self) -> Result<(), ExecError> {
        let series = UInt32Array::from(std::mem::take(&mut self.waiting.series));
        let mut keys: Vec<ArrayRef> = self
            .keys
            .iter()
            .map(|key| take(key, &series, None))
            .collect::<Result<_, _>>()?;
        if let Some(idx) = self.bin {
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

    pub(super) fn done(self, newest: NewestEvents) -> Placed {
        Placed {
            newest,
            ..self.placed
        }
    }
}
