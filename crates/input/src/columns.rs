//! From framed events to the columns of a request, with no work for what was not asked for.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::builder::StringViewBuilder;
use arrow_array::{
    ArrayRef, BooleanArray, RecordBatch, RecordBatchOptions, StringViewArray, TimestampMillisecondArray,
    UInt32Array, UInt64Array,
};
use arrow_buffer::Buffer;
use arrow_schema::SchemaRef;
use arrow_select::take::take;
use insq_event::{Bar, DamageKind, EventKind, Position, ScanField, ScanRequest, SourceError, SystemField};

use crate::behind_bar;
use crate::beside;
use crate::classify::{kind_of, request_id};
use crate::discovered::{DiscoveredFields, wanted_paths};
use crate::error::DamageNotes;
use crate::facts::Facts;
use crate::framed::{Beside, Event, Origin};
use crate::lambda_names::{StreamName, function_of};
use crate::reserved::{BESIDE, is_reserved, reserved_value};

/// What a file tells about all of its events.
#[derive(Clone, Debug)]
pub(crate) struct FileNames {
    pub(crate) file: Arc<str>,
    pub(crate) ordinal: u64,
    pub(crate) stream: Option<Arc<str>>,
    pub(crate) log: Option<Arc<str>>,
    pub(crate) data_source: Option<Arc<str>>,
}

/// Makes batches of framed events.
pub(crate) struct ColumnMaker {
    request: Arc<ScanRequest>,
    schema: SchemaRef,
    names: FileNames,
    notes: DamageNotes,
    wanted: DiscoveredFields,
    /// Which columns the discovered fields fill, in their order.
    discovered: Vec<usize>,
}

impl ColumnMaker {
    pub(crate) fn new(request: Arc<ScanRequest>, names: FileNames, notes: DamageNotes) -> Self {
        let (discovered, paths) = wanted_paths(&request).unzip();
        let schema = request.schema();
        Self {
            request,
            schema,
            names,
            notes,
            wanted: DiscoveredFields::new(paths),
            discovered,
        }
    }

    /// True when columns point into the bytes of the events, so that these can't be used again.
    pub(crate) fn keeps_bytes(&self) -> bool {
        self.request
            .columns
            .iter()
            .any(|column| column.field == ScanField::System(SystemField::Message))
    }

    /// The batches of some events, which lie in `bytes`; `block` is the same bytes where columns may point into them.
    ///
    /// # Errors
    /// [`SourceError`] past the limits of positions, or for damage in a strict run.
    pub(crate) fn batches(
        &self,
        bytes: &[u8],
        block: Option<&Buffer>,
        events: &[Event],
        beside: &Beside,
    ) -> Result<Vec<RecordBatch>, SourceError> {
        let source = Source { beside, maker: self };
        source.batches(bytes, block.filter(|_| self.keeps_bytes()), events)
    }
}

/// The events of one block.
struct Source<'a> {
    beside: &'a Beside,
    maker: &'a ColumnMaker,
}

