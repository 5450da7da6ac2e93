//! Runs that need more memory than they may have: what can go to files does, and answers stay the same.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::Path;

use insq::{Engine, EngineBuilder, ErrorCode, QueryOptions, QueryResult, RunControl};

/// Enough to read with two threads, and far from enough for what the queries gather.
const LIMIT_BYTES: usize = 8 << 20;

const EVENTS: usize = 100_000;

/// Length of a user's name: so long that what one thread alone gathers is too much, too.
const USER_BYTES: usize = 60;

/// Queries, each of which gathers more than [`LIMIT_BYTES`] in the order that is told, or in none.
const QUERIES: &[&str] = &[
    "stats count(*) as c, max(n) as m by user",
    "stats count(*) as c by @requestId",
    "stats count(*) as c by @requestId | sort c desc | limit 20",
    "stats count(*) as c, values(n) as v by user, @requestId | sort c desc, user",
    "fields n, user, @requestId | sort user desc",
    "fields n, @requestId | sort n % 7, user | limit 60000",
    "stats count(*) as c, pct(n, 90) as p, latest(n) as l by user | stats count(*) as k, sum(p) by c, user",
    "stats count(*) as c by bin(1ms), user",
    "stats values(@requestId) as ids by bin(1s)",
    "fields n, user, @requestId | dedup @requestId",
    "fields n % 3 as m, user, nosuch | sort user | dedup m, user",
    "fields n, user, nosuch | dedup nosuch, user",
];

/// JSON lines in no order of time, of several lines per user, with ids of which every ninth is no UUID.
fn logs(folder: &Path) {
    let line = |n: usize| {
        let mixed = (n * 7_919) % EVENTS;
        let (user, second) = (mixed % 40_000, mixed % 3_600);
        let id = if n.is_multiple_of(9) {
            format!("JOB-{mixed}")
        } else {
            format!("{:08x}-0000-4000-8000-{:012x}", mixed % 70_000, mixed % 70_000)
        };
        format!(
            "2026-03-04T00:{:02}:{:02}.{:03}Z {{\"n\":{n},\"user\":\"{user:0>USER_BYTES$}\",\"requestId\":\"{id}\"}}\n",
            second / 60,
            second % 60,
            n % 1_000
        )
    };
    for file in 0..4 {
        let lines: String = (0..EVENTS).filter(|n| n % 4 == file).map(line).collect();
        std::fs::write(folder.join(format!("{file}.log")), lines).unwrap();
    }
}

fn engine(folder: &Path) -> EngineBuilder {
    Engine::builder().path(folder).threads(2)
}

fn run(engine: &Engine, query: &str) -> Result<QueryResult, insq::Error> {
    engine.prepare(query, &QueryOptions::default()).unwrap().run()
}

#[test]
fn what_does_not_fit_into_memory_goes_to_files_and_the_answer_stays() {
    let folder = tempfile::tempdir().unwrap();
    logs(folder.path());
    let roomy = engine(folder.path())
        .spill_folder(&std::env::temp_dir())
        .build()
        .unwrap();
    let tight = engine(folder.path())
        .spill_folder(&std::env::temp_dir())
        .memory_limit_bytes(LIMIT_BYTES)
        .build()
        .unwrap();
    for query in QUERIES {
        let expected = run(&roomy, query).unwrap();
        let found = run(&tight, query).unwrap_or_else(|error| panic!("{query}: {error}"));
        assert_eq!(expected.statistics().counters.bytes_spilled, 0, "{query}");
        assert!(found.statistics().counters.bytes_spilled > 0, "{query}");
        assert!(found.statistics().peak_memory_bytes <= LIMIT_BYTES, "{query}");
        assert_eq!(found.rows().len(), expected.rows().len(), "{query}");
        for (number, (found, expected)) in found.rows().iter().zip(expected.rows()).enumerate() {
            assert_eq!(*found, expected, "{query}: row {number}");
        }
    }
}

#[test]
fn without_a_folder_or_where_nothing_can_go_to_files_the_run_ends() {
    let folder = tempfile::tempdir().unwrap();
    logs(folder.path());
    // With a second thread, what one has gathered may leave the other no memory to read into.
    let without = engine(folder.path())
        .threads(1)
        .memory_limit_bytes(LIMIT_BYTES)
        .build()
        .unwrap();
    let with = engine(folder.path())
        .threads(1)
        .spill_folder(&std::env::temp_dir())
        .memory_limit_bytes(LIMIT_BYTES)
        .build()
        .unwrap();
    for (engine, query, operator) in [
        (&without, QUERIES[0], "stats"),
        (&without, QUERIES[4], "sort"),
        // One group can't be divided, and these steps need all rows at once.
        (&with, "stats values(@requestId) as ids", "stats"),
        (
            &with,
            "fields @timestamp, user, n, @requestId | sort @timestamp asc | sessionize user",
            "sessionize",
        ),
    ] {
        let Err(error) = run(engine, query) else {
            panic!("{query} has a result");
        };
        assert_eq!(error.code(), ErrorCode::Memory, "{query}: {error}");
        let expected = format!("not enough memory for `{operator}`");
        assert!(error.to_string().starts_with(&expected), "{query}: {error}");
        assert!(error.to_string().contains("of 8.4 MB"), "{query}: {error}");
    }
}

#[test]
fn a_folder_that_takes_no_files_is_named() {
    let folder = tempfile::tempdir().unwrap();
    logs(folder.path());
    let nowhere = folder.path().join("nowhere");
    let engine = engine(folder.path())
        .spill_folder(&nowhere)
        .memory_limit_bytes(LIMIT_BYTES)
        .build()
        .unwrap();
    // As long as memory is enough, nobody looks for the folder.
    assert_eq!(run(&engine, "stats count(*) as n").unwrap().rows().len(), 1);
    let error = run(&engine, QUERIES[0]).err().unwrap();
    assert_eq!((error.code(), error.word()), (ErrorCode::Disk, "disk".to_owned()));
    assert!(
        error.to_string().contains(&nowhere.display().to_string()),
        "{error}"
    );
    assert!(error.help().is_some());
}

#[test]
fn a_result_that_is_merged_from_files_can_be_cancelled() {
    let folder = tempfile::tempdir().unwrap();
    logs(folder.path());
    let engine = engine(folder.path())
        .spill_folder(&std::env::temp_dir())
        .memory_limit_bytes(LIMIT_BYTES)
        .build()
        .unwrap();
    for query in [QUERIES[0], QUERIES[2], QUERIES[4]] {
        let prepared = engine.prepare(query, &QueryOptions::default()).unwrap();
        let control = RunControl::default();
        let mut stream = prepared.stream(&control).unwrap();
        control.cancellation.cancel();
        let failure = stream.next().unwrap().err().unwrap();
        assert_eq!(failure.code(), ErrorCode::Cancelled, "{query}");
    }
}

#[test]
fn nothing_is_left_in_the_folder() {
    let (folder, spill) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    logs(folder.path());
    let engine = engine(folder.path())
        .spill_folder(spill.path())
        .memory_limit_bytes(LIMIT_BYTES)
        .build()
        .unwrap();
    let prepared = engine.prepare(QUERIES[4], &QueryOptions::default()).unwrap();
    let mut stream = prepared.stream(&RunControl::default()).unwrap();
    assert!(stream.next().unwrap().is_ok());
    assert!(stream.statistics().counters.bytes_spilled > 0);
    drop(stream);
    assert_eq!(std::fs::read_dir(spill.path()).unwrap().count(), 0);
}
