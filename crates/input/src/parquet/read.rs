//! Reading the events of a row group.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{TimestampMillisecondType, UInt64Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, RecordBatch, RecordBatchOptions, StringViewArray, UInt64Array,
    new_null_array,
};
use arrow_schema::{ArrowError, SchemaRef};
use arrow_select::filter::filter_record_batch;
use insq_event::{
    DamageKind, EventKind, EventKinds, EventReader, Position, Progress, ScanColumn, ScanField, ScanPartition,
    ScanRequest, SourceError, SystemField, TimeRange,
};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowPredicate, ArrowPredicateFn, RowFilter};
use parquet::errors::Result;

use super::encode::extracted;
use super::file::{FileOrigin, ParquetFile};
use super::first_rows::times_of_first;
use super::layout::Layout;
use super::own_columns::OwnColumns;
use super::plan::{Tests, is_of_other_times, pages_of_time, tests_of, tests_of_statistics};
use super::rows::{RowGroupRead, RowGroupRows};
use super::typed::texts;
use crate::columns::FileNames;
use crate::discovered::DiscoveredFields;
use crate::error::DamageNotes;
use crate::json_fields::WantedPath;
use crate::reserved::{BESIDE, FILLED_NAMES, is_reserved, reserved_value};
use crate::search::Searcher;

/// Reads one row group of a file of insq's own.
struct RowGroup {
    file: ParquetFile,
    number: usize,
    tests: Tests,
    /// The times of events that are wanted, where others are not among the first.
    first: Option<TimeRange>,
    plan: Arc<ReadPlan>,
    notes: DamageNotes,
}

impl ParquetFile {
    /// What answers `request`, a partition per row group, and the bytes that are read for it.
    pub(crate) fn partitions(
        &self,
        request: &Arc<ScanRequest>,
        names: FileNames,
        notes: &DamageNotes,
    ) -> std::result::Result<(Vec<Box<dyn ScanPartition>>, u64), SourceError> {
        match &*self.origin {
            FileOrigin::Own(layout) => match ReadPlan::new(self, layout, request, names) {
                Ok(plan) => Ok(self.row_groups(&Arc::new(plan), notes)),
                Err(cause) => {
                    notes.note(DamageKind::BadParquet, 0, Some(cause.to_string()))?;
                    Ok((Vec::new(), 0))
                }
            },
            FileOrigin::Foreign => super::foreign::partitions(self, request, names, notes),
        }
    }

    fn row_groups(&self, plan: &Arc<ReadPlan>, notes: &DamageNotes) -> (Vec<Box<dyn ScanPartition>>, u64) {
        let mut partitions: Vec<Box<dyn ScanPartition>> = Vec::new();
        let mut bytes = 0;
        // What is not read is not said to be damaged, which a strict run asks for.
        let first = match notes.run.strict {
            true => None,
            false => times_of_first(self, &plan.request),
        };
        for (number, facts) in self.facts().row_groups().iter().enumerate() {
            // Filters that lie elsewhere are asked for by the threads that read.
            let tests = match self.far {
                Some(_) => tests_of_statistics(self, facts, &plan.request),
                None => tests_of(self, facts, &plan.request),
            };
            let Some(tests) = tests else { continue };
            if first.is_some_and(|range| is_of_other_times(self, facts, range)) {
                leave_out(&plan.request, &notes.run.progress, facts.num_rows());
                continue;
            }
            let compressed = |column: &usize| {
                facts
                    .columns()
                    .get(*column)
                    .map_or(0, |column| column.compressed_size())
            };
            bytes += plan.projection.iter().map(compressed).sum::<i64>().max(0) as u64;
            partitions.push(Box::new(RowGroup {
                file: self.clone(),
                number,
                tests,
                first,
                plan: Arc::clone(plan),
                notes: notes.clone(),
            }));
        }
        (partitions, bytes)
    }
}

/// How the columns of a request are made of those of the file.
struct ReadPlan {
    request: Arc<ScanRequest>,
    schema: SchemaRef,
    names: FileNames,
    /// The columns that are read, in the order of the file.
    projection: Vec<usize>,
    makers: Vec<Maker>,
    /// What is read from messages.
    wanted: DiscoveredFields,
    wanted_count: usize,
    time: usize,
    kind: usize,
    message: usize,
    /// What stands beside the message; files of containers that hold nothing there may lack it.
    beside: Option<usize>,
    request_id: Option<usize>,
    /// Finds what messages must hold.
    searcher: Option<Searcher>,
}

