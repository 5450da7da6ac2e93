//! Rows with keys: some as they came, more in sorted runs, which go to files where memory is not enough.

use std::sync::Arc;

use arrow_array::BinaryArray;
use insq_event::{Reservation, RunContext};

use super::merge::{Merge, RUNS_MAX, Run};
use super::{Kept, Spiller};
use crate::chunk::{Chunk, OUTPUT_ROWS};
use crate::error::ExecError;
use crate::key_rows::KeyRows;
use crate::operator::{BoxedOperator, Gather, gather};

/// What the chunks of a run are about as large as: large enough to be read at the speed of a disk, small enough that one
/// of each run fits into memory.
const BLOCK_BYTES: usize = 128 << 10;

/// A run has so many times the rows that are gathered elsewhere: fewer runs are merged faster, and rows that are sorted move
/// through the cache in order, as a rule.
const RUN_FOLD: usize = 8;

/// Gathers rows, and gives them out in the order of their keys; among equal keys in the order of arrival.
///
/// # Memory
/// Every row and its key. When memory is scarce, they become a sorted run in a file.
pub(crate) struct Sorter {
    pub(crate) chunks: Vec<Chunk>,
    pub(crate) rows: KeyRows,
    pub(crate) chunk_bytes: usize,
    /// What came before, sorted.
    runs: Vec<Run>,
    /// Of the runs in memory.
    runs_bytes: usize,
    run_rows: usize,
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
            runs_bytes: 0,
            run_rows: run.gathered_rows.saturating_mul(RUN_FOLD),
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

    /// As [`Sorter::charge`]. Rows beyond what a cache holds become a sorted run in memory before: to sort all of them at once
    /// would cost a miss or two for every comparison.
    pub(crate) fn charge_in_runs(&mut self) -> Result<(), ExecError> {
        if self.rows.rows.len() >= self.run_rows {
            if self.spiller.is_due_soon() {
                return self.spill();
            }
            self.put_aside()?;
        }
        self.charge()
    }

    fn held_bytes(&self) -> usize {
        self.chunk_bytes + self.rows.size_bytes() + self.runs_bytes
    }

