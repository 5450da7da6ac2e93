//! What is counted of events.

use arrow_array::types::TimestampMillisecondType;
use arrow_array::{Array, RecordBatch, cast::AsArray};
use insq_event::SystemField;

use super::field_counts::FieldCounts;
use super::names::Names;
use crate::clock_gap::ClockGaps;
use crate::leaves::LeafFinder;

/// The first columns of a batch.
const TIME: usize = 0;
const MESSAGE: usize = 1;

/// The columns that are names, which come next.
const NAMED: std::ops::Range<usize> = 2..6;

/// What is read of every event, in this order, and then, perhaps, further system fields.
pub(super) const COLUMNS: [SystemField; NAMED.end] = [
    SystemField::Timestamp,
    SystemField::Message,
    SystemField::Type,
    SystemField::Log,
    SystemField::LogStream,
    SystemField::Function,
];

/// Counts of the events of one partition, or of several one behind the other.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) events: u64,
    pub(super) events_without_time: u64,
    pub(super) first_ms: Option<i64>,
    pub(super) last_ms: Option<i64>,
    pub(super) gaps: ClockGaps,
    /// Of the columns [`NAMED`].
    pub(super) names: [Names; NAMED.end - NAMED.start],
    pub(super) fields: FieldCounts,
    /// Columns that are system fields, and how many events have a value there.
    system_fields: Vec<(SystemField, u64)>,
}

impl Tally {
    /// None yet, of events whose columns are these system fields, [`COLUMNS`] first, and perhaps one more: what stands
    /// beside their messages.
    pub(super) fn of(columns: &[SystemField]) -> Self {
        Self {
            system_fields: columns.iter().map(|field| (*field, 0)).collect(),
            ..Self::default()
        }
    }

    pub(super) fn system_fields(&self) -> impl Iterator<Item = (SystemField, u64)> {
        self.system_fields.iter().copied()
    }

    /// Counts the events of a batch.
    pub(super) fn add(&mut self, batch: &RecordBatch, finder: &mut LeafFinder) {
        self.events += batch.num_rows() as u64;
        self.add_times(batch);
        for (column, names) in batch.columns()[NAMED].iter().zip(&mut self.names) {
            names.add_all(column.as_string_view().iter().flatten());
        }
        for (column, (_, events)) in batch.columns().iter().zip(&mut self.system_fields) {
            *events += (column.len() - column.null_count()) as u64;
        }
        self.add_fields(batch, finder);
    }

    fn add_times(&mut self, batch: &RecordBatch) {
        let times = batch.column(TIME).as_primitive::<TimestampMillisecondType>();
        self.events_without_time += times.null_count() as u64;
        for time in times.iter().flatten() {
            self.extend(Some(time), Some(time));
        }
        let messages = batch.column(MESSAGE).as_string_view();
        for (time, message) in times.iter().zip(messages) {
            if let (Some(time), Some(message)) = (time, message) {
                self.gaps.add(time, message);
            }
        }
    }

    fn add_fields(&mut self, batch: &RecordBatch, finder: &mut LeafFinder) {
        let messages = batch.column(MESSAGE).as_string_view();
        let beside = batch
            .columns()
            .get(self.system_fields.len())
            .map(|texts| texts.as_string_view());
        for (row, message) in messages.iter().enumerate() {
            let beside = beside
                .filter(|texts| texts.is_valid(row))
                .map(|texts| texts.value(row));
            self.fields.add(finder, beside, message);
        }
    }

    /// Makes the time that is covered reach to these times.
    fn extend(&mut self, first_ms: Option<i64>, last_ms: Option<i64>) {
        if let Some(first) = first_ms {
            self.first_ms = Some(self.first_ms.map_or(first, |own| own.min(first)));
        }
        if let Some(last) = last_ms {
            self.last_ms = Some(self.last_ms.map_or(last, |own| own.max(last)));
        }
    }

    /// Adds what was counted of events behind these.
    pub(super) fn merge(&mut self, other: Self) {
        self.events += other.events;
        self.events_without_time += other.events_without_time;
        self.extend(other.first_ms, other.last_ms);
        self.gaps.merge(other.gaps);
        for (own, names) in self.names.iter_mut().zip(other.names) {
            own.merge(names);
        }
        self.fields.merge(other.fields);
        for ((_, own), (_, events)) in self.system_fields.iter_mut().zip(other.system_fields) {
            *own += events;
        }
    }
}
