//! From sorted runs to Parquet files, part after part.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use arrow_array::builder::StringViewBuilder;
use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch, StringViewArray};
use arrow_schema::{ArrowError, Field, Schema, SchemaRef};
use insq_event::RunContext;

use super::convert::{ConvertError, ConvertOptions};
use super::field_tally::FieldColumn;
use super::gather::{StoredColumns, TextColumns};
use super::layout::Layout;
use super::merge::Merge;
use super::runs::{KeyColumns, Ranks, Run};
use super::typed::{Candidates, typed};
use super::write::Writer;
use crate::discovered::DiscoveredFields;
use crate::json_fields::WantedPath;

/// Bytes that are written at a time.
const OUTPUT_BUFFER_BYTES: usize = 1 << 20;

/// Batches that wait to be encoded.
const BATCHES_AHEAD: usize = 4;

/// Where parts go.
pub(super) trait PartFiles {
    /// The file of a part, and what it says of itself, but for its fields.
    fn begin(&mut self, rank: u32) -> Result<(File, Layout), ConvertError>;

    /// Takes a file that holds all of its part.
    fn end(&mut self, rank: u32, file: File, events: u64) -> Result<(), ConvertError>;
}

/// How an attempt to write ended.
pub(super) enum Written {
    Whole,
    /// A cell of this discovered field does not fit the type that was chosen for it.
    Misfit(usize),
}

/// A batch of one part, or the number of a field whose type does not fit.
type Made = Result<(u32, RecordBatch), usize>;

/// Writes the parts that have a rank.
pub(super) fn write(
    runs: &[Run],
    ranks: &Ranks,
    columns: &FileColumns,
    files: &mut dyn PartFiles,
    options: &ConvertOptions,
    run: &RunContext,
) -> Result<Written, ConvertError> {
    let mut merge = Merge::new(runs, ranks, columns.keys)?;
    let mut parts = Parts {
        open: None,
        begun: 0,
        columns,
        files,
        options,
        run,
    };
    let (sender, made) = sync_channel(BATCHES_AHEAD);
    // Events are merged and taken apart on one thread, and encoded on another.
    let misfit = std::thread::scope(|scope| -> Result<Option<usize>, ConvertError> {
        scope.spawn(move || {
            // A receiver that is gone has met an error, and needs no more.
            while let Some(batch) = next_batch(&mut merge, columns, run).transpose() {
                let is_last = !matches!(batch, Ok(Ok(_)));
                if sender.send(batch).is_err() || is_last {
                    break;
                }
            }
        });
        for batch in made {
            match batch? {
                Ok((rank, batch)) => parts.write(rank, &batch)?,
                Err(field) => return Ok(Some(field)),
            }
        }
        Ok(None)
    })?;
    if let Some(field) = misfit {
        return Ok(Written::Misfit(field));
    }
    parts.end()?;
    // What has no events at all is a file without rows.
    if parts.begun == 0
        && let Some(rank) = ranks.values().next()
    {
        parts.begin(*rank)?;
        parts.end()?;
    }
    Ok(Written::Whole)
}

/// The next events with their columns.
fn next_batch(
    merge: &mut Merge,
    columns: &FileColumns,
    run: &RunContext,
) -> Result<Option<Made>, ConvertError> {
    if run.cancellation.is_cancelled() {
        return Err(ConvertError::Cancelled);
    }
    match merge.next()? {
        Some((rank, batch)) => Ok(Some(columns.batch(&batch)?.map(|batch| (rank, batch)))),
        None => Ok(None),
    }
}

/// Deals batches out to the files of their parts. However many parts there are, one file is open: events come part after
/// part.
struct Parts<'a> {
    open: Option<OpenPart>,
    begun: usize,
    columns: &'a FileColumns,
    files: &'a mut dyn PartFiles,
    options: &'a ConvertOptions,
    run: &'a RunContext,
}

/// A part that is being written.
struct OpenPart {
    rank: u32,
    events: u64,
    writer: Writer<BufWriter<File>>,
    layout: Layout,
    held: insq_event::Reservation,
}

