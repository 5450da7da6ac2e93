//! `accum`: execution.

use std::sync::Arc;

use arrow_array::types::Float64Type;
use arrow_array::{Array, Float64Array, cast::AsArray};
use insq_functions::ExactSum;
use insq_plan::Expr;

use super::stepping::StepwiseState;
use crate::chunk::Chunk;
use crate::error::ExecError;
use crate::evaluate::Evaluator;

/// Adds the sum of the numbers up to each row; missing where the row has none.
pub(crate) struct Accumulate {
    pub(crate) evaluator: Evaluator,
    pub(crate) source: Expr,
    pub(crate) sum: ExactSum,
}

impl StepwiseState for Accumulate {
    fn apply(&mut self, mut chunk: Chunk) -> Result<Chunk, ExecError> {
        let source = self.evaluator.array(&self.source, &chunk)?;
        let source = source.as_primitive::<Float64Type>();
        let sums: Float64Array = (0..chunk.rows)
            .map(|row| {
                source.is_valid(row).then(|| {
                    self.sum.add(source.value(row));
                    self.sum.value()
                })
            })
            .map(|sum| sum.filter(|sum| sum.is_finite()))
            .collect();
        chunk.columns.push(Arc::new(sums));
        Ok(chunk)
    }
}
