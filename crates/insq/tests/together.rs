//! Queries that run together, in one pass, answer what each of them answers alone.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use insq::{
    ConversionOptions, Engine, EngineBuilder, Error, ErrorCode, OwnPass, PreparedQuery, QueryOptions,
    QueryResult, ReadOptions, ResultStream, RunControl, TimeRange,
};
use insq_cases::{Case, CaseKind, Setting, answers_together, parse_cases};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

const PLAIN: Setting = Setting::PLAIN;

const SETTINGS: &[Setting] = &[
    PLAIN,
    Setting {
        name: "many threads, tiny parts, batches of two rows",
        threads: 3,
        split_bytes: 97,
        block_bytes: 64,
        batch_rows: 2,
        ..PLAIN
    },
    Setting {
        name: "files after every chunk",
        spill_bytes: Some(0),
        batch_rows: 3,
        threads: 2,
        ..PLAIN
    },
    Setting {
        name: "groups and rows put aside after every chunk",
        gathered_rows: 1,
        batch_rows: 3,
        threads: 2,
        ..PLAIN
    },
    Setting {
        name: "gzip, no optimiser",
        gzip: true,
        block_bytes: 100,
        optimize: false,
        ..PLAIN
    },
    Setting {
        name: "parquet",
        parquet: true,
        threads: 2,
        ..PLAIN
    },
];

#[test]
fn golden_cases_over_the_same_inputs_answer_together_what_they_answer_alone() {
    let folder = root().join("crates/insq/tests/cases");
    let (mut compared, mut largest) = (0, 0);
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "case") {
            continue;
        }
        let file = parse_cases(&std::fs::read_to_string(&path).unwrap()).unwrap();
        for cases in file.cases().chunk_by(|a, b| a.inputs == b.inputs) {
            for setting in SETTINGS {
                compare(&path, cases, setting);
            }
            compared += cases.len();
            largest = largest.max(cases.len());
        }
    }
    assert!(
        compared > 500 && largest > 10,
        "{compared} cases, at most {largest} together"
    );
}

fn compare(path: &Path, cases: &[Case], setting: &Setting) {
    let together = answers_together(cases, setting).unwrap();
    for (case, found) in cases.iter().zip(together) {
        // What is expected is what each of them answers alone, as the other test of these files shows.
        if case.kind != CaseKind::Explain {
            let expected = case.expected.as_deref().unwrap_or_default();
            let place = format!("{}:{} under {}", path.display(), case.line, setting.name);
            assert_eq!(found.trim_end(), expected.trim_end(), "{place}");
        }
    }
}

/// The ready-made queries, by name.
fn ready_made() -> Vec<String> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(root().join("queries"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "insq"))
        .collect();
    paths.sort();
    assert!(paths.len() >= 20);
    paths
        .iter()
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect()
}

fn engine(logs: &Path, options: ReadOptions, threads: usize) -> Engine {
    Engine::builder()
        .path(logs)
        .read_options(options)
        .log_group("/aws/lambda/sample")
        .threads(threads)
        .build()
        .unwrap()
}

fn prepared<'e>(engine: &'e Engine, texts: &[String], options: &QueryOptions) -> Vec<PreparedQuery<'e>> {
    texts
        .iter()
        .map(|text| {
            engine
                .prepare(text, options)
                .unwrap_or_else(|error| panic!("{error}: {text}"))
        })
        .collect()
}