impl Parts<'_> {
    fn write(&mut self, rank: u32, batch: &RecordBatch) -> Result<(), ConvertError> {
        if self.open.as_ref().is_some_and(|part| part.rank != rank) {
            self.end()?;
        }
        let part = match &mut self.open {
            Some(part) => part,
            None => self.begin(rank)?,
        };
        part.events += batch.num_rows() as u64;
        part.writer.write(batch)?;
        part.held.resize(part.writer.memory_bytes())?;
        Ok(())
    }

    fn begin(&mut self, rank: u32) -> Result<&mut OpenPart, ConvertError> {
        let (file, layout) = self.files.begin(rank)?;
        let out = BufWriter::with_capacity(OUTPUT_BUFFER_BYTES, file);
        self.begun += 1;
        Ok(self.open.insert(OpenPart {
            rank,
            events: 0,
            writer: Writer::new(out, &self.columns.schema, self.options.stretch_rows.max(1))?,
            layout: Layout {
                fields: self.columns.names(),
                ..layout
            },
            held: self.run.memory.reservation("convert"),
        }))
    }

    /// Ends the part that is open, if one is.
    fn end(&mut self) -> Result<(), ConvertError> {
        let Some(part) = self.open.take() else {
            return Ok(());
        };
        let mut out = part.writer.finish(part.layout.to_metadata())?;
        out.flush()?;
        let file = out.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        self.files.end(part.rank, file, part.events)
    }
}

/// The columns of the files.
pub(super) struct FileColumns {
    keys: KeyColumns,
    fields: Vec<FieldColumn>,
    wanted: DiscoveredFields,
    texts: TextColumns,
    stored: SchemaRef,
    schema: SchemaRef,
}

impl FileColumns {
    pub(super) fn new(stored: &StoredColumns, fields: Vec<FieldColumn>) -> Self {
        let path = |field: &FieldColumn| WantedPath {
            text: field.key_text.clone(),
            is_whole: false,
        };
        Self {
            wanted: DiscoveredFields::new(fields.iter().map(path).collect()),
            keys: stored.keys,
            texts: stored.texts,
            stored: Arc::clone(&stored.schema),
            schema: file_schema(&stored.schema, &fields),
            fields,
        }
    }

    /// The discovered fields, as queries spell them.
    pub(super) fn names(&self) -> Vec<String> {
        self.fields.iter().map(FieldColumn::name).collect()
    }

    /// What tells these columns from others.
    pub(super) fn signature(&self) -> String {
        let column = |field: &FieldColumn| format!("{:?} {}", field.key_text, field.candidates.data_type());
        self.fields.iter().map(column).collect::<Vec<_>>().join("\n")
    }

    pub(super) fn make_text(&mut self, field: usize) {
        self.fields[field].candidates = Candidates::NONE;
        self.schema = file_schema(&self.stored, &self.fields);
    }

    /// The batch with its discovered fields, or the number of a field whose type does not fit.
    fn batch(&self, batch: &RecordBatch) -> Result<Result<RecordBatch, usize>, ArrowError> {
        let mut columns = batch.columns().to_vec();
        let cells = extracted(
            &self.wanted,
            self.fields.len(),
            batch.column(self.texts.message).as_string_view(),
            Some(batch.column(self.texts.beside).as_string_view()),
        );
        for (idx, (cells, field)) in cells.iter().zip(&self.fields).enumerate() {
            match typed(cells, &field.candidates.data_type()) {
                Some(column) => columns.push(column),
                None => return Ok(Err(idx)),
            }
        }
        RecordBatch::try_new(Arc::clone(&self.schema), columns).map(Ok)
    }
}

fn file_schema(stored: &SchemaRef, fields: &[FieldColumn]) -> SchemaRef {
    // What insq's types are called is no business of other tools.
    let stored = stored
        .fields()
        .iter()
        .map(|field| field.as_ref().clone().with_metadata(HashMap::new()));
    let fields = fields
        .iter()
        .map(|field| Field::new(field.name(), field.candidates.data_type(), true));
    Arc::new(Schema::new(stored.chain(fields).collect::<Vec<_>>()))
}

/// The cells of discovered fields, in the order of the paths, as every query reads them: of what stands beside the
/// message, and else of the message.
pub(crate) fn extracted(
    wanted: &DiscoveredFields,
    count: usize,
    messages: &StringViewArray,
    beside: Option<&StringViewArray>,
) -> Vec<StringViewArray> {
    let mut builders: Vec<StringViewBuilder> = (0..count).map(|_| StringViewBuilder::new()).collect();
    let (mut values, mut given) = (Vec::new(), Vec::new());
    for row in 0..messages.len() {
        let message = if messages.is_valid(row) {
            messages.value(row)
        } else {
            ""
        };
        wanted.read(message.as_bytes(), &mut values);
        match beside.filter(|beside| beside.is_valid(row)) {
            Some(beside) => wanted.read(beside.value(row).as_bytes(), &mut given),
            None => given.clear(),
        }
        for (idx, (builder, value)) in builders.iter_mut().zip(&values).enumerate() {
            let given = given.get(idx).and_then(Option::as_deref);
            builder.append_option(given.or(value.as_deref()));
        }
    }
    builders.into_iter().map(|mut builder| builder.finish()).collect()
}
