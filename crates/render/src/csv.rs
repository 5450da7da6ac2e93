//! CSV: RFC 4180 quoting, a header of column names, LF line ends, missing as an empty cell.
//!
//! A file or a pipe gets the bytes of the log; a terminal gets them sanitised.

use std::borrow::Cow;
use std::io::{self, Write};

use arrow_array::RecordBatch;

use crate::column::Columns;
use crate::sanitizer::{Place, sanitize};
use crate::{RenderError, Renderer, Target};

pub(crate) struct CsvRenderer<W: Write> {
    columns: Columns,
    target: Target,
    out: csv::Writer<W>,
    scratch: String,
}

impl<W: Write> CsvRenderer<W> {
    pub(crate) fn new(columns: Columns, target: Target, out: W) -> Result<Self, RenderError> {
        let mut renderer = Self {
            target,
            out: csv::Writer::from_writer(out),
            scratch: String::new(),
            columns,
        };
        for name in &renderer.columns.names {
            renderer
                .out
                .write_field(shown(name, target).as_ref())
                .map_err(into_io)?;
        }
        renderer.out.write_record(None::<&[u8]>).map_err(into_io)?;
        Ok(renderer)
    }
}

impl<W: Write> Renderer for CsvRenderer<W> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), RenderError> {
        let cells = self.columns.cells(batch)?;
        for row in 0..batch.num_rows() {
            for column in &cells {
                let text = column.get(row).map_or("", |cell| cell.text(&mut self.scratch));
                self.out
                    .write_field(shown(text, self.target).as_ref())
                    .map_err(into_io)?;
            }
            self.out.write_record(None::<&[u8]>).map_err(into_io)?;
        }
        // Whoever reads the pipe sees every batch as soon as it is there.
        Ok(self.out.flush()?)
    }

    fn finish(&mut self) -> Result<(), RenderError> {
        Ok(self.out.flush()?)
    }
}

fn shown(text: &str, target: Target) -> Cow<'_, str> {
    if target.is_terminal() {
        sanitize(text, Place::Quoted)
    } else {
        Cow::Borrowed(text)
    }
}

fn into_io(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
