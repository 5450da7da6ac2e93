//! What every format makes of the same results, byte for byte.
//!
//! `INSQ_BLESS=1 cargo test -p insq-render` writes the files under `tests/golden` anew; read the diff.

// A failed step of a test is a failed test, in its shared functions too.
#![allow(clippy::unwrap_used)]

use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, RecordBatch, StringViewArray, TimestampMillisecondArray,
};
use arrow_schema::Schema;
use insq_event::ColumnType;
use insq_render::{Format, Target, renderer};

const TERMINAL: Target = Target::Terminal {
    columns: 80,
    colour: false,
};

fn batch(columns: Vec<(&str, ColumnType, ArrayRef)>) -> RecordBatch {
    let fields: Vec<_> = columns.iter().map(|(name, ty, _)| ty.field(name)).collect();
    let arrays = columns.into_iter().map(|(_, _, array)| array).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap()
}

fn render(format: Format, target: Target, batches: &[RecordBatch]) -> String {
    let mut out = Vec::new();
    let mut to = renderer(format, target, batches[0].schema_ref(), &mut out).unwrap();
    for batch in batches {
        to.batch(batch).unwrap();
    }
    to.finish().unwrap();
    drop(to);
    String::from_utf8(out).unwrap()
}

fn check(name: &str, format: Format, target: Target, batches: &[RecordBatch]) {
    let found = render(format, target, batches);
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name);
    if std::env::var_os("INSQ_BLESS").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "{name} differs; expected:\n{expected}\nfound:\n{found}"
    );
}

fn check_all_formats(name: &str, batches: &[RecordBatch]) {
    check(
        &format!("{name}.table.txt"),
        Format::Table,
        Target::Bytes,
        batches,
    );
    check(&format!("{name}.terminal.txt"), Format::Table, TERMINAL, batches);
    check(&format!("{name}.csv"), Format::Csv, Target::Bytes, batches);
    check(&format!("{name}.json"), Format::Json, Target::Bytes, batches);
    check(
        &format!("{name}.jsonl"),
        Format::JsonLines,
        Target::Bytes,
        batches,
    );
    check(&format!("{name}.md"), Format::Markdown, Target::Bytes, batches);
}

fn every_type() -> RecordBatch {
    let times = vec![Some(1_700_000_000_000), Some(-1), None];
    let texts = vec![Some("first"), Some(""), None];
    let anys = vec![Some("12.50"), Some("007"), None];
    batch(vec![
        (
            "bin(1s)",
            ColumnType::Time,
            Arc::new(TimestampMillisecondArray::from(times)),
        ),
        (
            "count(*)",
            ColumnType::Number,
            Arc::new(Float64Array::from(vec![Some(3.0), Some(-0.25), None])),
        ),
        (
            "slow",
            ColumnType::Bool,
            Arc::new(BooleanArray::from(vec![Some(true), Some(false), None])),
        ),
        (
            "@message",
            ColumnType::Text,
            Arc::new(StringViewArray::from(texts)),
        ),
        ("user.id", ColumnType::Any, Arc::new(StringViewArray::from(anys))),
    ])
}

fn hostile() -> RecordBatch {
    let long_word = "x".repeat(100);
    let texts = vec![
        "\x1b[31mred\x1b[0m \x1b]0;title\x07",
        "\u{9b}2J C1, \x7f DEL, \0 NUL",
        "bidi \u{202e}txt.exe\u{2066} and \u{200b}nothing\u{feff}",
        "Traceback:\r\n\tFile \"a.py\"\n\tin f\rx",
        "REPORT RequestId: 7f1e\tDuration: 3.49 ms\tBilled Duration: 4 ms",
        "pipe | comma , quote \" backslash \\ <b>tag</b> [link](x) `code`",
        "日本語のログ 👩‍💻 naïve é",
        long_word.as_str(),
    ];
    let names = vec![
        "=1+1",
        "-1",
        "1e3",
        "null",
        "NaN",
        " ",
        "a,b",
        "1234567890123456789",
    ];
    batch(vec![
        (
            "@message \x1b[1m|\n",
            ColumnType::Text,
            Arc::new(StringViewArray::from(texts)),
        ),
        (
            "any, \"quoted\"",
            ColumnType::Any,
            Arc::new(StringViewArray::from(names)),
        ),
    ])
}

#[test]
fn every_type_in_every_format() {
    check_all_formats("every-type", &[every_type()]);
}

#[test]
fn hostile_content_in_every_format() {
    check_all_formats("hostile", &[hostile()]);
    check("hostile.terminal.csv", Format::Csv, TERMINAL, &[hostile()]);
}

#[test]
fn no_rows_in_every_format() {
    check_all_formats("no-rows", &[every_type().slice(0, 0)]);
}

#[test]
fn several_batches_read_as_one() {
    let (all, rows) = (hostile(), hostile().num_rows());
    for format in Format::ALL.into_iter().filter(|format| format.is_text()) {
        let pieces: Vec<_> = (0..rows).map(|row| all.slice(row, 1)).collect();
        assert_eq!(
            render(format, TERMINAL, &pieces),
            render(format, TERMINAL, std::slice::from_ref(&all))
        );
    }
}