/// The search for the literals of a request; its kinds are tested otherwise.
fn search_of(request: &ScanRequest) -> Option<Searcher> {
    if request.literals.is_empty() {
        return None;
    }
    Searcher::of(&ScanRequest {
        kinds: EventKinds::ALL,
        ..request.clone()
    })
}

/// What makes a column.
enum Maker {
    Position(usize),
    /// A column as it is.
    Stored(usize),
    /// A column of texts, or where it has none, what is known of the input.
    Named(usize, Option<Arc<str>>),
    /// A discovered field that is a column.
    Field(usize),
    /// A discovered field that is read from messages.
    Extracted(usize),
    /// Always missing.
    Missing,
}

impl Maker {
    /// What makes `column`; what is read from messages is added to `paths`.
    fn of(
        column: &ScanColumn,
        own: &OwnColumns<'_>,
        layout: &Layout,
        names: &FileNames,
        paths: &mut Vec<WantedPath>,
    ) -> Result<Self> {
        Ok(match &column.field {
            ScanField::Position => Self::Position(own.position()?),
            ScanField::System(field) => match (own.system(*field)?, field) {
                (Some(column), SystemField::Log) => Self::Named(column, names.log.clone()),
                (Some(column), _) => Self::Stored(column),
                (None, _) => Self::Missing,
            },
            ScanField::Discovered(path) | ScanField::Structure(path) if is_reserved(path) => {
                let stored = match FILLED_NAMES.contains(&path.as_str()) {
                    true => own.text(path.as_str())?,
                    false => None,
                };
                match stored {
                    Some(column) => Self::Named(column, reserved_value(path, names).map(Arc::from)),
                    None => Self::Missing,
                }
            }
            ScanField::Discovered(path) if layout.fields.iter().any(|field| field == path.as_str()) => {
                Self::Field(own.discovered(path.as_str())?)
            }
            ScanField::Discovered(path) | ScanField::Structure(path) => {
                paths.push(WantedPath {
                    text: path.key_text().to_owned(),
                    is_whole: matches!(column.field, ScanField::Structure(_)),
                });
                Self::Extracted(paths.len() - 1)
            }
        })
    }
}

impl ReadPlan {
    fn new(
        file: &ParquetFile,
        layout: &Layout,
        request: &Arc<ScanRequest>,
        names: FileNames,
    ) -> Result<Self> {
        let own = OwnColumns::of(file, layout)?;
        let message = own.required(SystemField::Message)?;
        let mut paths = Vec::new();
        let mut makers = Vec::with_capacity(request.columns.len());
        for column in &request.columns {
            makers.push(Maker::of(column, &own, layout, &names, &mut paths)?);
        }
        let mut projection: Vec<usize> = makers
            .iter()
            .filter_map(|maker| match maker {
                Maker::Position(column)
                | Maker::Stored(column)
                | Maker::Named(column, _)
                | Maker::Field(column) => Some(*column),
                Maker::Extracted(_) => Some(message),
                Maker::Missing => None,
            })
            .collect();
        // Whatever is sought in a message may stand beside it.
        let beside = own.text(BESIDE)?.filter(|_| projection.contains(&message));
        projection.extend(beside);
        projection.sort_unstable();
        projection.dedup();
        Ok(Self {
            searcher: search_of(request),
            request: Arc::clone(request),
            schema: request.schema(),
            names,
            projection,
            makers,
            wanted_count: paths.len(),
            wanted: DiscoveredFields::new(paths),
            time: own.required(SystemField::Timestamp)?,
            kind: own.required(SystemField::Type)?,
            message,
            beside,
            request_id: own.system(SystemField::RequestId)?,
        })
    }

