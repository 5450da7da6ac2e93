//! Sorted runs: as many events as fit into memory, in the order of time, waiting to be merged.

use std::cmp::Ordering;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{TimestampMillisecondType, UInt64Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::SchemaRef;
use arrow_select::interleave::interleave_record_batch;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::Compression;
use parquet::file::properties::{EnabledStatistics, WriterProperties};

use super::convert::ConvertError;

/// Rows of the batches that runs are made of.
pub(super) const RUN_BATCH_ROWS: usize = 4_096;

/// What events are ordered by: those without a time first, then by time, then by their place in the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    time_ms: Option<i64>,
    position: u64,
}

/// Where the columns of the keys stand.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeyColumns {
    pub(super) time: usize,
    pub(super) position: usize,
}

impl KeyColumns {
    pub(super) fn key(self, batch: &RecordBatch, row: usize) -> Key {
        let times = batch.column(self.time).as_primitive::<TimestampMillisecondType>();
        Key {
            time_ms: times.is_valid(row).then(|| times.value(row)),
            position: batch
                .column(self.position)
                .as_primitive::<UInt64Type>()
                .value(row),
        }
    }
}

/// A sorted run, which can be read more than once.
pub(super) enum Run {
    /// Small enough to stay.
    Memory(Vec<RecordBatch>),
    /// In a file without a name, which vanishes with the process.
    File(File),
}

impl Run {
    pub(super) fn open(&self) -> Result<RunReader, ConvertError> {
        Ok(match self {
            Self::Memory(batches) => RunReader::Memory(batches.clone().into_iter()),
            Self::File(file) => RunReader::File(
                ParquetRecordBatchReaderBuilder::try_new(file.try_clone()?)?
                    .with_batch_size(RUN_BATCH_ROWS)
                    .build()?,
            ),
        })
    }
}

/// A run that is being read.
pub(super) enum RunReader {
    Memory(std::vec::IntoIter<RecordBatch>),
    File(ParquetRecordBatchReader),
}

impl RunReader {
    pub(super) fn next(&mut self) -> Result<Option<RecordBatch>, ConvertError> {
        match self {
            Self::Memory(batches) => Ok(batches.next()),
            Self::File(reader) => Ok(reader.next().transpose()?),
        }
    }
}

/// The rows of `batches` in order.
pub(super) fn sorted(batches: &[RecordBatch], columns: KeyColumns) -> Result<Vec<RecordBatch>, ConvertError> {
    let mut rows: Vec<(Key, u32, u32)> = Vec::new();
    for (number, batch) in batches.iter().enumerate() {
        rows.extend((0..batch.num_rows()).map(|row| (columns.key(batch, row), number as u32, row as u32)));
    }
    rows.sort_unstable_by(|a, b| match a.0.cmp(&b.0) {
        Ordering::Equal => (a.1, a.2).cmp(&(b.1, b.2)),
        unequal => unequal,
    });
    let all: Vec<&RecordBatch> = batches.iter().collect();
    rows.chunks(RUN_BATCH_ROWS)
        .map(|rows| {
            // Only the batches that these rows lie in, so that the result does not hold on to all of them.
            let mut used: Vec<u32> = rows.iter().map(|row| row.1).collect();
            used.sort_unstable();
            used.dedup();
            let slot = |number: u32| used.binary_search(&number).unwrap_or_default();
            let indices: Vec<(usize, usize)> = rows
                .iter()
                .map(|(_, number, row)| (slot(*number), *row as usize))
                .collect();
            let used: Vec<&RecordBatch> = used.iter().map(|number| all[*number as usize]).collect();
            Ok(interleave_record_batch(&used, &indices)?)
        })
        .collect()
}

/// Puts a run into a file in `folder`.
pub(super) fn spilled(
    batches: Vec<RecordBatch>,
    schema: &SchemaRef,
    folder: &Path,
) -> Result<Run, ConvertError> {
    let file = tempfile::tempfile_in(folder)?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::LZ4_RAW)
        .set_dictionary_enabled(false)
        .set_statistics_enabled(EnabledStatistics::None)
        .set_max_row_group_row_count(Some(RUN_BATCH_ROWS * 16))
        .build();
    let mut writer = ArrowWriter::try_new(file.try_clone()?, Arc::clone(schema), Some(properties))?;
    for batch in batches {
        writer.write(&batch)?;
    }
    writer.close()?;
    Ok(Run::File(file))
}
