//! Tables and their limits; what may never leave for a terminal; what is refused.

// A failed step of a test is a failed test, in its shared functions too.
#![allow(clippy::unwrap_used)]

use std::io::{self, Write};
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int32Array, RecordBatch, StringViewArray};
use arrow_schema::{DataType, Field, Schema};
use insq_event::ColumnType;
use insq_render::{
    CELL_BYTES_MAX, CELL_LINES_MAX, CHUNK_ROWS_MAX, COLUMN_WIDTH_MAX, Format, RenderError, Target, renderer,
};
use proptest::prelude::*;

const TERMINAL: Target = Target::Terminal {
    columns: 80,
    colour: false,
};

fn texts(name: &str, cells: Vec<String>) -> RecordBatch {
    let array: ArrayRef = Arc::new(StringViewArray::from(cells));
    let schema = Schema::new(vec![ColumnType::Text.field(name)]);
    RecordBatch::try_new(Arc::new(schema), vec![array]).unwrap()
}

fn render(format: Format, target: Target, batch: &RecordBatch) -> String {
    let mut out = Vec::new();
    let mut to = renderer(format, target, batch.schema_ref(), &mut out).unwrap();
    to.batch(batch).unwrap();
    to.finish().unwrap();
    drop(to);
    String::from_utf8(out).unwrap()
}

fn table(cell: &str, target: Target) -> String {
    render(Format::Table, target, &texts("t", vec![cell.to_owned()]))
}

#[test]
fn very_long_cells_are_cut_and_say_so() {
    let whole = table(&"a".repeat(CELL_BYTES_MAX), Target::Bytes);
    assert!(!whole.contains("more bytes") && whole.matches('a').count() == CELL_BYTES_MAX);
    assert!(table(&"a".repeat(CELL_BYTES_MAX + 1), Target::Bytes).contains("… 1 more bytes"));

    let five_mb = "é".repeat(5 << 19);
    assert!(table(&five_mb, TERMINAL).contains("… 5234688 more bytes"));
    assert_eq!(
        render(Format::Csv, Target::Bytes, &texts("t", vec![five_mb.clone()])).len(),
        five_mb.len() + 3
    );
    let lines = render(
        Format::JsonLines,
        Target::Bytes,
        &texts("t", vec![five_mb.clone()]),
    );
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&lines).unwrap()["t"],
        five_mb
    );
}

#[test]
fn very_high_cells_are_cut_and_marked() {
    let lines = |count: usize| vec!["line"; count].join("\n");
    assert!(!table(&lines(CELL_LINES_MAX), TERMINAL).contains('…'));
    let cut = table(&lines(CELL_LINES_MAX + 1), TERMINAL);
    assert_eq!(
        (cut.matches("line").count(), cut.matches('…').count()),
        (CELL_LINES_MAX - 1, 1)
    );
}

#[test]
fn columns_have_a_greatest_width_without_a_terminal() {
    let width = |cell_len: usize| {
        table(&"a".repeat(cell_len), Target::Bytes)
            .lines()
            .next()
            .unwrap()
            .chars()
            .count()
    };
    assert_eq!(width(COLUMN_WIDTH_MAX), COLUMN_WIDTH_MAX + 4);
    assert_eq!(width(COLUMN_WIDTH_MAX + 1), COLUMN_WIDTH_MAX + 4);
}

#[test]
fn tables_of_several_chunks_have_one_frame() {
    for rows in [
        CHUNK_ROWS_MAX - 1,
        CHUNK_ROWS_MAX,
        CHUNK_ROWS_MAX + 1,
        2 * CHUNK_ROWS_MAX,
    ] {
        let cells = (0..rows).map(|row| format!("row {row:05}")).collect();
        let shown = render(Format::Table, TERMINAL, &texts("name", cells));
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(lines.len(), rows + 5, "header, three borders, footer: {lines:?}");
        assert_eq!(
            (
                shown.matches('┌').count(),
                shown.matches('╞').count(),
                shown.matches('└').count()
            ),
            (1, 1, 1)
        );
        assert_eq!(lines[lines.len() - 1], format!("({rows} rows)"));
        let width = lines[0].chars().count();
        assert!(
            lines[..lines.len() - 1]
                .iter()
                .all(|line| line.chars().count() == width)
        );
    }
}

#[test]
fn wider_cells_of_later_chunks_are_wrapped() {
    let mut cells = vec!["short".to_owned(); CHUNK_ROWS_MAX];
    cells.push("a longer one".to_owned());
    let shown = render(Format::Table, Target::Bytes, &texts("n", cells));
    assert!(shown.lines().all(|line| line.chars().count() == 9));
    assert!(shown.contains("│ a lon │\n│ ger   │\n│ one   │\n└"));
}

#[test]
fn terminals_get_tables_of_their_width() {
    for columns in [20, 40, 80, 200] {
        let target = Target::Terminal {
            columns,
            colour: false,
        };
        let shown = table(&"word ".repeat(100), target);
        let widest = shown.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= usize::from(columns), "{widest} of {columns}");
    }
}

