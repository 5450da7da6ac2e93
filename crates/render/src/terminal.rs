//! How wide the terminal is.

/// The width that is assumed when a terminal does not tell its own.
pub const TERMINAL_COLUMNS_DEFAULT: u16 = 80;

/// Columns of the terminal that standard output is connected to, or `None` when it is none.
///
/// A terminal that does not know its width counts as [`TERMINAL_COLUMNS_DEFAULT`] wide.
pub fn terminal_columns() -> Option<u16> {
    let table = comfy_table::Table::new();
    table.is_tty().then(|| {
        table
            .width()
            .filter(|columns| *columns > 0)
            .unwrap_or(TERMINAL_COLUMNS_DEFAULT)
    })
}
