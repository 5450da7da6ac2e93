//! What readers leave out because it can't be among the first events of an order changes neither the answer, nor what is
//! counted, nor what is said of damage.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use insq::{ConversionOptions, Damage, Engine, QueryOptions, QueryResult, ReadOptions, RunControl, Spill};
use insq_testkit::Prng;

const EVENTS: u32 = 3_000;

/// Orders by what readers know of events, and by what they do not.
const ORDERS: &[&str] = &[
    "fields @timestamp, @message | sort @timestamp desc | limit COUNT",
    "fields @timestamp, @message | sort @timestamp asc | limit COUNT",
    "fields @message | limit COUNT",
    "filter @type = \"REPORT\" | fields @timestamp, @message | limit COUNT",
    "fields @timestamp, @ptr | sort @timestamp desc, @message asc | limit COUNT",
    "filter @type = \"REPORT\" | fields @duration, @requestId | sort @duration desc | limit COUNT",
    "filter @type = \"REPORT\" | fields @message | sort @duration asc, @timestamp desc | limit COUNT",
    "fields @duration, @message, @type | sort @duration desc | limit COUNT",
    "fields @duration, @ptr | sort @duration asc | limit COUNT",
    "filter @type = \"REPORT\" | sort @initDuration desc | fields @initDuration, @message | limit COUNT",
    "fields @timestamp, strlen(@message) as length | sort @timestamp desc, length desc | limit COUNT",
    "fields @timestamp, @message | filter @message like /7/ | sort @timestamp desc | limit COUNT",
    "fields @maxMemoryUsed, @xrayTraceId, @message | sort @maxMemoryUsed desc | limit COUNT",
    "parse @message \"Duration: * ms\" as d | sort @timestamp desc | fields d, @timestamp | limit COUNT",
    // Of those with the same values, the first.
    "fields @timestamp, @message | dedup @requestId | limit COUNT",
    "filter @type = \"REPORT\" | sort @duration desc, @ptr asc | dedup @maxMemoryUsed, @requestId | limit COUNT",
    "filter ispresent(@duration) | dedup @duration | limit COUNT | display @timestamp, @message",
    "filter @type = \"REPORT\" | fields @message | dedup @maxMemoryUsed",
    "fields @message, strlen(@message) as n | sort n desc | dedup n",
    "sort @timestamp asc | dedup @message | display @timestamp, @message",
];

/// Lines whose times mostly go on and often come twice; some of them are damaged.
fn lines(source: &mut Prng) -> Vec<Vec<u8>> {
    let mut lines = Vec::new();
    for number in 0..EVENTS {
        let second = (number / 60 + source.below(40)) % 3_600;
        let time = format!(
            "2026-03-04T00:{:02}:{:02}.{:03}Z",
            second / 60,
            second % 60,
            source.below(3)
        );
        let mut line = format!("{time} ");
        match source.below(12) {
            0..=4 => {
                let id = format!("0b9d0000-0000-4000-8000-{:012}", source.below(1_000));
                let _ = write!(
                    line,
                    "REPORT RequestId: {id}\tDuration: {}.{:02} ms\tBilled Duration: 8 ms\tMemory Size: 128 MB\tMax Memory Used: {} MB\t",
                    source.below(50),
                    source.below(4) * 25,
                    source.between(30, 128),
                );
                if source.below(5) == 0 {
                    let _ = write!(line, "Init Duration: {}.5 ms\t", source.below(200));
                }
                if source.below(9) == 0 {
                    line.push_str("\nXRAY TraceId: 1-5e61292c-00112233445566778899aabb\tSegmentId: 07a85e713f6302b2\tSampled: true\t");
                }
            }
            5 => line.push_str("REPORT RequestId: x\tDuration: 12"),
            7 => line.push_str("START RequestId: x Version: $LATEST"),
            6 => {
                let _ = write!(line, "{{\"level\":\"INFO\",\"n\":{number}}}");
            }
            _ => {
                let _ = write!(line, "message {}", source.below(500));
            }
        }
        let mut line = line.into_bytes();
        if source.below(300) == 0 {
            line.push(0xff);
        }
        line.push(b'\n');
        lines.push(line);
    }
    lines
}

