//! The rows of a row group as they lie in the file: decoded the same way whoever wrote it and wherever it lies.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::RecordBatch;
use bytes::Bytes;
use insq_event::{Reservation, SourceError};
use parquet::DecodeResult;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderBuilder, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowFilter, RowSelection,
};
use parquet::arrow::push_decoder::ParquetPushDecoderBuilder;
use parquet::errors::ParquetError;

use super::failure::{Failure, Stop};
use super::far::FarRanges;
use super::file::{ParquetFile, guarded};
use crate::error::DamageNotes;

/// What is read of a row group.
pub(super) struct RowGroupRead {
    pub(super) number: usize,
    pub(super) batch_rows: usize,
    /// The columns without columns of their own, in the order of the file.
    pub(super) leaves: Vec<usize>,
    /// The rows that can be wanted, where pages tell.
    pub(super) selection: Option<RowSelection>,
    pub(super) filter: Option<RowFilter>,
}

/// Gives out the rows of a row group. Damage ends them, and is noted.
pub(super) struct RowGroupRows {
    reader: Option<ParquetRecordBatchReader>,
    offset: u64,
    notes: DamageNotes,
    /// The memory of the batch that was given out last, with the pages that it points into.
    held: Reservation,
    /// That of what was fetched.
    _fetched: Reservation,
}

impl RowGroupRows {
    /// Begins to read. `read` is `None` when nothing is wanted after all.
    ///
    /// # Errors
    /// [`SourceError`] in a strict run, and for memory that is not there.
    pub(super) fn open(
        file: &ParquetFile,
        read: Option<RowGroupRead>,
        number: usize,
        notes: DamageNotes,
    ) -> Result<Self, SourceError> {
        let offset = file.facts().row_group(number).file_offset().unwrap_or(0).max(0) as u64;
        let mut fetched = notes.run.memory.reservation("Parquet");
        let opened = match read {
            Some(read) => reader(file, read, &mut fetched, &notes),
            None => Ok(None),
        };
        let reader = match opened {
            Ok(reader) => reader,
            Err(stop) => {
                stop.note(&notes, offset)?;
                None
            }
        };
        Ok(Self {
            reader,
            offset,
            held: notes.run.memory.reservation("Parquet"),
            _fetched: fetched,
            notes,
        })
    }

    /// The next rows; `None` at the end, after damage, and when the run is cancelled.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub(super) fn next(&mut self) -> Result<Option<RecordBatch>, SourceError> {
        let Some(reader) = &mut self.reader else {
            return Ok(None);
        };
        if self.notes.run.cancellation.is_cancelled() {
            return Ok(None);
        }
        match guarded(|| reader.next().transpose().map_err(ParquetError::from)) {
            Ok(None) => Ok(None),
            Ok(Some(batch)) => {
                self.held.resize(batch.get_array_memory_size())?;
                Ok(Some(batch))
            }
            Err(cause) => {
                self.reader = None;
                Failure::of(&cause).note(&self.notes, self.offset)?;
                Ok(None)
            }
        }
    }
}

/// `None` when no row is wanted.
fn reader(
    file: &ParquetFile,
    read: RowGroupRead,
    fetched: &mut Reservation,
    notes: &DamageNotes,
) -> Result<Option<ParquetRecordBatchReader>, Stop> {
    let metadata = file.metadata.clone();
    let Some(far) = &file.far else {
        let build = || {
            let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file.ranges.clone(), metadata);
            told(builder, file, read).build()
        };
        return Ok(Some(guarded(build)?));
    };
    let build = || told(ParquetPushDecoderBuilder::new_with_metadata(metadata), file, read).build();
    let mut decoder = guarded(build)?;
    loop {
        match guarded(|| decoder.try_next_reader())? {
            DecodeResult::Data(reader) => return Ok(Some(reader)),
            DecodeResult::Finished => return Ok(None),
            DecodeResult::NeedsData(ranges) => {
                if notes.run.cancellation.is_cancelled() {
                    return Err(Stop::Cancelled);
                }
                let bytes = fetch(far, &ranges, fetched)?;
                guarded(|| decoder.push_ranges(ranges, bytes))?;
            }
        }
    }
}

fn fetch(far: &Arc<FarRanges>, ranges: &[Range<u64>], fetched: &mut Reservation) -> Result<Vec<Bytes>, Stop> {
    let bytes = usize::try_from(far.bytes_for(ranges)).unwrap_or(usize::MAX);
    // Nothing is asked for that there is no room for.
    fetched.grow(bytes)?;
    far.fetch(ranges).map_err(|cause| Failure::far(&cause).into())
}

/// A decoder that knows what is wanted.
fn told<T>(builder: ArrowReaderBuilder<T>, file: &ParquetFile, read: RowGroupRead) -> ArrowReaderBuilder<T> {
    let mask = ProjectionMask::leaves(file.metadata.parquet_schema(), read.leaves);
    let mut builder = builder
        .with_row_groups(vec![read.number])
        .with_batch_size(read.batch_rows)
        .with_projection(mask);
    if let Some(selection) = read.selection {
        builder = builder.with_row_selection(selection);
    }
    match read.filter {
        Some(filter) => builder.with_row_filter(filter),
        None => builder,
    }
}
