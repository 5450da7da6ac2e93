//! A file of JSON Lines is cut into parts, and nobody sees where.

#![allow(clippy::unwrap_used)]

use std::io::Write;
use std::sync::Arc;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{TimestampMillisecondType, UInt64Type};
use insq_event::{
    Damage, DamageKind, EventKinds, EventSource, MemoryBudget, RunContext, ScanColumn, ScanField,
    ScanRequest, SourceError, SystemField, TimeRange,
};
use insq_input::{EVENT_BYTES_MAX, Input, LogFormat, LogSource, ReadOptions};
use proptest::prelude::*;

/// Position, time and message.
type Row = (u64, Option<i64>, Option<String>);

#[derive(Debug, PartialEq)]
struct Reading {
    rows: Vec<Row>,
    damage: Vec<Damage>,
}

fn request() -> Arc<ScanRequest> {
    let column = |name: &str, field| ScanColumn {
        name: name.into(),
        field,
    };
    Arc::new(ScanRequest {
        columns: vec![
            column("position", ScanField::Position),
            column("time", ScanField::System(SystemField::Timestamp)),
            column("message", ScanField::System(SystemField::Message)),
        ],
        kinds: EventKinds::ALL,
        time_range: TimeRange::ALL,
        literals: Vec::new(),
        request_id: None,
        function: None,
        batch_rows: 100,
    })
}

/// What comes out, and of how many partitions.
fn read(text: &[u8], options: ReadOptions, strict: bool) -> (Result<Reading, SourceError>, usize) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text).unwrap();
    let source = LogSource::new(vec![Input::Path(file.path().to_owned())], options);
    let mut run = RunContext::new(MemoryBudget::unlimited());
    run.strict = strict;
    let partitions = source.partitions(&request(), &run).unwrap();
    let count = partitions.len();
    let rows = partitions
        .into_iter()
        .try_fold(Vec::new(), |mut rows, partition| {
            let mut reader = partition.open()?;
            while let Some(batch) = reader.next_batch()? {
                let position = batch.column(0).as_primitive::<UInt64Type>();
                let time = batch.column(1).as_primitive::<TimestampMillisecondType>();
                let message = batch.column(2).as_string_view();
                rows.extend((0..batch.num_rows()).map(|row| {
                    (
                        position.value(row),
                        time.is_valid(row).then(|| time.value(row)),
                        message.is_valid(row).then(|| message.value(row).to_owned()),
                    )
                }));
            }
            Ok(rows)
        });
    let damage = run.damage.entries();
    let damage = damage.into_iter().map(|entry| Damage {
        file: "".into(),
        ..entry
    });
    let damage = damage.collect();
    (rows.map(|rows| Reading { rows, damage }), count)
}

/// Where a strict run met damage, and which.
fn place(failure: SourceError) -> (u64, String) {
    match failure {
        SourceError::Damaged {
            offset, description, ..
        } => (offset, description),
        other => (u64::MAX, other.to_string()),
    }
}

/// Such files, whatever their first line.
fn jsonl(block_bytes: usize, split_bytes: u64) -> ReadOptions {
    ReadOptions {
        format: Some(LogFormat::JsonLines),
        block_bytes,
        split_bytes,
        ..ReadOptions::default()
    }
}

fn whole() -> ReadOptions {
    jsonl(256 << 10, u64::MAX)
}

fn text() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        3 => (0..90_000i64).prop_map(|ms| format!(r#"{{"timestamp":{},"level":"INFO"}}"#, 1_772_582_400_000 + ms)),
        2 => (0..90_000i64, "[ -~]{0,60}").prop_map(|(ms, text)| {
            format!(r#"{{"timestamp":{},"message":{text:?}}}"#, 1_772_582_400_000 + ms)
        }),
        1 => Just("  {\"a\":1}\t".to_owned()),
        1 => Just("{\"a\":".to_owned()),
        1 => Just("no document".to_owned()),
        1 => Just(String::new()),
    ];
    let end = prop_oneof![6 => Just("\n"), 1 => Just("\r\n"), 1 => Just("\n\n")];
    let mark = prop_oneof![4 => Just(""), 1 => Just("\u{feff}")];
    let lines = proptest::collection::vec((line, end), 1..40);
    (mark, lines, any::<bool>()).prop_map(|(mark, lines, ends)| {
        let mut text = String::from(mark);
        lines.iter().for_each(|(line, end)| text.extend([line, *end]));
        if !ends {
            text.truncate(text.trim_end().len());
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn blocks_and_parts_do_not_show(text in text(), block_bytes in 1usize..300, split_bytes in 1u64..300) {
        for (strict, mmap) in [(false, false), (true, false), (false, true), (true, true)] {
            let (expected, _) = read(text.as_bytes(), whole(), strict);
            let options = ReadOptions { mmap, ..jsonl(block_bytes, split_bytes) };
            let (found, partitions) = read(text.as_bytes(), options, strict);
            // A part is longer than a byte order mark.
            let is_whole = text.len() as u64 <= split_bytes;
            let parts = (text.len() as u64).div_ceil(split_bytes.max(4)).max(1);
            prop_assert_eq!(partitions as u64, if is_whole { 1 } else { parts });
            match (found.map_err(place), expected.map_err(place)) {
                (Err(found), Err(expected)) => prop_assert_eq!(found, expected),
                (found, expected) => prop_assert_eq!(found.unwrap(), expected.unwrap()),
            }
        }
    }
}

#[test]
fn a_recognised_file_is_cut() {
    let text: String = (0..1_000)
        .map(|n| format!("{{\"timestamp\":{n},\"n\":{n}}}\n"))
        .collect();
    let options = |split_bytes| ReadOptions {
        split_bytes,
        ..ReadOptions::default()
    };
    let (expected, one) = read(text.as_bytes(), options(u64::MAX), false);
    let (found, many) = read(text.as_bytes(), options(1_000), false);
    assert_eq!((one, many), (1, text.len().div_ceil(1_000)));
    let (found, expected) = (found.unwrap(), expected.unwrap());
    assert_eq!((found.rows.len(), found.damage.len()), (1_000, 0));
    assert_eq!(found, expected);
}

#[test]
fn the_longest_line_is_read_and_a_longer_one_is_told() {
    for (surplus, kinds) in [(0, vec![]), (1, vec![DamageKind::EventTooLong])] {
        let mut text = b"{\"a\":1}\n{\"b\":\"".to_vec();
        let padding = EVENT_BYTES_MAX + surplus - b"{\"b\":\"\"}\n".len();
        text.extend(std::iter::repeat_n(b'x', padding));
        text.extend_from_slice(b"\"}\n{\"c\":1}\n");
        for split_bytes in [u64::MAX, 1 << 20, 16 << 20] {
            for block_bytes in [256 << 10, (5 << 20) + 3] {
                let (reading, _) = read(&text, jsonl(block_bytes, split_bytes), false);
                let reading = reading.unwrap();
                let found: Vec<DamageKind> = reading.damage.iter().map(|damage| damage.kind).collect();
                assert_eq!(
                    (reading.rows.len(), &found),
                    (3 - surplus, &kinds),
                    "{split_bytes}"
                );
                assert!(
                    reading
                        .damage
                        .iter()
                        .all(|damage| damage.offset == 8 && damage.count == 1)
                );
            }
        }
    }
}
