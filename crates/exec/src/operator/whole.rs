//! Operators that must see all rows at once, and keep their order.

use arrow_array::Array;
use arrow_select::concat::concat;
use insq_event::Reservation;

use super::{BoxedOperator, Chunks, Operator};
use crate::chunk::Chunk;
use crate::error::ExecError;

/// What becomes of all rows.
pub(crate) trait RewriteRows: Send {
    /// The rows that come out.
    fn rewrite(&mut self, rows: Chunk) -> Result<Chunk, ExecError>;
}

/// Gathers its input, rewrites it, and gives out what comes of it.
///
/// # Memory
/// All rows, twice for as long as they are rewritten; charged as they arrive.
pub(crate) struct Whole {
    input: Option<BoxedOperator>,
    rewrite: Box<dyn RewriteRows>,
    reservation: Option<Reservation>,
    output: Option<Chunks>,
}

impl Whole {
    pub(crate) fn new(input: BoxedOperator, rewrite: Box<dyn RewriteRows>, reservation: Reservation) -> Self {
        Self {
            input: Some(input),
            rewrite,
            reservation: Some(reservation),
            output: None,
        }
    }

    fn fill(&mut self, mut input: BoxedOperator, mut reservation: Reservation) -> Result<(), ExecError> {
        let mut chunks = Vec::new();
        while let Some(chunk) = input.next_chunk()? {
            let chunk = chunk.compacted();
            // Once as a chunk, and once as a part of the whole.
            reservation.grow(2 * chunk.size_bytes())?;
            chunks.push(chunk);
        }
        let Some(rows) = joined(&chunks)? else {
            return Ok(());
        };
        drop(chunks);
        let rows = self.rewrite.rewrite(rows)?;
        reservation.resize(rows.size_bytes())?;
        if rows.rows > 0 {
            self.output = Some(Chunks::new(rows, reservation));
        }
        Ok(())
    }
}

impl Operator for Whole {
    fn next_chunk(&mut self) -> Result<Option<Chunk>, ExecError> {
        if let (Some(input), Some(reservation)) = (self.input.take(), self.reservation.take()) {
            self.fill(input, reservation)?;
        }
        match &mut self.output {
            Some(output) => output.next_chunk(),
            None => Ok(None),
        }
    }
}

/// All rows as one chunk; `None` when there are none.
fn joined(chunks: &[Chunk]) -> Result<Option<Chunk>, ExecError> {
    let Some(first) = chunks.first() else {
        return Ok(None);
    };
    let mut columns = Vec::with_capacity(first.columns.len());
    for position in 0..first.columns.len() {
        let parts: Vec<&dyn Array> = chunks.iter().map(|chunk| &*chunk.columns[position]).collect();
        columns.push(concat(&parts)?);
    }
    let rows = chunks.iter().map(|chunk| chunk.rows).sum();
    Ok(Some(Chunk { columns, rows }))
}
