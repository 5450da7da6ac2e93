//! Computed columns of `fields`, `display` and `stats`: execution.

use insq_plan::Expr;

use crate::chunk::Chunk;
use crate::error::ExecError;
use crate::evaluate::Evaluator;

pub(super) fn compute(evaluator: &Evaluator, exprs: &[Expr], mut chunk: Chunk) -> Result<Chunk, ExecError> {
    let made: Vec<_> = exprs
        .iter()
        .map(|expr| evaluator.array(expr, &chunk))
        .collect::<Result<_, _>>()?;
    chunk.columns.extend(made);
    Ok(chunk)
}
