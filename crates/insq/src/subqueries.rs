//! Running the queries in brackets, before the query that needs their results.

use std::sync::Arc;

use arrow_array::types::{Float64Type, TimestampMillisecondType};
use arrow_array::{Array, RecordBatch, cast::AsArray};
use arrow_schema::SchemaRef;
use arrow_select::concat::concat_batches;
use insq_event::{ColumnType, EventSource, Relation, RelationColumn, RunContext};
use insq_exec::{PhysicalPlan, execute};
use insq_functions::{EvalContext, Scalar};
use insq_plan::LogicalPlan;
use rayon::ThreadPool;

use crate::error::Error;

/// What the run of a sub-query needs.
pub(crate) struct SubqueryRun<'a> {
    pub(crate) pool: &'a ThreadPool,
    pub(crate) context: EvalContext,
    pub(crate) batch_rows: usize,
    pub(crate) run: &'a RunContext,
}

impl SubqueryRun<'_> {
    /// The whole result of a plan.
    pub(crate) fn result(
        &self,
        plan: &LogicalPlan,
        source: &dyn EventSource,
    ) -> Result<Arc<Relation>, Error> {
        let context = EvalContext {
            range: plan.scan.time_range,
            ..self.context
        };
        let physical = PhysicalPlan::new(plan.clone(), context, self.batch_rows)?;
        let stream = execute(&physical, source, self.pool, self.run)?;
        let batches = stream.collect::<Result<Vec<_>, _>>()?;
        Ok(Arc::new(relation(physical.schema(), &batches)?))
    }
}

fn relation(schema: &SchemaRef, batches: &[RecordBatch]) -> Result<Relation, Error> {
    let whole = concat_batches(schema, batches).map_err(insq_exec::ExecError::from)?;
    let rows = whole.num_rows();
    let columns = schema
        .fields()
        .iter()
        .zip(whole.columns())
        .map(|(field, cells)| RelationColumn {
            name: field.name().clone(),
            column_type: ColumnType::of_field(field).unwrap_or(ColumnType::Any),
            cells: cells.clone(),
        })
        .collect();
    Ok(Relation { columns, rows })
}

/// The values of the first column, as the constants of a list.
pub(crate) fn first_column(relation: &Relation) -> Vec<Scalar> {
    let Some(column) = relation.columns.first() else {
        return Vec::new();
    };
    let cells = &column.cells;
    let value = |row: usize| match column.column_type {
        _ if cells.is_null(row) => Scalar::Null,
        ColumnType::Number => Scalar::Number(cells.as_primitive::<Float64Type>().value(row)),
        ColumnType::Time => Scalar::Time(cells.as_primitive::<TimestampMillisecondType>().value(row)),
        ColumnType::Bool => Scalar::Bool(cells.as_boolean().value(row)),
        ColumnType::Text | ColumnType::Any | ColumnType::Json => {
            Scalar::Text(cells.as_string_view().value(row).into())
        }
    };
    (0..relation.rows).map(value).collect()
}
