//! How the columns of a request are made of those of another tool.

use std::sync::Arc;

use arrow_array::builder::StringViewBuilder;
use arrow_array::{
    Array, ArrayRef, BooleanArray, RecordBatch, RecordBatchOptions, StringViewArray, UInt64Array,
    new_null_array,
};
use arrow_schema::{ArrowError, DataType, Schema, SchemaRef, TimeUnit};
use arrow_select::filter::filter_record_batch;
use insq_event::{EventKinds, FieldPath, Position, ScanField, ScanRequest, SourceError, SystemField};

use super::cells::Cells;
use super::json::objects;
use super::nested::{Form, leads, leaf, plain, splits, texts_at};
use crate::columns::FileNames;
use crate::discovered::DiscoveredFields;
use crate::json_fields::WantedPath;
use crate::parquet::{extracted, of_kinds};
use crate::reserved::{BESIDE, is_reserved, reserved_value};

/// The columns that date rows; the first one that there is does.
const TIME_NAMES: [&str; 4] = ["@timestamp", "timestamp", "time", "ts"];

/// The columns that are messages.
const MESSAGE_NAMES: [&str; 2] = ["@message", "message"];

/// How the columns of a request are made of those of a file.
pub(crate) struct ForeignPlan {
    request: Arc<ScanRequest>,
    schema: SchemaRef,
    names: FileNames,
    /// Numbers of the columns that are read, in the order of the file.
    read: Vec<usize>,
    makers: Vec<Maker>,
    time: Option<usize>,
    is_time_exact: bool,
    kind: Option<usize>,
    message: Option<usize>,
    wanted: DiscoveredFields,
    wanted_count: usize,
}

/// What makes a column.
enum Maker {
    Position,
    Ptr,
    Time,
    Message,
    /// Times of a column.
    Times(usize),
    /// Numbers of a column.
    Numbers(usize),
    /// Texts of a column, or of what a path leads to in it.
    Texts(Place),
    Extracted(usize),
    /// All columns, by these names, as a JSON object.
    Beside(Vec<String>),
    Known(Option<Arc<str>>),
    Missing,
}

/// Where a value lies.
struct Place {
    column: usize,
    /// The path within the column.
    path: Option<String>,
    form: Form,
}

impl Maker {
    fn column(&self) -> Option<usize> {
        match self {
            Self::Times(column) | Self::Numbers(column) => Some(*column),
            Self::Texts(place) => Some(place.column),
            _ => None,
        }
    }
}

impl ForeignPlan {
    /// # Errors
    /// [`SourceError::Limit`] for a wanted column of a type that is not taken.
    pub(crate) fn new(
        columns: &Schema,
        request: &Arc<ScanRequest>,
        names: FileNames,
    ) -> Result<Self, SourceError> {
        let mut planning = Planning {
            columns,
            names: &names,
            message: first(columns, &MESSAGE_NAMES, |_| true),
            paths: Vec::new(),
        };
        let makers = request
            .columns
            .iter()
            .map(|column| planning.maker(&column.field))
            .collect::<Result<Vec<_>, _>>()?;
        let (message, paths) = (planning.message, planning.paths);
        let time = first(columns, &TIME_NAMES, |ty| !ty.is_nested());
        let kind = first(columns, &[SystemField::Type.name()], |_| true);
        let is_message_read = makers
            .iter()
            .any(|maker| matches!(maker, Maker::Message | Maker::Extracted(_)));
        let is_time_read = !request.time_range.is_all() || makers.iter().any(|m| matches!(m, Maker::Time));
        let mut read: Vec<usize> = makers.iter().filter_map(Maker::column).collect();
        read.extend(message.filter(|_| is_message_read));
        read.extend(time.filter(|_| is_time_read));
        read.extend(kind.filter(|_| request.kinds != EventKinds::ALL));
        if makers.iter().any(|maker| matches!(maker, Maker::Beside(_))) {
            read.extend(0..columns.fields().len());
        }
        read.sort_unstable();
        read.dedup();
        let is_exact = |column: usize| {
            let ty = columns.field(column).data_type();
            matches!(ty, DataType::Timestamp(TimeUnit::Millisecond, _))
        };
        Ok(Self {
            request: Arc::clone(request),
            schema: request.schema(),
            names,
            read,
            makers,
            time,
            is_time_exact: time.is_some_and(is_exact),
            kind,
            message,
            wanted_count: paths.len(),
            wanted: DiscoveredFields::new(paths),
        })
    }

    pub(crate) fn request(&self) -> &Arc<ScanRequest> {
        &self.request
    }

    /// Numbers of the columns that are read, in the order of the file.
    pub(crate) fn columns(&self) -> &[usize] {
        &self.read
    }

    /// The column of times, where these are milliseconds: what statistics say of it holds.
    pub(crate) fn exact_time(&self) -> Option<usize> {
        self.time.filter(|_| self.is_time_exact)
    }

