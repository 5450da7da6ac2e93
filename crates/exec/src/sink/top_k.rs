//! `sort … | limit n`: execution.

use arrow_array::UInt32Array;
use arrow_select::take::take;
use insq_event::{Reservation, RunContext};
use insq_functions::EvalContext;
use insq_plan::SortKey;

use crate::chunk::{Chunk, Layout, OUTPUT_ROWS};
use crate::error::ExecError;
use crate::key_rows::{KeyMaker, KeyRows};
use crate::operator::{BoxedOperator, Gather, gather};

/// Keeps the first rows of an order: a buffer that is cut back to them whenever it has grown to twice
/// their number, and a bar that later rows must pass to get in at all.
pub(crate) struct TopKSink {
    keys: KeyMaker,
    keep: Vec<usize>,
    count: usize,
    chunks: Vec<Chunk>,
    rows: KeyRows,
    bar: Option<Vec<u8>>,
    chunk_bytes: usize,
    reservation: Reservation,
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
        Self {
            keys: KeyMaker::new(keys, layout, context),
            keep,
            count: usize::try_from(count).unwrap_or(usize::MAX),
            chunks: Vec::new(),
            rows: KeyRows::default(),
            bar: None,
            chunk_bytes: 0,
            reservation: run.memory.reservation("sort … limit"),
        }
    }

    pub(crate) fn push(&mut self, chunk: &Chunk) -> Result<(), ExecError> {
        let mut passed: Vec<u32> = Vec::new();
        let (rows, idx, bar) = (&mut self.rows, self.chunks.len(), self.bar.as_deref());
        self.keys.for_each(chunk, |row, key| {
            if bar.is_none_or(|bar| key < bar) {
                rows.push(key, idx, passed.len());
                passed.push(row as u32);
            }
        })?;
        if passed.is_empty() {
            return Ok(());
        }
        let kept = select(&chunk.project(&self.keep), passed)?.compacted();
        self.chunk_bytes += kept.size_bytes();
        self.chunks.push(kept);
        self.cut_if_full()?;
        self.charge()
    }

    pub(crate) fn merge(&mut self, mut other: Self) -> Result<(), ExecError> {
        self.rows
            .append(std::mem::take(&mut other.rows), self.chunks.len());
        self.chunk_bytes += other.chunk_bytes;
        self.chunks.append(&mut other.chunks);
        drop(other);
        self.cut_if_full()?;
        self.charge()
    }

    pub(crate) fn finish(mut self) -> Result<BoxedOperator, ExecError> {
        self.rows.keep_smallest(self.count);
        self.rows.sort();
        Ok(Box::new(Gather::new(
            self.chunks,
            self.rows.rows,
            self.reservation,
        )))
    }

    fn charge(&mut self) -> Result<(), ExecError> {
        Ok(self
            .reservation
            .resize(self.chunk_bytes + self.rows.size_bytes())?)
    }

    fn cut_if_full(&mut self) -> Result<(), ExecError> {
        if self.rows.rows.len() < self.count.saturating_mul(2).max(OUTPUT_ROWS) {
            return Ok(());
        }
        self.rows.keep_smallest(self.count);
        // Equal keys keep the order of arrival, so the survivors are gathered in that order.
        self.rows.rows.sort_unstable_by_key(|row| (row.chunk, row.row));
        let survivors = gather(&self.chunks, &self.rows.rows)?.compacted();
        let mut rows = KeyRows::default();
        for (position, row) in self.rows.rows.iter().enumerate() {
            rows.push(self.rows.key(row), 0, position);
        }
        self.bar = rows.largest().map(<[u8]>::to_vec);
        self.rows = rows;
        self.chunk_bytes = survivors.size_bytes();
        self.chunks = vec![survivors];
        Ok(())
    }
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
