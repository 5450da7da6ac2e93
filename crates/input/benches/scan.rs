//! Reading, stage by stage, over generated mixed logs: bytes per second. Every bench checks its answer
//! against what the generator knows.

#![allow(clippy::unwrap_used)]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use insq_event::{
    EventKinds, EventSource, FieldPath, Literals, MemoryBudget, RunContext, ScanColumn, ScanField,
    ScanRequest, SystemField, TimeRange,
};
use insq_input::{Input, LogSource, ReadOptions};
use insq_testkit::write::{Compression, End, Format, Parts, write_parts};
use insq_testkit::{Generator, Truth, profile};

const BYTES: u64 = 64 << 20;
const SEED: u64 = 7;

fn corpus(compression: Compression) -> (tempfile::TempDir, Truth) {
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

fn request(fields: &[ScanField], kinds: EventKinds, literal: Option<&str>) -> Arc<ScanRequest> {
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
    })
}

/// Reads everything on one thread; returns the number of rows and of present values in the last column.
fn read(folder: &std::path::Path, request: &Arc<ScanRequest>) -> (u64, u64) {
    let source = LogSource::new(vec![Input::Path(folder.to_owned())], ReadOptions::default());
    let run = RunContext::new(MemoryBudget::unlimited());
    let (mut rows, mut present) = (0, 0);
    for partition in source.partitions(request, &run).unwrap() {
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

fn scan(c: &mut Criterion) {
    let system = ScanField::System;
    let (plain, truth) = corpus(Compression::Plain);
    let (gzip, _) = corpus(Compression::Gzip);
    let discovered = ScanField::Discovered(FieldPath::new("level"));
    let framing = request(&[system(SystemField::Timestamp)], EventKinds::ALL, None);
    let report = request(
        &[system(SystemField::Timestamp), system(SystemField::Duration)],
        EventKinds::REPORT,
        None,
    );
    let metrics = request(
        &[
            system(SystemField::BilledDuration),
            system(SystemField::MaxMemoryUsed),
            system(SystemField::Duration),
        ],
        EventKinds::REPORT,
        None,
    );
    let messages = request(&[system(SystemField::Message)], EventKinds::ALL, None);
    let literal = request(&[system(SystemField::Message)], EventKinds::ALL, Some("ERROR"));
    let json = request(&[discovered], EventKinds::ALL, None);

    // What the plain path says is what the fast ones are held against.
    let (events, _) = read(plain.path(), &framing);
    let (reports, _) = read(plain.path(), &report);
    assert_eq!((events, reports), (truth.events, truth.reports));
    let mut group = c.benchmark_group("input");
    group.sample_size(20).throughput(Throughput::Bytes(BYTES));
    let mut bench = |name: &str, folder: &std::path::Path, request: &Arc<ScanRequest>, rows: Option<u64>| {
        let (found, present) = read(folder, request);
        assert!(
            present > 0 && rows.is_none_or(|rows| rows == found),
            "{name}: {found} rows, {present} present"
        );
        group.bench_function(name, |b| b.iter(|| assert_eq!(read(folder, request).0, found)));
    };
    bench("framing", plain.path(), &framing, Some(events));
    bench("report durations", plain.path(), &report, Some(reports));
    bench("report metrics", plain.path(), &metrics, Some(reports));
    bench("messages", plain.path(), &messages, Some(events));
    bench("literal", plain.path(), &literal, None);
    bench("json field", plain.path(), &json, Some(events));
    bench("report durations, gzip", gzip.path(), &report, Some(reports));
    group.finish();
}

criterion_group!(benches, scan);
criterion_main!(benches);
