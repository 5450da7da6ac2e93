//! Sorted runs: as many events as fit into memory, part after part and in the order of time, waiting to be merged.

use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{TimestampMillisecondType, UInt64Type};
use arrow_array::{Array, RecordBatch, UInt64Array};
use arrow_schema::SchemaRef;
use arrow_select::interleave::interleave_record_batch;
use insq_event::{EventKind, Position, SourceError};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{
    ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection, RowSelector,
};
use parquet::basic::Compression;
use parquet::file::properties::{EnabledStatistics, WriterProperties};

use super::convert::ConvertError;
use super::folder::PartitionKey;

/// Rows of the batches that runs are made of.
pub(super) const RUN_BATCH_ROWS: usize = 4_096;

/// What events are ordered by: those without a time first, then by time, then by their place in the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    time_ms: Option<i64>,
    position: u64,
}

/// Where the columns stand that tell where an event comes.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeyColumns {
    pub(super) time: usize,
    pub(super) position: usize,
    /// REPORT events are kept apart from others.
    pub(super) kind: usize,
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

    pub(super) fn is_report(self, batch: &RecordBatch, row: usize) -> bool {
        let kinds = batch.column(self.kind).as_string_view();
        kinds.is_valid(row) && Some(kinds.value(row)) == EventKind::Report.type_name()
    }
}

/// Rows of a run that belong to one part and stand behind each other.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Span {
    pub(super) part: PartitionKey,
    pub(super) rows: u64,
}

/// A sorted run, which can be read more than once.
pub(super) struct Run {
    pub(super) place: RunPlace,
    /// Its parts, in order.
    pub(super) spans: Vec<Span>,
    /// How many files lie before those that its positions count.
    pub(super) first_file: u64,
}

/// Where a run waits.
pub(super) enum RunPlace {
    /// Small enough to stay.
    Memory(Vec<RecordBatch>),
    /// In a file. One without a name vanishes with the process.
    File { file: File, name: Option<String> },
}

/// The parts that are merged, and their order.
pub(super) type Ranks = BTreeMap<PartitionKey, u32>;

impl Run {
    /// Reads the rows of the parts that have a rank.
    pub(super) fn open(&self, ranks: &Ranks, keys: KeyColumns) -> Result<RunReader, ConvertError> {
        let mut spans = VecDeque::new();
        let mut selection = Vec::with_capacity(self.spans.len());
        for span in &self.spans {
            let rows = span.rows as usize;
            match ranks.get(&span.part) {
                Some(rank) => {
                    spans.push_back((*rank, rows));
                    selection.push(RowSelector::select(rows));
                }
                None => selection.push(RowSelector::skip(rows)),
            }
        }
        let rows = match &self.place {
            RunPlace::Memory(batches) => Rows::Memory(selected(batches, &selection).into_iter()),
            RunPlace::File { file, .. } => {
                let mut builder = ParquetRecordBatchReaderBuilder::try_new(file.try_clone()?)?
                    .with_batch_size(RUN_BATCH_ROWS);
                if spans.len() < self.spans.len() {
                    builder = builder.with_row_selection(RowSelection::from(selection));
                }
                Rows::File(builder.build()?)
            }
        };
        Ok(RunReader {
            rows,
            spans,
            batch: None,
            first_file: self.first_file,
            keys,
        })
    }
}

/// The rows that are selected, none of them copied.
fn selected(batches: &[RecordBatch], selection: &[RowSelector]) -> Vec<RecordBatch> {
    let mut found = Vec::new();
    let (mut batches, mut at) = (batches.iter().peekable(), 0);
    for selector in selection {
        let mut left = selector.row_count;
        while left > 0
            && let Some(batch) = batches.peek()
        {
            let rows = left.min(batch.num_rows() - at);
            if !selector.skip && rows > 0 {
                found.push(batch.slice(at, rows));
            }
            (left, at) = (left - rows, at + rows);
            if at == batch.num_rows() {
                (at, _) = (0, batches.next());
            }
        }
    }
    found
}

/// Rows as they wait.
enum Rows {
    Memory(std::vec::IntoIter<RecordBatch>),
    File(ParquetRecordBatchReader),
}

/// A run that is being read.
pub(super) struct RunReader {
    rows: Rows,
    /// Rank and rows of what has not been given out.
    spans: VecDeque<(u32, usize)>,
    /// What has been read and not been given out.
    batch: Option<RecordBatch>,
    first_file: u64,
    keys: KeyColumns,
}