impl Source<'_> {
    fn batches(
        &self,
        bytes: &[u8],
        block: Option<&Buffer>,
        events: &[Event],
    ) -> Result<Vec<RecordBatch>, SourceError> {
        events
            .chunks(self.maker.request.batch_rows.max(1))
            .filter_map(|events| self.passing_batch(bytes, block, events).transpose())
            .collect()
    }

    /// The batch of events that pass the bar of the request, if it has one; `None` when none does.
    fn passing_batch(
        &self,
        bytes: &[u8],
        block: Option<&Buffer>,
        events: &[Event],
    ) -> Result<Option<RecordBatch>, SourceError> {
        let facts = Facts::read(&self.maker.request, bytes, events, &self.maker.notes)?;
        let Some((bar, passes)) = self.leaves_out(bytes, events, &facts) else {
            return self.batch(bytes, block, events, &facts).map(Some);
        };
        let passed = behind_bar::passed(events, &passes);
        bar.add_left_out((events.len() - passed.len()) as u64);
        if passed.is_empty() {
            return Ok(None);
        }
        let facts = facts.passed(&passes)?;
        self.batch(bytes, block, &passed, &facts).map(Some)
    }

    /// The bar that only some of the events pass, and which. Where something is to be said of any of the messages or
    /// places, all of them come out, so that it is said as if there were no bar.
    fn leaves_out(&self, bytes: &[u8], events: &[Event], facts: &Facts) -> Option<(&Bar, BooleanArray)> {
        let bar = self.maker.request.bar.as_deref()?;
        let passes = behind_bar::passing(bar, events, facts)?;
        let has_places = Position::new(self.maker.names.ordinal, events.last()?.offset).is_some();
        let is_sound = has_places && (!self.maker.keeps_bytes() || behind_bar::are_utf8(bytes, events));
        is_sound.then_some((bar, passes))
    }

    fn batch(
        &self,
        bytes: &[u8],
        block: Option<&Buffer>,
        events: &[Event],
        facts: &Facts,
    ) -> Result<RecordBatch, SourceError> {
        let request = &self.maker.request;
        let mut columns: Vec<Option<ArrayRef>> = Vec::with_capacity(request.columns.len());
        let has_columns = beside::any(events);
        for column in &request.columns {
            columns.push(match &column.field {
                ScanField::Position => Some(self.positions(events)?),
                ScanField::System(field) => {
                    let told = self.system(*field, bytes, block, events, facts)?;
                    Some(if has_columns && *field != SystemField::Message {
                        beside::put_in(*field, told, bytes, events, self.beside)
                    } else {
                        told
                    })
                }
                ScanField::Discovered(path) if path.as_str() == BESIDE => {
                    let text =
                        |event: &Event| std::str::from_utf8(self.beside.columns_of(event, bytes)?).ok();
                    Some(texts(events.iter().map(text)))
                }
                ScanField::Discovered(path) | ScanField::Structure(path) if is_reserved(path) => {
                    let value = reserved_value(path, &self.maker.names);
                    Some(texts(events.iter().map(|_| value)))
                }
                ScanField::Discovered(_) | ScanField::Structure(_) => None,
            });
        }
        for (idx, array) in self.maker.discovered.iter().zip(self.discovered(bytes, events)?) {
            columns[*idx] = Some(array);
        }
        let columns: Vec<ArrayRef> = columns.into_iter().flatten().collect();
        let options = RecordBatchOptions::new().with_row_count(Some(events.len()));
        Ok(RecordBatch::try_new_with_options(
            self.maker.schema.clone(),
            columns,
            &options,
        )?)
    }

    fn positions(&self, events: &[Event]) -> Result<ArrayRef, SourceError> {
        let position = |event: &Event| {
            Position::new(self.maker.names.ordinal, event.offset)
                .map(Position::to_u64)
                .ok_or_else(|| {
                    SourceError::Limit(format!("{}: too many or too large files", self.maker.names.file))
                })
        };
        let positions = events.iter().map(position).collect::<Result<Vec<_>, _>>()?;
        Ok(Arc::new(UInt64Array::from(positions)))
    }

    fn system(
        &self,
        field: SystemField,
        bytes: &[u8],
        block: Option<&Buffer>,
        events: &[Event],
        facts: &Facts,
    ) -> Result<ArrayRef, SourceError> {
        Ok(match field {
            SystemField::Timestamp => times(events.iter().map(|event| event.time_ms)),
            SystemField::IngestionTime => times(events.iter().map(|event| self.origin(event)?.ingestion_ms)),
            SystemField::Message => self.messages(bytes, block, events)?,
            SystemField::LogStream => self.by_origin(events, |event| self.stream(event))?,
            SystemField::Log => self.by_origin(events, |event| self.log(event))?,
            SystemField::Function => {
                self.by_origin(events, |event| function_of(self.stream(event), self.log(event)))?
            }
            SystemField::FunctionVersion => {
                self.by_origin(events, |event| StreamName::of(self.stream(event)?).version)?
            }
            SystemField::Environment => {
                self.by_origin(events, |event| StreamName::of(self.stream(event)?).environment)?
            }
            SystemField::Ptr => {
                let ptr =
                    |event: &Event| format!("{}:{}:{}", self.maker.names.file, event.offset, event.length);
                distinct_texts(events.iter().map(|event| Some(ptr(event))))
            }
            SystemField::Type => type_names(events.iter().map(|event| {
                event
                    .known
                    .as_ref()
                    .map_or_else(|| kind_of(&bytes[event.message.clone()]), |known| known.kind)
            }))?,
            SystemField::RequestId => distinct_texts(
                events
                    .iter()
                    .map(|event| request_id(&bytes[event.message.clone()])),
            ),
            SystemField::XrayTraceId => facts.traces(|trace| trace.trace_id.as_deref()),
            SystemField::XraySegmentId => facts.traces(|trace| trace.segment_id.as_deref()),
            SystemField::Duration
            | SystemField::BilledDuration
            | SystemField::InitDuration
            | SystemField::RestoreDuration
            | SystemField::MemorySize
            | SystemField::MaxMemoryUsed => facts.number(field),
        })
    }

    fn origin(&self, event: &Event) -> Option<&Origin> {
        self.beside.origins.get(event.origin? as usize)
    }

    /// A column of what the origin of an event tells; events of one origin mostly follow each other.
    fn by_origin<T: AsRef<str>>(
        &self,
        events: &[Event],
        told: impl Fn(&Event) -> Option<T>,
    ) -> Result<ArrayRef, SourceError> {
        repeated_texts(events.chunk_by(|a, b| a.origin == b.origin).filter_map(|run| {
            let text = told(run.first()?);
            Some((text, run.len()))
        }))
    }

    /// The stream of an event: what its container says, else what the file is named after.
    fn stream(&self, event: &Event) -> Option<&str> {
        let told = self.origin(event).and_then(|origin| origin.stream.as_deref());
        told.or(self.maker.names.stream.as_deref())
    }

    /// The log group of an event, as [`Self::stream`].
    fn log(&self, event: &Event) -> Option<&str> {
        let told = self.origin(event).and_then(|origin| origin.log.as_deref());
        told.or(self.maker.names.log.as_deref())
    }

    /// Messages as views into the block; only those that are not UTF-8 are copied, mended.
    fn messages(
        &self,
        bytes: &[u8],
        block: Option<&Buffer>,
        events: &[Event],
    ) -> Result<ArrayRef, SourceError> {
        let mut builder = StringViewBuilder::with_capacity(events.len());
        let number = block.map(|block| builder.append_block(block.clone()));
        for event in events {
            let range = event.message.clone();
            let is_view = number.is_some_and(|number| {
                // Views count in 32 bits; blocks are far smaller.
                builder
                    .try_append_view(number, range.start as u32, range.len() as u32)
                    .is_ok()
            });
            if !is_view {
                let text = String::from_utf8_lossy(&bytes[range]);
                if matches!(text, std::borrow::Cow::Owned(_)) {
                    self.maker
                        .notes
                        .note(DamageKind::InvalidUtf8, event.offset, None)?;
                }
                builder.append_value(text);
            }
        }
        Ok(Arc::new(builder.finish()))
    }

    /// Where the discovered fields of an event stand, if that is known already.
    fn places(&self, event: &Event, count: usize) -> Option<&[Range<u32>]> {
        let first = event.fields? as usize;
        self.beside.fields.get(first..first + count)
    }

    fn discovered(&self, bytes: &[u8], events: &[Event]) -> Result<Vec<ArrayRef>, SourceError> {
        let count = self.maker.discovered.len();
        if count == 0 {
            return Ok(Vec::new());
        }
        let mut builders: Vec<StringViewBuilder> = (0..count).map(|_| StringViewBuilder::new()).collect();
        let mut values = Vec::new();
        let mut beside = Vec::new();
        for event in events {
            let message = &bytes[event.message.clone()];
            match self.places(event, count) {
                Some(places) => self.maker.wanted.read_at(message, places, &mut values),
                None => self.maker.wanted.read(message, &mut values),
            }
            if let Some(columns) = self.beside.columns_of(event, bytes) {
                self.maker.wanted.read(columns, &mut beside);
                for (value, given) in values.iter_mut().zip(&mut beside) {
                    *value = given.take().or_else(|| value.take());
                }
            }
            for (builder, value) in builders.iter_mut().zip(&values) {
                builder.append_option(value.as_deref());
            }
        }
        Ok(builders
            .into_iter()
            .map(|mut builder| Arc::new(builder.finish()) as ArrayRef)
            .collect())
    }
}

