//! Finished groups, given out a few at a time.

use arrow_array::UInt32Array;
use arrow_select::take::take;
use insq_event::Reservation;

use super::table::GroupTable;
use crate::chunk::{Chunk, OUTPUT_ROWS};
use crate::error::ExecError;
use crate::operator::Operator;

/// Gives out the groups of a table in the order of their numbers, with their ranks. Each chunk is made when it is asked
/// for: of most groups, a sort that follows wants nothing but the key.
pub(super) struct Groups {
    table: GroupTable,
    next: usize,
    _reservation: Option<Reservation>,
}

impl Groups {
    /// `reservation` holds what the table holds, unless somebody else does that.
    pub(super) fn new(mut table: GroupTable, reservation: Option<Reservation>) -> Self {
        table.resize();
        Self {
            table,
            next: 0,
            _reservation: reservation,
        }
    }
}

impl Operator for Groups {
    fn next_chunk(&mut self) -> Result<Option<Chunk>, ExecError> {
        let range = self.next..self.table.len().min(self.next + OUTPUT_ROWS);
        if range.is_empty() {
            return Ok(None);
        }
        self.next = range.end;
        self.table.rows(range, true).map(Some)
    }
}

/// Gives out the rows of a large chunk in another order.
pub(super) struct Ordered {
    whole: Chunk,
    order: Vec<u32>,
    next: usize,
    _reservation: Reservation,
}

impl Ordered {
    pub(super) fn new(whole: Chunk, order: Vec<u32>, reservation: Reservation) -> Self {
        Self {
            whole,
            order,
            next: 0,
            _reservation: reservation,
        }
    }
}

impl Operator for Ordered {
    fn next_chunk(&mut self) -> Result<Option<Chunk>, ExecError> {
        let end = self.order.len().min(self.next + OUTPUT_ROWS);
        if self.next == end {
            return Ok(None);
        }
        let rows = UInt32Array::from(self.order[self.next..end].to_vec());
        let columns = self.whole.columns.iter().map(|column| take(column, &rows, None));
        let columns = columns.collect::<Result<_, _>>()?;
        let rows = end - self.next;
        self.next = end;
        Ok(Some(Chunk { columns, rows }))
    }
}
