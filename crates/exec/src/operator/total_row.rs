//! `addtotals col=true`: execution.

use std::sync::Arc;

use arrow_array::types::Float64Type;
use arrow_array::{Array, ArrayRef, Float64Array, StringViewArray, cast::AsArray, new_null_array};
use arrow_schema::DataType;
use arrow_select::concat::concat;
use insq_functions::{ExactSum, format_number, parse_number};

use super::whole::RewriteRows;
use crate::chunk::Chunk;
use crate::error::ExecError;

/// Adds a last row with the sums of some columns; all others are missing in it.
pub(crate) struct TotalRow {
    /// Where the columns stand.
    pub(crate) positions: Vec<usize>,
}

impl RewriteRows for TotalRow {
    fn rewrite(&mut self, mut rows: Chunk) -> Result<Chunk, ExecError> {
        for (position, column) in rows.columns.iter_mut().enumerate() {
            let total: ArrayRef = if self.positions.contains(&position) {
                total(column)
            } else {
                new_null_array(column.data_type(), 1)
            };
            *column = concat(&[&**column, &*total])?;
        }
        rows.rows += 1;
        Ok(rows)
    }
}

/// The sum of a column of numbers, or of texts that are numbers, as one cell.
fn total(column: &ArrayRef) -> ArrayRef {
    let mut sum = None::<ExactSum>;
    let mut add = |number: f64| sum.get_or_insert_default().add(number);
    if let Some(numbers) = column.as_primitive_opt::<Float64Type>() {
        numbers.iter().flatten().for_each(&mut add);
    } else if let Some(texts) = column.as_string_view_opt() {
        texts.iter().flatten().filter_map(parse_number).for_each(&mut add);
    }
    let total = sum.map(|sum| sum.value()).filter(|total| total.is_finite());
    match column.data_type() {
        DataType::Utf8View => Arc::new(StringViewArray::from_iter([total.map(format_number)])),
        _ => Arc::new(Float64Array::from(vec![total])),
    }
}