impl RunReader {
    /// The next rows, all of one part, with its rank. Never empty.
    pub(super) fn next(&mut self) -> Result<Option<(u32, RecordBatch)>, ConvertError> {
        let batch = match self.batch.take() {
            Some(batch) => batch,
            None => match self.read()? {
                Some(batch) => batch,
                None => return Ok(None),
            },
        };
        while self.spans.front().is_some_and(|(_, rows)| *rows == 0) {
            self.spans.pop_front();
        }
        let Some((rank, left)) = self.spans.front_mut() else {
            return Err(ConvertError::LostRun);
        };
        let (rank, rows) = (*rank, batch.num_rows().min(*left));
        *left -= rows;
        if rows < batch.num_rows() {
            self.batch = Some(batch.slice(rows, batch.num_rows() - rows));
        }
        Ok(Some((rank, batch.slice(0, rows))))
    }

    fn read(&mut self) -> Result<Option<RecordBatch>, ConvertError> {
        loop {
            let batch = match &mut self.rows {
                Rows::Memory(batches) => batches.next(),
                Rows::File(reader) => reader.next().transpose()?,
            };
            match batch {
                None if self.spans.iter().any(|(_, rows)| *rows > 0) => return Err(ConvertError::LostRun),
                None => return Ok(None),
                Some(batch) if batch.num_rows() == 0 => {}
                Some(batch) => return self.placed(batch).map(Some),
            }
        }
    }

    /// The batch with positions among all inputs.
    fn placed(&self, batch: RecordBatch) -> Result<RecordBatch, ConvertError> {
        if self.first_file == 0 {
            return Ok(batch);
        }
        let positions = batch.column(self.keys.position).as_primitive::<UInt64Type>();
        let moved = positions.values().iter().map(|cell| {
            let position = Position::from_u64(*cell);
            Position::new(self.first_file + position.file(), position.offset()).map(Position::to_u64)
        });
        let moved: Option<Vec<u64>> = moved.collect();
        let moved = moved.ok_or_else(|| SourceError::Limit("too many files".to_owned()))?;
        let mut columns = batch.columns().to_vec();
        columns[self.keys.position] = Arc::new(UInt64Array::from(moved));
        Ok(RecordBatch::try_new(batch.schema(), columns)?)
    }
}

/// Events that were read, with the part that each belongs to: a number in a list of parts.
pub(super) struct Unsorted<'a> {
    pub(super) batches: &'a [RecordBatch],
    /// The parts of the rows of every batch.
    pub(super) parts: &'a [Vec<u32>],
    pub(super) keys: &'a [PartitionKey],
}

/// The rows in order, and how many of them are of which part.
pub(super) fn sorted(
    unsorted: &Unsorted<'_>,
    columns: KeyColumns,
) -> Result<(Vec<RecordBatch>, Vec<Span>), ConvertError> {
    let mut order: Vec<usize> = (0..unsorted.keys.len()).collect();
    order.sort_unstable_by_key(|number| &unsorted.keys[*number]);
    let mut ranks = vec![0_u32; order.len()];
    let mut spans = Vec::with_capacity(order.len());
    for (rank, number) in order.iter().enumerate() {
        ranks[*number] = rank as u32;
        let part = unsorted.keys[*number].clone();
        spans.push(Span { part, rows: 0 });
    }
    let mut rows: Vec<Row> = Vec::new();
    for (number, (batch, parts)) in unsorted.batches.iter().zip(unsorted.parts).enumerate() {
        for (row, part) in parts.iter().enumerate() {
            let rank = ranks[*part as usize];
            spans[rank as usize].rows += 1;
            rows.push((rank, columns.key(batch, row), number as u32, row as u32));
        }
    }
    rows.sort_unstable();
    Ok((pieces(unsorted.batches, &rows)?, spans))
}

/// A row on its way into order: the rank of its part, its key, its batch, and where it stands in it.
type Row = (u32, Key, u32, u32);

/// Rows that follow each other in a batch already are left there if there are so many of them.
const STRETCH_ROWS_MIN: usize = 512;

/// The rows as batches. Most logs are in order for the most part, so most of it has not to be copied.
fn pieces(batches: &[RecordBatch], rows: &[Row]) -> Result<Vec<RecordBatch>, ConvertError> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while at < rows.len() {
        let stretch = stretch(&rows[at..]);
        if stretch >= STRETCH_ROWS_MIN {
            let (_, _, number, row) = rows[at];
            pieces.push(batches[number as usize].slice(row as usize, stretch));
            at += stretch;
            continue;
        }
        let start = at;
        at += stretch;
        while at < rows.len() && at - start < RUN_BATCH_ROWS {
            match self::stretch(&rows[at..]) {
                long if long >= STRETCH_ROWS_MIN => break,
                short => at += short,
            }
        }
        at = at.min(start + RUN_BATCH_ROWS);
        pieces.push(taken(batches, &rows[start..at])?);
    }
    Ok(pieces)
}

