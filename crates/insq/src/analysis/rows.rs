//! Analyses as Arrow batches, for files and for programs that go on with them.

use std::sync::{Arc, LazyLock};

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringViewArray, TimestampMillisecondArray};
use arrow_schema::{ArrowError, Schema, SchemaRef};
use insq_event::ColumnType::{self, Number, Text, Time};
use insq_lambda::{Bin, Concurrency, Load, ScopeConcurrency, ScopeSweep, SliceSweep};

/// What stands in the column `function` of rows about all functions together.
pub const ALL_FUNCTIONS: &str = "(all)";

/// What stands there in rows about the functions that share the unreserved pool.
pub const UNRESERVED_FUNCTIONS: &str = "(unreserved)";

fn schema(columns: &[(&str, ColumnType)]) -> SchemaRef {
    let fields = columns.iter().map(|(name, column_type)| column_type.field(name));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// Columns that are filled row by row.
struct Table {
    schema: SchemaRef,
    columns: Vec<Cells>,
}

enum Cells {
    Number(Vec<Option<f64>>),
    Time(Vec<Option<i64>>),
    Text(Vec<Option<String>>),
}

/// A cell of a [`Table`].
pub(super) enum Cell {
    Number(Option<f64>),
    /// Microseconds since the epoch; shown as milliseconds.
    Time(Option<i64>),
    Text(Option<String>),
}

impl Table {
    fn new(schema: &SchemaRef) -> Self {
        let columns = schema
            .fields()
            .iter()
            .map(|field| match ColumnType::of_field(field) {
                Some(Number) => Cells::Number(Vec::new()),
                Some(Time) => Cells::Time(Vec::new()),
                _ => Cells::Text(Vec::new()),
            });
        Self {
            columns: columns.collect(),
            schema: Arc::clone(schema),
        }
    }

    /// A cell of another type than its column's is missing.
    fn push(&mut self, row: impl IntoIterator<Item = Cell>) {
        for (cells, cell) in self.columns.iter_mut().zip(row) {
            match (cells, cell) {
                (Cells::Number(cells), Cell::Number(value)) => cells.push(value),
                (Cells::Time(cells), Cell::Time(us)) => cells.push(us.map(|us| us.div_euclid(US_PER_MS))),
                (Cells::Text(cells), Cell::Text(value)) => cells.push(value),
                (Cells::Number(cells), _) => cells.push(None),
                (Cells::Time(cells), _) => cells.push(None),
                (Cells::Text(cells), _) => cells.push(None),
            }
        }
    }

    fn batch(self) -> Result<RecordBatch, ArrowError> {
        let arrays = self.columns.into_iter().map(|cells| -> ArrayRef {
            match cells {
                Cells::Number(cells) => Arc::new(Float64Array::from(cells)),
                Cells::Time(cells) => Arc::new(TimestampMillisecondArray::from(cells)),
                Cells::Text(cells) => Arc::new(StringViewArray::from_iter(cells)),
            }
        });
        RecordBatch::try_new(self.schema, arrays.collect())
    }
}

/// Rows of `cells` under `schema`.
pub(super) fn batch_of(
    schema: &SchemaRef,
    rows: impl IntoIterator<Item = Vec<Cell>>,
) -> Result<RecordBatch, ArrowError> {
    let mut table = Table::new(schema);
    for row in rows {
        table.push(row);
    }
    table.batch()
}

/// A schema of [`batch_of`].
pub(super) fn schema_of(columns: &[(&str, ColumnType)]) -> SchemaRef {
    schema(columns)
}

pub(super) fn number(value: impl Into<f64>) -> Cell {
    Cell::Number(Some(value.into()))
}

pub(super) fn count(value: u64) -> Cell {
    Cell::Number(Some(value as f64))
}

pub(super) fn text(value: &str) -> Cell {
    Cell::Text(Some(value.to_owned()))
}

pub(super) fn time_us(us: i64) -> Cell {
    Cell::Time(Some(us))
}

const US_PER_MS: i64 = 1_000;

/// The schema of [`bin_rows`].
pub fn bin_schema() -> &'static SchemaRef {
    static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
        schema(&[
            ("time", Time),
            ("function", Text),
            ("concurrency_max", Number),
            ("concurrency_avg", Number),
            ("concurrency_pct", Number),
            ("starts", Number),
            ("cold_starts", Number),
            ("ends", Number),
            ("estimate_pct", Number),
            ("estimate_avg", Number),
        ])
    });
    &SCHEMA
}

