//! Operators that read rows in order and remember a little of those before.

use super::{BoxedOperator, Operator};
use crate::chunk::Chunk;
use crate::error::ExecError;

/// What becomes of a chunk, given the chunks before.
pub(crate) trait StepwiseState: Send {
    /// The chunk with what the step adds.
    fn apply(&mut self, chunk: Chunk) -> Result<Chunk, ExecError>;
}

/// Applies a step to one chunk after another.
pub(crate) struct Stepping {
    input: BoxedOperator,
    step: Box<dyn StepwiseState>,
}

impl Stepping {
    pub(crate) fn new(input: BoxedOperator, step: Box<dyn StepwiseState>) -> Self {
        Self { input, step }
    }
}

impl Operator for Stepping {
    fn next_chunk(&mut self) -> Result<Option<Chunk>, ExecError> {
        match self.input.next_chunk()? {
            Some(chunk) => self.step.apply(chunk).map(Some),
            None => Ok(None),
        }
    }
}
