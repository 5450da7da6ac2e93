//! Runs every ready-made query of `queries/` over the sample logs, with one thread and with several.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};

use insq::{ConversionOptions, Engine, QueryOptions, ReadOptions, RunControl, TimeRange};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn rows(text: &str, threads: usize) -> Vec<insq::Row> {
    rows_of(text, threads, &root().join("testdata/sample-logs"))
}

fn rows_of(text: &str, threads: usize, logs: &Path) -> Vec<insq::Row> {
    let engine = Engine::builder()
        .path(logs)
        .log_group("/aws/lambda/sample")
        .threads(threads)
        .build()
        .unwrap();
    let query = engine
        .prepare(text, &QueryOptions::default())
        .unwrap_or_else(|error| panic!("{error}: {text}"));
    assert!(query.warnings().is_empty(), "{:?}: {text}", query.warnings());
    let result = query.run().unwrap();
    assert!(result.damage().is_empty(), "{:?}", result.damage());
    result.rows()
}

/// The ready-made queries, by name.
fn queries() -> Vec<PathBuf> {
    let mut names: Vec<PathBuf> = std::fs::read_dir(root().join("queries"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    names.retain(|path| path.extension().is_some_and(|ending| ending == "insq"));
    names.sort();
    names
}

#[test]
fn every_query_answers_the_same_over_the_logs_as_parquet() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("logs.parquet");
    let engine = Engine::builder()
        .path(root().join("testdata/sample-logs"))
        .build()
        .unwrap();
    let output = std::fs::File::create(&path).unwrap();
    let made = engine
        .convert(
            &output,
            folder.path(),
            &ConversionOptions::default(),
            &RunControl::default(),
        )
        .unwrap();
    assert!(made.damage.is_empty() && made.fields.iter().any(|field| field == "level"));
    for query in queries() {
        let text = std::fs::read_to_string(&query).unwrap();
        assert_eq!(rows_of(&text, 2, &path), rows(&text, 2), "{query:?}");
    }
}

#[test]
fn every_query_runs_and_answers_something() {
    let names = queries();
    assert!(names.len() >= 17, "only {} queries", names.len());
    for path in names {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("# "), "{path:?} does not say what it answers");
        let alone = rows(&text, 1);
        assert!(!alone.is_empty(), "{path:?} finds nothing in the sample logs");
        assert_eq!(alone, rows(&text, 4), "{path:?}");
    }
}

/// A file in order of which no part is wanted is no missing file.
#[test]
fn a_large_file_of_another_time_is_a_log() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.log");
    let line = |n: usize| format!("2026-03-04T{:02}:{:02}:00.000Z event {n}\n", n / 60, n % 60);
    std::fs::write(&path, (0..1_000).map(line).collect::<String>()).unwrap();
    let options = ReadOptions {
        split_bytes: 1_000,
        ..ReadOptions::default()
    };
    let engine = Engine::builder()
        .path(&path)
        .read_options(options)
        .build()
        .unwrap();
    for (start_ms, end_ms, expected) in [
        (None, Some(1_772_582_400_000), 0),
        (Some(1_772_668_800_000), None, 0),
        (Some(1_772_582_400_000), Some(1_772_582_460_000), 1),
        (Some(1_772_582_400_001), Some(1_772_582_460_000), 0),
    ] {
        let options = QueryOptions {
            time_range: TimeRange { start_ms, end_ms },
            ..QueryOptions::default()
        };
        let query = engine.prepare("fields @message", &options).unwrap();
        let result = query.run().unwrap();
        assert_eq!(result.rows().len(), expected, "{start_ms:?} to {end_ms:?}");
        assert!(result.damage().is_empty(), "{:?}", result.damage());
    }
}
