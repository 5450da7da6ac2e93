//! However a log is read — in small blocks or large, in parts, by search or line by line — the events are
//! the same.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::Write;
use std::sync::Arc;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, TimestampMillisecondType, UInt64Type};
use insq_event::{
    Damage, EventKinds, EventSource, Literals, MemoryBudget, RunContext, ScanColumn, ScanField, ScanRequest,
    SystemField, TimeRange,
};
use insq_input::{EVENT_BYTES_MAX, Input, LogSource, ReadOptions};
use proptest::prelude::*;

type Row = (u64, Option<i64>, Option<f64>, Option<String>, Option<String>);

struct Reading {
    rows: Vec<Row>,
    damage: Vec<Damage>,
    peak_bytes: usize,
}

fn request(kinds: EventKinds, literals: &[&str]) -> ScanRequest {
    let system = |field: SystemField| ScanColumn {
        name: field.name().into(),
        field: ScanField::System(field),
    };
    let any_of: Vec<Arc<str>> = literals.iter().map(|text| Arc::from(*text)).collect();
    ScanRequest {
        columns: vec![
            ScanColumn {
                name: "position".into(),
                field: ScanField::Position,
            },
            system(SystemField::Timestamp),
            system(SystemField::Duration),
            system(SystemField::RequestId),
            system(SystemField::Message),
        ],
        kinds,
        time_range: TimeRange::ALL,
        request_id: None,
        function: None,
        literals: if any_of.is_empty() {
            Vec::new()
        } else {
            vec![Literals::texts(any_of)]
        },
        batch_rows: 7,
        bar: None,
    }
}

fn read(path: &std::path::Path, request: &ScanRequest, options: ReadOptions) -> Reading {
    let source = LogSource::new(vec![Input::Path(path.to_owned())], options);
    let run = RunContext::new(MemoryBudget::unlimited());
    let mut rows = Vec::new();
    for partition in source.partitions(&Arc::new(request.clone()), &run).unwrap() {
        let mut reader = partition.open().unwrap();
        while let Some(batch) = reader.next_batch().unwrap() {
            assert!(batch.num_rows() > 0 && batch.num_rows() <= 7);
            for row in 0..batch.num_rows() {
                let text = |column: usize| {
                    let column = batch.column(column).as_string_view();
                    column.is_valid(row).then(|| column.value(row).to_owned())
                };
                let time = batch.column(1).as_primitive::<TimestampMillisecondType>();
                let duration = batch.column(2).as_primitive::<Float64Type>();
                rows.push((
                    batch.column(0).as_primitive::<UInt64Type>().value(row),
                    time.is_valid(row).then(|| time.value(row)),
                    duration.is_valid(row).then(|| duration.value(row)),
                    text(3),
                    text(4),
                ));
            }
        }
    }
    Reading {
        rows,
        damage: run.damage.entries(),
        peak_bytes: run.memory.peak_bytes(),
    }
}

fn written(text: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text).unwrap();
    file
}

