//! Rows of many chunks, given out in a given order.

use arrow_array::{Array, ArrayRef};
use arrow_select::interleave::interleave;
use insq_event::Reservation;

use super::Operator;
use crate::chunk::{Chunk, OUTPUT_ROWS};
use crate::error::ExecError;
use crate::key_rows::KeyRow;

/// Gives out `rows` of `chunks` in their order.
pub(crate) struct Gather {
    chunks: Vec<Chunk>,
    rows: Vec<KeyRow>,
    next_row: usize,
    _reservation: Reservation,
}

impl Gather {
    pub(crate) fn new(chunks: Vec<Chunk>, rows: Vec<KeyRow>, reservation: Reservation) -> Self {
        Self {
            chunks,
            rows,
            next_row: 0,
            _reservation: reservation,
        }
    }
}

impl Operator for Gather {
    fn next_chunk(&mut self) -> Result<Option<Chunk>, ExecError> {
        let end = self.rows.len().min(self.next_row + OUTPUT_ROWS);
        if self.next_row == end {
            return Ok(None);
        }
        let chunk = gather(&self.chunks, &self.rows[self.next_row..end])?;
        self.next_row = end;
        Ok(Some(chunk))
    }
}

/// The `rows` of `chunks` as one chunk.
pub(crate) fn gather(chunks: &[Chunk], rows: &[KeyRow]) -> Result<Chunk, ExecError> {
    let Some(width) = chunks.first().map(|chunk| chunk.columns.len()) else {
        return Ok(Chunk {
            columns: Vec::new(),
            rows: rows.len(),
        });
    };
    // Only the chunks that these rows touch take part: few rows of many chunks are the common case.
    let mut place_of = vec![usize::MAX; chunks.len()];
    let mut touched = Vec::new();
    let mut indices = Vec::with_capacity(rows.len());
    for row in rows {
        let chunk = row.chunk as usize;
        if place_of[chunk] == usize::MAX {
            place_of[chunk] = touched.len();
            touched.push(chunk);
        }
        indices.push((place_of[chunk], row.row as usize));
    }
    let column = |position: usize| -> Result<ArrayRef, ExecError> {
        let arrays: Vec<&dyn Array> = touched
            .iter()
            .map(|&chunk| &*chunks[chunk].columns[position])
            .collect();
        Ok(interleave(&arrays, &indices)?)
    };
    let columns = (0..width).map(column).collect::<Result<_, _>>()?;
    Ok(Chunk {
        columns,
        rows: rows.len(),
    })
}
