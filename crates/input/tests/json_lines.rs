//! A file of JSON Lines is cut into parts, and nobody sees where.

#![allow(clippy::unwrap_used)]

use std::io::Write;
use std::sync::Arc;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{TimestampMillisecondType, UInt64Type};
use insq_event::{
    Damage, DamageKind, EventKinds, EventSource, FieldPath, Literals, MemoryBudget, RunContext, ScanColumn,
    ScanField, ScanRequest, SourceError, SystemField, TimeRange,
};
use insq_input::{EVENT_BYTES_MAX, Input, LogFormat, LogSource, ReadOptions};
use proptest::prelude::*;

/// Position, time, message and level.
type Row = (u64, Option<i64>, Option<String>, Option<String>);

#[derive(Debug, PartialEq)]
struct Reading {
    rows: Vec<Row>,
    damage: Vec<Damage>,
}

fn request(word: Option<&str>) -> Arc<ScanRequest> {
    let literals = word.map(|word| Literals::texts([word.into(), r"\u".into()]));
    let column = |name: &str, field| ScanColumn {
        name: name.into(),
        field,
    };
    Arc::new(ScanRequest {
        columns: vec![
            column("position", ScanField::Position),
            column("time", ScanField::System(SystemField::Timestamp)),
            column("message", ScanField::System(SystemField::Message)),
            column("level", ScanField::Discovered(FieldPath::new("level"))),
        ],
        kinds: EventKinds::ALL,
        time_range: TimeRange::ALL,
        literals: literals.into_iter().collect(),
        request_id: None,
        function: None,
        batch_rows: 100,
        bar: None,
    })
}

/// What comes out, and of how many partitions.
fn read(text: &[u8], options: ReadOptions, strict: bool) -> (Result<Reading, SourceError>, usize) {
    read_those(text, options, strict, None)
}

/// As [`read`], where only events that hold a word matter.
fn read_those(
    text: &[u8],
    options: ReadOptions,
    strict: bool,
    word: Option<&str>,
) -> (Result<Reading, SourceError>, usize) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text).unwrap();
    let source = LogSource::new(vec![Input::Path(file.path().to_owned())], options);
    let mut run = RunContext::new(MemoryBudget::unlimited());
    run.strict = strict;
    let partitions = source.partitions(&request(word), &run).unwrap();
    let count = partitions.len();
    let rows = partitions
        .into_iter()
        .try_fold(Vec::new(), |mut rows, partition| {
            let mut reader = partition.open()?;
            while let Some(batch) = reader.next_batch()? {
                let position = batch.column(0).as_primitive::<UInt64Type>();
                let time = batch.column(1).as_primitive::<TimestampMillisecondType>();
                let text = |column: usize, row: usize| {
                    let texts = batch.column(column).as_string_view();
                    texts.is_valid(row).then(|| texts.value(row).to_owned())
                };
                rows.extend((0..batch.num_rows()).map(|row| {
                    (
                        position.value(row),
                        time.is_valid(row).then(|| time.value(row)),
                        text(2, row),
                        text(3, row),
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

/// A text of JSON: every character as it is, or escaped in one of the ways there are.
fn quoted() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        12 => prop::sample::select(vec!["O", "K", "E", "R", " ", "_", "7", ".", "é"]).prop_map(str::to_owned),
        2 => prop::sample::select(vec![r"\u004f", r"\u004B", r#"\""#, r"\\", r"\n", r"\u00e9"]).prop_map(str::to_owned),
        3 => Just("OK".to_owned()),
    ];
    proptest::collection::vec(character, 0..8).prop_map(|parts| format!("\"{}\"", parts.concat()))
}

/// A document of any of the shapes that lines have.
fn document() -> impl Strategy<Value = String> {
    let shape = prop::sample::select(vec![
        r#"{"level":A,"n":B}"#,
        r#"{"n":B}"#,
        r#"{"eventId":"1","message":A}"#,
        r#"{"ingestionTime":5,"message":A,"level":B}"#,
        r#"{ "@message" : A , "level" : B }"#,
        r#"{"@message":{"level" :  A},"@type":"REPORT"}"#,
        r#"{"time":"2026-03-02T10:00:00Z","type":"function","record":A}"#,
        r#"{"time":"2026-03-02T10:00:00Z","type":"function","record":{"level":A}}"#,
        r#"{"level":{"a":[A, B]}}"#,
        r#"{"level":A"#,
        r#""level":A}"#,
        r"A",
    ]);
    (shape, quoted(), quoted()).prop_map(|(shape, a, b)| shape.replace('A', &a).replace('B', &b))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn searching_first_loses_nothing_that_matters(
        documents in proptest::collection::vec(document(), 1..30),
        word in prop::sample::select(vec!["OK", "OKER", "E_", "R OK", "77K", ".OK", "é", "7.7"]),
        block_bytes in 20usize..400,
    ) {
        let text = documents.join("\n");
        let (all, _) = read(text.as_bytes(), whole(), false);
        let (some, _) = read_those(text.as_bytes(), jsonl(block_bytes, u64::MAX), false, Some(word));
        let (mut all, mut some) = (all.unwrap(), some.unwrap());
        // A request names texts that no escape but the one with a number can hide.
        let matters = |row: &Row| [&row.2, &row.3].into_iter().flatten().any(|text| text.contains(word));
        all.rows.retain(matters);
        some.rows.retain(matters);
        prop_assert_eq!(some, all);
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
