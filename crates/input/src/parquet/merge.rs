//! Sorted runs as one.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use arrow_array::RecordBatch;
use arrow_select::interleave::interleave_record_batch;

use super::convert::ConvertError;
use super::runs::{Key, KeyColumns, RUN_BATCH_ROWS, Run, RunReader};

/// Merges runs batch by batch.
pub(super) struct Merge {
    runs: Vec<RunReader>,
    columns: KeyColumns,
    /// The next row of every run that has one.
    heads: BinaryHeap<Reverse<(Key, usize)>>,
    /// Where the runs stand: which batch of `held`, and which row of it.
    at: Vec<(usize, usize)>,
    held: Vec<RecordBatch>,
}

impl Merge {
    pub(super) fn new(runs: &[Run], columns: KeyColumns) -> Result<Self, ConvertError> {
        let mut merge = Self {
            at: vec![(0, 0); runs.len()],
            runs: runs.iter().map(Run::open).collect::<Result<_, _>>()?,
            columns,
            heads: BinaryHeap::new(),
            held: Vec::new(),
        };
        for run in 0..merge.runs.len() {
            merge.advance(run)?;
        }
        Ok(merge)
    }

    /// The next rows in order, or `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<RecordBatch>, ConvertError> {
        let mut indices = Vec::with_capacity(RUN_BATCH_ROWS);
        while indices.len() < RUN_BATCH_ROWS
            && let Some(Reverse((_, run))) = self.heads.pop()
        {
            let (batch, row) = self.at[run];
            indices.push((batch, row));
            if row + 1 < self.held[batch].num_rows() {
                self.at[run].1 += 1;
                let key = self.columns.key(&self.held[batch], row + 1);
                self.heads.push(Reverse((key, run)));
            } else {
                self.advance(run)?;
            }
        }
        if indices.is_empty() {
            return Ok(None);
        }
        let held: Vec<&RecordBatch> = self.held.iter().collect();
        let merged = interleave_record_batch(&held, &indices)?;
        self.forget();
        Ok(Some(merged))
    }

    /// Goes to the next batch of a run.
    fn advance(&mut self, run: usize) -> Result<(), ConvertError> {
        self.at[run].0 = usize::MAX;
        while let Some(batch) = self.runs[run].next()? {
            if batch.num_rows() > 0 {
                let key = self.columns.key(&batch, 0);
                self.at[run] = (self.held.len(), 0);
                self.held.push(batch);
                self.heads.push(Reverse((key, run)));
                break;
            }
        }
        Ok(())
    }

    /// Keeps the batches only that a run stands in.
    fn forget(&mut self) {
        let mut kept = Vec::new();
        for at in &mut self.at {
            if let Some(batch) = self.held.get(at.0) {
                kept.push(batch.clone());
                at.0 = kept.len() - 1;
            }
        }
        self.held = kept;
    }
}
