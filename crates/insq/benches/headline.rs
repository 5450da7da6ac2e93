//! The headline query and its neighbours from file to result, over 256 MiB of generated mixed logs.

#![allow(clippy::unwrap_used)]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use insq::{Engine, QueryOptions};
use insq_testkit::write::{Compression, End, Format, Parts, write_parts};
use insq_testkit::{Generator, profile};

const BYTES: u64 = 256 << 20;
const SEED: u64 = 7;

const QUERIES: &[(&str, &str)] = &[
    ("headline", include_str!("../../../queries/headline.insq")),
    ("count by bin", "stats count(*) by bin(5m)"),
    (
        "errors by bin",
        "filter @message like /ERROR/ | stats count(*) by bin(5m)",
    ),
    (
        "json by service",
        r#"filter level = "ERROR" | stats count(*) by service, bin(1m)"#,
    ),
    (
        "slowest",
        r#"filter @type = "REPORT" | sort @duration desc | limit 20"#,
    ),
];

fn headline(c: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let model = profile::mixed(SEED, BYTES);
    let parts = Parts {
        folder: folder.path(),
        files: 4,
        bytes: BYTES,
        end: End::AtSize,
        format: Format::ExportLines,
        compression: Compression::Plain,
    };
    write_parts(&mut Generator::new(&model), &parts).unwrap();
    let mut group = c.benchmark_group("insq");
    group.sample_size(10).throughput(Throughput::Bytes(BYTES));
    for (name, text) in QUERIES {
        let rows = |threads: usize| {
            let engine = Engine::builder()
                .path(folder.path())
                .threads(threads)
                .build()
                .unwrap();
            engine
                .prepare(text, &QueryOptions::default())
                .unwrap()
                .run()
                .unwrap()
                .rows()
        };
        // One thread's answer is every number's answer.
        let expected = rows(1);
        assert!(!expected.is_empty(), "{name}");
        for threads in [1, 2] {
            group.bench_function(format!("{name}, {threads} threads"), |b| {
                b.iter(|| assert_eq!(rows(threads).len(), expected.len()));
            });
            assert_eq!(rows(threads), expected, "{name}");
        }
    }
    group.finish();
}

criterion_group!(benches, headline);
criterion_main!(benches);
