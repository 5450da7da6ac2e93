//! From sorted runs to Parquet files, part after part.

use std::collections::HashMap;
use std::fs::File;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::Scope;

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch, StringViewArray};
use arrow_schema::{ArrowError, Field, Schema, SchemaRef};
use insq_event::RunContext;

use super::cells::{Cells, CellsBuilder};
use super::convert::{ConvertError, ConvertOptions};
use super::field_tally::FieldColumn;
use super::gather::{StoredColumns, TextColumns};
use super::layout::Layout;
use super::merge::{Merge, Merged};
use super::parts::{Parts, SmallParts, Target};
use super::runs::{KeyColumns, Ranks, Run};
use super::typed::{Candidates, typed};
use crate::discovered::DiscoveredFields;
use crate::json_fields::WantedPath;

/// Batches that wait to be encoded.
const BATCHES_AHEAD: usize = 4;

/// Where parts go. Several threads may begin and end parts at the same time.
pub(super) trait PartFiles: Sync {
    /// The events of a part.
    fn events(&self, rank: u32) -> u64;

    /// The file of a part, and what it says of itself, but for its fields.
    fn begin(&self, rank: u32) -> Result<(File, Layout), ConvertError>;

    /// Takes a file that holds all of its part.
    fn end(&self, rank: u32, file: File) -> Result<(), ConvertError>;
}

/// How an attempt to write ended.
pub(super) enum Written {
    Whole,
    /// A cell of this discovered field does not fit the type that was chosen for it.
    Misfit(usize),
}

/// A batch of one part, or the number of a field whose type does not fit.
type Made = Result<Merged, usize>;

/// Writes the parts that have a rank.
pub(super) fn write(
    runs: &[Run],
    ranks: &Ranks,
    columns: &FileColumns,
    files: &dyn PartFiles,
    options: &ConvertOptions,
    run: &RunContext,
) -> Result<Written, ConvertError> {
    let mut merge = Merge::new(runs, ranks, columns.keys, options.stretch_rows)?;
    let target = Target {
        columns,
        files,
        options,
        run,
    };
    let (sender, made) = sync_channel(BATCHES_AHEAD);
    // Events are merged and taken apart on one thread, and encoded on others.
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // A receiver that is gone has met an error, and needs no more.
            while let Some(batch) = next_batch(&mut merge, columns, run).transpose() {
                let is_last = !matches!(batch, Ok(Ok(_)));
                if sender.send(batch).is_err() || is_last {
                    break;
                }
            }
        });
        encode(scope, made, target, ranks)
    })
}

/// Encodes what was made. A part that comes in one batch, as all do where there are many small ones, is written by a thread
/// of its own, since most of the work is in beginning and ending it; of larger ones, one is open at a time.
fn encode<'scope, 'env>(
    scope: &'scope Scope<'scope, 'env>,
    made: Receiver<Result<Made, ConvertError>>,
    target: Target<'env>,
    ranks: &Ranks,
) -> Result<Written, ConvertError> {
    let mut small = SmallParts::start(scope, target);
    let mut parts = Parts {
        open: None,
        begun: 0,
        target,
    };
    for batch in made {
        let made = match batch? {
            Ok(made) => made,
            Err(field) => return Ok(Written::Misfit(field)),
        };
        if made.batch.num_rows() as u64 != target.files.events(made.rank) {
            parts.write(&made)?;
            continue;
        }
        parts.begun += 1;
        if !small.put(made) {
            // Its thread says why.
            break;
        }
    }
    small.finish()?;
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
    let Some(merged) = merge.next()? else {
        return Ok(None);
    };
    let whole = columns.batch(&merged.batch)?;
    Ok(Some(whole.map(|batch| Merged { batch, ..merged })))
}

/// The columns of the files.
pub(super) struct FileColumns {
    keys: KeyColumns,
    fields: Vec<FieldColumn>,
    wanted: DiscoveredFields,
    texts: TextColumns,
    stored: SchemaRef,
    pub(super) schema: SchemaRef,
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
            match typed(cells, &field.candidates.data_type())? {
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
) -> Vec<Cells> {
    let mut builders: Vec<CellsBuilder> = (0..count).map(|_| CellsBuilder::default()).collect();
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
            if let Some(text) = given.or(value.as_deref()) {
                builder.put(row, text);
            }
        }
    }
    let rows = messages.len();
    builders.into_iter().map(|builder| builder.finish(rows)).collect()
}