    /// The batch of the request, made of one of the file.
    fn batch(&self, found: &RecordBatch) -> std::result::Result<RecordBatch, SourceError> {
        let rows = found.num_rows();
        let column = |number: usize| -> std::result::Result<&ArrayRef, ArrowError> {
            let place = self.projection.binary_search(&number).ok();
            place
                .and_then(|place| found.columns().get(place))
                .ok_or_else(|| ArrowError::SchemaError("a column was not read".to_owned()))
        };
        let extracted = if self.wanted_count > 0 {
            let messages = as_texts(column(self.message)?)?;
            let beside = match self.beside {
                Some(number) => Some(as_texts(column(number)?)?),
                None => None,
            };
            extracted(&self.wanted, self.wanted_count, messages, beside)
        } else {
            Vec::new()
        };
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.makers.len());
        for (maker, wanted) in self.makers.iter().zip(self.schema.fields()) {
            columns.push(match maker {
                Maker::Position(number) => self.positions(column(*number)?)?,
                Maker::Stored(number) => Arc::clone(column(*number)?),
                Maker::Named(number, None) => Arc::clone(column(*number)?),
                Maker::Named(number, Some(name)) => {
                    let own = as_texts(column(*number)?)?.iter();
                    Arc::new(StringViewArray::from_iter(own.map(|own| own.or(Some(name)))))
                }
                Maker::Field(number) => {
                    let stored = column(*number)?;
                    texts(stored).ok_or_else(|| odd_type(stored))?
                }
                Maker::Extracted(idx) => Arc::new(extracted[*idx].spread()?),
                Maker::Missing => new_null_array(wanted.data_type(), rows),
            });
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        Ok(RecordBatch::try_new_with_options(
            Arc::clone(&self.schema),
            columns,
            &options,
        )?)
    }

    /// The rows whose messages hold what they must, where messages are read anyway. As a filter of the decoder, the
    /// search would have long messages decoded twice.
    fn hits(&self, found: RecordBatch) -> std::result::Result<RecordBatch, ArrowError> {
        let place = self.projection.binary_search(&self.message).ok();
        let (Some(searcher), Some(messages)) =
            (&self.searcher, place.and_then(|place| found.columns().get(place)))
        else {
            return Ok(found);
        };
        let beside = self
            .beside
            .and_then(|beside| self.projection.binary_search(&beside).ok());
        let beside = beside.and_then(|place| found.columns().get(place));
        let is_hit = |(row, text): (usize, Option<&str>)| {
            text.is_some_and(|text| searcher.find(text.as_bytes(), 0).is_some())
                || beside.is_some_and(|beside| beside.is_valid(row))
        };
        let mask: BooleanArray = as_texts(messages)?
            .iter()
            .enumerate()
            .map(|cell| Some(is_hit(cell)))
            .collect();
        filter_record_batch(&found, &mask)
    }

    /// Positions among all inputs of this run.
    fn positions(&self, stored: &ArrayRef) -> std::result::Result<ArrayRef, SourceError> {
        let stored_positions = stored
            .as_primitive_opt::<UInt64Type>()
            .ok_or_else(|| odd_type(stored))?;
        if self.names.ordinal == 0 {
            return Ok(Arc::clone(stored));
        }
        let moved = stored_positions.values().iter().map(|cell| {
            let position = Position::from_u64(*cell);
            Position::new(self.names.ordinal + position.file(), position.offset()).map(Position::to_u64)
        });
        let moved: Option<Vec<u64>> = moved.collect();
        let limit = || SourceError::Limit(format!("{}: too many files", self.names.file));
        Ok(Arc::new(UInt64Array::from(moved.ok_or_else(limit)?)))
    }
}

fn as_texts(column: &ArrayRef) -> std::result::Result<&StringViewArray, ArrowError> {
    column.as_string_view_opt().ok_or_else(|| odd_type(column))
}

fn odd_type(column: &ArrayRef) -> ArrowError {
    ArrowError::SchemaError(format!("a column is {}", column.data_type()))
}

impl ScanPartition for RowGroup {
    fn open(self: Box<Self>) -> std::result::Result<Box<dyn EventReader>, SourceError> {
        let read = self.read();
        Ok(Box::new(RowGroupReader {
            rows: RowGroupRows::open(&self.file, read, self.number, self.notes.clone())?,
            plan: self.plan,
            notes: self.notes,
        }))
    }
}

