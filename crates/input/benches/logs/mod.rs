//! Generated logs, and how the benches read them.

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use insq_event::{
    EventKinds, EventSource, Literals, MemoryBudget, RunContext, ScanColumn, ScanField, ScanRequest,
    TimeRange,
};
use insq_input::{Input, LogSource, ReadOptions};
use insq_testkit::write::{Compression, End, Format, Parts, write_parts};
use insq_testkit::{Generator, Truth, profile};

/// Bytes of one corpus.
pub(crate) const BYTES: u64 = 64 << 20;

const SEED: u64 = 7;

/// Mixed logs in one file, and what the generator knows of them.
pub(crate) fn corpus(compression: Compression) -> (tempfile::TempDir, Truth) {
    let folder = tempfile::tempdir().unwrap();
    let model = profile::mixed(SEED, BYTES);
    let mut generator = Generator::new(&model);
    let parts = Parts {
        folder: folder.path(),
        files: 1,
        bytes: BYTES,
        end: End::AtSize,
        format: Format::ExportLines,
        compression,
    };
    write_parts(&mut generator, &parts).unwrap();
    (folder, generator.truth())
}

/// The request for these fields of events of these kinds, which hold `literal`.
pub(crate) fn request(fields: &[ScanField], kinds: EventKinds, literal: Option<&str>) -> Arc<ScanRequest> {
    let column = |(idx, field): (usize, &ScanField)| ScanColumn {
        name: format!("c{idx}").into(),
        field: field.clone(),
    };
    Arc::new(ScanRequest {
        columns: fields.iter().enumerate().map(column).collect(),
        kinds,
        time_range: TimeRange::ALL,
        request_id: None,
        function: None,
        literals: literal
            .map(|text| Literals::texts([text.into()]))
            .into_iter()
            .collect(),
        batch_rows: 8_192,
        bar: None,
    })
}

/// What is in a folder or a file, without a limit to memory.
pub(crate) fn source(path: &Path) -> LogSource {
    LogSource::new(vec![Input::Path(path.to_owned())], ReadOptions::default())
}

/// A run that nothing limits.
pub(crate) fn unlimited() -> RunContext {
    RunContext::new(MemoryBudget::unlimited())
}

/// Reads everything on one thread; returns the number of rows and of present values in the last column.
pub(crate) fn read(path: &Path, request: &Arc<ScanRequest>) -> (u64, u64) {
    let (mut rows, mut present) = (0, 0);
    for partition in source(path).partitions(request, &unlimited()).unwrap() {
        let mut reader = partition.open().unwrap();
        while let Some(batch) = reader.next_batch().unwrap() {
            rows += batch.num_rows() as u64;
            present += batch
                .columns()
                .last()
                .map_or(0, |column| (column.len() - column.null_count()) as u64);
            black_box(batch);
        }
    }
    (rows, present)
}