    /// Takes over the rows of another one, which arrived later.
    pub(crate) fn append(&mut self, mut other: Self) -> Result<(), ExecError> {
        if !self.runs.is_empty() || !other.runs.is_empty() {
            return self.append_runs(other);
        }
        let keys_fit = self.reservation.grow(other.rows.size_bytes());
        if let Err(refusal) = &keys_fit
            && !self.spiller.is_possible()
        {
            return Err(refusal.clone().into());
        }
        if keys_fit.is_err() {
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

    fn append_runs(&mut self, mut other: Self) -> Result<(), ExecError> {
        let in_files = self.has_files() || other.has_files();
        for sorter in [&mut *self, &mut other] {
            if in_files {
                sorter.spill()
            } else {
                sorter.put_aside()
            }?;
        }
        self.runs.append(&mut other.runs);
        self.runs_bytes += other.runs_bytes;
        drop(other);
        self.charge()
    }

    /// True when some run is in a file, at least in part.
    fn has_files(&self) -> bool {
        self.runs.iter().flatten().any(Kept::is_in_file)
    }

    /// Makes a sorted run of the rows, in memory.
    fn put_aside(&mut self) -> Result<(), ExecError> {
        self.spiller.check()?;
        let run = self.run(|block| Ok(Kept::InMemory(block)))?;
        self.runs_bytes += run.iter().map(Kept::waiting_bytes).sum::<usize>();
        self.runs.push(run);
        Ok(())
    }

    /// Puts what is held into files, the rows as a sorted run.
    fn spill(&mut self) -> Result<(), ExecError> {
        for kept in self.runs.iter_mut().flatten() {
            kept.store(&mut self.spiller)?;
        }
        self.runs_bytes = 0;
        let mut spiller = self.spiller.clone();
        let run = self.run(|block| Ok(Kept::InFile(spiller.store(&block)?)))?;
        self.spiller = spiller;
        self.runs.push(run);
        Ok(self.reservation.resize(0)?)
    }

    /// The rows as a sorted run, in blocks that `keep` keeps; there are none afterwards.
    fn run(&mut self, mut keep: impl FnMut(Chunk) -> Result<Kept, ExecError>) -> Result<Run, ExecError> {
        if self.rows.rows.is_empty() {
            return Ok(Run::new());
        }
        self.rows.sort();
        let row_bytes = (self.held_bytes() / self.rows.rows.len()).max(1);
        let block_rows = (BLOCK_BYTES / row_bytes).clamp(1, OUTPUT_ROWS);
        let mut run = Run::new();
        for rows in self.rows.rows.chunks(block_rows) {
            let mut block = gather(&self.chunks, rows)?.compacted();
            let keys = rows.iter().map(|row| self.rows.key(row));
            block.columns.push(Arc::new(BinaryArray::from_iter_values(keys)));
            run.push(keep(block)?);
        }
        self.chunks = Vec::new();
        self.rows = KeyRows::default();
        self.chunk_bytes = 0;
        Ok(run)
    }

    /// All rows in order.
    pub(crate) fn finish(self) -> Result<BoxedOperator, ExecError> {
        self.merged(RUNS_MAX)
    }

    fn merged(mut self, runs_max: usize) -> Result<BoxedOperator, ExecError> {
        if self.runs.is_empty() {
            self.rows.sort();
            return Ok(Box::new(Gather::new(
                self.chunks,
                self.rows.rows,
                self.reservation,
            )));
        }
        // Of runs in memory all blocks are there anyway.
        let runs_max = if self.has_files() {
            self.spill()?;
            runs_max
        } else {
            self.put_aside()?;
            usize::MAX
        };
        let merge = Merge::new(self.runs, self.spiller, self.reservation, runs_max)?;
        Ok(Box::new(merge))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{ArrayRef, StringViewArray, cast::AsArray};
    use insq_event::{MemoryBudget, Spill};
    use proptest::prelude::*;

    fn run(limit_bytes: usize, gathered_bytes: usize) -> RunContext {
        let mut run = RunContext::new(MemoryBudget::new(limit_bytes));
        run.spill = Some(Spill {
            gathered_bytes,
            ..Spill::to(std::env::temp_dir())
        });
        run
    }

    fn push(sorter: &mut Sorter, rows: &[(Vec<u8>, String)]) -> Result<(), ExecError> {
        let idx = sorter.chunks.len();
        for (row, (key, _)) in rows.iter().enumerate() {
            sorter.rows.push(key, idx, row);
        }
        let texts = StringViewArray::from_iter_values(rows.iter().map(|(_, text)| text));
        sorter.keep(Chunk {
            columns: vec![Arc::new(texts) as ArrayRef],
            rows: rows.len(),
        });
        sorter.charge_in_runs()
    }

    fn texts(mut rows: BoxedOperator) -> Vec<String> {
        let mut texts = Vec::new();
        while let Some(chunk) = rows.next_chunk().unwrap() {
            texts.extend(
                chunk.columns[0]
                    .as_string_view()
                    .iter()
                    .flatten()
                    .map(str::to_owned),
            );
        }
        texts
    }

    proptest! {
        #[test]
        fn runs_come_out_as_a_stable_sort(
            keys in prop::collection::vec(prop::collection::vec(0_u8..3, 0..12), 0..200),
            chunk_rows in 1_usize..20,
            runs_max in 2_usize..5,
            spills: bool,
            gathered_rows in prop_oneof![Just(usize::MAX), 1_usize..9],
        ) {
            let rows: Vec<(Vec<u8>, String)> = keys
                .into_iter()
                .enumerate()
                .map(|(idx, key)| (key, format!("row {idx} of all the rows that there are")))
                .collect();
            let mut sorted = rows.clone();
            sorted.sort_by(|a, b| a.0.cmp(&b.0));
            let mut context = run(usize::MAX, if spills { 0 } else { usize::MAX });
            context.gathered_rows = gathered_rows;
            // Two workers, of which the second goes on where the first ends.
            let (first, second) = rows.split_at(rows.len() / 2);
            let mut workers = [first, second].map(|rows| {
                let mut sorter = Sorter::new("sort", &context);
                rows.chunks(chunk_rows).for_each(|chunk| push(&mut sorter, chunk).unwrap());
                Some(sorter)
            });
            let mut all = workers[0].take().unwrap();
            all.append(workers[1].take().unwrap()).unwrap();
            let expected: Vec<String> = sorted.into_iter().map(|(_, text)| text).collect();
            prop_assert_eq!(texts(all.merged(runs_max).unwrap()), expected);
            prop_assert_eq!(context.memory.used_bytes(), 0);
            prop_assert_eq!(context.progress.snapshot().bytes_spilled > 0, spills && !rows.is_empty());
        }
    }

    #[test]
    fn scarce_memory_makes_runs_and_a_roomy_limit_none() {
        let rows: Vec<(Vec<u8>, String)> = (0..2_000_u32)
            .map(|n| {
                (
                    n.reverse_bits().to_be_bytes().to_vec(),
                    format!("the row of number {n}"),
                )
            })
            .collect();
        let sorted = |limit_bytes: usize| {
            let context = run(limit_bytes, usize::MAX);
            let mut sorter = Sorter::new("sort", &context);
            rows.chunks(50)
                .for_each(|chunk| push(&mut sorter, chunk).unwrap());
            let texts = texts(sorter.finish().unwrap());
            (
                texts,
                context.progress.snapshot().bytes_spilled,
                context.memory.peak_bytes(),
            )
        };
        let (roomy, tight) = (sorted(4 << 20), sorted(100 << 10));
        assert_eq!(roomy.1, 0);
        assert!(tight.1 > 0 && tight.2 <= 100 << 10, "{tight:?}");
        assert_eq!(roomy.0, tight.0);
    }

    #[test]
    fn so_many_rows_are_a_run_in_memory() {
        let mut context = run(usize::MAX, usize::MAX);
        context.gathered_rows = 3;
        let mut sorter = Sorter::new("sort", &context);
        let row = (vec![1], "row".to_owned());
        for count in 1..=3 * RUN_FOLD + 1 {
            push(&mut sorter, std::slice::from_ref(&row)).unwrap();
            let is_full = count >= 3 * RUN_FOLD;
            assert_eq!(
                (sorter.runs.len(), sorter.runs_bytes > 0),
                (usize::from(is_full), is_full)
            );
        }
        assert!(!sorter.has_files());
        assert_eq!(texts(sorter.finish().unwrap()).len(), 3 * RUN_FOLD + 1);
    }

    #[test]
    fn a_wish_to_stop_is_heard_between_chunks() {
        let context = run(usize::MAX, 0);
        let mut sorter = Sorter::new("sort", &context);
        let row = (vec![1], "row".to_owned());
        push(&mut sorter, std::slice::from_ref(&row)).unwrap();
        let mut writing = Sorter::new("sort", &context);
        let mut merging = sorter.finish().unwrap();
        context.cancellation.cancel();
        assert!(matches!(merging.next_chunk(), Err(ExecError::Cancelled)));
        assert!(matches!(push(&mut writing, &[row]), Err(ExecError::Cancelled)));
    }
}
