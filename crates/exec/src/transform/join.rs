//! `join`: execution.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, StringViewArray, UInt32Array, cast::AsArray};
use arrow_select::take::take;
use insq_functions::{equality_key, is_equal_text, texts_of};
use insq_plan::Join;

use super::unnest::repeated;
use crate::chunk::Chunk;
use crate::error::ExecError;
use crate::evaluate::Evaluator;

/// The rows of the other side, ready to be found.
#[derive(Clone, Debug)]
pub(crate) struct Partners {
    /// The key of every row.
    keys: ArrayRef,
    rows: Arc<HashMap<Vec<u8>, Vec<u32>>>,
}

/// Indexes the other side; empty as long as it is not known.
pub(crate) fn partners(join: &Join) -> Result<Partners, ExecError> {
    let mut rows: HashMap<Vec<u8>, Vec<u32>> = HashMap::new();
    let mut keys: ArrayRef = Arc::new(StringViewArray::new_null(0));
    if let Some(right) = &join.right
        && let Some(key) = right.columns.first()
    {
        let any = insq_functions::Operand::Column(key.cells.clone(), key.column_type);
        keys = insq_functions::coerce(&any, insq_event::ColumnType::Any, right.rows)?;
        for (row, text) in texts_of(&keys).into_iter().enumerate() {
            if let Some(text) = text {
                rows.entry(equality_key(text)).or_default().push(row as u32);
            }
        }
    }
    Ok(Partners {
        keys,
        rows: Arc::new(rows),
    })
}

impl Partners {
    /// The rows whose key equals this one, in their order.
    fn of<'p>(&'p self, key: &'p str) -> impl Iterator<Item = u32> + 'p {
        let keys = self.keys.as_string_view();
        let rows = self.rows.get(&equality_key(key)).into_iter().flatten();
        rows.copied()
            .filter(move |row| is_equal_text(keys.value(*row as usize), key))
    }
}

/// One row per pair; a row without a partner goes, or stays alone.
pub(super) fn join(
    evaluator: &Evaluator,
    join: &Join,
    partners: &Partners,
    chunk: &Chunk,
) -> Result<Option<Chunk>, ExecError> {
    let Some(right) = &join.right else {
        return Err(ExecError::Internal(
            "the other side of a join is not known".to_owned(),
        ));
    };
    let keys = evaluator.array(&join.left_key, chunk)?;
    let (mut left_rows, mut right_rows) = (Vec::with_capacity(chunk.rows), Vec::with_capacity(chunk.rows));
    for (row, key) in texts_of(&keys).into_iter().enumerate() {
        let before = left_rows.len();
        for partner in key.into_iter().flat_map(|key| partners.of(key)) {
            left_rows.push(row as u32);
            right_rows.push(Some(partner));
        }
        if left_rows.len() == before && join.keeps_left {
            left_rows.push(row as u32);
            right_rows.push(None);
        }
    }
    if left_rows.is_empty() {
        return Ok(None);
    }
    let mut made = repeated(chunk, left_rows)?;
    let indices = UInt32Array::from(right_rows);
    for (column, _) in &join.outputs {
        let cells = right.columns.get(*column).map(|column| &column.cells);
        let cells = cells.ok_or_else(|| ExecError::Internal("the other side lacks a column".to_owned()))?;
        made.columns.push(take(cells, &indices, None)?);
    }
    Ok(Some(made))
}
