//! Sort keys as bytes that compare like the values, and the rows they belong to.

use std::cmp::Ordering;

use arrow_array::ArrayRef;
use insq_functions::EvalContext;
use insq_plan::{SortDirection, SortKey};

use crate::cells::Cells;
use crate::chunk::{Chunk, Layout};
use crate::error::ExecError;
use crate::evaluate::Evaluator;

/// Makes the keys of rows.
#[derive(Clone, Debug)]
pub(crate) struct KeyMaker {
    evaluator: Evaluator,
    keys: Vec<SortKey>,
}

impl KeyMaker {
    pub(crate) fn new(keys: &[SortKey], layout: &Layout, context: EvalContext) -> Self {
        Self {
            evaluator: Evaluator::new(layout.clone(), context),
            keys: keys.to_vec(),
        }
    }

    /// Calls `visit` with the key of every row, in order. Behind the values of the keys come the ranks of rows that have
    /// some. Rows whose keys are surely not less than `bar` may be left out: mostly the first value tells, and the others need
    /// not be written down.
    pub(crate) fn for_each(
        &self,
        chunk: &Chunk,
        bar: Option<&[u8]>,
        mut visit: impl FnMut(usize, &[u8]),
    ) -> Result<(), ExecError> {
        let arrays: Vec<(ArrayRef, bool)> = self
            .keys
            .iter()
            .map(|key| {
                let array = self.evaluator.array(&key.expr, chunk)?;
                Ok((array, key.direction == SortDirection::Descending))
            })
            .collect::<Result<_, ExecError>>()?;
        let columns: Vec<(Cells<'_>, bool)> = arrays
            .iter()
            .map(|(array, descending)| Ok((Cells::of(array)?, *descending)))
            .collect::<Result<_, ExecError>>()?;
        let mut key = Vec::new();
        let ranks: Vec<Cells<'_>> = self
            .evaluator
            .layout
            .ranks(chunk)
            .iter()
            .map(Cells::of)
            .collect::<Result<_, _>>()?;
        for row in 0..chunk.rows {
            key.clear();
            let may_come = columns.iter().all(|(cells, descending)| {
                cells.append_order(row, *descending, &mut key);
                bar.is_none_or(|bar| !is_behind(&key, bar))
            });
            if !may_come {
                continue;
            }
            ranks
                .iter()
                .for_each(|rank| rank.append_order(row, false, &mut key));
            visit(row, &key);
        }
        Ok(())
    }
}

/// True when no key that begins with `beginning` is less than `bar`.
fn is_behind(beginning: &[u8], bar: &[u8]) -> bool {
    let length = beginning.len().min(bar.len());
    beginning[..length] > bar[..length]
}

/// A row and its key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyRow {
    /// The first bytes of the key, so that most comparisons look no further.
    prefix: u64,
    start: usize,
    length: u32,
    /// Which chunk the row is in.
    pub(crate) chunk: u32,
    /// Which row of the chunk.
    pub(crate) row: u32,
}

/// Rows with their keys in one arena. Among equal keys the row that came first comes first.
#[derive(Default)]
pub(crate) struct KeyRows {
    pub(crate) rows: Vec<KeyRow>,
    arena: Vec<u8>,
}

impl KeyRows {
    pub(crate) fn push(&mut self, key: &[u8], chunk: usize, row: usize) {
        let start = self.arena.len();
        self.arena.extend_from_slice(key);
        self.rows.push(KeyRow {
            prefix: prefix(key),
            start,
            length: key.len() as u32,
            chunk: chunk as u32,
            row: row as u32,
        });
    }

    pub(crate) fn key(&self, row: &KeyRow) -> &[u8] {
        &self.arena[row.start..row.start + row.length as usize]
    }

    /// Takes over rows whose chunks were numbered from 0 and are now numbered from `first_chunk`.
    pub(crate) fn append(&mut self, other: Self, first_chunk: usize) {
        let shift = self.arena.len();
        self.arena.extend_from_slice(&other.arena);
        self.rows.extend(other.rows.into_iter().map(|row| KeyRow {
            start: row.start + shift,
            chunk: row.chunk + first_chunk as u32,
            ..row
        }));
    }

    pub(crate) fn sort(&mut self) {
        let Self { rows, arena } = self;
        rows.sort_unstable_by(|a, b| compare(arena, a, b));
    }

    /// Keeps the `count` smallest rows, in no particular order.
    pub(crate) fn keep_smallest(&mut self, count: usize) {
        let Self { rows, arena } = self;
        if count < rows.len() {
            if count > 0 {
                rows.select_nth_unstable_by(count - 1, |a, b| compare(arena, a, b));
            }
            rows.truncate(count);
        }
    }

    /// The largest key.
    pub(crate) fn largest(&self) -> Option<&[u8]> {
        let largest = self.rows.iter().max_by(|a, b| compare(&self.arena, a, b))?;
        Some(self.key(largest))
    }

    pub(crate) fn size_bytes(&self) -> usize {
        self.arena.capacity() + self.rows.capacity() * size_of::<KeyRow>()
    }
}

fn compare(arena: &[u8], a: &KeyRow, b: &KeyRow) -> Ordering {
    let key = |row: &KeyRow| &arena[row.start..row.start + row.length as usize];
    a.prefix
        .cmp(&b.prefix)
        .then_with(|| key(a).cmp(key(b)))
        .then_with(|| (a.chunk, a.row).cmp(&(b.chunk, b.row)))
}

/// The first eight bytes as a number that compares like them.
pub(crate) fn prefix(key: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    let length = key.len().min(8);
    bytes[..length].copy_from_slice(&key[..length]);
    u64::from_be_bytes(bytes)
}
