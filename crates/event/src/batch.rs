//! The types of a batch's columns.

use arrow_array::RecordBatch;

use crate::ColumnType;

/// The type of column `index`, or `None` for columns that are not values of the language.
pub fn column_type_of(batch: &RecordBatch, index: usize) -> Option<ColumnType> {
    ColumnType::of_field(batch.schema_ref().field(index))
}
