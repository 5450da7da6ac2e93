//! `tail`: execution.

use std::collections::VecDeque;

use super::{BoxedOperator, Operator};
use crate::chunk::Chunk;
use crate::error::ExecError;

/// Gives out the last rows of its input.
pub(crate) struct Tail {
    input: Option<BoxedOperator>,
    count: usize,
    kept: VecDeque<Chunk>,
}

impl Tail {
    pub(crate) fn new(input: BoxedOperator, count: u64) -> Self {
        Self {
            input: Some(input),
            count: usize::try_from(count).unwrap_or(usize::MAX),
            kept: VecDeque::new(),
        }
    }

    fn fill(&mut self, mut input: BoxedOperator) -> Result<(), ExecError> {
        let mut rows = 0;
        while let Some(chunk) = input.next_chunk()? {
            rows += chunk.rows;
            self.kept.push_back(chunk);
            while let Some(first) = self.kept.front()
                && rows - first.rows >= self.count
            {
                rows -= first.rows;
                self.kept.pop_front();
            }
        }
        if let Some(first) = self.kept.front_mut()
            && rows > self.count
        {
            let surplus = rows - self.count;
            *first = first.slice(surplus, first.rows - surplus);
        }
        Ok(())
    }
}

impl Operator for Tail {
    fn next_chunk(&mut self) -> Result<Option<Chunk>, ExecError> {
        if let Some(input) = self.input.take() {
            self.fill(input)?;
        }
        Ok(self.kept.pop_front())
    }
}
