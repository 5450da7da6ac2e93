//! Arrow batches as a source: their columns are the fields.

use std::sync::Arc;

use arrow_array::types::TimestampMillisecondType;
use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch, UInt64Array, cast::AsArray, new_null_array};
use arrow_select::filter::filter_record_batch;
use insq_event::{
    ColumnType, EventKind, EventKinds, EventReader, EventSource, Position, RunContext, ScanColumn, ScanField,
    ScanPartition, ScanRequest, SourceError, SystemField, column_type_of,
};
use insq_functions::{Operand, coerce};

use crate::error::Error;

/// Batches that a caller holds in memory. Every batch is a partition.
pub(crate) struct BatchSource {
    batches: Vec<RecordBatch>,
}

impl BatchSource {
    /// # Errors
    /// [`Error::Input`] when a column is neither number, text, boolean nor millisecond time.
    pub(crate) fn new(batches: Vec<RecordBatch>) -> Result<Self, Error> {
        for batch in &batches {
            for (idx, field) in batch.schema().fields().iter().enumerate() {
                if column_type_of(batch, idx).is_none() {
                    let message = format!(
                        "column `{}` is of type {}, which is not taken",
                        field.name(),
                        field.data_type()
                    );
                    return Err(Error::Input(SourceError::Limit(message)));
                }
            }
        }
        Ok(Self { batches })
    }
}

impl EventSource for BatchSource {
    fn partitions(
        &self,
        request: &Arc<ScanRequest>,
        context: &RunContext,
    ) -> Result<Vec<Box<dyn ScanPartition>>, SourceError> {
        let mut first_row = 0;
        let mut partitions: Vec<Box<dyn ScanPartition>> = Vec::with_capacity(self.batches.len());
        for batch in &self.batches {
            let part = BatchPartition {
                batch: batch.clone(),
                first_row,
                request: request.clone(),
                context: context.clone(),
            };
            first_row += batch.num_rows() as u64;
            partitions.push(Box::new(part));
        }
        Ok(partitions)
    }

    fn describe(&self) -> String {
        format!("{} batches in memory", self.batches.len())
    }
}

struct BatchPartition {
    batch: RecordBatch,
    first_row: u64,
    request: Arc<ScanRequest>,
    context: RunContext,
}

impl ScanPartition for BatchPartition {
    fn open(self: Box<Self>) -> Result<Box<dyn EventReader>, SourceError> {
        let selected = self.select()?;
        self.context.progress.add_events(selected.num_rows() as u64);
        Ok(Box::new(Pieces {
            rest: selected,
            rows: self.request.batch_rows.max(1),
        }))
    }
}

impl BatchPartition {
    /// The requested columns of the rows that the request is about.
    fn select(&self) -> Result<RecordBatch, SourceError> {
        let columns: Vec<ArrayRef> = self
            .request
            .columns
            .iter()
            .map(|column| self.column(column))
            .collect::<Result<_, _>>()?;
        let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(self.batch.num_rows()));
        let batch = RecordBatch::try_new_with_options(self.request.schema(), columns, &options)?;
        Ok(filter_record_batch(&batch, &self.mask()?)?)
    }

    fn mask(&self) -> Result<BooleanArray, SourceError> {
        let times = self.system(SystemField::Timestamp)?;
        let times = times.as_primitive::<TimestampMillisecondType>();
        let types = self.system(SystemField::Type)?;
        let types = types.as_string_view();
        let wanted = |row: usize| {
            let time = times.is_valid(row).then(|| times.value(row));
            let kind = if types.is_valid(row) {
                EventKind::from_type_name(types.value(row))
            } else {
                None
            };
            self.request.time_range.contains(time)
                && (self.request.kinds == EventKinds::ALL
                    || self.request.kinds.contains(kind.unwrap_or(EventKind::Other)))
        };
        Ok((0..self.batch.num_rows()).map(|row| Some(wanted(row))).collect())
    }

    fn column(&self, column: &ScanColumn) -> Result<ArrayRef, SourceError> {
        match &column.field {
            ScanField::Position => self.positions(),
            ScanField::System(field) => self.system(*field),
            ScanField::Discovered(path) => self.named(path.as_str(), ColumnType::Any),
            ScanField::Structure(path) => self.named(path.as_str(), ColumnType::Json),
        }
    }

    fn system(&self, field: SystemField) -> Result<ArrayRef, SourceError> {
        self.named(field.name(), field.column_type())
    }

    fn named(&self, name: &str, wanted: ColumnType) -> Result<ArrayRef, SourceError> {
        let rows = self.batch.num_rows();
        let Ok(idx) = self.batch.schema().index_of(name) else {
            return Ok(new_null_array(&wanted.data_type(), rows));
        };
        let found = column_type_of(&self.batch, idx).unwrap_or(ColumnType::Any);
        let operand = Operand::Column(self.batch.column(idx).clone(), found);
        coerce(&operand, wanted, rows).map_err(|cause| SourceError::Limit(cause.to_string()))
    }

    fn positions(&self) -> Result<ArrayRef, SourceError> {
        let position = |row: u64| {
            Position::new(0, self.first_row + row)
                .map(Position::to_u64)
                .ok_or_else(|| SourceError::Limit("too many rows in memory".to_owned()))
        };
        let positions = (0..self.batch.num_rows() as u64)
            .map(position)
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Arc::new(UInt64Array::from(positions)))
    }
}

/// Gives out a batch in pieces.
struct Pieces {
    rest: RecordBatch,
    rows: usize,
}

impl EventReader for Pieces {
    fn next_batch(&mut self) -> Result<Option<RecordBatch>, SourceError> {
        let rows = self.rest.num_rows().min(self.rows);
        if rows == 0 {
            return Ok(None);
        }
        let piece = self.rest.slice(0, rows);
        self.rest = self.rest.slice(rows, self.rest.num_rows() - rows);
        Ok(Some(piece))
    }
}
