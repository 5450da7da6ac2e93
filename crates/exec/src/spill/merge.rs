//! Sorted runs, and one sequence made of them.

use std::cmp::Ordering;

use arrow_array::{Array, ArrayRef, BinaryArray, cast::AsArray};
use arrow_select::interleave::interleave;
use insq_event::Reservation;

use super::{Kept, Spiller};
use crate::chunk::{Chunk, OUTPUT_ROWS};
use crate::error::ExecError;
use crate::key_rows::prefix;
use crate::operator::Operator;

/// Runs that are merged at a time; of more, longer ones are made first. A block of each is in memory.
pub(super) const RUNS_MAX: usize = 64;

/// Chunks whose last column, the keys, does not fall from row to row.
pub(super) type Run = Vec<Kept>;

/// Gives out the rows of sorted runs in order. Among equal keys, those of an earlier run come first.
pub(super) struct Merge {
    rows: Rows,
}

impl Merge {
    pub(super) fn new(
        mut runs: Vec<Run>,
        mut spiller: Spiller,
        mut reservation: Reservation,
        runs_max: usize,
    ) -> Result<Self, ExecError> {
        // Neighbours are merged, so that of equal rows the order stays.
        while runs.len() > runs_max {
            let mut longer = Vec::new();
            let mut left = runs.into_iter().peekable();
            while left.peek().is_some() {
                let some: Vec<Run> = left.by_ref().take(runs_max).collect();
                let mut rows = Rows::new(some, spiller.clone(), reservation)?;
                let mut run = Run::new();
                while let Some(chunk) = rows.next_chunk()? {
                    run.push(Kept::InFile(spiller.store(&chunk.compacted())?));
                }
                longer.push(run);
                reservation = rows.reservation;
            }
            runs = longer;
        }
        Ok(Self {
            rows: Rows::new(runs, spiller, reservation)?,
        })
    }
}

impl Operator for Merge {
    fn next_chunk(&mut self) -> Result<Option<Chunk>, ExecError> {
        let Some(mut chunk) = self.rows.next_chunk()? else {
            return Ok(None);
        };
        chunk.columns.pop();
        Ok(Some(chunk))
    }
}

/// The rows of some runs in order, with their keys.
struct Rows {
    cursors: Vec<Cursor>,
    /// The cursors that have a row, as a heap: the least is the first.
    heap: Vec<usize>,
    spiller: Spiller,
    reservation: Reservation,
}

/// A place in a run.
struct Cursor {
    blocks: std::vec::IntoIter<Kept>,
    block: Chunk,
    block_bytes: usize,
    keys: BinaryArray,
    row: usize,
    prefix: u64,
    /// Which of the pieces of the chunk that is being made this block is.
    piece: Option<usize>,
}

impl Cursor {
    /// The first row of a run, if it has one.
    fn new(run: Run) -> Result<Option<Self>, ExecError> {
        let mut cursor = Self {
            blocks: run.into_iter(),
            block: Chunk {
                columns: Vec::new(),
                rows: 0,
            },
            block_bytes: 0,
            keys: BinaryArray::new_null(0),
            row: 0,
            prefix: 0,
            piece: None,
        };
        Ok(cursor.next_block()?.then_some(cursor))
    }

    fn key(&self) -> &[u8] {
        self.keys.value(self.row)
    }

    /// Goes to the next row; false at the end.
    fn advance(&mut self) -> Result<bool, ExecError> {
        self.row += 1;
        if self.row == self.block.rows {
            return self.next_block();
        }
        self.prefix = prefix(self.key());
        Ok(true)
    }

    fn next_block(&mut self) -> Result<bool, ExecError> {
        let Some(kept) = self.blocks.next() else {
            self.block_bytes = 0;
            return Ok(false);
        };
        self.block_bytes = kept.size_bytes();
        self.block = kept.load()?;
        let keys = self
            .block
            .columns
            .last()
            .and_then(|keys| keys.as_binary_opt::<i32>());
        self.keys = keys
            .cloned()
            .ok_or_else(|| ExecError::Internal("a run without keys".to_owned()))?;
        (self.row, self.piece) = (0, None);
        self.prefix = prefix(self.key());
        Ok(true)
    }
}