/// How many rows from the first one on stand behind each other in one batch, of those that a piece has room for.
fn stretch(rows: &[Row]) -> usize {
    let follows = |pair: &[Row]| pair[0].2 == pair[1].2 && pair[0].3 + 1 == pair[1].3;
    let pairs = rows.windows(2).take(RUN_BATCH_ROWS - 1);
    1 + pairs.take_while(|pair| follows(pair)).count()
}

/// Some rows of some batches as one batch.
fn taken(batches: &[RecordBatch], rows: &[Row]) -> Result<RecordBatch, ConvertError> {
    // Only the batches that these rows lie in, so that the result does not hold on to all of them.
    let mut used: Vec<u32> = rows.iter().map(|row| row.2).collect();
    used.sort_unstable();
    used.dedup();
    let slot = |number: u32| used.binary_search(&number).unwrap_or_default();
    let indices: Vec<(usize, usize)> = rows
        .iter()
        .map(|(_, _, number, row)| (slot(*number), *row as usize))
        .collect();
    let used: Vec<&RecordBatch> = used.iter().map(|number| &batches[*number as usize]).collect();
    Ok(interleave_record_batch(&used, &indices)?)
}

/// Writes sorted rows into `file`.
pub(super) fn spill(batches: Vec<RecordBatch>, schema: &SchemaRef, file: &File) -> Result<(), ConvertError> {
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
    Ok(())
}

#[cfg(test)]
mod tests {
    use arrow_array::types::UInt32Type;
    use arrow_schema::{DataType, Field, Schema};

    use super::*;

    /// Batches of numbers that count up from one batch to the next.
    fn numbers(lengths: &[u32]) -> Vec<RecordBatch> {
        let schema = Arc::new(Schema::new(vec![Field::new("n", DataType::UInt32, false)]));
        let mut start = 0;
        let mut batch = |length: &u32| {
            let column = arrow_array::UInt32Array::from_iter_values(start..start + length);
            start += length;
            RecordBatch::try_new(Arc::clone(&schema), vec![Arc::new(column)]).unwrap()
        };
        lengths.iter().map(&mut batch).collect()
    }

    fn values(batch: &RecordBatch) -> &[u32] {
        batch.column(0).as_primitive::<UInt32Type>().values()
    }

    /// Every row of some batches, in the order of `number`.
    fn rows_by(batches: &[RecordBatch], number: impl Fn(u32) -> u64) -> Vec<Row> {
        let mut rows = Vec::new();
        for (idx, batch) in batches.iter().enumerate() {
            for (row, value) in values(batch).iter().enumerate() {
                let key = Key {
                    time_ms: None,
                    position: number(*value),
                };
                rows.push((0, key, idx as u32, row as u32));
            }
        }
        rows.sort_unstable();
        rows
    }

    #[test]
    fn pieces_are_the_rows_in_order_and_long_stretches_stay_where_they_are() {
        let stretch = STRETCH_ROWS_MIN as u32;
        let batches = numbers(&[
            3 * RUN_BATCH_ROWS as u32 + 7,
            stretch,
            stretch - 1,
            1,
            10 * stretch,
        ]);
        type Order = fn(u32) -> u64;
        let orders: [(Order, bool); 4] = [
            (u64::from, true),
            // Blocks of long stretches, of short ones, and rows one by one.
            (|n| u64::from((n / 700) ^ 1) << 32 | u64::from(n), true),
            (|n| u64::from((n / 100) ^ 1) << 32 | u64::from(n), false),
            (|n| u64::from(n ^ 1), false),
        ];
        for (order, has_stretches) in orders {
            let rows = rows_by(&batches, order);
            let expected: Vec<u32> = rows
                .iter()
                .map(|(_, _, batch, row)| values(&batches[*batch as usize])[*row as usize])
                .collect();
            let pieces = pieces(&batches, &rows).unwrap();
            assert_eq!(
                pieces.iter().flat_map(values).copied().collect::<Vec<_>>(),
                expected
            );
            assert!(
                pieces
                    .iter()
                    .all(|piece| (1..=RUN_BATCH_ROWS).contains(&piece.num_rows()))
            );
            let lies_in_place = |piece: &RecordBatch| {
                let start = values(piece).as_ptr_range().start;
                batches
                    .iter()
                    .any(|batch| values(batch).as_ptr_range().contains(&start))
            };
            assert_eq!(pieces.iter().any(lies_in_place), has_stretches);
            let is_long = |piece: &&RecordBatch| lies_in_place(piece);
            assert!(
                pieces
                    .iter()
                    .filter(is_long)
                    .all(|piece| piece.num_rows() >= STRETCH_ROWS_MIN)
            );
        }
        assert!(pieces(&batches, &[]).unwrap().is_empty());
    }
}
