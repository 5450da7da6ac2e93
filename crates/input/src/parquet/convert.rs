//! From logs to one Parquet file.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::ScopedJoinHandle;

use arrow_array::builder::StringViewBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::UInt64Type;
use arrow_array::{Array, RecordBatch, StringViewArray};
use arrow_schema::{ArrowError, Field, Schema, SchemaRef};
use insq_event::{
    EventKinds, EventSource, MemoryExceeded, Position, Reservation, RunContext, ScanPartition, ScanRequest,
    SourceError, SystemField, TimeRange,
};
use parquet::errors::ParquetError;

use super::field_tally::{FieldColumn, FieldTally};
use super::layout::{Layout, POSITION, stored_columns};
use super::merge::Merge;
use super::runs::{KeyColumns, Run, sorted, spilled};
use super::typed::{Candidates, typed};
use super::write::Writer;
use crate::discovered::DiscoveredFields;
use crate::json_fields::WantedPath;
use crate::reserved::BESIDE;

/// How a file is made.
#[derive(Clone, Debug)]
pub struct ConvertOptions {
    /// Threads that read.
    pub threads: NonZeroUsize,
    /// Where runs wait that do not fit into memory.
    pub spill_folder: PathBuf,
    /// Bytes of events that all threads together gather before they put them into a file.
    pub buffer_bytes: usize,
    /// Events of a stretch, which becomes two row groups; at least 1.
    pub stretch_rows: usize,
    /// Columns of discovered fields at most.
    pub field_columns_max: usize,
}

impl ConvertOptions {
    /// The usual sizes.
    pub fn new(threads: NonZeroUsize, spill_folder: PathBuf) -> Self {
        Self {
            threads,
            spill_folder,
            buffer_bytes: 256 << 20,
            stretch_rows: 1 << 20,
            field_columns_max: 64,
        }
    }
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Converted {
    /// Events in the file.
    pub events: u64,
    /// The discovered fields that became columns, as queries spell them.
    pub fields: Vec<String>,
}

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConvertError {
    /// The source can't go on.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A file can't be written, or a run not be read back.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The same, as Parquet's writer says it.
    #[error("{0}")]
    Parquet(#[from] ParquetError),
    /// A column that does not fit: a defect.
    #[error("{0}")]
    Arrow(#[from] ArrowError),
    /// More memory than allowed.
    #[error(transparent)]
    Memory(#[from] MemoryExceeded),
    /// The run was asked to stop.
    #[error("cancelled")]
    Cancelled,
}

/// Writes everything that `source` gives into `output`, in the order of time; ties in the order of the input.
///
/// # Errors
/// [`ConvertError`]; what `output` has taken until then is no Parquet file.
pub fn convert(
    source: &dyn EventSource,
    output: &File,
    options: &ConvertOptions,
    run: &RunContext,
) -> Result<Converted, ConvertError> {
    let request = Arc::new(ScanRequest {
        columns: stored_columns(),
        kinds: EventKinds::ALL,
        time_range: TimeRange::ALL,
        literals: Vec::new(),
        request_id: None,
        batch_rows: 8_192,
    });
    let schema = request.schema();
    let keys = KeyColumns {
        time: schema.index_of(SystemField::Timestamp.name())?,
        position: schema.index_of(POSITION)?,
    };
    let texts = TextColumns {
        message: schema.index_of(SystemField::Message.name())?,
        beside: schema.index_of(BESIDE)?,
    };
    let gatherer = || Gatherer {
        keys,
        texts,
        schema: Arc::clone(&schema),
        options,
        run,
        waiting: Vec::new(),
        held: run.memory.reservation("convert"),
        done: Gathered::default(),
    };
    let partitions = source.partitions(&request, run)?;
    let mut gathered = gather(partitions, options.threads, run, &gatherer)?;
    let fields = std::mem::take(&mut gathered.tally).most_frequent(options.field_columns_max);
    let mut columns = FileColumns::new(&schema, texts, fields);
    loop {
        match write(&gathered, &columns, keys, output, options, run)? {
            Written::Whole(converted) => return Ok(converted),
            // Begun anew with that column as text; there are only so many columns.
            Written::Misfit(field) => columns.make_text(field),
        }
    }
}

/// How an attempt to write ended.
enum Written {
    Whole(Converted),
    /// A cell of this discovered field does not fit the type that was chosen for it.
    Misfit(usize),
}

fn write(
    gathered: &Gathered,
    columns: &FileColumns,
    keys: KeyColumns,
    mut output: &File,
    options: &ConvertOptions,
    run: &RunContext,
) -> Result<Written, ConvertError> {
    output.set_len(0)?;
    output.seek(SeekFrom::Start(0))?;
    let layout = Layout {
        files: gathered.files,
        fields: columns.fields.iter().map(FieldColumn::name).collect(),
    };
    let mut merge = Merge::new(&gathered.runs, keys)?;
    let out = BufWriter::with_capacity(OUTPUT_BUFFER_BYTES, output);
    let mut writer = Writer::new(out, &columns.schema, options.stretch_rows.max(1))?;
    let (mut events, mut held) = (0, run.memory.reservation("convert"));
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
                Ok(batch) => {
                    events += batch.num_rows() as u64;
                    writer.write(&batch)?;
                    held.resize(writer.memory_bytes())?;
                }
                Err(field) => return Ok(Some(field)),
            }
        }
        Ok(None)
    })?;
    if let Some(field) = misfit {
        return Ok(Written::Misfit(field));
    }
    writer.finish(layout.to_metadata())?.flush()?;
    Ok(Written::Whole(Converted {
        events,
        fields: layout.fields,
    }))
}

