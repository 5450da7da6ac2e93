//! `filldown`: execution.

use arrow_array::{Array, ArrayRef, UInt32Array};
use arrow_select::concat::concat;
use arrow_select::take::take;

use super::stepping::StepwiseState;
use crate::chunk::Chunk;
use crate::error::ExecError;

/// Adds columns in which missing values are the last present ones.
pub(crate) struct FillDown {
    /// Where the columns stand.
    pub(crate) positions: Vec<usize>,
    /// The last present value of each, if there was one.
    pub(crate) last: Vec<Option<ArrayRef>>,
}

impl StepwiseState for FillDown {
    fn apply(&mut self, mut chunk: Chunk) -> Result<Chunk, ExecError> {
        for (position, last) in self.positions.iter().zip(&mut self.last) {
            let column = chunk.columns[*position].clone();
            let (values, first) = match last.take() {
                Some(last) => (concat(&[&*last, &*column])?, 1),
                None => (column, 0),
            };
            let mut latest = (first == 1).then_some(0_u32);
            let indices: UInt32Array = (0..chunk.rows)
                .map(|row| {
                    if values.is_valid(first + row) {
                        latest = Some((first + row) as u32);
                    }
                    latest
                })
                .collect();
            *last = latest.map(|at| values.slice(at as usize, 1));
            chunk.columns.push(take(&values, &indices, None)?);
        }
        Ok(chunk)
    }
}
