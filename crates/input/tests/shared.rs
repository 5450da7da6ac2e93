//! Requests that are answered in one pass get what each of them gets in a pass of its own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::RecordBatch;
use insq_event::{
    EventKind, EventKinds, EventSource, FieldPath, Literals, MemoryBudget, RunContext, ScanColumn, ScanField,
    ScanRequest, SystemField, TimeRange,
};
use insq_input::{Input, LogSource, ReadOptions};

fn request(
    fields: &[ScanField],
    kinds: EventKinds,
    literals: &[&str],
    time_range: TimeRange,
) -> Arc<ScanRequest> {
    let column = |(number, field): (usize, &ScanField)| ScanColumn {
        name: format!("c{number}").into(),
        field: field.clone(),
    };
    let any_of: Vec<Arc<str>> = literals.iter().map(|text| Arc::from(*text)).collect();
    Arc::new(ScanRequest {
        columns: fields.iter().enumerate().map(column).collect(),
        kinds,
        time_range,
        literals: if any_of.is_empty() {
            Vec::new()
        } else {
            vec![Literals::texts(any_of)]
        },
        request_id: None,
        function: None,
        batch_rows: 5,
        bar: None,
    })
}

/// Requests of all sorts: of everything, of some kinds, of what holds a text, of a time, and of no column.
fn requests() -> Vec<Arc<ScanRequest>> {
    use ScanField::{Discovered, Position, Structure, System};
    let minute = TimeRange {
        start_ms: Some(1_772_582_400_000),
        end_ms: Some(1_772_582_460_000),
    };
    let some = EventKinds::REPORT.union(EventKinds::only(EventKind::Other));
    let [all, report] = [EventKinds::ALL, EventKinds::REPORT];
    let level = || Discovered(FieldPath::new("level"));
    vec![
        request(
            &[
                Position,
                System(SystemField::Timestamp),
                System(SystemField::Message),
            ],
            all,
            &[],
            TimeRange::ALL,
        ),
        request(
            &[Position, System(SystemField::Duration)],
            report,
            &[],
            TimeRange::ALL,
        ),
        request(
            &[System(SystemField::Ptr), level()],
            all,
            &["ERROR", "\\u"],
            TimeRange::ALL,
        ),
        request(
            &[System(SystemField::Type), System(SystemField::RequestId)],
            EventKinds::TYPED,
            &[],
            TimeRange::ALL,
        ),
        request(
            &[System(SystemField::LogStream), Structure(FieldPath::new("user"))],
            some,
            &["a"],
            minute,
        ),
        request(&[], all, &[], minute),
        request(
            &[System(SystemField::Log), System(SystemField::MaxMemoryUsed)],
            report,
            &["Memory"],
            minute,
        ),
    ]
}

/// The rows of a batch, one text each.
fn rows(batch: &RecordBatch) -> Vec<String> {
    (0..batch.num_rows())
        .map(|row| {
            let cells = batch
                .columns()
                .iter()
                .map(|column| format!("{:?}", column.slice(row, 1)));
            cells.collect::<Vec<_>>().join("|")
        })
        .collect()
}

fn context() -> RunContext {
    RunContext::new(MemoryBudget::unlimited())
}

fn alone(source: &LogSource, request: &Arc<ScanRequest>) -> Vec<String> {
    let mut found = Vec::new();
    for partition in source.partitions(request, &context()).unwrap() {
        let mut reader = partition.open().unwrap();
        while let Some(batch) = reader.next_batch().unwrap() {
            found.extend(rows(&batch));
        }
    }
    found
}

fn together(source: &LogSource, requests: &[Arc<ScanRequest>]) -> Vec<Vec<String>> {
    let mut found = vec![Vec::new(); requests.len()];
    for partition in source.shared_partitions(requests, &context()).unwrap() {
        let served = partition.requests();
        let mut reader = partition.open().unwrap();
        while let Some((request, batch)) = reader.next_batch().unwrap() {
            assert!(served.contains(&request) && batch.num_rows() > 0);
            assert_eq!(batch.schema(), requests[request].schema());
            found[request].extend(rows(&batch));
        }
    }
    found
}

