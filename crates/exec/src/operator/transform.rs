//! Transforms over the merged result.

use super::{BoxedOperator, Operator};
use crate::chunk::Chunk;
use crate::error::ExecError;
use crate::transform::Transform;

/// Applies a transform to every chunk of its input.
pub(crate) struct Transforming {
    input: BoxedOperator,
    transform: Transform,
}

impl Transforming {
    pub(crate) fn new(input: BoxedOperator, transform: Transform) -> Self {
        Self { input, transform }
    }
}

impl Operator for Transforming {
    fn next_chunk(&mut self) -> Result<Option<Chunk>, ExecError> {
        while let Some(chunk) = self.input.next_chunk()? {
            if let Some(made) = self.transform.apply(chunk)? {
                return Ok(Some(made));
            }
        }
        Ok(None)
    }
}