#[test]
fn only_coloured_tables_hold_escapes_and_only_our_own() {
    let shown = table(
        "x",
        Target::Terminal {
            columns: 80,
            colour: true,
        },
    );
    assert!(shown.contains("\x1b[1m"), "{shown:?}");
    let rest = shown.replace("\x1b[1m", "").replace("\x1b[0m", "");
    assert!(!rest.contains('\x1b'), "{rest:?}");
    assert!(!table("x", TERMINAL).contains('\x1b'));
}

#[test]
fn foreign_columns_and_batches_are_refused() {
    let schema = Schema::new(vec![Field::new("n", DataType::Int32, true)]);
    let error = renderer(Format::Csv, Target::Bytes, &schema, Vec::new())
        .err()
        .unwrap();
    assert!(matches!(error, RenderError::UnsupportedType { name, .. } if name == "n"));

    let ints: ArrayRef = Arc::new(Int32Array::from(vec![1]));
    let foreign = RecordBatch::try_new(Arc::new(schema), vec![ints]).unwrap();
    let numbers: ArrayRef = Arc::new(Float64Array::from(vec![1.0]));
    let fields = vec![ColumnType::Number.field("a"), ColumnType::Number.field("b")];
    let wide =
        RecordBatch::try_new(Arc::new(Schema::new(fields)), vec![Arc::clone(&numbers), numbers]).unwrap();
    let schema = Schema::new(vec![ColumnType::Number.field("n")]);
    for format in Format::ALL {
        for batch in [&foreign, &wide] {
            let mut to = renderer(format, Target::Bytes, &schema, Vec::new()).unwrap();
            assert!(matches!(to.batch(batch), Err(RenderError::SchemaMismatch(_))));
        }
    }
}

#[test]
fn a_terminal_gets_no_binary() {
    let batch = texts("t", vec!["x".to_owned()]);
    for format in Format::ALL {
        let refused = renderer(format, TERMINAL, batch.schema_ref(), Vec::new()).err();
        let is_refused = matches!(refused, Some(RenderError::BinaryOnTerminal));
        assert_eq!(is_refused, !format.is_text(), "{format}");
    }
}

#[test]
fn a_closed_pipe_is_told_from_other_failures() {
    struct Failing(io::ErrorKind);
    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let batch = texts("t", vec!["x".to_owned()]);
    for format in Format::ALL {
        for (kind, is_closed_pipe) in [
            (io::ErrorKind::BrokenPipe, true),
            (io::ErrorKind::StorageFull, false),
        ] {
            let result =
                renderer(format, Target::Bytes, batch.schema_ref(), Failing(kind)).and_then(|mut to| {
                    to.batch(&batch)?;
                    to.finish()
                });
            assert_eq!(result.unwrap_err().is_closed_pipe(), is_closed_pipe, "{format}");
        }
    }
}

/// Text with more than its share of what terminals dislike.
fn any_cell() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,60}",
        "[\\x00-\\u{a0}\\u{2000}-\\u{2070}\\u{3040}-\\u{3050} ]{0,60}"
    ]
}

proptest! {
    #[test]
    fn tables_hold_no_control_character_but_line_feeds(
        name in any_cell(),
        cells in proptest::collection::vec(any_cell(), 0..4),
        columns in 1_u16..120,
    ) {
        let batch = texts(&name, cells);
        for target in [Target::Bytes, Target::Terminal { columns, colour: false }] {
            for format in [Format::Table, Format::Markdown] {
                let shown = render(format, target, &batch);
                prop_assert!(shown.chars().all(|c| c == '\n' || !c.is_control()), "{shown:?}");
            }
        }
    }

    #[test]
    fn terminals_get_no_control_character_but_line_feeds_and_tabs(
        name in any_cell(),
        cells in proptest::collection::vec(any_cell(), 0..4),
    ) {
        let batch = texts(&name, cells);
        for format in Format::ALL.into_iter().filter(|format| format.is_text()) {
            let shown = render(format, TERMINAL, &batch);
            prop_assert!(shown.chars().all(|c| c == '\n' || c == '\t' || !c.is_control()), "{shown:?}");
        }
    }

    #[test]
    fn csv_and_json_keep_every_text(cells in proptest::collection::vec(any_cell(), 1..4)) {
        let batch = texts("t", cells.clone());
        let csv = render(Format::Csv, Target::Bytes, &batch);
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let read: Vec<String> = reader.records().map(|record| record.unwrap()[0].to_owned()).collect();
        prop_assert_eq!(&read, &cells);

        let json = render(Format::Json, Target::Bytes, &batch);
        let read: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
        let read: Vec<&str> = read.iter().map(|row| row["t"].as_str().unwrap()).collect();
        prop_assert_eq!(read, cells);
    }
}
