//! A whole result in memory.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use insq_event::Damage;

use crate::statistics::Statistics;
use crate::value::Value;

/// Everything that a run gave.
#[derive(Clone, Debug)]
pub struct QueryResult {
    pub(crate) schema: SchemaRef,
    pub(crate) batches: Vec<RecordBatch>,
    pub(crate) statistics: Statistics,
    pub(crate) damage: Vec<Damage>,
}

impl QueryResult {
    /// Names and types of the columns, in order.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The rows as Arrow batches, in order.
    pub fn batches(&self) -> &[RecordBatch] {
        &self.batches
    }

    /// What the run did.
    pub fn statistics(&self) -> &Statistics {
        &self.statistics
    }

    /// Places of the input that could not be read. When there are any, the result lacks what was there.
    pub fn damage(&self) -> &[Damage] {
        &self.damage
    }

    /// The rows as plain values, in order.
    pub fn rows(&self) -> Vec<Row> {
        let names: Arc<[String]> = self
            .schema
            .fields()
            .iter()
            .map(|field| field.name().clone())
            .collect();
        let mut rows = Vec::new();
        for batch in &self.batches {
            for row in 0..batch.num_rows() {
                let values = (0..names.len())
                    .map(|column| Value::of(batch, column, row))
                    .collect();
                rows.push(Row {
                    names: Arc::clone(&names),
                    values,
                });
            }
        }
        rows
    }
}

/// One row of a result.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    names: Arc<[String]>,
    values: Vec<Value>,
}

impl Row {
    /// The cell of the column called `name`.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let column = self.names.iter().position(|known| known == name)?;
        self.values.get(column)
    }

    /// The cells in the order of the columns.
    pub fn values(&self) -> &[Value] {
        &self.values
    }
}