/// One row per bin in which something is in flight, starts or ends: of all functions, of those without a reservation
/// if any have one, and of every function, in that order for every hour.
///
/// `concurrency_pct` is the time-weighted percentile of [`insq_lambda::ConcurrencyOptions::percent`]; `estimate_pct` and `estimate_avg`
/// are the invocations that end in the bin, times that percentile or the mean of their durations, per length of the
/// bin: what a query makes of Little's law.
///
/// # Errors
/// [`ArrowError`] never, unless the columns do not fit together.
pub fn bin_rows(slice: &SliceSweep, load: &Load, bin_ms: i64) -> Result<RecordBatch, ArrowError> {
    let all = std::iter::once((ALL_FUNCTIONS, &slice.total));
    let unreserved = slice.unreserved.iter().map(|scope| (UNRESERVED_FUNCTIONS, scope));
    let functions = slice.functions.iter().map(|(id, scope)| (load.name(*id), scope));
    let scopes: Vec<(&str, &ScopeSweep)> = all.chain(unreserved).chain(functions).collect();
    let rows = scopes.iter().flat_map(|(name, scope)| {
        scope
            .bins
            .iter()
            .map(|bin| bin_row(slice.start_us, name, bin, bin_ms))
    });
    batch_of(bin_schema(), rows)
}

fn bin_row(slice_us: i64, name: &str, bin: &Bin, bin_ms: i64) -> Vec<Cell> {
    let width_us = (bin_ms * US_PER_MS) as f64;
    let ends = f64::from(bin.ends);
    vec![
        time_us(slice_us + i64::from(bin.number) * bin_ms * US_PER_MS),
        text(name),
        number(bin.max),
        number(bin.mean(bin_ms)),
        number(bin.level),
        number(bin.starts),
        number(bin.cold_starts),
        number(bin.ends),
        number(ends * bin.duration_us as f64 / width_us),
        number(bin.duration_sum_us as f64 / width_us),
    ]
}

/// The schema of [`scope_rows`].
pub fn scope_schema() -> &'static SchemaRef {
    static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
        schema(&[
            ("function", Text),
            ("quota", Number),
            ("peak", Number),
            ("peak_at", Time),
            ("avg", Number),
            ("p50", Number),
            ("p90", Number),
            ("p99", Number),
            ("p99_5", Number),
            ("p99_9", Number),
            ("invocations", Number),
            ("cold_starts", Number),
            ("starts_per_s_max", Number),
            ("new_environments_10s_max", Number),
            ("estimate_avg", Number),
            ("estimate_pct_at_peak", Number),
            ("seconds_at_80_pct_of_quota", Number),
            ("seconds_at_quota", Number),
        ])
    });
    &SCHEMA
}

/// One row for all functions, one for those without a reservation if any have one, and one per function, the highest
/// peak first.
///
/// # Errors
/// [`ArrowError`] never, unless the columns do not fit together.
pub fn scope_rows(found: &Concurrency) -> Result<RecordBatch, ArrowError> {
    let all = std::iter::once((ALL_FUNCTIONS, &found.total));
    let unreserved = found.unreserved.iter().map(|scope| (UNRESERVED_FUNCTIONS, scope));
    let functions = found.functions.iter().map(|scope| (scope.name.as_str(), scope));
    batch_of(
        scope_schema(),
        all.chain(unreserved)
            .chain(functions)
            .map(|(name, scope)| scope_row(name, scope)),
    )
}

fn scope_row(name: &str, scope: &ScopeConcurrency) -> Vec<Cell> {
    let seconds_at = |percent| {
        let share = scope.shares.iter().find(|share| share.percent == percent);
        Cell::Number(share.map(|share| share.time_us as f64 / 1e6))
    };
    let level = |percent| number(scope.percentile(percent));
    vec![
        text(name),
        Cell::Number(scope.quota.map(f64::from)),
        number(scope.peak),
        Cell::Time((scope.peak > 0).then_some(scope.peak_us)),
        number(scope.mean),
        level(50.0),
        level(90.0),
        level(99.0),
        level(99.5),
        level(99.9),
        count(scope.calls),
        count(scope.cold_starts),
        number(scope.requests_per_s.0),
        number(scope.scaling.most),
        number(scope.estimated_mean),
        Cell::Number(scope.at_peak.map(|bin| bin.by_percentile)),
        seconds_at(80),
        seconds_at(100),
    ]
}
