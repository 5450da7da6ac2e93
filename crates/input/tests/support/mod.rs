//! What the tests of reading share: requests, what comes out of them, and files for a while.

// Every test file uses a part of it.
#![allow(dead_code)]

pub(crate) mod columns;

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::UInt64Type;
use insq_event::{
    Damage, EventKinds, EventSource, FieldPath, MemoryBudget, ProgressSnapshot, RunContext, ScanColumn,
    ScanField, ScanRequest, SourceError, SystemField, TimeRange,
};
use insq_input::{Input, Inspection, LogSource, ReadOptions, SPLIT_BYTES_DEFAULT};

/// What an inspection tells of some paths.
pub(crate) fn inspected(paths: &[&Path], options: &ReadOptions, run: &RunContext) -> Inspection {
    let inputs = paths.iter().map(|path| Input::Path(path.to_path_buf())).collect();
    insq_input::inspect(&LogSource::new(inputs, options.clone()), run).unwrap()
}

fn column(name: &str, field: ScanField) -> ScanColumn {
    ScanColumn {
        name: name.into(),
        field,
    }
}

pub(crate) fn system(field: SystemField) -> ScanColumn {
    column(field.name(), ScanField::System(field))
}

pub(crate) fn field(path: &str) -> ScanColumn {
    column(path, ScanField::Discovered(FieldPath::new(path)))
}

pub(crate) fn whole(path: &str) -> ScanColumn {
    column(path, ScanField::Structure(FieldPath::new(path)))
}

pub(crate) fn position() -> ScanColumn {
    column("position", ScanField::Position)
}

/// All events, in batches of so many rows.
pub(crate) fn request_of(columns: Vec<ScanColumn>, batch_rows: usize) -> ScanRequest {
    ScanRequest {
        columns,
        kinds: EventKinds::ALL,
        time_range: TimeRange::ALL,
        literals: Vec::new(),
        request_id: None,
        function: None,
        batch_rows,
        bar: None,
    }
}

/// What comes out.
pub(crate) struct Read {
    pub(crate) batches: Vec<RecordBatch>,
    pub(crate) counters: ProgressSnapshot,
    pub(crate) damage: Vec<Damage>,
    pub(crate) peak_bytes: usize,
}

impl Read {
    pub(crate) fn rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// The cells of a column of texts.
    pub(crate) fn texts(&self, column: usize) -> Vec<Option<String>> {
        let cells = |batch: &RecordBatch| -> Vec<Option<String>> {
            let texts = batch.column(column).as_string_view();
            texts.iter().map(|text| text.map(str::to_owned)).collect()
        };
        self.batches.iter().flat_map(cells).collect()
    }

    pub(crate) fn positions(&self, column: usize) -> Vec<u64> {
        let cells = |batch: &RecordBatch| {
            batch
                .column(column)
                .as_primitive::<UInt64Type>()
                .values()
                .to_vec()
        };
        self.batches.iter().flat_map(cells).collect()
    }
}

/// Reads everything, partition after partition.
pub(crate) fn read_from(
    source: &LogSource,
    request: ScanRequest,
    memory: MemoryBudget,
) -> Result<Read, SourceError> {
    let run = RunContext::new(memory);
    let mut batches = Vec::new();
    for partition in source.partitions(&Arc::new(request), &run)? {
        let mut reader = partition.open()?;
        while let Some(batch) = reader.next_batch()? {
            batches.push(batch);
        }
    }
    Ok(Read {
        batches,
        counters: run.progress.snapshot(),
        damage: run.damage.entries(),
        peak_bytes: run.memory.peak_bytes(),
    })
}

pub(crate) fn of_path(path: &Path, request: ScanRequest) -> Result<Read, SourceError> {
    of_path_cut(path, request, SPLIT_BYTES_DEFAULT)
}

pub(crate) fn of_path_cut(path: &Path, request: ScanRequest, split_bytes: u64) -> Result<Read, SourceError> {
    let options = ReadOptions {
        split_bytes,
        ..ReadOptions::default()
    };
    let source = LogSource::new(vec![Input::Path(path.to_owned())], options);
    read_from(&source, request, MemoryBudget::unlimited())
}

pub(crate) fn of_bytes(bytes: Vec<u8>, request: ScanRequest) -> Result<Read, SourceError> {
    let input = Input::Reader {
        name: "pipe".to_owned(),
        reader: Box::new(Cursor::new(bytes)),
    };
    let source = LogSource::new(vec![input], ReadOptions::default());
    read_from(&source, request, MemoryBudget::unlimited())
}

/// A folder that goes when the test ends.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn root(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    pub(crate) fn file(&self, name: &str, content: &(impl AsRef<[u8]> + ?Sized)) -> PathBuf {
        std::fs::write(self.path(name), content).unwrap();
        self.path(name)
    }
}
