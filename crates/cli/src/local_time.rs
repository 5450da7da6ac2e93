//! Times of a result by the clock of a zone, as text.

use std::sync::Arc;

use insq::arrow_array::types::TimestampMillisecondType;
use insq::arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, StringViewArray, cast::AsArray};
use insq::arrow_schema::{ArrowError, Schema, SchemaRef};
use insq::{ColumnType, Zone, format_time_in};

/// The schema in which times are text; the same one for UTC, which renderers write themselves.
pub(crate) fn local_schema(schema: &SchemaRef, zone: Zone) -> SchemaRef {
    if zone == Zone::Utc {
        return schema.clone();
    }
    let fields = schema
        .fields()
        .iter()
        .map(|field| match ColumnType::of_field(field) {
            Some(ColumnType::Time) => Arc::new(ColumnType::Text.field(field.name())),
            _ => field.clone(),
        });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// The batch in that schema.
pub(crate) fn local_batch(
    batch: RecordBatch,
    schema: &SchemaRef,
    zone: Zone,
) -> Result<RecordBatch, ArrowError> {
    if zone == Zone::Utc {
        return Ok(batch);
    }
    let columns: Vec<ArrayRef> = batch
        .columns()
        .iter()
        .map(
            |column| match column.as_primitive_opt::<TimestampMillisecondType>() {
                Some(times) => {
                    let texts = times.iter().map(|ms| ms.map(|ms| format_time_in(ms, zone)));
                    Arc::new(StringViewArray::from_iter(texts)) as ArrayRef
                }
                None => column.clone(),
            },
        )
        .collect();
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(schema.clone(), columns, &options)
}