/// Documents, of the platform and of an application, in an order of their own.
fn documents(source: &mut Prng) -> String {
    let mut documents = String::new();
    for number in 0..EVENTS {
        let time = format!(
            "2026-03-04T00:{:02}:{:02}.000Z",
            source.below(60),
            source.below(60)
        );
        let _ = if source.below(3) == 0 {
            let (duration, used) = (source.below(400), source.between(30, 128));
            writeln!(
                documents,
                r#"{{"time":"{time}","type":"platform.report","record":{{"requestId":"0b9d0000-0000-4000-8000-{number:012}","metrics":{{"durationMs":{duration}.5,"billedDurationMs":8,"memorySizeMB":128,"maxMemoryUsedMB":{used},"initDurationMs":{}}}}}}}"#,
                source.below(200)
            )
        } else {
            writeln!(
                documents,
                r#"{{"timestamp":"{time}","level":"INFO","n":{number}}}"#
            )
        };
    }
    documents
}

/// Rows of the console, whose columns say otherwise than their messages do.
fn rows(source: &mut Prng) -> String {
    let mut rows = "@timestamp,@message,@type,@duration,@initDuration,@maxMemoryUsed\n".to_owned();
    for number in 0..EVENTS {
        let _ = writeln!(
            rows,
            "2026-03-04 00:{:02}:{:02}.000,REPORT RequestId: x{number}\tDuration: 1.00 ms\tMemory Size: 128 MB,REPORT,{}.25,{},{}",
            source.below(60),
            source.below(60),
            source.below(300),
            source.below(90),
            source.below(128),
        );
    }
    rows
}

/// Whoever gathers more than `gathered_bytes` looks which rows can still come out.
fn engine(path: &Path, threads: usize, gathered_bytes: usize) -> Engine {
    let options = ReadOptions {
        split_bytes: 40_000,
        block_bytes: 3_000,
        threads,
        ..ReadOptions::default()
    };
    let spill = Spill {
        gathered_bytes,
        ..Spill::to(std::env::temp_dir())
    };
    let engine = Engine::builder().path(path).read_options(options);
    engine.threads(threads).spill(spill).build().unwrap()
}

fn run(engine: &Engine, query: &str, batch_rows: usize) -> QueryResult {
    let options = QueryOptions {
        batch_rows,
        ..QueryOptions::default()
    };
    engine.prepare(query, &options).unwrap().run().unwrap()
}

/// The rows, what was matched, and what was damaged.
fn told(result: &QueryResult) -> (String, u64, Vec<Damage>) {
    let rows = rows_of(result);
    (
        rows,
        result.statistics().counters.events_matched,
        result.damage().to_vec(),
    )
}

fn rows_of(result: &QueryResult) -> String {
    let mut rows = String::new();
    for batch in result.batches() {
        for row in 0..batch.num_rows() {
            let _ = writeln!(rows, "{:?}", batch.slice(row, 1).columns());
        }
    }
    rows
}

#[test]
fn first_events_of_an_order_are_those_of_the_whole_order() {
    let mut source = Prng::new(7);
    let folder = tempfile::tempdir().unwrap();
    let log = lines(&mut source).concat();
    let plain = folder.path().join("plain.log");
    std::fs::write(&plain, &log).unwrap();
    let gz = folder.path().join("packed");
    let mut encoder = GzEncoder::new(std::fs::File::create(&gz).unwrap(), Compression::fast());
    encoder.write_all(&log).unwrap();
    encoder.finish().unwrap();
    let json = folder.path().join("documents.jsonl");
    std::fs::write(&json, documents(&mut source)).unwrap();
    let csv = folder.path().join("rows.csv");
    std::fs::write(&csv, rows(&mut source)).unwrap();
    for path in [&plain, &gz, &json, &csv] {
        // With room for all events, nothing is known before all of them have been read.
        let whole = engine(path, 1, usize::MAX);
        for order in ORDERS {
            for count in ["1", "10", "200"] {
                let query = order.replace("COUNT", count);
                let expected = told(&run(&whole, &query, 8_192));
                assert!(expected.1 > 100, "{query} {}", path.display());
                for (threads, gathered_bytes, batch_rows) in
                    [(1, 0, 64), (1, 40_000, 8_192), (3, 10_000, 7), (1, usize::MAX, 5)]
                {
                    let few = engine(path, threads, gathered_bytes);
                    let found = told(&run(&few, &query, batch_rows));
                    assert_eq!(
                        found,
                        expected,
                        "{query} {threads} {gathered_bytes} {batch_rows} {}",
                        path.display()
                    );
                }
            }
        }
    }
}

