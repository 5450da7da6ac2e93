//! `dedup`: execution.

use std::collections::HashSet;

use arrow_array::BooleanArray;
use arrow_select::filter::filter;
use foldhash::fast::RandomState;
use insq_event::{Reservation, RunContext};

use super::dedup_rest::DedupRest;
use super::{BoxedOperator, Operator};
use crate::cells::Cells;
use crate::chunk::Chunk;
use crate::error::ExecError;
use crate::spill::Spiller;

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
/// One encoded key per distinct key, charged before it is stored. When memory is scarce, keys and the rows that are still
/// to come are sorted in files.
pub(crate) struct Dedup {
    input: BoxedOperator,
    key_columns: Vec<usize>,
    seen: HashSet<Box<[u8]>, RandomState>,
    /// True when there was no memory for a key, which is kept all the same until the next chunk.
    is_full: bool,
    rest: Option<BoxedOperator>,
    spiller: Spiller,
    run: RunContext,
    reservation: Reservation,
}

impl Dedup {
    pub(crate) fn new(input: BoxedOperator, key_columns: Vec<usize>, run: &RunContext) -> Self {
        Self {
            input,
            key_columns,
            seen: HashSet::default(),
            is_full: false,
            rest: None,
            spiller: Spiller::new(run),
            run: run.clone(),
            reservation: run.memory.reservation("dedup"),
        }
    }

    fn first_occurrences(&mut self, chunk: &Chunk) -> Result<BooleanArray, ExecError> {
        let mut keep = Vec::with_capacity(chunk.rows);
        let columns = std::mem::take(&mut self.key_columns);
        let visited = for_each_key(chunk, &columns, |key| {
            keep.push(match key {
                None => true,
                Some(key) => self.insert(key)?,
            });
            Ok(())
        });
        self.key_columns = columns;
        visited?;
        Ok(keep.into())
    }

    /// Returns true when `key` was not seen before.
    fn insert(&mut self, key: &[u8]) -> Result<bool, ExecError> {
        if self.seen.contains(key) {
            return Ok(false);
        }
        if let Err(refusal) = self.reservation.grow(key.len() + KEY_OVERHEAD_BYTES) {
            if !self.spiller.is_possible() {
                return Err(refusal.into());
            }
            self.is_full = true;
        }
        Ok(self.seen.insert(key.into()))
    }

    /// The rows of what is still to come, `chunk` first, by way of files.
    fn rest(&mut self, chunk: Chunk) -> Result<BoxedOperator, ExecError> {
        let mut rest = DedupRest::new(&self.run);
        rest.forget(std::mem::take(&mut self.seen).into_iter(), &chunk)?;
        self.reservation.resize(0)?;
        let mut next = Some(chunk);
        while let Some(chunk) = next {
            let mut keys = Vec::with_capacity(chunk.rows);
            for_each_key(&chunk, &self.key_columns, |key| {
                keys.push(rest.key(key));
                Ok(())
            })?;
            rest.push(chunk, &keys)?;
            next = self.input.next_chunk()?;
        }
        rest.finish()
    }
}

/// Calls `visit` with the key of every row in order; with none where a value is missing.
fn for_each_key(
    chunk: &Chunk,
    columns: &[usize],
    mut visit: impl FnMut(Option<&[u8]>) -> Result<(), ExecError>,
) -> Result<(), ExecError> {
    let cells: Vec<Cells<'_>> = columns
        .iter()
        .map(|&column| Cells::of(&chunk.columns[column]))
        .collect::<Result<_, _>>()?;
    let mut key = Vec::new();
    for row in 0..chunk.rows {
        if cells.iter().any(|cells| cells.is_null(row)) {
            visit(None)?;
            continue;
        }
        key.clear();
        cells
            .iter()
            .for_each(|cells| cells.append_identity(row, &mut key));
        visit(Some(&key))?;
    }
    Ok(())
}

impl Operator for Dedup {
    fn next_chunk(&mut self) -> Result<Option<Chunk>, ExecError> {
        if let Some(rest) = &mut self.rest {
            return rest.next_chunk();
        }
        while let Some(chunk) = self.input.next_chunk()? {
            if self.is_full || self.spiller.is_due(self.reservation.bytes()) {
                let rest = self.rest(chunk)?;
                return self.rest.insert(rest).next_chunk();
            }
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
