//! Small facts about record batches.

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use crate::ColumnType;

/// The type of column `index`, or `None` for columns that are not values of the language.
pub fn column_type_of(batch: &RecordBatch, index: usize) -> Option<ColumnType> {
    ColumnType::of_field(batch.schema_ref().field(index))
}

/// A batch of no rows.
pub fn empty_batch(schema: SchemaRef) -> RecordBatch {
    RecordBatch::new_empty(schema)
}
