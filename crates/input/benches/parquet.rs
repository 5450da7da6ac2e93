//! Parquet, written and read: bytes of the original logs and rows per second, on one thread. What comes out is held
//! against the logs that it was made of.

#![allow(clippy::unwrap_used)]

mod logs;

use std::fs::File;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use insq_event::{EventKinds, FieldPath, ScanField, ScanRequest, SystemField};
use insq_input::{ConvertOptions, convert};
use insq_testkit::write::Compression;
use logs::{BYTES, corpus, read, request, source, unlimited};

/// Writes the logs of `folder` into `file`; returns the number of events.
fn write(folder: &Path, file: &Path) -> u64 {
    let options = ConvertOptions::new(NonZeroUsize::MIN, std::env::temp_dir());
    let file = File::create(file).unwrap();
    convert(&source(folder), &file, &options, &unlimited())
        .unwrap()
        .events
}

/// What is read of the file, by name.
fn requests() -> [(&'static str, Arc<ScanRequest>); 5] {
    let system = ScanField::System;
    let level = ScanField::Discovered(FieldPath::new("level"));
    [
        (
            "times",
            request(&[system(SystemField::Timestamp)], EventKinds::ALL, None),
        ),
        (
            "report durations",
            request(
                &[system(SystemField::Timestamp), system(SystemField::Duration)],
                EventKinds::REPORT,
                None,
            ),
        ),
        (
            "request ids",
            request(&[system(SystemField::RequestId)], EventKinds::ALL, None),
        ),
        (
            "messages",
            request(&[system(SystemField::Message)], EventKinds::ALL, None),
        ),
        ("json field", request(&[level], EventKinds::ALL, None)),
    ]
}

fn parquet(c: &mut Criterion) {
    let (folder, truth) = corpus(Compression::Plain);
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("logs.parquet");
    assert_eq!(write(folder.path(), &file), truth.events);

    let again = out.path().join("again.parquet");
    assert_eq!(write(folder.path(), &again), truth.events);
    assert_eq!(std::fs::read(&again).unwrap(), std::fs::read(&file).unwrap());

    let mut group = c.benchmark_group("parquet");
    group.sample_size(10).throughput(Throughput::Bytes(BYTES));
    group.bench_function("write", |b| {
        b.iter(|| assert_eq!(write(folder.path(), &again), truth.events));
    });

    for (name, request) in requests() {
        let expected = read(folder.path(), &request);
        assert!(expected.1 > 0, "{name}");
        assert_eq!(read(&file, &request), expected, "{name}");
        group.throughput(Throughput::Elements(expected.0));
        group.bench_function(format!("read {name}"), |b| {
            b.iter(|| assert_eq!(read(&file, &request), expected));
        });
    }
    group.finish();
}

criterion_group!(benches, parquet);
criterion_main!(benches);
