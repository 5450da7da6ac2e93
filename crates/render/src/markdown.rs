//! Markdown: a table in GitHub's dialect, always sanitised.
//!
//! Line ends become `<br>`. Characters that Markdown or HTML would take for markup are escaped, so that a
//! log line shows as it was written and cannot smuggle links, images or tags into a document.

use std::io::Write;

use arrow_array::RecordBatch;
use insq_event::ColumnType;

use crate::column::Columns;
use crate::renderer::BUFFER_BYTES;
use crate::sanitizer::{Place, sanitize};
use crate::{RenderError, Renderer};

pub(crate) struct MarkdownRenderer<W: Write> {
    columns: Columns,
    out: W,
    buffer: String,
    scratch: String,
}

impl<W: Write> MarkdownRenderer<W> {
    pub(crate) fn new(columns: Columns, mut out: W) -> Result<Self, RenderError> {
        let mut header = String::new();
        for name in &columns.names {
            push_cell(&mut header, name);
        }
        header.push_str("|\n");
        for ty in &columns.types {
            header.push_str(if *ty == ColumnType::Number {
                "| ---: "
            } else {
                "| --- "
            });
        }
        header.push_str("|\n");
        out.write_all(header.as_bytes())?;
        Ok(Self {
            columns,
            out,
            buffer: String::new(),
            scratch: String::new(),
        })
    }

    fn drain(&mut self) -> Result<(), RenderError> {
        self.out.write_all(self.buffer.as_bytes())?;
        self.buffer.clear();
        Ok(())
    }
}

impl<W: Write> Renderer for MarkdownRenderer<W> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), RenderError> {
        let cells = self.columns.cells(batch)?;
        for row in 0..batch.num_rows() {
            for column in &cells {
                let text = column.get(row).map_or("", |cell| cell.text(&mut self.scratch));
                push_cell(&mut self.buffer, text);
            }
            self.buffer.push_str("|\n");
            if self.buffer.len() >= BUFFER_BYTES {
                self.drain()?;
            }
        }
        self.drain()
    }

    fn finish(&mut self) -> Result<(), RenderError> {
        Ok(self.out.flush()?)
    }
}

fn push_cell(out: &mut String, text: &str) {
    out.push_str("| ");
    let shown = sanitize(text, Place::Cell);
    let mut previous = ' ';
    let mut rest = shown.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\n' => out.push_str("<br>"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '|' | '\\' | '`' | '*' | '[' | ']' | '~' => out.extend(['\\', c]),
            // Inside a word an underscore is only an underscore, and field names are full of them.
            '_' if !(previous.is_alphanumeric()
                && rest.peek().is_some_and(|next| next.is_alphanumeric())) =>
            {
                out.push_str("\\_");
            }
            _ => out.push(c),
        }
        previous = c;
    }
    if previous != ' ' || !shown.is_empty() {
        out.push(' ');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let mut cell = String::new();
        push_cell(&mut cell, text);
        assert_eq!(cell, expected, "{text:?}");
    }

    #[test]
    fn cells_hold_no_markup() {
        check("", "| ");
        check("a|b", r"| a\|b ");
        check("one\ntwo\r\nthree", "| one<br>two<br>three ");
        check("<img src=x> & co", "| &lt;img src=x&gt; &amp; co ");
        check("![x](http://tracker)", r"| !\[x\](http://tracker) ");
        check(
            "`code` **bold** ~~gone~~",
            r"| \`code\` \*\*bold\*\* \~\~gone\~\~ ",
        );
        check(
            "user_id _emphasis_ __init__",
            r"| user_id \_emphasis\_ \_\_init\_\_ ",
        );
        check(r"C:\dir", r"| C:\\dir ");
        check("\x1b[31m", r"| \\x1b\[31m ");
    }
}
