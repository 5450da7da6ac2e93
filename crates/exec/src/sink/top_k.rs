//! `sort … | limit n`: execution.

use std::collections::HashSet;
use std::sync::Arc;

use arrow_array::UInt32Array;
use arrow_select::take::take;
use foldhash::fast::RandomState;
use insq_event::{Bar, RunContext};
use insq_functions::EvalContext;
use insq_functions::order::PRESENT;
use insq_plan::SortKey;

use crate::cells::Cells;
use crate::chunk::{Chunk, Layout, OUTPUT_ROWS};
use crate::error::ExecError;
use crate::key_rows::{KeyMaker, KeyRows};
use crate::operator::{BoxedOperator, Dedup, Limit, gather};
use crate::spill::Sorter;

/// Rows in which duplicates are looked for first, where all others come out.
const DISTINCT_ROWS: usize = 8 * OUTPUT_ROWS;

/// Chunks that rows are held in. Once few rows pass, each of them comes in a chunk of its own, which is larger than it.
const CHUNKS_MAX: usize = 256;

/// Keeps the first rows of an order: a buffer that is cut back to them whenever it has grown to twice
/// their number, and a bar that later rows must pass to get in at all.
///
/// Where only the first row of every combination of values counts, the others go when the buffer is cut, before rows are
/// counted: whatever comes later, so many different ones come before the bar. Then there may be no number of rows; the
/// buffer is cut as long as that makes it smaller.
///
/// # Memory
/// At most twice the rows that come out, charged; in files when memory is scarce.
pub(crate) struct TopKSink {
    keys: KeyMaker,
    keep: Vec<usize>,
    count: usize,
    bar: Option<Vec<u8>>,
    /// Where the readers learn of it.
    told: Option<Arc<Bar>>,
    /// Columns of which the first row of every combination of values counts; none where all rows do.
    distinct: Vec<usize>,
    /// Rows at which the buffer is cut.
    cut_at: usize,
    run: RunContext,
    sorter: Sorter,
}

impl TopKSink {
    pub(crate) fn new(
        keys: &[SortKey],
        count: u64,
        layout: &Layout,
        keep: Vec<usize>,
        context: EvalContext,
        run: &RunContext,
    ) -> Self {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        Self {
            keys: KeyMaker::new(keys, layout, context),
            keep,
            count,
            cut_at: count.saturating_mul(2).max(OUTPUT_ROWS),
            bar: None,
            told: None,
            distinct: Vec::new(),
            run: run.clone(),
            sorter: Sorter::new("sort … limit", run),
        }
    }

    /// Only the first row of every combination of values of `columns`, which are numbers of kept columns, is to count.
    pub(crate) fn distinct(mut self, columns: Vec<usize>) -> Self {
        self.distinct = columns;
        self
    }

    /// Of all rows, those that a `dedup` of `columns` leaves and, where these are few, not many others.
    pub(crate) fn of_all(mut self, columns: Vec<usize>) -> Self {
        self.cut_at = DISTINCT_ROWS;
        self.sorter = Sorter::new("sort", &self.run);
        self.distinct(columns)
    }

    /// Says to `bar` from now on what rows must pass.
    pub(crate) fn tell(&mut self, bar: Arc<Bar>) {
        self.told = Some(bar);
    }

    pub(crate) fn push(&mut self, chunk: &Chunk) -> Result<(), ExecError> {
        let mut passed: Vec<u32> = Vec::new();
        let sorter = &mut self.sorter;
        let (rows, idx, bar) = (&mut sorter.rows, sorter.chunks.len(), self.bar.as_deref());
        self.keys.for_each(chunk, bar, |row, key| {
            if bar.is_none_or(|bar| key < bar) {
                rows.push(key, idx, passed.len());
                passed.push(row as u32);
            }
        })?;
        if passed.is_empty() {
            return Ok(());
        }
        sorter.keep(select(&chunk.project(&self.keep), passed)?.compacted());
        if self.is_full() || self.sorter.is_due() {
            self.cut()?;
        }
        match self.is_limited() {
            true => self.sorter.charge(),
            false => self.sorter.charge_in_runs(),
        }
    }

    pub(crate) fn merge(&mut self, other: Self) -> Result<(), ExecError> {
        self.sorter.append(other.sorter)?;
        if self.is_full() {
            self.cut()?;
        }
        self.sorter.charge()
    }

