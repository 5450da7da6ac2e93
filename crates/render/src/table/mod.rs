//! Tables for people: Unicode borders, right-aligned numbers, cells wrapped to the width.
//!
//! Rows are laid out in chunks, so that memory does not grow with the result. The first chunk decides the
//! widths; wider cells of later chunks are wrapped. Very long cells are cut, and say by how much.
//! Missing cells are blank. Everything is sanitised, wherever it goes.

mod layout;

use std::io::Write;

use arrow_array::RecordBatch;
use comfy_table::{
    Attribute, Cell as TableCell, CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Row, Table,
    TableStyle, Width, presets,
};
use insq_event::ColumnType;

use crate::column::{Cell, Columns};
use crate::sanitizer::{Place, sanitize};
use crate::{RenderError, Renderer, Target};

/// Rows that are laid out together.
pub const CHUNK_ROWS_MAX: usize = 10_000;
/// Text that is laid out together, unless one row alone is longer.
pub const CHUNK_BYTES_MAX: usize = 8 << 20;
/// Text of one cell that is shown; the rest is only counted.
pub const CELL_BYTES_MAX: usize = 8 << 10;
/// Lines of one cell that are shown; a mark stands for the rest.
pub const CELL_LINES_MAX: usize = 200;
/// Width of a column, in character cells, where no terminal sets one.
pub const COLUMN_WIDTH_MAX: usize = 200;

/// Border, separator and padding that a column takes besides its content, and the border at the end.
const COLUMN_FRAME_WIDTH: usize = 3;
const TABLE_FRAME_WIDTH: usize = 1;

pub(crate) struct TableRenderer<W: Write> {
    columns: Columns,
    target: Target,
    out: W,
    /// Set once the first chunk is written.
    widths: Option<Vec<usize>>,
    rows: Vec<Row>,
    rows_bytes: usize,
    row_count: u64,
    scratch: String,
}

/// Which of its edges a chunk draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edge {
    Open,
    Closed,
}

impl<W: Write> TableRenderer<W> {
    pub(crate) fn new(columns: Columns, target: Target, out: W) -> Self {
        Self {
            columns,
            target,
            out,
            widths: None,
            rows: Vec::new(),
            rows_bytes: 0,
            row_count: 0,
            scratch: String::new(),
        }
    }

    fn write_chunk(&mut self, bottom: Edge) -> Result<(), RenderError> {
        let is_first = self.widths.is_none();
        let mut table = Table::new();
        table
            .force_no_tty()
            .set_content_arrangement(ContentArrangement::Disabled);
        table.load_style(style(if is_first { Edge::Closed } else { Edge::Open }, bottom));
        if is_first {
            table.set_header(self.header());
        }
        if matches!(self.target, Target::Terminal { colour: true, .. }) {
            table.enforce_styling();
            table.style_text_only();
        }
        table.add_rows(self.rows.drain(..));
        self.rows_bytes = 0;

        let widths = match self.widths.take() {
            Some(widths) => widths,
            None => self.choose_widths(&table.column_max_content_widths()),
        };
        table.set_constraints(widths.iter().map(|width| absolute(*width)));
        self.widths = Some(widths);
        for line in table.lines() {
            writeln!(self.out, "{line}")?;
        }
        Ok(())
    }

    fn header(&self) -> Row {
        let cells = self
            .columns
            .names
            .iter()
            .zip(&self.columns.types)
            .map(|(name, ty)| {
                let name = sanitize(name, Place::Line);
                TableCell::new(name)
                    .set_alignment(alignment(*ty))
                    .add_attribute(Attribute::Bold)
            });
        Row::from(cells.collect::<Vec<_>>())
    }

    fn choose_widths(&self, content_widths: &[u16]) -> Vec<usize> {
        let wishes: Vec<layout::Wish> = content_widths
            .iter()
            .zip(&self.columns.types)
            .map(|(width, ty)| layout::Wish {
                content_width: usize::from(*width).clamp(1, COLUMN_WIDTH_MAX),
                is_rigid: matches!(ty, ColumnType::Number | ColumnType::Time | ColumnType::Bool),
            })
            .collect();
        let available = match self.target {
            Target::Bytes => usize::MAX,
            Target::Terminal { columns, .. } => {
                let frame = wishes.len() * COLUMN_FRAME_WIDTH + TABLE_FRAME_WIDTH;
                usize::from(columns).saturating_sub(frame)
            }
        };
        layout::share_width(&wishes, available)
    }

    fn write_footer(&mut self) -> Result<(), RenderError> {
        if self.target.is_terminal() {
            let noun = if self.row_count == 1 { "row" } else { "rows" };
            writeln!(self.out, "({} {noun})", self.row_count)?;
        }
        Ok(())
    }
}

impl<W: Write> Renderer for TableRenderer<W> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), RenderError> {
        let cells = self.columns.cells(batch)?;
        for row_idx in 0..batch.num_rows() {
            // Only when there is more to come, so that the last chunk always has the rows that close the table.
            if self.rows.len() == CHUNK_ROWS_MAX || self.rows_bytes >= CHUNK_BYTES_MAX {
                self.write_chunk(Edge::Open)?;
            }
            let mut row = Row::new();
            for (column, ty) in cells.iter().zip(&self.columns.types) {
                let text = shown(column.get(row_idx), &mut self.scratch);
                self.rows_bytes += text.len();
                row.add_cell(TableCell::new(text).set_alignment(alignment(*ty)));
            }
            row.max_height(CELL_LINES_MAX);
            self.rows.push(row);
            self.row_count += 1;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), RenderError> {
        self.write_chunk(Edge::Closed)?;
        self.write_footer()?;
        Ok(self.out.flush()?)
    }
}

/// The text of a cell as the table shows it: cut, then sanitised.
fn shown(cell: Option<Cell<'_>>, scratch: &mut String) -> String {
    let Some(cell) = cell else { return String::new() };
    let text = cell.text(scratch);
    if text.len() <= CELL_BYTES_MAX {
        return sanitize(text, Place::Cell).into_owned();
    }
    let kept = text.floor_char_boundary(CELL_BYTES_MAX);
    let cut_bytes = text.len() - kept;
    format!(
        "{}\n… {cut_bytes} more bytes",
        sanitize(&text[..kept], Place::Cell)
    )
}

fn alignment(ty: ColumnType) -> CellAlignment {
    if ty == ColumnType::Number {
        CellAlignment::Right
    } else {
        CellAlignment::Left
    }
}

fn absolute(content_width: usize) -> ColumnConstraint {
    // Widths are bounded by `COLUMN_WIDTH_MAX`; the padding is one cell on either side.
    ColumnConstraint::Absolute(Width::Fixed(u16::try_from(content_width + 2).unwrap_or(u16::MAX)))
}

fn style(top: Edge, bottom: Edge) -> TableStyle {
    let mut style = presets::UTF8_FULL_CONDENSED;
    if top == Edge::Open {
        style.top_border = LineStyle::none();
    }
    if bottom == Edge::Open {
        style.bottom_border = LineStyle::none();
    }
    style
}