/// Batches that wait to be encoded.
const BATCHES_AHEAD: usize = 4;

/// The next events with their columns, or the number of a field whose type does not fit.
fn next_batch(
    merge: &mut Merge,
    columns: &FileColumns,
    run: &RunContext,
) -> Result<Option<Result<RecordBatch, usize>>, ConvertError> {
    if run.cancellation.is_cancelled() {
        return Err(ConvertError::Cancelled);
    }
    match merge.next()? {
        Some(batch) => Ok(Some(columns.batch(&batch)?)),
        None => Ok(None),
    }
}

const OUTPUT_BUFFER_BYTES: usize = 1 << 20;

/// What all partitions gave.
#[derive(Default)]
struct Gathered {
    runs: Vec<Run>,
    tally: FieldTally,
    /// Files that the positions count.
    files: u64,
    /// The memory of runs that stay in memory.
    held: Vec<Reservation>,
}

fn gather<'a>(
    partitions: Vec<Box<dyn ScanPartition>>,
    threads: NonZeroUsize,
    run: &RunContext,
    gatherer: &(dyn Fn() -> Gatherer<'a> + Sync),
) -> Result<Gathered, ConvertError> {
    let threads = threads.get().min(partitions.len()).max(1);
    let queue = Mutex::new(partitions.into_iter());
    let work = || -> Result<Gathered, ConvertError> {
        let mut gatherer = gatherer();
        loop {
            // Not in the head of the loop, where the lock would be held while the partition is read.
            let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some(partition) = next else { break };
            let mut reader = partition.open()?;
            while let Some(batch) = reader.next_batch()? {
                gatherer.add(batch)?;
            }
            // Readers end early when they are cancelled.
            if run.cancellation.is_cancelled() {
                return Err(ConvertError::Cancelled);
            }
        }
        gatherer.finish()
    };
    let results: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(ScopedJoinHandle::join).collect()
    });
    let mut all = Gathered::default();
    for result in results {
        let part = match result {
            Ok(part) => part?,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        all.runs.extend(part.runs);
        all.tally.merge(part.tally);
        all.files = all.files.max(part.files);
        all.held.extend(part.held);
    }
    Ok(all)
}

/// Where the texts stand that fields are discovered in.
#[derive(Clone, Copy)]
struct TextColumns {
    message: usize,
    /// What stands beside the message; it wins.
    beside: usize,
}

/// Gathers events on one thread.
struct Gatherer<'a> {
    keys: KeyColumns,
    texts: TextColumns,
    schema: SchemaRef,
    options: &'a ConvertOptions,
    run: &'a RunContext,
    waiting: Vec<RecordBatch>,
    held: Reservation,
    done: Gathered,
}

impl Gatherer<'_> {
    fn add(&mut self, batch: RecordBatch) -> Result<(), ConvertError> {
        for column in [self.texts.message, self.texts.beside] {
            for text in batch.column(column).as_string_view().iter().flatten() {
                self.done.tally.add(text);
            }
        }
        let positions = batch.column(self.keys.position).as_primitive::<UInt64Type>();
        if let Some(last) = positions.values().iter().max() {
            self.done.files = self.done.files.max(Position::from_u64(*last).file() + 1);
        }
        self.held.grow(batch.get_array_memory_size())?;
        self.waiting.push(batch);
        if self.held.bytes() >= self.options.buffer_bytes / self.options.threads {
            let batches = sorted(&std::mem::take(&mut self.waiting), self.keys)?;
            self.done
                .runs
                .push(spilled(batches, &self.schema, &self.options.spill_folder)?);
            self.held = self.run.memory.reservation("convert");
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Gathered, ConvertError> {
        if !self.waiting.is_empty() {
            self.done
                .runs
                .push(Run::Memory(sorted(&self.waiting, self.keys)?));
            self.done.held.push(self.held);
        }
        Ok(self.done)
    }
}

/// The columns of the file.
struct FileColumns {
    fields: Vec<FieldColumn>,
    wanted: DiscoveredFields,
    texts: TextColumns,
    stored: SchemaRef,
    schema: SchemaRef,
}

impl FileColumns {
    fn new(stored: &SchemaRef, texts: TextColumns, fields: Vec<FieldColumn>) -> Self {
        let path = |field: &FieldColumn| WantedPath {
            text: field.key_text.clone(),
            is_whole: false,
        };
        Self {
            wanted: DiscoveredFields::new(fields.iter().map(path).collect()),
            texts,
            stored: Arc::clone(stored),
            schema: file_schema(stored, &fields),
            fields,
        }
    }

    fn make_text(&mut self, field: usize) {
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
pub(super) fn extracted(
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