/// The results, in the order of the queries.
fn together(engine: &Engine, queries: &[PreparedQuery<'_>]) -> Vec<Result<QueryResult, Error>> {
    let mut results: Vec<_> = queries.iter().map(|_| None).collect();
    let mut many = engine.run_many(queries, &RunControl::default()).unwrap();
    while let Some(one) = many.next() {
        let result = one.stream.and_then(ResultStream::into_result);
        results[one.number] = match result {
            Err(error) => many.retry(one.number, one.own_pass, error).err().map(Err),
            sound => Some(sound),
        };
    }
    results.into_iter().map(Option::unwrap).collect()
}

fn check_together(engine: &Engine, texts: &[String], options: &QueryOptions, what: &str) {
    let queries = prepared(engine, texts, options);
    for ((query, found), text) in queries.iter().zip(together(engine, &queries)).zip(texts) {
        let (alone, found) = (query.run().unwrap(), found.unwrap());
        assert_eq!(found.schema(), alone.schema(), "{what}: {text}");
        assert_eq!(found.rows(), alone.rows(), "{what}: {text}");
        assert_eq!(
            found.statistics().counters.events_matched,
            alone.statistics().counters.events_matched,
            "{what}: {text}"
        );
    }
}

#[test]
fn ready_made_queries_answer_together_what_they_answer_alone() {
    let (texts, logs) = (ready_made(), root().join("testdata/sample-logs"));
    let tiny = ReadOptions {
        block_bytes: 1_000,
        split_bytes: 10_000,
        ..ReadOptions::default()
    };
    let few_rows = QueryOptions {
        batch_rows: 3,
        ..QueryOptions::default()
    };
    let hour = QueryOptions {
        time_range: TimeRange {
            start_ms: Some(1_773_134_400_000),
            end_ms: Some(1_773_136_800_000),
        },
        ..QueryOptions::default()
    };
    check_together(
        &engine(&logs, ReadOptions::default(), 1),
        &texts,
        &QueryOptions::default(),
        "plain",
    );
    check_together(&engine(&logs, tiny, 3), &texts, &few_rows, "tiny parts");
    check_together(
        &engine(&logs, ReadOptions::default(), 2),
        &texts,
        &hour,
        "an hour",
    );
    for container in ["filter-log-events", "sample-logs"] {
        let logs = root().join("testdata").join(container);
        let folder = tempfile::tempdir().unwrap();
        compress(&logs, folder.path());
        check_together(
            &engine(folder.path(), ReadOptions::default(), 2),
            &texts,
            &QueryOptions::default(),
            &format!("{container} as gzip"),
        );
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("logs.parquet");
    let output = std::fs::File::create(&path).unwrap();
    engine(&logs, ReadOptions::default(), 1)
        .convert(
            &output,
            folder.path(),
            &ConversionOptions::default(),
            &RunControl::default(),
        )
        .unwrap();
    check_together(
        &engine(&path, ReadOptions::default(), 2),
        &texts,
        &QueryOptions::default(),
        "parquet",
    );
}

/// All files below a folder, as gzip.
fn compress(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap();
        if path.is_dir() {
            std::fs::create_dir(to.join(name)).unwrap();
            compress(&path, &to.join(name));
        } else {
            let file = std::fs::File::create(to.join(name)).unwrap();
            let mut encoder = GzEncoder::new(file, Compression::fast());
            encoder.write_all(&std::fs::read(&path).unwrap()).unwrap();
            encoder.finish().unwrap();
        }
    }
}

/// Lines of one event per second, in order but for one that is hours late: a range of times that trusts the order does
/// not see it, and must not see it because another query reads those bytes.
fn ordered_log() -> Vec<u8> {
    let mut log = Vec::new();
    let filler = "x".repeat(180);
    for second in 0..90_000_u32 {
        let (hour, minute) = (second / 3600 % 24, second / 60 % 60);
        let day = 4 + second / 86_400;
        let hour = if second == 80_001 { 1 } else { hour };
        let level = if second % 997 == 0 { "ERROR" } else { "INFO" };
        writeln!(
            log,
            "2026-03-{day:02}T{hour:02}:{minute:02}:{:02}.000Z [{level}] event {second} {filler}",
            second % 60
        )
        .unwrap();
    }
    log
}

#[test]
fn each_query_has_its_own_time_in_a_file_that_is_in_order() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("app.log"), ordered_log()).unwrap();
    let texts = [
        "filter @timestamp < 1772589600000 | stats count(*) as n, max(@timestamp) as last",
        "stats count(*) as n",
        "filter @timestamp >= 1772632800000 and @timestamp < 1772636400000 | stats count(*) as n",
        "filter @timestamp >= 1772632800000 and @timestamp < 1772636400000 and @message like /ERROR/ | stats count(*) as n by bin(10m)",
        "filter @message like /ERROR/ | limit 3",
    ]
    .map(str::to_owned);
    for (trust_order, split_bytes) in [(true, 1 << 20), (false, 1 << 20), (true, 16 << 20)] {
        let options = ReadOptions {
            trust_order,
            split_bytes,
            ..ReadOptions::default()
        };
        let what = format!("order trusted: {trust_order}, parts of {split_bytes}");
        let engine = engine(folder.path(), options, 2);
        check_together(&engine, &texts, &QueryOptions::default(), &what);
        // Without the query that reads all of it, too.
        check_together(
            &engine,
            &[texts[0].clone(), texts[2].clone()],
            &QueryOptions::default(),
            &what,
        );
    }
}

fn small() -> EngineBuilder {
    let lines: String = (0..3_000)
        .map(|n| {
            format!(
                "2026-03-04T00:00:{:02}.000Z {{\"n\":{n},\"level\":\"INFO\"}}\n",
                n % 60
            )
        })
        .collect();
    Engine::builder()
        .reader("a.log", std::io::Cursor::new(lines.into_bytes()))
        .threads(2)
}

