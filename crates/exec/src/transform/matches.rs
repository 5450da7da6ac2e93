//! `parse … multi`: execution.

use std::sync::Arc;

use arrow_array::builder::{BooleanBuilder, StringViewBuilder};
use arrow_array::{Array, ArrayRef, cast::AsArray};
use arrow_select::zip::zip;
use insq_functions::CompiledRegex;
use insq_plan::Extract;

use super::unnest::repeated;
use crate::chunk::Chunk;
use crate::error::ExecError;
use crate::evaluate::Evaluator;

/// One row per match. A row without a match stays as it is.
pub(super) fn extract_matches(
    evaluator: &Evaluator,
    extract: &Extract,
    regex: &CompiledRegex,
    chunk: &Chunk,
) -> Result<Chunk, ExecError> {
    let source = evaluator.array(&extract.source, chunk)?;
    let source = source.as_string_view();
    let mut rows: Vec<u32> = Vec::with_capacity(chunk.rows);
    let mut matched = BooleanBuilder::with_capacity(chunk.rows);
    let mut columns: Vec<StringViewBuilder> = extract
        .captures
        .iter()
        .map(|_| StringViewBuilder::new())
        .collect();
    for row in 0..chunk.rows {
        let before = rows.len();
        if source.is_valid(row) {
            for captures in regex.regex().captures_iter(source.value(row)) {
                rows.push(row as u32);
                matched.append_value(true);
                for (column, capture) in columns.iter_mut().zip(&extract.captures) {
                    column.append_option(captures.get(capture.group).map(|part| part.as_str()));
                }
            }
        }
        if rows.len() == before {
            rows.push(row as u32);
            matched.append_value(false);
            columns.iter_mut().for_each(StringViewBuilder::append_null);
        }
    }
    let mut made = repeated(chunk, rows)?;
    let matched = matched.finish();
    let mut added = Vec::with_capacity(columns.len());
    for (mut column, capture) in columns.into_iter().zip(&extract.captures) {
        let cut: ArrayRef = Arc::new(column.finish());
        added.push(match &capture.otherwise {
            Some(otherwise) => zip(&matched, &cut, &evaluator.array(otherwise, &made)?)?,
            None => cut,
        });
    }
    made.columns.extend(added);
    Ok(made)
}