    pub(crate) fn finish(mut self) -> Result<BoxedOperator, ExecError> {
        let count = self.count as u64;
        if self.distinct.is_empty() {
            self.sorter.rows.keep_smallest(self.count);
            return Ok(Box::new(Limit::new(self.sorter.finish()?, count)));
        }
        if !self.is_limited() {
            // The `dedup` itself follows.
            return self.sorter.finish();
        }
        // Of what is in files, and of what came since the last cut, there may be more than one.
        let rows = Dedup::new(self.sorter.finish()?, self.distinct, &self.run);
        Ok(Box::new(Limit::new(Box::new(rows), count)))
    }

    fn is_full(&self) -> bool {
        let rows = self.sorter.rows.rows.len();
        let is_scattered = self.sorter.chunks.len() >= CHUNKS_MAX && rows > self.count;
        is_scattered || rows >= self.cut_at
    }

    fn is_limited(&self) -> bool {
        self.count < usize::MAX
    }

    /// Lets go of the rows that can't come out, as far as there are more than come out. Those that were put into files
    /// before are as many as come out, or all there were.
    fn cut(&mut self) -> Result<(), ExecError> {
        let is_limited = self.is_limited();
        let sorter = &mut self.sorter;
        let rows_before = sorter.rows.rows.len();
        // Where it has not helped, all rows are kept from then on.
        let is_small = is_limited && rows_before <= self.count;
        if is_small || self.cut_at == usize::MAX {
            return Ok(());
        }
        if !self.distinct.is_empty() {
            keep_distinct(sorter, &self.distinct)?;
        }
        if !is_limited {
            let rows = sorter.rows.rows.len();
            let has_helped = rows <= rows_before / 2;
            self.cut_at = if has_helped {
                DISTINCT_ROWS.max(4 * rows)
            } else {
                usize::MAX
            };
        }
        let is_enough = sorter.rows.rows.len() >= self.count;
        sorter.rows.keep_smallest(self.count);
        // Equal keys keep the order of arrival, so the survivors are gathered in that order.
        sorter.rows.rows.sort_unstable_by_key(|row| (row.chunk, row.row));
        let survivors = gather(&sorter.chunks, &sorter.rows.rows)?.compacted();
        let mut rows = KeyRows::default();
        for (position, row) in sorter.rows.rows.iter().enumerate() {
            rows.push(sorter.rows.key(row), 0, position);
        }
        if is_enough {
            self.bar = rows.largest().map(<[u8]>::to_vec);
        }
        if let (Some(told), Some(place)) = (&self.told, self.bar.as_deref().and_then(first_place)) {
            told.lower(place);
        }
        sorter.rows = rows;
        sorter.chunk_bytes = survivors.size_bytes();
        sorter.chunks = vec![survivors];
        Ok(())
    }
}

/// Lets go of rows of which another one with the same values of `columns` comes first. A row that lacks one of the values is
/// like no other.
fn keep_distinct(sorter: &mut Sorter, columns: &[usize]) -> Result<(), ExecError> {
    let cells: Vec<Vec<Cells<'_>>> = sorter
        .chunks
        .iter()
        .map(|chunk| {
            let columns = columns.iter().map(|&column| &chunk.columns[column]);
            columns.map(Cells::of).collect()
        })
        .collect::<Result<_, ExecError>>()?;
    let mut seen: HashSet<Box<[u8]>, RandomState> = HashSet::default();
    let mut key = Vec::new();
    sorter.rows.sort();
    sorter.rows.rows.retain(|row| {
        let (cells, row) = (&cells[row.chunk as usize], row.row as usize);
        if cells.iter().any(|cells| cells.is_null(row)) {
            return true;
        }
        key.clear();
        cells
            .iter()
            .for_each(|cells| cells.append_identity(row, &mut key));
        !seen.contains(&key[..]) && seen.insert(key.as_slice().into())
    });
    Ok(())
}

/// The place in the order that the first value of a key stands for: of a time or a number, and of no missing one.
fn first_place(key: &[u8]) -> Option<u64> {
    let place = key.strip_prefix(&[PRESENT])?.first_chunk()?;
    Some(u64::from_be_bytes(*place))
}

fn select(chunk: &Chunk, rows: Vec<u32>) -> Result<Chunk, ExecError> {
    if rows.len() == chunk.rows {
        return Ok(chunk.clone());
    }
    let count = rows.len();
    let indices = UInt32Array::from(rows);
    let columns = chunk
        .columns
        .iter()
        .map(|column| take(column, &indices, None))
        .collect::<Result<_, _>>()?;
    Ok(Chunk { columns, rows: count })
}
