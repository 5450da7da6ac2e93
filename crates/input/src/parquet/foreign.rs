//! Parquet of other tools: its columns are the fields.

use std::sync::Arc;

use arrow_array::RecordBatch;
use insq_event::{EventReader, ScanPartition, ScanRequest, SourceError};
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::statistics::Statistics;

use super::file::ParquetFile;
use super::plan::touches;
use super::read::count_scanned;
use super::rows::{RowGroupRead, RowGroupRows};
use crate::columns::FileNames;
use crate::error::DamageNotes;
use crate::foreign::ForeignPlan;

/// What answers `request`, a partition per row group, and the bytes that are read for it.
///
/// # Errors
/// [`SourceError::Limit`] for a wanted column of a type that is not taken.
pub(super) fn partitions(
    file: &ParquetFile,
    request: &Arc<ScanRequest>,
    names: FileNames,
    notes: &DamageNotes,
) -> Result<(Vec<Box<dyn ScanPartition>>, u64), SourceError> {
    let plan = Arc::new(ForeignPlan::new(file.metadata.schema(), request, names)?);
    let mut partitions: Vec<Box<dyn ScanPartition>> = Vec::new();
    let (mut bytes, mut first_row) = (0, 0);
    for (number, facts) in file.facts().row_groups().iter().enumerate() {
        let rows = facts.num_rows().max(0) as u64;
        if can_hold_wanted_time(&plan, file, facts) {
            let is_read = |column: &usize| is_leaf_read(&plan, file, *column);
            let leaves: Vec<usize> = (0..facts.columns().len()).filter(is_read).collect();
            let size = |leaf: &usize| facts.column(*leaf).compressed_size();
            bytes += leaves.iter().map(size).sum::<i64>().max(0) as u64;
            partitions.push(Box::new(ForeignRowGroup {
                file: file.clone(),
                number,
                first_row,
                leaves,
                plan: Arc::clone(&plan),
                notes: notes.clone(),
            }));
        }
        first_row += rows;
    }
    Ok((partitions, bytes))
}

/// True for a column that is read.
fn is_leaf_read(plan: &ForeignPlan, file: &ParquetFile, leaf: usize) -> bool {
    let schema = file.metadata.parquet_schema();
    plan.columns().contains(&schema.get_column_root_idx(leaf))
}

/// False when statistics say that no row is of the wanted time.
fn can_hold_wanted_time(plan: &ForeignPlan, file: &ParquetFile, facts: &RowGroupMetaData) -> bool {
    let range = plan.request().time_range;
    let Some(time) = plan.exact_time().filter(|_| !range.is_all()) else {
        return true;
    };
    let schema = file.metadata.parquet_schema();
    let column = (0..facts.columns().len()).find(|leaf| schema.get_column_root_idx(*leaf) == time);
    match column.and_then(|column| facts.column(column).statistics()) {
        Some(Statistics::Int64(times)) => match (times.min_opt(), times.max_opt()) {
            (Some(min), Some(max)) => touches(range, *min, *max),
            _ => true,
        },
        _ => true,
    }
}

/// Reads one row group.
struct ForeignRowGroup {
    file: ParquetFile,
    number: usize,
    first_row: u64,
    leaves: Vec<usize>,
    plan: Arc<ForeignPlan>,
    notes: DamageNotes,
}

impl ScanPartition for ForeignRowGroup {
    fn open(self: Box<Self>) -> Result<Box<dyn EventReader>, SourceError> {
        let facts = self.file.facts().row_group(self.number);
        count_scanned(&self.notes.run.progress, facts, &self.leaves);
        let read = RowGroupRead {
            number: self.number,
            batch_rows: self.plan.request().batch_rows,
            leaves: self.leaves,
            selection: None,
            filter: None,
        };
        Ok(Box::new(ForeignReader {
            rows: RowGroupRows::open(&self.file, Some(read), self.number, self.notes.clone())?,
            next_row: self.first_row,
            plan: self.plan,
            notes: self.notes,
        }))
    }
}

/// Gives out the batches of a row group.
struct ForeignReader {
    rows: RowGroupRows,
    next_row: u64,
    plan: Arc<ForeignPlan>,
    notes: DamageNotes,
}

impl EventReader for ForeignReader {
    fn next_batch(&mut self) -> Result<Option<RecordBatch>, SourceError> {
        while let Some(found) = self.rows.next()? {
            let batch = self.plan.batch(&found, self.plan.columns(), self.next_row)?;
            self.next_row += found.num_rows() as u64;
            if batch.num_rows() > 0 {
                self.notes.run.progress.add_events(batch.num_rows() as u64);
                return Ok(Some(batch));
            }
        }
        Ok(None)
    }
}
