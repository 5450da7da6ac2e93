//! `dedup`: execution.

use std::collections::HashSet;

use arrow_array::BooleanArray;
use arrow_select::filter::filter;
use foldhash::fast::RandomState;
use insq_event::Reservation;

use super::{BoxedOperator, Operator};
use crate::cells::Cells;
use crate::chunk::Chunk;
use crate::error::ExecError;

/// What a stored key costs beside its bytes.
const KEY_OVERHEAD_BYTES: usize = 32;

/// Keeps the first row of every key and drops the later ones.
///
/// # Order
/// "First" means arrival; the plan has placed a sort below.
///
/// # Nulls
/// A row with a null in its key is never a duplicate.
///
/// # Memory
/// One encoded key per distinct key, charged before it is stored.
pub(crate) struct Dedup {
    input: BoxedOperator,
    key_columns: Vec<usize>,
    seen: HashSet<Box<[u8]>, RandomState>,
    reservation: Reservation,
}

impl Dedup {
    pub(crate) fn new(input: BoxedOperator, key_columns: Vec<usize>, reservation: Reservation) -> Self {
        Self {
            input,
            key_columns,
            seen: HashSet::default(),
            reservation,
        }
    }

    fn first_occurrences(&mut self, chunk: &Chunk) -> Result<BooleanArray, ExecError> {
        let mut keep = Vec::with_capacity(chunk.rows);
        let mut key = Vec::new();
        let columns: Vec<Cells<'_>> = self
            .key_columns
            .iter()
            .map(|&column| Cells::of(&chunk.columns[column]))
            .collect::<Result<_, _>>()?;
        for row in 0..chunk.rows {
            if columns.iter().any(|cells| cells.is_null(row)) {
                keep.push(true);
                continue;
            }
            key.clear();
            columns
                .iter()
                .for_each(|cells| cells.append_identity(row, &mut key));
            keep.push(self.insert(&key)?);
        }
        Ok(keep.into())
    }

    /// Returns true when `key` was not seen before.
    fn insert(&mut self, key: &[u8]) -> Result<bool, ExecError> {
        if self.seen.contains(key) {
            return Ok(false);
        }
        self.reservation.grow(key.len() + KEY_OVERHEAD_BYTES)?;
        Ok(self.seen.insert(key.into()))
    }
}

impl Operator for Dedup {
    fn next_chunk(&mut self) -> Result<Option<Chunk>, ExecError> {
        while let Some(chunk) = self.input.next_chunk()? {
            let keep = self.first_occurrences(&chunk)?;
            let rows = keep.true_count();
            if rows > 0 {
                let columns = chunk
                    .columns
                    .iter()
                    .map(|column| filter(column, &keep))
                    .collect::<Result<_, _>>()?;
                return Ok(Some(Chunk { columns, rows }));
            }
        }
        Ok(None)
    }
}