    /// The batch of the request, made of `found`, which begins with the row `first_row` and has the columns `present` of
    /// the file, among them all of [`Self::columns`].
    pub(crate) fn batch(
        &self,
        found: &RecordBatch,
        present: &[usize],
        first_row: u64,
    ) -> Result<RecordBatch, SourceError> {
        let found = Found {
            batch: found,
            present,
        };
        let messages = match self.message {
            Some(column) if self.read.contains(&column) => Some(found.messages(column)?),
            _ => None,
        };
        let columns = self.made(&found, messages.as_ref(), first_row)?;
        let options = RecordBatchOptions::new().with_row_count(Some(found.rows()));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?;
        let wanted = self.wanted_rows(&found)?;
        if wanted.iter().all(|wanted| *wanted) {
            return Ok(batch);
        }
        Ok(filter_record_batch(&batch, &BooleanArray::from(wanted))?)
    }

    fn made(
        &self,
        found: &Found<'_>,
        messages: Option<&StringViewArray>,
        first_row: u64,
    ) -> Result<Vec<ArrayRef>, SourceError> {
        let rows = found.rows();
        let extracted = match messages {
            Some(messages) if self.wanted_count > 0 => {
                extracted(&self.wanted, self.wanted_count, messages, None)
            }
            _ => Vec::new(),
        };
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.makers.len());
        for (maker, wanted) in self.makers.iter().zip(self.schema.fields()) {
            let missing = || new_null_array(wanted.data_type(), rows);
            columns.push(match maker {
                Maker::Position => self.positions(first_row, rows)?,
                Maker::Ptr => self.ptrs(first_row, rows),
                Maker::Time => match self.time {
                    Some(column) => found.times(column)?,
                    None => missing(),
                },
                Maker::Message => match messages {
                    Some(messages) => Arc::new(messages.clone()),
                    None => missing(),
                },
                Maker::Times(column) => found.times(*column)?,
                Maker::Numbers(column) => {
                    let column = plain(found.column(*column)?)?;
                    Arc::new(Cells(&column).numbers())
                }
                Maker::Texts(place) => {
                    let column = found.column(place.column)?;
                    Arc::new(texts_at(column, place.path.as_deref(), place.form)?)
                }
                Maker::Extracted(idx) => match extracted.get(*idx) {
                    Some(texts) => Arc::new(texts.spread()?),
                    None => missing(),
                },
                Maker::Beside(names) => {
                    let names: Vec<&str> = names.iter().map(String::as_str).collect();
                    let all = (0..names.len()).map(|column| found.column(column).cloned());
                    Arc::new(objects(&names, &all.collect::<Result<Vec<_>, _>>()?, rows)?)
                }
                Maker::Known(known) => repeated(known.as_deref(), rows),
                Maker::Missing => missing(),
            });
        }
        Ok(columns)
    }

    /// Which rows are of the wanted time and kind.
    fn wanted_rows(&self, found: &Found<'_>) -> Result<Vec<bool>, SourceError> {
        let mut wanted = vec![true; found.rows()];
        let range = self.request.time_range;
        if !range.is_all() {
            let times = match self.time {
                Some(column) => {
                    let column = plain(found.column(column)?)?;
                    Some(Cells(&column).times())
                }
                None => None,
            };
            for (row, wanted) in wanted.iter_mut().enumerate() {
                let times = times.as_ref().filter(|times| times.is_valid(row));
                *wanted = range.contains(times.map(|times| times.value(row)));
            }
        }
        if self.request.kinds != EventKinds::ALL {
            let types: ArrayRef = match self.kind {
                Some(column) => Arc::new(leaf(found.column(column)?)?),
                None => new_null_array(&DataType::Utf8View, found.rows()),
            };
            let kinds = of_kinds(&types, self.request.kinds)?;
            for (row, wanted) in wanted.iter_mut().enumerate() {
                *wanted = *wanted && kinds.value(row);
            }
        }
        Ok(wanted)
    }

    fn positions(&self, first_row: u64, rows: usize) -> Result<ArrayRef, SourceError> {
        let position = |row: u64| Position::new(self.names.ordinal, row).map(Position::to_u64);
        let positions: Option<Vec<u64>> = (first_row..first_row + rows as u64).map(position).collect();
        let limit = || SourceError::Limit(format!("{}: too many rows", self.names.file));
        Ok(Arc::new(UInt64Array::from(positions.ok_or_else(limit)?)))
    }

    fn ptrs(&self, first_row: u64, rows: usize) -> ArrayRef {
        let ptr = |row: u64| Some(format!("{}:{row}", self.names.file));
        let rows = first_row..first_row + rows as u64;
        Arc::new(StringViewArray::from_iter(rows.map(ptr)))
    }
}

/// The first of some names that is a column of a fitting type.
fn first(columns: &Schema, names: &[&str], is_fit: impl Fn(&DataType) -> bool) -> Option<usize> {
    let found = |name: &&str| {
        let (number, field) = columns.column_with_name(name)?;
        is_fit(field.data_type()).then_some(number)
    };
    names.iter().find_map(found)
}

