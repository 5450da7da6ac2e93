//! `limit` over ordered rows: execution.

use super::{BoxedOperator, Operator};
use crate::chunk::Chunk;
use crate::error::ExecError;

/// Gives out the first rows of its input.
pub(crate) struct Limit {
    input: BoxedOperator,
    left: usize,
}

impl Limit {
    pub(crate) fn new(input: BoxedOperator, count: u64) -> Self {
        Self {
            input,
            left: usize::try_from(count).unwrap_or(usize::MAX),
        }
    }
}

impl Operator for Limit {
    fn next_chunk(&mut self) -> Result<Option<Chunk>, ExecError> {
        if self.left == 0 {
            return Ok(None);
        }
        let Some(chunk) = self.input.next_chunk()? else {
            return Ok(None);
        };
        let rows = chunk.rows.min(self.left);
        self.left -= rows;
        Ok(Some(if rows == chunk.rows {
            chunk
        } else {
            chunk.slice(0, rows)
        }))
    }
}
