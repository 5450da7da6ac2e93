//! Rows with keys, in memory and, where that is not enough, in sorted runs.

use std::sync::Arc;

use arrow_array::BinaryArray;
use insq_event::{Reservation, RunContext};

use super::Spiller;
use super::merge::{Merge, Run};
use crate::chunk::{Chunk, OUTPUT_ROWS};
use crate::error::ExecError;
use crate::key_rows::KeyRows;
use crate::operator::{BoxedOperator, Gather, gather};

/// What the chunks of a run are about as large as: large enough to be read at the speed of a disk, small enough that one
/// of each run fits into memory.
const BLOCK_BYTES: usize = 128 << 10;

/// Gathers rows, and gives them out in the order of their keys; among equal keys in the order of arrival.
///
/// # Memory
/// Every row and its key. When memory is scarce, they become a sorted run in a file.
pub(crate) struct Sorter {
    pub(crate) chunks: Vec<Chunk>,
    pub(crate) rows: KeyRows,
    pub(crate) chunk_bytes: usize,
    runs: Vec<Run>,
    spiller: Spiller,
    reservation: Reservation,
}

impl Sorter {
    pub(crate) fn new(operator: &'static str, run: &RunContext) -> Self {
        Self {
            chunks: Vec::new(),
            rows: KeyRows::default(),
            chunk_bytes: 0,
            runs: Vec::new(),
            spiller: Spiller::new(run),
            reservation: run.memory.reservation(operator),
        }
    }

    /// Keeps a chunk, whose rows are among [`Sorter::rows`] already.
    pub(crate) fn keep(&mut self, chunk: Chunk) {
        self.chunk_bytes += chunk.size_bytes();
        self.chunks.push(chunk);
    }

    /// True when what is held should go to a file.
    pub(crate) fn is_due(&self) -> bool {
        self.spiller.is_due(self.held_bytes())
    }

    /// Charges what is held, and makes a run of it when memory is scarce.
    pub(crate) fn charge(&mut self) -> Result<(), ExecError> {
        match self.reservation.resize(self.held_bytes()) {
            Ok(()) if !self.is_due() => Ok(()),
            Err(refusal) if !self.spiller.is_possible() => Err(refusal.into()),
            _ => self.spill(),
        }
    }

    fn held_bytes(&self) -> usize {
        self.chunk_bytes + self.rows.size_bytes()
    }

    /// Takes over the rows of another one, which arrived later.
    pub(crate) fn append(&mut self, mut other: Self) -> Result<(), ExecError> {
        let keys_fit = self.reservation.grow(other.rows.size_bytes());
        if let Err(refusal) = &keys_fit
            && !self.spiller.is_possible()
        {
            return Err(refusal.clone().into());
        }
        if keys_fit.is_err() || !self.runs.is_empty() || !other.runs.is_empty() {
            self.spill()?;
            other.spill()?;
            self.runs.append(&mut other.runs);
            return Ok(());
        }
        self.rows
            .append(std::mem::take(&mut other.rows), self.chunks.len());
        self.chunk_bytes += other.chunk_bytes;
        self.chunks.append(&mut other.chunks);
        drop(other);
        self.charge()
    }

    /// Makes a sorted run of what is held.
    fn spill(&mut self) -> Result<(), ExecError> {
        if self.rows.rows.is_empty() {
            return Ok(());
        }
        self.rows.sort();
        let row_bytes = (self.held_bytes() / self.rows.rows.len()).max(1);
        let block_rows = (BLOCK_BYTES / row_bytes).clamp(1, OUTPUT_ROWS);
        let mut run = Run::new();
        for rows in self.rows.rows.chunks(block_rows) {
            let mut block = gather(&self.chunks, rows)?.compacted();
            let keys = rows.iter().map(|row| self.rows.key(row));
            block.columns.push(Arc::new(BinaryArray::from_iter_values(keys)));
            run.push(self.spiller.store(&block)?);
        }
        self.runs.push(run);
        self.chunks = Vec::new();
        self.rows = KeyRows::default();
        self.chunk_bytes = 0;
        Ok(self.reservation.resize(0)?)
    }

    /// All rows in order.
    pub(crate) fn finish(mut self) -> Result<BoxedOperator, ExecError> {
        if self.runs.is_empty() {
            self.rows.sort();
            return Ok(Box::new(Gather::new(
                self.chunks,
                self.rows.rows,
                self.reservation,
            )));
        }
        self.spill()?;
        let merge = Merge::new(self.runs, self.spiller, self.reservation, Merge::runs_max())?;
        Ok(Box::new(merge))
    }
}
