//! `autoregress`: execution.

use arrow_array::{Array, ArrayRef, UInt32Array};
use arrow_select::concat::concat;
use arrow_select::take::take;
use insq_plan::Expr;

use super::stepping::StepwiseState;
use crate::chunk::Chunk;
use crate::error::ExecError;
use crate::evaluate::Evaluator;

/// Adds the values of earlier rows.
pub(crate) struct AutoRegress {
    pub(crate) evaluator: Evaluator,
    pub(crate) source: Expr,
    /// How many rows before, for each column that is added.
    pub(crate) lags: Vec<usize>,
    /// The last values of the chunks before, as many as the largest lag.
    pub(crate) before: Option<ArrayRef>,
}

impl StepwiseState for AutoRegress {
    fn apply(&mut self, mut chunk: Chunk) -> Result<Chunk, ExecError> {
        let source = self.evaluator.array(&self.source, &chunk)?;
        let (values, n_before) = match self.before.take() {
            Some(before) => (concat(&[&*before, &*source])?, before.len()),
            None => (source, 0),
        };
        for lag in &self.lags {
            let indices: UInt32Array = (0..chunk.rows)
                .map(|row| (n_before + row).checked_sub(*lag).map(|at| at as u32))
                .collect();
            chunk.columns.push(take(&values, &indices, None)?);
        }
        let kept = values
            .len()
            .min(self.lags.iter().copied().max().unwrap_or_default());
        self.before = Some(values.slice(values.len() - kept, kept));
        Ok(chunk)
    }
}