impl Rows {
    fn new(runs: Vec<Run>, spiller: Spiller, reservation: Reservation) -> Result<Self, ExecError> {
        let mut cursors = Vec::with_capacity(runs.len());
        for run in runs {
            cursors.extend(Cursor::new(run)?);
        }
        let mut rows = Self {
            heap: (0..cursors.len()).collect(),
            cursors,
            spiller,
            reservation,
        };
        for start in (0..rows.heap.len() / 2).rev() {
            rows.sink(start);
        }
        Ok(rows)
    }

    /// Up to [`OUTPUT_ROWS`] rows, fewer when they lie in many blocks.
    fn next_chunk(&mut self) -> Result<Option<Chunk>, ExecError> {
        self.spiller.check()?;
        let pieces_max = self.cursors.len() * 2;
        self.cursors.iter_mut().for_each(|cursor| cursor.piece = None);
        self.charge(0)?;
        let (mut pieces, mut indices) = (Vec::new(), Vec::with_capacity(OUTPUT_ROWS));
        let mut spent_bytes = 0;
        while indices.len() < OUTPUT_ROWS && pieces.len() < pieces_max {
            let Some(&first) = self.heap.first() else {
                break;
            };
            let cursor = &mut self.cursors[first];
            let piece = *cursor.piece.get_or_insert_with(|| {
                pieces.push(cursor.block.clone());
                pieces.len() - 1
            });
            indices.push((piece, cursor.row));
            let (block_bytes, is_last) = (cursor.block_bytes, cursor.row + 1 == cursor.block.rows);
            if !cursor.advance()? {
                self.heap.swap_remove(0);
            }
            self.sink(0);
            if is_last {
                spent_bytes += block_bytes;
                self.charge(spent_bytes)?;
            }
        }
        interleaved(&pieces, &indices)
    }

    /// Charges the blocks of all cursors, and those that are spent but still a part of the next chunk. What was needed once
    /// is kept: it will be again, and whoever takes the rows must not be the reason that it is gone.
    fn charge(&mut self, spent_bytes: usize) -> Result<(), ExecError> {
        let blocks: usize = self.cursors.iter().map(|cursor| cursor.block_bytes).sum();
        let bytes = (blocks + spent_bytes).max(self.reservation.bytes());
        Ok(self.reservation.resize(bytes)?)
    }

    /// Moves a cursor down to its place in the heap.
    fn sink(&mut self, start: usize) {
        let mut place = start;
        loop {
            let (left, right) = (2 * place + 1, 2 * place + 2);
            let mut least = place;
            for child in [left, right] {
                if child < self.heap.len()
                    && self.compare(self.heap[child], self.heap[least]) == Ordering::Less
                {
                    least = child;
                }
            }
            if least == place {
                return;
            }
            self.heap.swap(place, least);
            place = least;
        }
    }

    fn compare(&self, a: usize, b: usize) -> Ordering {
        let (first, second) = (&self.cursors[a], &self.cursors[b]);
        first
            .prefix
            .cmp(&second.prefix)
            .then_with(|| first.key().cmp(second.key()))
            .then_with(|| a.cmp(&b))
    }
}

fn interleaved(pieces: &[Chunk], indices: &[(usize, usize)]) -> Result<Option<Chunk>, ExecError> {
    let Some(first) = pieces.first() else {
        return Ok(None);
    };
    let column = |position: usize| -> Result<ArrayRef, ExecError> {
        let arrays: Vec<&dyn Array> = pieces.iter().map(|piece| &*piece.columns[position]).collect();
        Ok(interleave(&arrays, indices)?)
    };
    let columns = (0..first.columns.len()).map(column).collect::<Result<_, _>>()?;
    Ok(Some(Chunk {
        columns,
        rows: indices.len(),
    }))
}