fn check(path: &Path) {
    for (block_bytes, split_bytes) in [(1 << 18, 1 << 24), (61, 1_000)] {
        let options = ReadOptions {
            block_bytes,
            split_bytes,
            ..ReadOptions::default()
        };
        let source = LogSource::new(vec![Input::Path(path.to_owned())], options);
        let requests = requests();
        let what = format!("{} in blocks of {block_bytes}", path.display());
        let expected: Vec<_> = requests.iter().map(|request| alone(&source, request)).collect();
        assert_eq!(together(&source, &requests), expected, "{what}");
        // Only such as search, so that nobody looks at every line.
        let searching = [1, 2, 3, 6].map(|number: usize| Arc::clone(&requests[number]));
        let expected = [1, 2, 3, 6].map(|number: usize| expected[number].clone());
        assert_eq!(together(&source, &searching), expected, "{what}");
    }
}

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files_below(&path, found),
            false => found.push(path),
        }
    }
}

/// Files that take minutes in blocks of a few bytes prove no more than the small ones.
const FILE_BYTES_MAX: u64 = 200_000;

#[test]
fn files_of_every_kind_and_damaged_ones() {
    let mut files = Vec::new();
    files_below(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata"),
        &mut files,
    );
    files.retain(|path| std::fs::metadata(path).unwrap().len() < FILE_BYTES_MAX);
    assert!(files.len() > 10, "only {} files", files.len());
    // Names of streams hold what makes a pattern of a path.
    let folder = tempfile::tempdir().unwrap();
    for (number, path) in files.iter().enumerate() {
        let name = path.file_name().unwrap().to_string_lossy();
        let copy = folder.path().join(format!("{number}-{name}"));
        std::fs::copy(path, &copy).unwrap();
        check(&copy);
    }
}

#[test]
fn containers_whose_events_are_taken_out_one_by_one() {
    let report = "REPORT RequestId: x\\tDuration: 7.31 ms\\tMax Memory Used: 73 MB\\t";
    let jsonl = format!(
        "{{\"@timestamp\":\"2026-03-04T00:00:01Z\",\"@message\":\"{report}\",\"level\":\"ERROR\"}}\n\
         {{\"timestamp\":1772582402000,\"message\":\"START RequestId: x\",\"ingestionTime\":5,\"logStreamName\":\"s\"}}\n\
         {{\"timestamp\":1772582403000,\"level\":\"ERROR\",\"user\":{{\"a\":1}}}}\nno json at all\n{{\"broken\n"
    );
    let csv = "@timestamp,@message,level,@duration\n\
               2026-03-04 00:00:01.000,hello,ERROR,\n2026-03-04 00:00:02.000,a report,,7\n,\"two\nlines\",INFO,\n";
    let text = "EVENTS\t1772582401000\tSTART RequestId: x\t1772582400500\nEVENTS\t1772582401000\tan ERROR\nof two lines\t1772582400600\n";
    let bare = "before any time\nERROR\n  at a\n";
    let log = "no time yet\n2026-03-04T00:00:01.000Z an ERROR\n  at a\n2026-03-04T00:00:02.000Z START RequestId: x\n";
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in [
        ("a.jsonl", jsonl.as_str()),
        ("a.csv", csv),
        ("a.txt", text),
        ("bare.log", bare),
        ("a.log", log),
        ("empty.log", ""),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        check(&path);
    }
}

#[test]
fn a_request_that_is_stopped_gets_no_more_and_the_others_go_on() {
    let lines: String = (0..5_000)
        .map(|n| format!("2026-03-04T00:00:{:02}.000Z line {n}\n", n % 60))
        .collect();
    let reader = || Input::Reader {
        name: "log".to_owned(),
        reader: Box::new(std::io::Cursor::new(lines.clone().into_bytes())),
    };
    let options = ReadOptions {
        block_bytes: 1_000,
        ..ReadOptions::default()
    };
    let requests = &requests()[..2];
    let wanted = [Arc::clone(&requests[0]), Arc::clone(&requests[0])];
    for (both, expected) in [(false, 5_000), (true, 0)] {
        let source = LogSource::new(vec![reader()], options.clone());
        let mut partitions = source.shared_partitions(&wanted, &context()).unwrap();
        let mut reader = partitions.remove(0).open().unwrap();
        reader.stop(1);
        if both {
            reader.stop(0);
        }
        let mut counts = [0, 0];
        while let Some((request, batch)) = reader.next_batch().unwrap() {
            counts[request] += batch.num_rows();
        }
        assert_eq!(counts, [expected, 0]);
    }
}
