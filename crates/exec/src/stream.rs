//! The result of a run, batch by batch.

use arrow_array::{RecordBatch, RecordBatchOptions};
use arrow_schema::SchemaRef;
use insq_event::RunContext;

use crate::error::ExecError;
use crate::operator::BoxedOperator;

/// Gives out the batches of a result. Ends after the first error.
pub struct ResultStream {
    operator: BoxedOperator,
    positions: Vec<usize>,
    schema: SchemaRef,
    run: RunContext,
    is_done: bool,
}

impl ResultStream {
    pub(crate) fn new(
        operator: BoxedOperator,
        positions: Vec<usize>,
        schema: SchemaRef,
        run: RunContext,
    ) -> Self {
        Self {
            operator,
            positions,
            schema,
            run,
            is_done: false,
        }
    }

    /// The schema of every batch.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn next_batch(&mut self) -> Result<Option<RecordBatch>, ExecError> {
        if self.run.cancellation.is_cancelled() {
            return Err(ExecError::Cancelled);
        }
        let Some(chunk) = self.operator.next_chunk()? else {
            return Ok(None);
        };
        let output = chunk.project(&self.positions);
        let options = RecordBatchOptions::new().with_row_count(Some(output.rows));
        Ok(Some(RecordBatch::try_new_with_options(
            self.schema.clone(),
            output.columns,
            &options,
        )?))
    }
}

impl Iterator for ResultStream {
    type Item = Result<RecordBatch, ExecError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_done {
            return None;
        }
        let next = self.next_batch().transpose();
        self.is_done = !matches!(next, Some(Ok(_)));
        next
    }
}
