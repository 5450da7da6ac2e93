//! The one interface of all formats.

use std::io::Write;

use arrow_array::RecordBatch;
use arrow_schema::Schema;

use crate::arrow::ArrowRenderer;
use crate::column::Columns;
use crate::csv::CsvRenderer;
use crate::json::{JsonRenderer, Shape};
use crate::markdown::MarkdownRenderer;
use crate::parquet::ParquetRenderer;
use crate::table::TableRenderer;
use crate::{Format, RenderError};

/// Text that is gathered before it is handed to the writer; a pipe takes this much at once.
pub(crate) const BUFFER_BYTES: usize = 64 << 10;

/// Writes one result, batch by batch.
pub trait Renderer {
    /// Writes the rows of `batch`, or keeps some of them for [`Renderer::finish`].
    ///
    /// # Errors
    /// [`RenderError::SchemaMismatch`] for a batch of another schema, [`RenderError::Io`] from the writer.
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), RenderError>;

    /// Writes what is left and flushes. Call it once, after the last batch.
    ///
    /// # Errors
    /// [`RenderError::Io`] from the writer.
    fn finish(&mut self) -> Result<(), RenderError>;
}

/// Where the bytes end up, as far as it changes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A file or a pipe: CSV is byte-faithful, tables are as wide as their content.
    Bytes,
    /// A terminal: nothing from the log is sent raw, tables fit the width.
    Terminal {
        /// Width in character cells.
        columns: u16,
        /// True when headings may be set in bold.
        colour: bool,
    },
}

impl Target {
    pub(crate) fn is_terminal(self) -> bool {
        matches!(self, Self::Terminal { .. })
    }
}

/// A renderer of `format` that writes to `out`. The schema is needed now, so that a result without rows
/// still has its header.
///
/// # Errors
/// [`RenderError::UnsupportedType`] when a column is not one of [`insq_event::ColumnType`];
/// [`RenderError::BinaryOnTerminal`] for Parquet and Arrow on a terminal; [`RenderError::Io`] when the header cannot be written.
pub fn renderer<'w, W: Write + 'w>(
    format: Format,
    target: Target,
    schema: &Schema,
    out: W,
) -> Result<Box<dyn Renderer + 'w>, RenderError> {
    let columns = Columns::of(schema)?;
    if target.is_terminal() && !format.is_text() {
        return Err(RenderError::BinaryOnTerminal);
    }
    Ok(match format {
        Format::Table => Box::new(TableRenderer::new(columns, target, out)),
        Format::Csv => Box::new(CsvRenderer::new(columns, target, out)?),
        Format::Json => Box::new(JsonRenderer::new(columns, Shape::Array, out)?),
        Format::JsonLines => Box::new(JsonRenderer::new(columns, Shape::Lines, out)?),
        Format::Markdown => Box::new(MarkdownRenderer::new(columns, out)?),
        Format::Parquet => Box::new(ParquetRenderer::new(schema, out)?),
        Format::Arrow => Box::new(ArrowRenderer::file(schema, out)?),
        Format::ArrowStream => Box::new(ArrowRenderer::stream(schema, out)?),
    })
}
