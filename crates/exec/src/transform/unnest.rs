//! `unnest` and `expand`: execution.

use std::sync::Arc;

use arrow_array::builder::StringViewBuilder;
use arrow_array::{Array, ArrayRef, UInt32Array, cast::AsArray};
use arrow_select::take::take;
use insq_functions::{leaf_text, list_elements};
use insq_plan::Unnest;

use crate::chunk::Chunk;
use crate::error::ExecError;
use crate::evaluate::Evaluator;

/// One row per element, in the order of the list. What is no list is a list of itself, and so is what is missing; an
/// empty list has no rows.
pub(super) fn unnest(
    evaluator: &Evaluator,
    unnest: &Unnest,
    chunk: &Chunk,
) -> Result<Option<Chunk>, ExecError> {
    let source = evaluator.array(&unnest.source, chunk)?;
    let lists = source.as_string_view();
    let mut rows: Vec<u32> = Vec::with_capacity(chunk.rows);
    let mut elements = StringViewBuilder::with_capacity(chunk.rows);
    for row in 0..chunk.rows {
        let json = lists.is_valid(row).then(|| lists.value(row));
        let in_text = json
            .filter(|json| unnest.parses_text && json.starts_with('"'))
            .and_then(leaf_text);
        let list = json
            .and_then(list_elements)
            .or_else(|| list_elements(in_text.as_deref()?.trim_start()));
        match list {
            Some(list) => {
                for element in list {
                    rows.push(row as u32);
                    elements.append_option((element != "null").then_some(element));
                }
            }
            None => {
                rows.push(row as u32);
                elements.append_option(json);
            }
        }
    }
    if rows.is_empty() {
        return Ok(None);
    }
    let mut made = repeated(chunk, rows)?;
    made.columns.push(Arc::new(elements.finish()) as ArrayRef);
    Ok(Some(made))
}

/// The rows of a chunk by number, some of them several times.
pub(super) fn repeated(chunk: &Chunk, rows: Vec<u32>) -> Result<Chunk, ExecError> {
    let count = rows.len();
    let is_same = count == chunk.rows && rows.iter().enumerate().all(|(idx, row)| idx == *row as usize);
    if is_same {
        return Ok(chunk.clone());
    }
    let indices = UInt32Array::from(rows);
    let columns = chunk
        .columns
        .iter()
        .map(|column| take(column, &indices, None))
        .collect::<Result<_, _>>()?;
    Ok(Chunk { columns, rows: count })
}