#[test]
fn a_query_that_is_refused_memory_runs_again_alone_and_stops_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let lines: String = (0..60_000)
        .map(|n| {
            format!(
                "2026-03-04T00:00:{:02}.000Z {{\"n\":{n},\"user\":\"user-{n}\"}}\n",
                n % 60
            )
        })
        .collect();
    std::fs::write(folder.path().join("a.log"), lines).unwrap();
    let texts = [
        "stats count(*) as n by user, n | sort n | limit 2",
        "stats count(*) as n",
        "stats count(*) as n by n, user | sort n desc | limit 2",
    ]
    .map(str::to_owned);
    // For one of them there is enough, for two there is not, and in the end there is not for one.
    for (limit, expected) in [
        (200 << 20, [true; 3]),
        (20 << 20, [true; 3]),
        (4 << 20, [false, true, false]),
    ] {
        let engine = Engine::builder()
            .path(folder.path())
            .threads(1)
            .memory_limit_bytes(limit)
            .build()
            .unwrap();
        let queries = prepared(&engine, &texts, &QueryOptions::default());
        let results = together(&engine, &queries);
        for ((query, found), expected) in queries.iter().zip(results).zip(expected) {
            match (query.run(), found) {
                (Ok(alone), Ok(found)) => {
                    assert!(expected, "{limit}");
                    assert_eq!(alone.rows(), found.rows());
                }
                (Err(alone), Err(found)) => {
                    assert!(!expected, "{limit}: {found}");
                    assert_eq!(
                        (alone.code(), found.code()),
                        (ErrorCode::Memory, ErrorCode::Memory)
                    );
                }
                (alone, found) => panic!("{limit}: {:?} {:?}", alone.err(), found.err()),
            }
        }
    }
}

#[test]
fn inputs_that_can_be_read_once_serve_all_queries() {
    let engine = small().build().unwrap();
    let texts = [
        "stats count(*) as n",
        "filter level = \"INFO\" | stats count(*) as n",
        "limit 1",
    ]
    .map(str::to_owned);
    let queries = prepared(&engine, &texts, &QueryOptions::default());
    let rows: Vec<usize> = together(&engine, &queries)
        .into_iter()
        .map(|result| result.unwrap().rows().len())
        .collect();
    assert_eq!(rows, [1, 1, 1]);
}

#[test]
fn memory_that_is_refused_over_inputs_read_once_is_what_is_told() {
    let engine = small().memory_limit_bytes(700_000).build().unwrap();
    let texts = [
        "stats count(*) as n by n | sort n | limit 1",
        "stats count(*) as n",
    ]
    .map(str::to_owned);
    let queries = prepared(&engine, &texts, &QueryOptions::default());
    let codes: Vec<_> = together(&engine, &queries)
        .into_iter()
        .map(|result| result.err().map(|error| error.code()))
        .collect();
    assert_eq!(codes[0], Some(ErrorCode::Memory), "{codes:?}");
}

#[test]
fn queries_that_need_a_pass_of_their_own_get_it() {
    let logs = root().join("testdata/sample-logs");
    let (ours, other) = (
        engine(&logs, ReadOptions::default(), 1),
        engine(
            &root().join("testdata/filter-log-events"),
            ReadOptions::default(),
            1,
        ),
    );
    let options = QueryOptions::default();
    let queries = [
        ours.prepare(
            "filter @requestId in (filter @duration > 5000 | fields @requestId) | stats count(*) as n",
            &options,
        )
        .unwrap(),
        ours.prepare("stats count(*) as n", &options).unwrap(),
        other.prepare("stats count(*) as n", &options).unwrap(),
        ours.prepare("estimate", &options).unwrap(),
    ];
    let mut ways = Vec::new();
    for one in ours.run_many(&queries, &RunControl::default()).unwrap() {
        let alone = queries[one.number].run().unwrap();
        assert_eq!(one.stream.unwrap().into_result().unwrap().rows(), alone.rows());
        ways.push((one.number, one.own_pass));
    }
    assert_eq!(
        ways,
        [
            (1, None),
            (0, Some(OwnPass::SubQuery)),
            (2, Some(OwnPass::OtherInputs)),
            (3, Some(OwnPass::NothingToRead))
        ]
    );
}

#[test]
fn what_cannot_be_read_and_what_is_cancelled_ends_all() {
    let none = Engine::builder().path("/no/such/folder").build().unwrap();
    let queries = prepared(&none, &["stats count(*)".to_owned()], &QueryOptions::default());
    let failure = none.run_many(&queries, &RunControl::default()).err().unwrap();
    assert_eq!(failure.code(), ErrorCode::Input);

    let control = RunControl::default();
    control.cancellation.cancel();
    let engine = engine(&root().join("testdata/sample-logs"), ReadOptions::default(), 2);
    let queries = prepared(
        &engine,
        &["stats count(*)".to_owned(), "limit 2".to_owned()],
        &QueryOptions::default(),
    );
    let failure = engine.run_many(&queries, &control).err().unwrap();
    assert_eq!(failure.code(), ErrorCode::Cancelled);
}

#[test]
fn no_queries_are_no_results() {
    let engine = small().build().unwrap();
    assert_eq!(engine.run_many(&[], &RunControl::default()).unwrap().count(), 0);
}
