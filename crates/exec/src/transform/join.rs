//! `join`: execution.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::UInt32Array;
use arrow_select::take::take;
use insq_functions::{equality_key, texts_of};
use insq_plan::Join;

use super::unnest::repeated;
use crate::chunk::Chunk;
use crate::error::ExecError;
use crate::evaluate::Evaluator;

/// The rows of the other side by their key.
pub(crate) type Partners = Arc<HashMap<Vec<u8>, Vec<u32>>>;

/// Indexes the other side; empty as long as it is not known.
pub(crate) fn partners(join: &Join) -> Result<Partners, ExecError> {
    let mut partners: HashMap<Vec<u8>, Vec<u32>> = HashMap::new();
    if let Some(right) = &join.right
        && let Some(key) = right.columns.first()
    {
        let any = insq_functions::Operand::Column(key.cells.clone(), key.column_type);
        let keys = insq_functions::coerce(&any, insq_event::ColumnType::Any, right.rows)?;
        for (row, text) in texts_of(&keys).into_iter().enumerate() {
            if let Some(text) = text {
                partners.entry(equality_key(text)).or_default().push(row as u32);
            }
        }
    }
    Ok(Arc::new(partners))
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
        match key.and_then(|key| partners.get(&equality_key(key))) {
            Some(found) => {
                for partner in found {
                    left_rows.push(row as u32);
                    right_rows.push(Some(*partner));
                }
            }
            None if join.keeps_left => {
                left_rows.push(row as u32);
                right_rows.push(None);
            }
            None => {}
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
