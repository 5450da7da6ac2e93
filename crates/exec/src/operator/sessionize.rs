//! `sessionize`: execution.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::types::TimestampMillisecondType;
use arrow_array::{Array, Float64Array, cast::AsArray};

use super::whole::RewriteRows;
use crate::cells::Cells;
use crate::chunk::Chunk;
use crate::error::ExecError;
use crate::evaluate::Evaluator;

/// Adds the number of the session of every row, counted from 1 in the order of time.
///
/// # Nulls
/// Missing values are an identity of their own; rows without a time are in no session.
pub(crate) struct NumberSessions {
    pub(crate) evaluator: Evaluator,
    pub(crate) time: insq_plan::Expr,
    /// Where the columns of the identity stand.
    pub(crate) identity: Vec<usize>,
    pub(crate) max_gap_ms: i64,
}

impl RewriteRows for NumberSessions {
    fn rewrite(&mut self, mut rows: Chunk) -> Result<Chunk, ExecError> {
        let times = self.evaluator.array(&self.time, &rows)?;
        let times = times.as_primitive::<TimestampMillisecondType>();
        let identity: Vec<Cells<'_>> = self
            .identity
            .iter()
            .map(|position| Cells::of(&rows.columns[*position]))
            .collect::<Result<_, _>>()?;
        let mut by_identity: HashMap<Vec<u8>, Vec<usize>> = HashMap::new();
        let mut key = Vec::new();
        for row in (0..rows.rows).filter(|row| times.is_valid(*row)) {
            key.clear();
            identity
                .iter()
                .for_each(|cells| cells.append_nullable(row, &mut key));
            match by_identity.get_mut(&key) {
                Some(same) => same.push(row),
                None => {
                    by_identity.insert(key.clone(), vec![row]);
                }
            }
        }
        let mut sessions: Vec<Option<f64>> = vec![None; rows.rows];
        for same in by_identity.values_mut() {
            same.sort_by_key(|row| times.value(*row));
            let (mut number, mut before) = (0.0, None);
            for row in same.iter().copied() {
                let time = times.value(row);
                let is_new = before.is_none_or(|before: i64| time.saturating_sub(before) > self.max_gap_ms);
                number += if is_new { 1.0 } else { 0.0 };
                sessions[row] = Some(number);
                before = Some(time);
            }
        }
        rows.columns.push(Arc::new(Float64Array::from(sessions)));
        Ok(rows)
    }
}