fn repeated(text: Option<&str>, rows: usize) -> ArrayRef {
    let mut builder = StringViewBuilder::new().with_deduplicate_strings();
    (0..rows).for_each(|_| builder.append_option(text));
    Arc::new(builder.finish())
}

/// A plan that is being made.
struct Planning<'a> {
    columns: &'a Schema,
    names: &'a FileNames,
    message: Option<usize>,
    /// What is read from messages.
    paths: Vec<WantedPath>,
}

impl Planning<'_> {
    fn maker(&mut self, field: &ScanField) -> Result<Maker, SourceError> {
        match field {
            ScanField::Position => Ok(Maker::Position),
            ScanField::System(field) => self.system(*field),
            ScanField::Discovered(path) if path.as_str() == BESIDE => self.beside(),
            ScanField::Discovered(path) | ScanField::Structure(path) if is_reserved(path) => {
                Ok(Maker::Known(reserved_value(path, self.names).map(Arc::from)))
            }
            ScanField::Discovered(path) => self.discovered(path, Form::Leaf),
            ScanField::Structure(path) => self.discovered(path, Form::Whole),
        }
    }

    fn system(&self, field: SystemField) -> Result<Maker, SourceError> {
        match field {
            SystemField::Timestamp => return Ok(Maker::Time),
            SystemField::Message => return Ok(Maker::Message),
            _ => {}
        }
        if let Some((column, found)) = self.columns.column_with_name(field.name()) {
            self.taken(field.name(), leads(found.data_type(), None, Form::Leaf))?;
            return Ok(match field.column_type().data_type() {
                DataType::Float64 => Maker::Numbers(column),
                DataType::Timestamp(..) => Maker::Times(column),
                DataType::Utf8View => Maker::Texts(Place {
                    column,
                    path: None,
                    form: Form::Leaf,
                }),
                _ => Maker::Missing,
            });
        }
        Ok(match field {
            SystemField::Ptr => Maker::Ptr,
            SystemField::Log => Maker::Known(self.names.log.clone()),
            SystemField::LogStream => Maker::Known(self.names.stream.clone()),
            _ => Maker::Missing,
        })
    }

    /// What whoever keeps rows elsewhere must keep of them: everything.
    fn beside(&self) -> Result<Maker, SourceError> {
        let mut names = Vec::with_capacity(self.columns.fields().len());
        for field in self.columns.fields() {
            self.taken(field.name(), leads(field.data_type(), None, Form::Whole))?;
            names.push(field.name().clone());
        }
        Ok(Maker::Beside(names))
    }

    /// A column, what lies within one, or else what messages hold.
    fn discovered(&mut self, path: &FieldPath, form: Form) -> Result<Maker, SourceError> {
        let text = path.key_text();
        for (name, rest) in splits(text) {
            let Some((column, found)) = self.columns.column_with_name(name) else {
                continue;
            };
            if self.taken(name, leads(found.data_type(), rest, form))? {
                return Ok(Maker::Texts(Place {
                    column,
                    path: rest.map(str::to_owned),
                    form,
                }));
            }
        }
        if self.message.is_none() {
            return Ok(Maker::Missing);
        }
        self.paths.push(WantedPath {
            text: text.to_owned(),
            is_whole: form == Form::Whole,
        });
        Ok(Maker::Extracted(self.paths.len() - 1))
    }

    fn taken(&self, column: &str, leads: Result<bool, DataType>) -> Result<bool, SourceError> {
        leads.map_err(|ty| {
            SourceError::Limit(format!(
                "{}: column `{column}` is of type {ty}, which is not taken",
                self.names.file
            ))
        })
    }
}

/// A batch of a file, with some of its columns.
struct Found<'a> {
    batch: &'a RecordBatch,
    present: &'a [usize],
}

impl Found<'_> {
    fn rows(&self) -> usize {
        self.batch.num_rows()
    }

    fn column(&self, number: usize) -> Result<&ArrayRef, ArrowError> {
        let place = self.present.binary_search(&number).ok();
        place
            .and_then(|place| self.batch.columns().get(place))
            .ok_or_else(|| ArrowError::SchemaError("a column was not read".to_owned()))
    }

    fn times(&self, number: usize) -> Result<ArrayRef, ArrowError> {
        let column = plain(self.column(number)?)?;
        Ok(Arc::new(Cells(&column).times()))
    }

    /// Messages that are no texts are their JSON.
    fn messages(&self, number: usize) -> Result<StringViewArray, ArrowError> {
        let column = self.column(number)?;
        let form = if plain_type(column.data_type()).is_nested() {
            Form::Whole
        } else {
            Form::Leaf
        };
        texts_at(column, None, form)
    }
}

/// The type of what an encoded column holds.
fn plain_type(ty: &DataType) -> &DataType {
    match ty {
        DataType::Dictionary(_, values) => plain_type(values),
        DataType::RunEndEncoded(_, values) => plain_type(values.data_type()),
        ty => ty,
    }
}
