//! The rest of a `dedup` whose keys do not fit into memory any more.

use std::sync::Arc;

use arrow_array::types::UInt64Type;
use arrow_array::{Array, ArrayRef, BinaryArray, UInt32Array, UInt64Array, cast::AsArray, new_null_array};
use arrow_select::take::take;
use insq_event::RunContext;

use super::BoxedOperator;
use crate::chunk::{Chunk, OUTPUT_ROWS};
use crate::error::ExecError;
use crate::key_rows::KeyRows;
use crate::spill::Sorter;

/// Before the key of a row in which a value is missing, which equals no other, and of all others.
const MISSING: u8 = 0;
const VALUES: u8 = 1;

/// Sorts rows by their keys, and those that came first of each back by their numbers. Both sorts go to files.
pub(super) struct DedupRest {
    by_key: Sorter,
    /// Rows so far.
    count: u64,
    run: RunContext,
}

impl DedupRest {
    pub(super) fn new(run: &RunContext) -> Self {
        Self {
            by_key: Sorter::new("dedup", run),
            count: 0,
            run: run.clone(),
        }
    }

    /// Takes keys whose first row has been given out; `rows` have the columns that such rows have.
    pub(super) fn forget(
        &mut self,
        keys: impl Iterator<Item = Box<[u8]>>,
        rows: &Chunk,
    ) -> Result<(), ExecError> {
        let mut keys = keys.peekable();
        while keys.peek().is_some() {
            let some: Vec<Vec<u8>> = keys
                .by_ref()
                .take(OUTPUT_ROWS)
                .map(|key| values_key(&key))
                .collect();
            let columns = rows.columns.iter();
            let nothing = Chunk {
                columns: columns
                    .map(|column| new_null_array(column.data_type(), some.len()))
                    .collect(),
                rows: some.len(),
            };
            let numbers = UInt64Array::new_null(some.len());
            self.add(nothing, &some, Arc::new(numbers))?;
        }
        Ok(())
    }

    /// The key of the next row by the bytes of its values, unless one is missing. None is the beginning of another.
    pub(super) fn key(&mut self, values: Option<&[u8]>) -> Vec<u8> {
        self.count += 1;
        match values {
            Some(values) => values_key(values),
            None => [&[MISSING][..], &self.count.to_be_bytes()].concat(),
        }
    }

    /// Takes the rows whose keys were made last.
    pub(super) fn push(&mut self, rows: Chunk, keys: &[Vec<u8>]) -> Result<(), ExecError> {
        let numbers = self.count - keys.len() as u64..self.count;
        self.add(rows, keys, Arc::new(UInt64Array::from_iter_values(numbers)))
    }

    fn add(&mut self, mut rows: Chunk, keys: &[Vec<u8>], numbers: ArrayRef) -> Result<(), ExecError> {
        let idx = self.by_key.chunks.len();
        for (row, key) in keys.iter().enumerate() {
            self.by_key.rows.push(key, idx, row);
        }
        rows.columns.push(Arc::new(BinaryArray::from_iter_values(keys)));
        rows.columns.push(numbers);
        self.by_key.keep(rows.compacted());
        self.by_key.charge()
    }

    /// The first row of every key that was not given out before, in the order of arrival.
    pub(super) fn finish(self) -> Result<BoxedOperator, ExecError> {
        let mut sorted = self.by_key.finish()?;
        let mut by_number = Sorter::new("dedup", &self.run);
        let mut last: Option<Vec<u8>> = None;
        while let Some(mut chunk) = sorted.next_chunk()? {
            let (numbers, keys) = (chunk.columns.pop(), chunk.columns.pop());
            let numbers = numbers
                .as_ref()
                .and_then(|column| column.as_primitive_opt::<UInt64Type>());
            let keys = keys.as_ref().and_then(|column| column.as_binary_opt::<i32>());
            let (Some(numbers), Some(keys)) = (numbers, keys) else {
                return Err(ExecError::Internal("rows without keys".to_owned()));
            };
            let firsts = firsts(
                keys,
                numbers,
                &mut last,
                &mut by_number.rows,
                by_number.chunks.len(),
            );
            if firsts.is_empty() {
                continue;
            }
            let rows = firsts.len();
            let firsts = UInt32Array::from(firsts);
            let columns = chunk.columns.iter().map(|column| take(column, &firsts, None));
            let columns = columns.collect::<Result<_, _>>()?;
            by_number.keep(Chunk { columns, rows }.compacted());
            by_number.charge()?;
        }
        by_number.finish()
    }
}

/// The rows whose key differs from the one before, as far as they were not given out; their numbers go into `order`.
fn firsts(
    keys: &BinaryArray,
    numbers: &UInt64Array,
    last: &mut Option<Vec<u8>>,
    order: &mut KeyRows,
    chunk: usize,
) -> Vec<u32> {
    let mut firsts = Vec::new();
    for row in 0..keys.len() {
        if last.as_deref() == Some(keys.value(row)) {
            continue;
        }
        *last = Some(keys.value(row).to_vec());
        if numbers.is_valid(row) {
            order.push(&numbers.value(row).to_be_bytes(), chunk, firsts.len());
            firsts.push(row as u32);
        }
    }
    firsts
}

fn values_key(bytes: &[u8]) -> Vec<u8> {
    [&[VALUES][..], bytes].concat()
}
