//! Cells of a result as plain values.

use arrow_array::types::{Float64Type, TimestampMillisecondType};
use arrow_array::{Array, RecordBatch, cast::AsArray};
use insq_event::{ColumnType, column_type_of};

/// A cell of a result.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Missing.
    Null,
    /// A number.
    Number(f64),
    /// Milliseconds since the epoch, UTC.
    Time(i64),
    /// A truth value.
    Bool(bool),
    /// A text; a number of a JSON field as the log wrote it.
    Text(String),
}

impl Value {
    /// The cell of `batch` in `row` of column `column`. Out of range or of a foreign type: `Null`.
    pub(crate) fn of(batch: &RecordBatch, column: usize, row: usize) -> Self {
        let array = batch.column(column);
        if array.is_null(row) {
            return Self::Null;
        }
        match column_type_of(batch, column) {
            Some(ColumnType::Number) => Self::Number(array.as_primitive::<Float64Type>().value(row)),
            Some(ColumnType::Time) => Self::Time(array.as_primitive::<TimestampMillisecondType>().value(row)),
            Some(ColumnType::Bool) => Self::Bool(array.as_boolean().value(row)),
            Some(ColumnType::Text | ColumnType::Any | ColumnType::Json) => {
                Self::Text(array.as_string_view().value(row).to_owned())
            }
            None => Self::Null,
        }
    }
}

impl std::fmt::Display for Value {
    /// The text that a result shows; nothing for a missing cell.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Number(value) => f.write_str(&insq_functions::format_number(*value)),
            Self::Time(ms) => f.write_str(&insq_functions::format_time(*ms)),
            Self::Bool(value) => f.write_str(if *value { "1" } else { "0" }),
            Self::Text(text) => f.write_str(text),
        }
    }
}
