//! `filter`: execution.

use arrow_select::filter::FilterBuilder;
use insq_plan::Expr;

use crate::chunk::Chunk;
use crate::error::ExecError;
use crate::evaluate::Evaluator;

/// Keeps the rows for which `condition` is true; false and null both drop a row.
pub(super) fn filter(
    evaluator: &Evaluator,
    condition: &Expr,
    keep: &[usize],
    chunk: &Chunk,
) -> Result<Option<Chunk>, ExecError> {
    let mask = evaluator.condition(condition, chunk)?;
    let rows = mask.true_count();
    if rows == 0 {
        return Ok(None);
    }
    let kept = chunk.project(keep);
    if rows == chunk.rows {
        return Ok(Some(kept));
    }
    let mut builder = FilterBuilder::new(&mask);
    if keep.len() > 1 {
        builder = builder.optimize();
    }
    let predicate = builder.build();
    let columns = kept
        .columns
        .iter()
        .map(|column| predicate.filter(column))
        .collect::<Result<_, _>>()?;
    Ok(Some(Chunk { columns, rows }))
}
