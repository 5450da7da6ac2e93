//! Reading, stage by stage, over generated mixed logs: bytes per second. Every bench checks its answer
//! against what the generator knows.

#![allow(clippy::unwrap_used)]

mod logs;

use std::path::Path;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use insq_event::{EventKinds, FieldPath, ScanField, ScanRequest, SystemField};
use insq_testkit::write::Compression;
use logs::{BYTES, corpus, read, request};

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
    let mut bench = |name: &str, folder: &Path, request: &Arc<ScanRequest>, rows: Option<u64>| {
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
