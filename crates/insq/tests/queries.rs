//! Runs every ready-made query of `queries/` over the sample logs, with one thread and with several.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};

use insq::{Engine, QueryOptions};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn rows(text: &str, threads: usize) -> Vec<insq::Row> {
    let engine = Engine::builder()
        .path(root().join("testdata/sample-logs"))
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

#[test]
fn every_query_runs_and_answers_something() {
    let mut names: Vec<PathBuf> = std::fs::read_dir(root().join("queries"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    names.retain(|path| path.extension().is_some_and(|ending| ending == "insq"));
    names.sort();
    assert!(names.len() >= 17, "only {} queries", names.len());
    for path in names {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("# "), "{path:?} does not say what it answers");
        let alone = rows(&text, 1);
        assert!(!alone.is_empty(), "{path:?} finds nothing in the sample logs");
        assert_eq!(alone, rows(&text, 4), "{path:?}");
    }
}
