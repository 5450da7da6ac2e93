//! `parse … csv`: execution.

use std::sync::Arc;

use arrow_array::builder::StringViewBuilder;
use arrow_array::{Array, ArrayRef, BooleanArray, cast::AsArray};
use arrow_select::zip::zip;
use csv_core::{ReadFieldResult, Reader};
use insq_plan::Extract;

use crate::chunk::Chunk;
use crate::error::ExecError;
use crate::evaluate::Evaluator;

/// The values of the first line of every text, by RFC 4180: surplus values are dropped, lacking ones are missing. A
/// missing text leaves the names as they were.
pub(super) fn extract_csv(
    evaluator: &Evaluator,
    extract: &Extract,
    mut chunk: Chunk,
) -> Result<Chunk, ExecError> {
    let source = evaluator.array(&extract.source, &chunk)?;
    let source = source.as_string_view();
    let mut columns: Vec<StringViewBuilder> = extract
        .captures
        .iter()
        .map(|_| StringViewBuilder::new())
        .collect();
    let mut line = Line::new();
    for row in 0..chunk.rows {
        let text = if source.is_valid(row) {
            source.value(row)
        } else {
            ""
        };
        line.read(text);
        for (column, capture) in columns.iter_mut().zip(&extract.captures) {
            column.append_option(line.value(capture.group).filter(|_| source.is_valid(row)));
        }
    }
    let present: BooleanArray = (0..chunk.rows).map(|row| Some(source.is_valid(row))).collect();
    let mut made = Vec::with_capacity(columns.len());
    for (mut column, capture) in columns.into_iter().zip(&extract.captures) {
        let cut: ArrayRef = Arc::new(column.finish());
        made.push(match &capture.otherwise {
            Some(otherwise) => zip(&present, &cut, &evaluator.array(otherwise, &chunk)?)?,
            None => cut,
        });
    }
    chunk.columns.extend(made);
    Ok(chunk)
}

/// The values of one line, in buffers that are used again.
struct Line {
    reader: Reader,
    text: Vec<u8>,
    /// End of every value in `text`.
    ends: Vec<usize>,
}

impl Line {
    fn new() -> Self {
        Self {
            // The default of a reader reads nothing.
            reader: Reader::new(),
            text: Vec::new(),
            ends: Vec::new(),
        }
    }

    fn read(&mut self, line: &str) {
        self.reader.reset();
        self.ends.clear();
        // Without its quotes and escapes, a line is never longer than with them.
        self.text.resize(line.len() + 1, 0);
        let (mut input, mut at) = (line.as_bytes(), 0);
        loop {
            let (result, n_in, n_out) = self.reader.read_field(input, &mut self.text[at..]);
            input = &input[n_in..];
            at += n_out;
            match result {
                ReadFieldResult::Field { record_end } => {
                    self.ends.push(at);
                    if record_end {
                        return;
                    }
                }
                ReadFieldResult::InputEmpty => {}
                ReadFieldResult::OutputFull | ReadFieldResult::End => return,
            }
        }
    }

    fn value(&self, idx: usize) -> Option<&str> {
        let end = *self.ends.get(idx)?;
        let start = if idx == 0 { 0 } else { self.ends[idx - 1] };
        std::str::from_utf8(&self.text[start..end]).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let mut line = Line::new();
        for (text, expected) in [
            ("a,b,c", vec!["a", "b", "c"]),
            ("a,\"b, \"\"x\"\"\",c", vec!["a", "b, \"x\"", "c"]),
            (" a , b ", vec![" a ", " b "]),
            ("a,,c", vec!["a", "", "c"]),
            ("a,b\nc,d", vec!["a", "b"]),
            ("\"open, never closed", vec!["open, never closed"]),
            ("", vec![]),
        ] {
            line.read(text);
            let found: Vec<&str> = (0..line.ends.len()).filter_map(|idx| line.value(idx)).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