/// Lines that are met in logs, and lines that nearly are.
fn line() -> impl Strategy<Value = String> {
    let time = (0..90_000i64).prop_map(|ms| {
        format!(
            "2026-03-04T00:{:02}:{:02}.{:03}Z ",
            ms / 60_000,
            ms / 1_000 % 60,
            ms % 1_000
        )
    });
    let message = prop_oneof![
        Just("START RequestId: 11111111-2222-3333-4444-555555555555 Version: 1".to_owned()),
        (0..100_000u32).prop_map(|n| {
            let id = "11111111-2222-3333-4444-555555555555";
            format!("REPORT RequestId: {id}\tDuration: {}.{:02} ms\tBilled Duration: 8 ms\t", n / 100, n % 100)
        }),
        Just("REPORT RequestId: x Duration: 7 ms".to_owned()),
        Just("the word REPORT RequestId: inside".to_owned()),
        Just(r#"{"time":"t","type":"platform.report","record":{"requestId":"a","metrics":{"durationMs":7.5}}}"#.to_owned()),
        Just(r#"{"type":"platform.report"}"#.to_owned()),
        Just("needle in the hay".to_owned()),
        "[ -~]{0,40}",
        Just(String::new()),
    ];
    let continued = prop_oneof![
        Just("XRAY TraceId: 1-2-3\tSegmentId: 4\t".to_owned()),
        Just("REPORT RequestId: continued\tDuration: 1.00 ms".to_owned()),
        Just("  needle at the end".to_owned()),
        Just(String::new()),
    ];
    prop_oneof![
        4 => (time.clone(), message).prop_map(|(time, message)| time + &message),
        1 => continued,
        1 => time.prop_map(|time| time.trim_end().to_owned()),
    ]
}

fn text() -> impl Strategy<Value = String> {
    let ends = prop_oneof![6 => Just("\n"), 1 => Just("\r\n"), 1 => Just("\n\n")];
    proptest::collection::vec((line(), ends), 1..40).prop_map(|lines| {
        let mut text = String::from("2026-03-04T00:00:00.000Z first\n");
        for (line, end) in &lines {
            text.push_str(line);
            text.push_str(end);
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn blocks_parts_and_searches_do_not_show(text in text(), block_bytes in 1usize..300, split_bytes in 1u64..300) {
        let file = written(text.as_bytes());
        let whole = ReadOptions::default();
        let pieces = ReadOptions { block_bytes, split_bytes, ..ReadOptions::default() };
        let mapped = ReadOptions { mmap: true, ..pieces.clone() };
        let all = read(file.path(), &request(EventKinds::ALL, &[]), whole.clone()).rows;
        for options in [&pieces, &mapped] {
            prop_assert_eq!(&read(file.path(), &request(EventKinds::ALL, &[]), options.clone()).rows, &all);
        }

        let message = |row: &Row| row.4.clone().unwrap_or_default();
        let is_report = |row: &Row| {
            message(row).trim_start().starts_with("REPORT RequestId:") || message(row).ends_with("}}}")
        };
        let reports: Vec<Row> = all.iter().filter(|row| is_report(row)).cloned().collect();
        let needles: Vec<Row> = all.iter().filter(|row| message(row).contains("needle")).cloned().collect();
        for options in [whole, pieces, mapped] {
            prop_assert_eq!(&read(file.path(), &request(EventKinds::REPORT, &[]), options.clone()).rows, &reports);
            prop_assert_eq!(&read(file.path(), &request(EventKinds::ALL, &["needle"]), options).rows, &needles);
        }
    }
}

#[test]
fn an_event_that_is_too_long_is_left_out_and_nothing_else() {
    let mut text = b"2026-03-04T00:00:00.000Z before\n2026-03-04T00:00:01.000Z ".to_vec();
    text.extend(std::iter::repeat_n(b'x', 100 << 20));
    text.extend_from_slice(b"\n2026-03-04T00:00:02.000Z after\n");
    let file = written(&text);
    for split_bytes in [u64::MAX, 16 << 20] {
        let options = ReadOptions {
            split_bytes,
            ..ReadOptions::default()
        };
        let reading = read(file.path(), &request(EventKinds::ALL, &[]), options);
        let messages: Vec<&str> = reading.rows.iter().filter_map(|row| row.4.as_deref()).collect();
        assert_eq!(messages, ["before", "after"]);
        assert_eq!(
            (
                reading.damage.len(),
                reading.damage[0].offset,
                reading.damage[0].count
            ),
            (1, 32, 1)
        );
        assert!(
            reading.peak_bytes < 3 * EVENT_BYTES_MAX,
            "{} bytes",
            reading.peak_bytes
        );
    }
}

#[test]
fn the_longest_event_is_read() {
    let mut text = b"2026-03-04T00:00:01.000Z ".to_vec();
    text.extend(std::iter::repeat_n(b'x', EVENT_BYTES_MAX - text.len() - 1));
    text.extend_from_slice(b"\n2026-03-04T00:00:02.000Z after\n");
    let reading = read(
        written(&text).path(),
        &request(EventKinds::ALL, &[]),
        ReadOptions::default(),
    );
    assert_eq!((reading.rows.len(), reading.damage.len()), (2, 0));
}
