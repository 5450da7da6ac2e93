//! JSON: one object per row, in column order, as one array or one object per line.
//!
//! Numbers are JSON numbers, truth values are 1 and 0 as the language shows them, times are text,
//! missing is `null`. A cell of an *any* column is a number when its text is one that a double holds
//! exactly as written. Harmful characters are written as `\u` escapes, which read back as themselves.

use std::io::Write;

use arrow_array::RecordBatch;

use crate::column::{Cell, Columns};
use crate::renderer::BUFFER_BYTES;
use crate::sanitizer::escape_json;
use crate::{RenderError, Renderer, write_number};

/// Significant digits that every double keeps.
const EXACT_DIGITS_MAX: usize = 15;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Array,
    Lines,
}

pub(crate) struct JsonRenderer<W: Write> {
    columns: Columns,
    /// `{"first":`, `,"second":` …, written before the cells.
    keys: Vec<String>,
    shape: Shape,
    out: W,
    buffer: String,
    scratch: String,
    has_rows: bool,
}

impl<W: Write> JsonRenderer<W> {
    pub(crate) fn new(columns: Columns, shape: Shape, out: W) -> Result<Self, RenderError> {
        let mut keys = Vec::with_capacity(columns.names.len());
        for name in &columns.names {
            let mut key = String::from(if keys.is_empty() { "{" } else { "," });
            push_string(&mut key, name)?;
            key.push(':');
            keys.push(key);
        }
        Ok(Self {
            columns,
            keys,
            shape,
            out,
            buffer: String::new(),
            scratch: String::new(),
            has_rows: false,
        })
    }

    fn begin_row(&mut self) {
        self.buffer.push_str(match (self.shape, self.has_rows) {
            (Shape::Lines, _) => "",
            (Shape::Array, false) => "[\n",
            (Shape::Array, true) => ",\n",
        });
        self.has_rows = true;
    }

    fn end_row(&mut self) {
        if self.keys.is_empty() {
            self.buffer.push('{');
        }
        self.buffer.push('}');
        if self.shape == Shape::Lines {
            self.buffer.push('\n');
        }
    }

    fn drain(&mut self) -> Result<(), RenderError> {
        self.out.write_all(self.buffer.as_bytes())?;
        self.buffer.clear();
        Ok(())
    }
}

impl<W: Write> Renderer for JsonRenderer<W> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), RenderError> {
        let cells = self.columns.cells(batch)?;
        for row in 0..batch.num_rows() {
            self.begin_row();
            for (key, column) in self.keys.iter().zip(&cells) {
                self.buffer.push_str(key);
                push_value(&mut self.buffer, column.get(row), &mut self.scratch)?;
            }
            self.end_row();
            if self.buffer.len() >= BUFFER_BYTES {
                self.drain()?;
            }
        }
        self.drain()
    }

    fn finish(&mut self) -> Result<(), RenderError> {
        match (self.shape, self.has_rows) {
            (Shape::Lines, _) => {}
            (Shape::Array, false) => self.out.write_all(b"[]\n")?,
            (Shape::Array, true) => self.out.write_all(b"\n]\n")?,
        }
        Ok(self.out.flush()?)
    }
}

fn push_value(out: &mut String, cell: Option<Cell<'_>>, scratch: &mut String) -> Result<(), RenderError> {
    match cell {
        None => out.push_str("null"),
        // JSON has no word for these; the language itself has no such value.
        Some(Cell::Number(value)) if !value.is_finite() => out.push_str("null"),
        Some(Cell::Number(value)) => write_number(out, value),
        Some(Cell::Any(text)) if is_exact_number(text) => out.push_str(text),
        Some(cell @ Cell::Bool(_)) => out.push_str(cell.text(scratch)),
        Some(cell) => push_string(out, cell.text(scratch))?,
    }
    Ok(())
}

/// True for the text of a JSON number that any reader turns into the same double: at most
/// [`EXACT_DIGITS_MAX`] significant digits, neither too large nor too small.
fn is_exact_number(text: &str) -> bool {
    let starts_like_one = text
        .bytes()
        .next()
        .is_some_and(|b| b == b'-' || b.is_ascii_digit());
    // The longest exact form, such as `-123456789012345e-300`, with room for some zeros.
    if !starts_like_one || text.len() > 40 || !is_json_number(text) {
        return false;
    }
    let mantissa = text.split(['e', 'E']).next().unwrap_or(text);
    let digits = || mantissa.bytes().filter(u8::is_ascii_digit);
    let leading_zeros = digits().take_while(|b| *b == b'0').count();
    let significant = digits().count() - leading_zeros;
    let value: f64 = text.parse().unwrap_or(f64::NAN);
    significant <= EXACT_DIGITS_MAX && (value.is_normal() || (value == 0.0 && significant == 0))
}

fn is_json_number(text: &str) -> bool {
    text.ends_with(|c: char| c.is_ascii_digit()) && serde_json::from_str::<serde_json::Number>(text).is_ok()
}

fn push_string(out: &mut String, text: &str) -> Result<(), RenderError> {
    let quoted = serde_json::to_string(text).map_err(std::io::Error::from)?;
    // serde_json escapes the C0 controls; what else is harmful is rare.
    out.push_str(&escape_json(&quoted));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sanitizer::is_harmful;
    use proptest::prelude::*;

    #[test]
    fn any_cells_are_numbers_when_nothing_is_lost() {
        for text in [
            "0",
            "-0",
            "7",
            "-12.50",
            "1e3",
            "0.000123",
            "123456789012345",
            "1.0",
            "2E+5",
            "0.0e9",
        ] {
            assert!(is_exact_number(text), "{text}");
        }
        for text in [
            "",
            "-",
            "007",
            "+1",
            ".5",
            "1.",
            "1e",
            " 1",
            "1 ",
            "NaN",
            "Infinity",
            "0x10",
            "1_000",
            "1e400",
            "1e-400",
            "1e-310",
            "1234567890123456",
            "0.1234567890123456",
            "true",
            "\"1\"",
            "[1]",
            "１",
        ] {
            assert!(!is_exact_number(text), "{text}");
        }
        assert!(!is_exact_number(&format!("1{}", "0".repeat(40))));
    }

    proptest! {
        #[test]
        fn strings_read_back_and_hold_nothing_harmful(text in ".{0,40}|[\\x00-\\u{a0}\\u{2000}-\\u{2070}]{0,40}") {
            let mut quoted = String::new();
            push_string(&mut quoted, &text).unwrap();
            prop_assert!(!quoted.contains(is_harmful), "{quoted:?}");
            prop_assert_eq!(serde_json::from_str::<String>(&quoted).unwrap(), text);
        }

        #[test]
        fn exact_numbers_are_numbers_to_a_json_reader(text in "-?[0-9]{0,3}(\\.[0-9]{0,16})?([eE][+-]?[0-9]{0,3})?") {
            if is_exact_number(&text) {
                let value: f64 = serde_json::from_str(&text).unwrap();
                let expected: f64 = text.parse().unwrap();
                // serde_json reads fast, not to the last bit.
                prop_assert!((value - expected).abs() <= expected.abs() * 1e-14, "{value} for {text}");
            }
        }
    }
}