fn times(times: impl Iterator<Item = Option<i64>>) -> ArrayRef {
    Arc::new(TimestampMillisecondArray::from_iter(times))
}

/// A column of texts, each of which is repeated so many times; repetitions share their bytes.
fn repeated_texts<T: AsRef<str>>(
    runs: impl Iterator<Item = (Option<T>, usize)>,
) -> Result<ArrayRef, SourceError> {
    let mut distinct = StringViewBuilder::new().with_deduplicate_strings();
    let mut which: Vec<u32> = Vec::new();
    for (number, (text, count)) in (0..).zip(runs) {
        distinct.append_option(text);
        which.resize(which.len() + count, number);
    }
    Ok(take(&distinct.finish(), &UInt32Array::from(which), None)?)
}

/// A column of the names of kinds, of which there are few.
fn type_names(kinds: impl Iterator<Item = EventKind>) -> Result<ArrayRef, SourceError> {
    let names: StringViewArray = EventKind::ALL.iter().map(|kind| kind.type_name()).collect();
    let which: Vec<u32> = kinds.map(|kind| kind as u32).collect();
    Ok(take(&names, &UInt32Array::from(which), None)?)
}

/// A column of texts most of which come once or a few times, so that looking for equal ones does not pay.
fn distinct_texts<T: AsRef<str>>(values: impl Iterator<Item = Option<T>>) -> ArrayRef {
    let mut builder = StringViewBuilder::new();
    for value in values {
        builder.append_option(value);
    }
    Arc::new(builder.finish())
}

/// A column of texts. Neighbours that are equal share their bytes.
fn texts<T: AsRef<str>>(values: impl Iterator<Item = Option<T>>) -> ArrayRef {
    let mut builder = StringViewBuilder::new().with_deduplicate_strings();
    for value in values {
        builder.append_option(value);
    }
    Arc::new(builder.finish())
}
