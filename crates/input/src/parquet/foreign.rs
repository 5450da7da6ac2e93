//! Parquet of other tools: its columns are the fields.

use std::sync::Arc;

use arrow_array::builder::StringViewBuilder;
use arrow_array::{
    Array, ArrayRef, BooleanArray, RecordBatch, RecordBatchOptions, StringViewArray, UInt64Array,
    new_null_array,
};
use arrow_schema::{DataType, SchemaRef};
use arrow_select::filter::filter_record_batch;
use insq_event::{
    DamageKind, EventKinds, EventReader, FieldPath, Position, Reservation, ScanField, ScanPartition,
    ScanRequest, SourceError, SystemField,
};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::statistics::Statistics;

use super::encode::extracted;
use super::file::{ParquetFile, guarded};
use super::foreign_cells::{Cells, is_taken};
use super::plan::touches;
use super::read::{count_scanned, of_kinds};
use crate::columns::FileNames;
use crate::discovered::DiscoveredFields;
use crate::error::DamageNotes;
use crate::json_fields::WantedPath;
use crate::reserved::{is_reserved, reserved_value};

/// The columns that date rows; the first one that there is does.
const TIME_NAMES: [&str; 4] = ["@timestamp", "timestamp", "time", "ts"];

/// The columns that are messages.
const MESSAGE_NAMES: [&str; 2] = ["@message", "message"];

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
    let plan = Arc::new(ForeignPlan::new(file, request, names)?);
    let mut partitions: Vec<Box<dyn ScanPartition>> = Vec::new();
    let (mut bytes, mut first_row) = (0, 0);
    for (number, facts) in file.facts().row_groups().iter().enumerate() {
        let rows = facts.num_rows().max(0) as u64;
        if plan.can_hold_wanted_time(facts) {
            let is_read = |column: &usize| plan.is_leaf_read(facts, *column);
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

/// How the columns of a request are made of those of the file.
struct ForeignPlan {
    request: Arc<ScanRequest>,
    schema: SchemaRef,
    names: FileNames,
    /// Names of the columns that are read.
    read: Vec<String>,
    makers: Vec<Maker>,
    time: Option<String>,
    is_time_exact: bool,
    kind: Option<String>,
    message: Option<String>,
    wanted: DiscoveredFields,
    wanted_count: usize,
}

/// What makes a column.
enum Maker {
    Position,
    Ptr,
    Time,
    Message,
    /// Numbers of a column.
    Number(String),
    /// Texts of a column; where it has none, what is known of the input.
    Text(String, Option<Arc<str>>),
    /// JSON texts of a column.
    Json(String),
    Extracted(usize),
    Known(Option<Arc<str>>),
    Missing,
}

impl ForeignPlan {
    fn new(file: &ParquetFile, request: &Arc<ScanRequest>, names: FileNames) -> Result<Self, SourceError> {
        let schema = file.metadata.schema();
        let has = |name: &str| schema.column_with_name(name).is_some();
        let first = |names: &[&str]| names.iter().find(|name| has(name)).map(|name| (*name).to_owned());
        let (time, message) = (first(&TIME_NAMES), first(&MESSAGE_NAMES));
        let kind = first(&[SystemField::Type.name()]);
        let mut paths = Vec::new();
        let mut makers = Vec::with_capacity(request.columns.len());
        for column in &request.columns {
            makers.push(match &column.field {
                ScanField::Position => Maker::Position,
                ScanField::System(field) => match field {
                    SystemField::Timestamp => Maker::Time,
                    SystemField::Message => Maker::Message,
                    SystemField::Ptr if !has(field.name()) => Maker::Ptr,
                    SystemField::Log if !has(field.name()) => Maker::Known(names.log.clone()),
                    SystemField::LogStream if !has(field.name()) => Maker::Known(names.stream.clone()),
                    _ if !has(field.name()) => Maker::Missing,
                    _ => match field.column_type().data_type() {
                        DataType::Float64 => Maker::Number(field.name().to_owned()),
                        DataType::Utf8View => Maker::Text(field.name().to_owned(), None),
                        _ => Maker::Missing,
                    },
                },
                ScanField::Discovered(path) | ScanField::Structure(path) if is_reserved(path) => {
                    Maker::Known(reserved_value(path, &names).map(Arc::from))
                }
                ScanField::Discovered(path) if has(path.key_text()) => {
                    Maker::Text(path.key_text().to_owned(), None)
                }
                ScanField::Structure(path) if has(path.key_text()) => Maker::Json(path.key_text().to_owned()),
                ScanField::Discovered(path) | ScanField::Structure(path) => {
                    refuse_nested(schema, path, &names)?;
                    if message.is_some() {
                        paths.push(WantedPath {
                            text: path.key_text().to_owned(),
                            is_whole: matches!(column.field, ScanField::Structure(_)),
                        });
                        Maker::Extracted(paths.len() - 1)
                    } else {
                        Maker::Missing
                    }
                }
            });
        }
        let is_time_tested = !request.time_range.is_all();
        let is_kind_tested = request.kinds != EventKinds::ALL;
        let mut read: Vec<String> = makers
            .iter()
            .filter_map(|maker| match maker {
                Maker::Time => time.clone(),
                Maker::Message | Maker::Extracted(_) => message.clone(),
                Maker::Number(name) | Maker::Text(name, _) | Maker::Json(name) => Some(name.clone()),
                Maker::Position | Maker::Ptr | Maker::Known(_) | Maker::Missing => None,
            })
            .chain(time.clone().filter(|_| is_time_tested))
            .chain(kind.clone().filter(|_| is_kind_tested))
            .collect();
        read.sort();
        read.dedup();
        for name in &read {
            let found = schema
                .field_with_name(name)
                .map(|field| field.data_type().clone());
            match found {
                Ok(ty) if is_taken(&ty) => {}
                Ok(ty) => return Err(refused(&names, name, &ty)),
                Err(cause) => return Err(cause.into()),
            }
        }
        let is_time_exact = time.as_ref().is_some_and(|name| {
            schema.field_with_name(name).is_ok_and(|field| {
                matches!(
                    field.data_type(),
                    DataType::Timestamp(arrow_schema::TimeUnit::Millisecond, _)
                )
            })
        });
        Ok(Self {
            request: Arc::clone(request),
            schema: request.schema(),
            names,
            read,
            makers,
            time,
            is_time_exact,
            kind,
            message,
            wanted_count: paths.len(),
            wanted: DiscoveredFields::new(paths),
        })
    }

    fn is_leaf_read(&self, facts: &RowGroupMetaData, leaf: usize) -> bool {
        let path = facts.column(leaf).column_path().parts();
        path.first().is_some_and(|root| self.read.contains(root))
    }

    /// False when statistics say that no row is of the wanted time.
    fn can_hold_wanted_time(&self, facts: &RowGroupMetaData) -> bool {
        let range = self.request.time_range;
        if range.is_all() || !self.is_time_exact {
            return true;
        }
        let column = facts.columns().iter().find(|column| {
            let path = column.column_path().parts();
            path.len() == 1 && path.first() == self.time.as_ref()
        });
        match column.and_then(|column| column.statistics()) {
            Some(Statistics::Int64(times)) => match (times.min_opt(), times.max_opt()) {
                (Some(min), Some(max)) => touches(range, *min, *max),
                _ => true,
            },
            _ => true,
        }
    }

    /// The batch of the request, made of one of the file that begins with its row `first_row`.
    fn batch(&self, found: &RecordBatch, first_row: u64) -> Result<RecordBatch, SourceError> {
        let rows = found.num_rows();
        let cells = |name: &str| -> Result<Cells, SourceError> {
            let column = found
                .column_by_name(name)
                .ok_or_else(|| SourceError::Limit(format!("{}: no column `{name}`", self.names.file)))?;
            Ok(Cells(Arc::clone(column)))
        };
        let messages = match &self.message {
            Some(name) if self.read.contains(name) => Some(cells(name)?.texts()),
            _ => None,
        };
        let extracted = match &messages {
            Some(messages) if self.wanted_count > 0 => {
                extracted(&self.wanted, self.wanted_count, messages, None)
            }
            _ => Vec::new(),
        };
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.makers.len());
        for (maker, wanted) in self.makers.iter().zip(self.schema.fields()) {
            columns.push(match maker {
                Maker::Position => self.positions(first_row, rows)?,
                Maker::Ptr => {
                    let ptr = |row: u64| Some(format!("{}:{row}", self.names.file));
                    Arc::new(StringViewArray::from_iter(
                        (first_row..first_row + rows as u64).map(ptr),
                    ))
                }
                Maker::Time => match &self.time {
                    Some(name) => Arc::new(cells(name)?.times()),
                    None => new_null_array(wanted.data_type(), rows),
                },
                Maker::Message => match &messages {
                    Some(messages) => Arc::new(messages.clone()),
                    None => new_null_array(wanted.data_type(), rows),
                },
                Maker::Number(name) => Arc::new(cells(name)?.numbers()),
                Maker::Text(name, None) => Arc::new(cells(name)?.texts()),
                Maker::Text(name, Some(known)) => {
                    let own = cells(name)?.texts();
                    Arc::new(StringViewArray::from_iter(
                        own.iter().map(|own| own.or(Some(known))),
                    ))
                }
                Maker::Json(name) => Arc::new(cells(name)?.json()),
                Maker::Extracted(idx) => Arc::new(extracted[*idx].clone()),
                Maker::Known(known) => {
                    let mut builder = StringViewBuilder::new().with_deduplicate_strings();
                    (0..rows).for_each(|_| builder.append_option(known.as_deref()));
                    Arc::new(builder.finish())
                }
                Maker::Missing => new_null_array(wanted.data_type(), rows),
            });
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?;
        let mut wanted = vec![true; rows];
        if !self.request.time_range.is_all() {
            let times = match &self.time {
                Some(name) => Some(cells(name)?.times()),
                None => None,
            };
            for (row, wanted) in wanted.iter_mut().enumerate() {
                let time = times
                    .as_ref()
                    .filter(|times| times.is_valid(row))
                    .map(|times| times.value(row));
                *wanted = self.request.time_range.contains(time);
            }
        }
        if self.request.kinds != EventKinds::ALL {
            let types: ArrayRef = match &self.kind {
                Some(name) => Arc::new(cells(name)?.texts()),
                None => new_null_array(&DataType::Utf8View, rows),
            };
            let kinds = of_kinds(&types, self.request.kinds)?;
            for (row, wanted) in wanted.iter_mut().enumerate() {
                *wanted = *wanted && kinds.value(row);
            }
        }
        if wanted.iter().all(|wanted| *wanted) {
            return Ok(batch);
        }
        Ok(filter_record_batch(&batch, &BooleanArray::from(wanted))?)
    }

    fn positions(&self, first_row: u64, rows: usize) -> Result<ArrayRef, SourceError> {
        let position = |row: u64| Position::new(self.names.ordinal, row).map(Position::to_u64);
        let positions: Option<Vec<u64>> = (first_row..first_row + rows as u64).map(position).collect();
        let limit = || SourceError::Limit(format!("{}: too many rows", self.names.file));
        Ok(Arc::new(UInt64Array::from(positions.ok_or_else(limit)?)))
    }
}

/// A path into a column of maps or lists, which is not taken, is no field that is merely missing.
fn refuse_nested(schema: &SchemaRef, path: &FieldPath, names: &FileNames) -> Result<(), SourceError> {
    let text = path.key_text();
    for (at, _) in text.match_indices('.') {
        if let Ok(field) = schema.field_with_name(&text[..at])
            && !is_taken(field.data_type())
        {
            return Err(refused(names, &text[..at], field.data_type()));
        }
    }
    Ok(())
}

fn refused(names: &FileNames, column: &str, ty: &DataType) -> SourceError {
    SourceError::Limit(format!(
        "{}: column `{column}` is of type {ty}, which is not taken",
        names.file
    ))
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
        let offset = facts.file_offset().unwrap_or(0).max(0) as u64;
        count_scanned(&self.notes.run.progress, facts, &self.leaves);
        let build = || {
            let mask =
                ProjectionMask::leaves(self.file.metadata.parquet_schema(), self.leaves.iter().copied());
            ParquetRecordBatchReaderBuilder::new_with_metadata(
                self.file.ranges.clone(),
                self.file.metadata.clone(),
            )
            .with_row_groups(vec![self.number])
            .with_batch_size(self.plan.request.batch_rows)
            .with_projection(mask)
            .build()
        };
        let reader = match guarded(build) {
            Ok(reader) => Some(reader),
            Err(cause) => {
                self.notes
                    .note(DamageKind::BadParquet, offset, Some(cause.to_string()))?;
                None
            }
        };
        Ok(Box::new(ForeignReader {
            reader,
            offset,
            held: self.notes.run.memory.reservation("Parquet"),
            next_row: self.first_row,
            plan: self.plan,
            notes: self.notes,
        }))
    }
}

/// Gives out the batches of a row group.
struct ForeignReader {
    reader: Option<ParquetRecordBatchReader>,
    next_row: u64,
    plan: Arc<ForeignPlan>,
    notes: DamageNotes,
    offset: u64,
    /// The memory of the batch that was given out last.
    held: Reservation,
}

impl EventReader for ForeignReader {
    fn next_batch(&mut self) -> Result<Option<RecordBatch>, SourceError> {
        loop {
            let Some(reader) = &mut self.reader else {
                return Ok(None);
            };
            if self.notes.run.cancellation.is_cancelled() {
                return Ok(None);
            }
            match guarded(|| reader.next().transpose().map_err(ParquetError::from)) {
                Ok(None) => return Ok(None),
                Ok(Some(found)) => {
                    self.held.resize(found.get_array_memory_size())?;
                    let batch = self.plan.batch(&found, self.next_row)?;
                    self.next_row += found.num_rows() as u64;
                    if batch.num_rows() > 0 {
                        self.notes.run.progress.add_events(batch.num_rows() as u64);
                        return Ok(Some(batch));
                    }
                }
                Err(cause) => {
                    self.reader = None;
                    self.notes
                        .note(DamageKind::BadParquet, self.offset, Some(cause.to_string()))?;
                }
            }
        }
    }
}