impl RowGroup {
    /// What is read; `None` when filters tell that nothing is wanted.
    fn read(&self) -> Option<RowGroupRead> {
        let row_group = self.file.facts().row_group(self.number);
        let tests = match self.file.far {
            Some(_) => tests_of(&self.file, row_group, &self.plan.request)?,
            None => self.tests,
        };
        count_scanned(&self.notes.run.progress, row_group, &self.plan.projection);
        let predicates = self.predicates(tests);
        let request = &self.plan.request;
        let times = self.first.or(tests.time.then_some(request.time_range));
        let selection = times.and_then(|range| pages_of_time(&self.file, self.number, range));
        if let (Some(_), Some(selection)) = (self.first, &selection) {
            let rows = row_group.num_rows() - selection.row_count() as i64;
            leave_out(request, &self.notes.run.progress, rows);
        }
        Some(RowGroupRead {
            number: self.number,
            batch_rows: request.batch_rows,
            leaves: self.plan.projection.clone(),
            selection,
            filter: (!predicates.is_empty()).then(|| RowFilter::new(predicates)),
        })
    }

    fn predicates(&self, tests: Tests) -> Vec<Box<dyn ArrowPredicate>> {
        let (schema, request) = (self.file.metadata.parquet_schema(), &self.plan.request);
        let mut predicates: Vec<Box<dyn ArrowPredicate>> = Vec::new();
        if tests.time {
            let (mask, range) = (
                ProjectionMask::leaves(schema, [self.plan.time]),
                request.time_range,
            );
            predicates.push(Box::new(ArrowPredicateFn::new(mask, move |batch| {
                in_time(batch.column(0), range)
            })));
        }
        if tests.kind {
            let (mask, kinds) = (ProjectionMask::leaves(schema, [self.plan.kind]), request.kinds);
            predicates.push(Box::new(ArrowPredicateFn::new(mask, move |batch| {
                of_kinds(batch.column(0), kinds)
            })));
        }
        if tests.request_id
            && let (Some(column), Some(id)) = (self.plan.request_id, &request.request_id)
        {
            let (mask, id) = (ProjectionMask::leaves(schema, [column]), Arc::clone(id));
            predicates.push(Box::new(ArrowPredicateFn::new(mask, move |batch| {
                let ids = as_texts(batch.column(0))?;
                Ok(ids.iter().map(|found| Some(found == Some(&*id))).collect())
            })));
        }
        predicates
    }
}

/// Counts rows that are not among the first of an order, as if they had come.
fn leave_out(request: &ScanRequest, progress: &Progress, rows: i64) {
    let rows = rows.max(0) as u64;
    progress.add_events(rows);
    if let Some(bar) = &request.bar {
        bar.add_left_out(rows);
    }
}

/// Counts the bytes of the columns that are read, as they are without compression.
pub(super) fn count_scanned(
    progress: &Progress,
    row_group: &parquet::file::metadata::RowGroupMetaData,
    projection: &[usize],
) {
    let size = |column: &usize| {
        row_group
            .columns()
            .get(*column)
            .map_or(0, |column| column.uncompressed_size())
    };
    progress.add_scanned(projection.iter().map(size).sum::<i64>().max(0) as u64);
}

/// Which rows are of a time.
fn in_time(times: &ArrayRef, range: TimeRange) -> std::result::Result<BooleanArray, ArrowError> {
    let times = times
        .as_primitive_opt::<TimestampMillisecondType>()
        .ok_or_else(|| odd_type(times))?;
    Ok(times.iter().map(|time| Some(range.contains(time))).collect())
}

/// Which rows are of some kinds.
pub(crate) fn of_kinds(types: &ArrayRef, kinds: EventKinds) -> std::result::Result<BooleanArray, ArrowError> {
    let types = as_texts(types)?;
    let kind = |name: Option<&str>| {
        name.and_then(EventKind::from_type_name)
            .unwrap_or(EventKind::Other)
    };
    Ok(types
        .iter()
        .map(|name| Some(kinds.contains(kind(name))))
        .collect())
}

/// Gives out the batches of a row group.
struct RowGroupReader {
    rows: RowGroupRows,
    plan: Arc<ReadPlan>,
    notes: DamageNotes,
}

impl EventReader for RowGroupReader {
    fn next_batch(&mut self) -> std::result::Result<Option<RecordBatch>, SourceError> {
        while let Some(batch) = self.rows.next()? {
            let batch = self.plan.hits(batch)?;
            if batch.num_rows() > 0 {
                self.notes.run.progress.add_events(batch.num_rows() as u64);
                return Ok(Some(self.plan.batch(&batch)?));
            }
        }
        Ok(None)
    }
}
