//! `sort`: execution.

use insq_event::{Reservation, RunContext};
use insq_functions::EvalContext;
use insq_plan::SortKey;

use crate::chunk::{Chunk, Layout};
use crate::error::ExecError;
use crate::key_rows::{KeyMaker, KeyRows};
use crate::operator::{BoxedOperator, Gather};

/// Keeps all rows and gives them out in order.
///
/// # Memory
/// Every row and its key, charged before the next chunk is taken.
pub(crate) struct SortSink {
    keys: KeyMaker,
    keep: Vec<usize>,
    chunks: Vec<Chunk>,
    rows: KeyRows,
    chunk_bytes: usize,
    reservation: Reservation,
}

impl SortSink {
    pub(crate) fn new(
        keys: &[SortKey],
        layout: &Layout,
        keep: Vec<usize>,
        context: EvalContext,
        run: &RunContext,
    ) -> Self {
        Self {
            keys: KeyMaker::new(keys, layout, context),
            keep,
            chunks: Vec::new(),
            rows: KeyRows::default(),
            chunk_bytes: 0,
            reservation: run.memory.reservation("sort"),
        }
    }

    pub(crate) fn push(&mut self, chunk: &Chunk) -> Result<(), ExecError> {
        let (rows, idx) = (&mut self.rows, self.chunks.len());
        self.keys.for_each(chunk, |row, key| rows.push(key, idx, row))?;
        let kept = chunk.project(&self.keep).compacted();
        self.chunk_bytes += kept.size_bytes();
        self.chunks.push(kept);
        Ok(self
            .reservation
            .resize(self.chunk_bytes + self.rows.size_bytes())?)
    }

    pub(crate) fn merge(&mut self, mut other: Self) -> Result<(), ExecError> {
        self.reservation.grow(other.rows.size_bytes())?;
        self.rows
            .append(std::mem::take(&mut other.rows), self.chunks.len());
        self.chunk_bytes += other.chunk_bytes;
        self.chunks.append(&mut other.chunks);
        drop(other);
        Ok(self
            .reservation
            .resize(self.chunk_bytes + self.rows.size_bytes())?)
    }

    pub(crate) fn finish(mut self) -> BoxedOperator {
        self.rows.sort();
        Box::new(Gather::new(self.chunks, self.rows.rows, self.reservation))
    }
}
