//! `appendcols`: execution.

use std::sync::Arc;

use arrow_array::UInt32Array;
use arrow_select::take::take;
use insq_event::Relation;

use super::stepping::StepwiseState;
use crate::chunk::Chunk;
use crate::error::ExecError;

/// Adds the columns of another table beside the rows of the same number; rows that it lacks are missing.
pub(crate) struct AppendColumns {
    pub(crate) right: Arc<Relation>,
    pub(crate) columns: Vec<usize>,
    /// Rows that have passed.
    pub(crate) row: usize,
}

impl StepwiseState for AppendColumns {
    fn apply(&mut self, mut chunk: Chunk) -> Result<Chunk, ExecError> {
        let rows = self.row..self.row + chunk.rows;
        let indices: UInt32Array = rows
            .map(|row| (row < self.right.rows).then_some(row as u32))
            .collect();
        for column in &self.columns {
            let cells = self.right.columns.get(*column).map(|column| &column.cells);
            let cells = cells.ok_or_else(|| ExecError::Internal("a sub-query lacks a column".to_owned()))?;
            chunk.columns.push(take(cells, &indices, None)?);
        }
        self.row += chunk.rows;
        Ok(chunk)
    }
}
