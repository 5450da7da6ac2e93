//! Sorted runs as one.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use arrow_array::RecordBatch;
use arrow_select::interleave::interleave_record_batch;

use super::convert::ConvertError;
use super::runs::{Key, KeyColumns, RUN_BATCH_ROWS, Ranks, Run, RunReader};

/// Merges runs batch by batch: part after part, and within each in the order of time. So of all parts together, one is
/// written at a time.
pub(super) struct Merge {
    runs: Vec<RunReader>,
    columns: KeyColumns,
    /// The next row of every run that has one.
    heads: BinaryHeap<Reverse<(u32, Key, usize)>>,
    /// Where the runs stand: which batch of `held`, and which row of it.
    at: Vec<(usize, usize)>,
    /// Batches, each of one part, with its rank.
    held: Vec<(u32, RecordBatch)>,
    batch_rows: usize,
}

/// Events of one part: first REPORT events, then all others, both in order.
pub(super) struct Merged {
    /// That of the part.
    pub(super) rank: u32,
    pub(super) batch: RecordBatch,
    /// How many of the rows are REPORT events.
    pub(super) reports: usize,
}

impl Merge {
    /// `rows_max` bounds what comes at a time; at least 1.
    pub(super) fn new(
        runs: &[Run],
        ranks: &Ranks,
        columns: KeyColumns,
        rows_max: usize,
    ) -> Result<Self, ConvertError> {
        let mut merge = Self {
            at: vec![(0, 0); runs.len()],
            runs: runs
                .iter()
                .map(|run| run.open(ranks, columns))
                .collect::<Result<_, _>>()?,
            columns,
            heads: BinaryHeap::new(),
            held: Vec::new(),
            batch_rows: RUN_BATCH_ROWS.min(rows_max.max(1)),
        };
        for run in 0..merge.runs.len() {
            merge.advance(run)?;
        }
        Ok(merge)
    }

    /// The next rows; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Merged>, ConvertError> {
        let Some(Reverse((part, ..))) = self.heads.peek() else {
            return Ok(None);
        };
        let part = *part;
        let (mut indices, mut others) = (Vec::new(), Vec::with_capacity(self.batch_rows));
        while indices.len() + others.len() < self.batch_rows
            && let Some(Reverse((rank, _, run))) = self.heads.peek().copied()
            && rank == part
        {
            self.heads.pop();
            let (batch, row) = self.at[run];
            match self.columns.is_report(&self.held[batch].1, row) {
                true => indices.push((batch, row)),
                false => others.push((batch, row)),
            }
            if row + 1 < self.held[batch].1.num_rows() {
                self.at[run].1 += 1;
                let key = self.columns.key(&self.held[batch].1, row + 1);
                self.heads.push(Reverse((rank, key, run)));
            } else {
                self.advance(run)?;
            }
        }
        let held: Vec<&RecordBatch> = self.held.iter().map(|(_, batch)| batch).collect();
        let reports = indices.len();
        indices.append(&mut others);
        let batch = interleave_record_batch(&held, &indices)?;
        self.forget();
        Ok(Some(Merged {
            rank: part,
            batch,
            reports,
        }))
    }

    /// Goes to the next batch of a run.
    fn advance(&mut self, run: usize) -> Result<(), ConvertError> {
        self.at[run].0 = usize::MAX;
        if let Some((rank, batch)) = self.runs[run].next()? {
            let key = self.columns.key(&batch, 0);
            self.at[run] = (self.held.len(), 0);
            self.held.push((rank, batch));
            self.heads.push(Reverse((rank, key, run)));
        }
        Ok(())
    }

    /// Keeps the batches only that a run stands in.
    fn forget(&mut self) {
        let mut kept = Vec::new();
        for at in &mut self.at {
            if let Some(held) = self.held.get(at.0) {
                kept.push(held.clone());
                at.0 = kept.len() - 1;
            }
        }
        self.held = kept;
    }
}
