//! Small tables of text.

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};

/// How a column stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// A table with a line below its heading, no wider than `width` characters if there is one.
pub(crate) fn table(columns: &[(&str, Align)], rows: &[Vec<String>], width: Option<u16>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    if let Some(width) = width {
        table.set_width(width);
    } else {
        table.set_content_arrangement(ContentArrangement::Disabled);
    }
    let aligned = |text: &str, align: Align| {
        Cell::new(text).set_alignment(match align {
            Align::Left => CellAlignment::Left,
            Align::Right => CellAlignment::Right,
        })
    };
    table.set_header(columns.iter().map(|(name, align)| aligned(name, *align)));
    for row in rows {
        let cells = row.iter().zip(columns);
        table.add_row(cells.map(|(text, (_, align))| aligned(text, *align)));
    }
    for column in table.column_iter_mut() {
        column.set_padding((1, 1));
    }
    let text = table.to_string();
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n")
}