/// Of Parquet, what can't be among the first events is not even read, and counts all the same.
#[test]
fn of_parquet_the_pages_of_the_first_events_are_read() {
    let mut source = Prng::new(11);
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("plain.log");
    std::fs::write(&log, lines(&mut source).concat()).unwrap();
    for stretch_rows in [100, 1_000_000] {
        let path = folder.path().join(format!("{stretch_rows}.parquet"));
        let options = ConversionOptions {
            stretch_rows,
            ..ConversionOptions::default()
        };
        let file = std::fs::File::create(&path).unwrap();
        let converting = engine(&log, 1, usize::MAX);
        let made = converting.convert(&file, folder.path(), &options, &RunControl::default());
        assert_eq!(made.unwrap().events, u64::from(EVENTS));
        let whole = QueryOptions {
            optimize: false,
            ..QueryOptions::default()
        };
        let starts = "filter @type = \"START\" | fields @timestamp, @ptr | limit COUNT";
        for order in ORDERS.iter().chain([&starts]) {
            for count in ["1", "50", "2999", "3000", "3001"] {
                let query = order.replace("COUNT", count);
                let all = engine(&path, 1, usize::MAX);
                let expected = all.prepare(&query, &whole).unwrap().run().unwrap();
                for (threads, batch_rows) in [(1, 8_192), (2, 50)] {
                    let found = run(&engine(&path, threads, usize::MAX), &query, batch_rows);
                    assert_eq!(
                        rows_of(&found),
                        rows_of(&expected),
                        "{query} {threads} {stretch_rows}"
                    );
                }
            }
        }
        let read = |query: &str| {
            let result = run(&engine(&path, 1, usize::MAX), query, 8_192);
            let counters = &result.statistics().counters;
            (counters.events_matched, counters.bytes_read)
        };
        for (first, all) in [
            (
                "fields @timestamp, @message | limit 5",
                "sort @timestamp desc, @message asc",
            ),
            (
                "sort @timestamp asc | limit 5",
                "sort @timestamp asc, @message asc",
            ),
            (
                "filter @type = \"REPORT\" | sort @timestamp desc | limit 5",
                "filter @type = \"REPORT\" | sort @timestamp desc, @message asc",
            ),
        ] {
            let (first, all) = (read(first), read(&format!("{all} | fields @timestamp, @message")));
            assert_eq!(first.0, all.0, "what was left unread counts");
            assert!(
                first.1 < all.1 || stretch_rows > EVENTS as usize,
                "{first:?} {all:?}"
            );
        }
    }
}

#[test]
fn pages_of_a_row_group_that_are_left_unread_count() {
    let folder = tempfile::tempdir().unwrap();
    // A page has 16,384 rows at most.
    let count = 40_000;
    let line = |n: u32| {
        format!(
            "2026-03-04T00:{:02}:{:02}.000Z message {n}\n",
            n / 60 % 60,
            n % 60
        )
    };
    let log: String = (0..count).map(line).collect();
    std::fs::write(folder.path().join("plain.log"), log).unwrap();
    let path = folder.path().join("made.parquet");
    let file = std::fs::File::create(&path).unwrap();
    let logs = engine(&folder.path().join("plain.log"), 2, usize::MAX);
    let options = ConversionOptions::default();
    let made = logs.convert(&file, folder.path(), &options, &RunControl::default());
    assert_eq!(made.unwrap().events, u64::from(count));
    let made = engine(&path, 1, usize::MAX);
    for query in [
        "fields @message | limit 7",
        "fields @message | sort @timestamp asc | limit 7",
    ] {
        let (found, expected) = (run(&made, query, 8_192), run(&logs, query, 8_192));
        assert_eq!(rows_of(&found), rows_of(&expected), "{query}");
        let matched = |result: &QueryResult| result.statistics().counters.events_matched;
        assert_eq!((matched(&found), matched(&expected)), (40_000, 40_000), "{query}");
    }
}
