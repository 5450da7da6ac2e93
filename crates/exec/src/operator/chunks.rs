//! A finished result, given out in pieces.

use insq_event::Reservation;

use super::Operator;
use crate::chunk::{Chunk, OUTPUT_ROWS};
use crate::error::ExecError;

/// Gives out one large chunk in pieces, and holds its memory until the end.
pub(crate) struct Chunks {
    whole: Chunk,
    next_row: usize,
    _reservation: Reservation,
}

impl Chunks {
    pub(crate) fn new(whole: Chunk, reservation: Reservation) -> Self {
        Self {
            whole,
            next_row: 0,
            _reservation: reservation,
        }
    }
}

impl Operator for Chunks {
    fn next_chunk(&mut self) -> Result<Option<Chunk>, ExecError> {
        let rows = (self.whole.rows - self.next_row).min(OUTPUT_ROWS);
        if rows == 0 {
            return Ok(None);
        }
        let piece = self.whole.slice(self.next_row, rows);
        self.next_row += rows;
        Ok(Some(piece))
    }
}
