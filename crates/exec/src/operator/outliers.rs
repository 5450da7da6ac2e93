//! `outlier`: execution.

use std::sync::Arc;

use arrow_array::types::Float64Type;
use arrow_array::{Array, ArrayRef, BooleanArray, Float64Array, cast::AsArray};
use arrow_select::filter::filter;

use super::whole::RewriteRows;
use crate::chunk::Chunk;
use crate::error::ExecError;
use crate::evaluate::Evaluator;

/// Adds for every field its clamped value and whether it was an outlier; removes rows with one, if asked.
pub(crate) struct MarkOutliers {
    pub(crate) evaluator: Evaluator,
    pub(crate) plan: insq_plan::Outliers,
}

impl RewriteRows for MarkOutliers {
    fn rewrite(&mut self, mut rows: Chunk) -> Result<Chunk, ExecError> {
        let mut stays = vec![true; rows.rows];
        let mut added: Vec<ArrayRef> = Vec::new();
        for field in &self.plan.fields {
            let numbers = self.evaluator.array(&field.source, &rows)?;
            let numbers = numbers.as_primitive::<Float64Type>();
            let bounds = bounds(numbers, self.plan.param, self.plan.use_lower);
            let clamped: Float64Array = numbers
                .iter()
                .map(|number| number.map(|number| bounds.clamp(number)))
                .collect();
            let marks: BooleanArray = numbers
                .iter()
                .map(|number| number.map(|number| bounds.clamp(number) != number))
                .collect();
            for (row, stays) in stays.iter_mut().enumerate() {
                *stays &= !(marks.is_valid(row) && marks.value(row));
            }
            added.push(Arc::new(clamped));
            added.push(Arc::new(marks));
        }
        rows.columns.extend(added);
        if self.plan.removes && stays.contains(&false) {
            let stays = BooleanArray::from(stays);
            rows.columns = rows
                .columns
                .iter()
                .map(|column| filter(column, &stays))
                .collect::<Result<_, _>>()?;
            rows.rows = stays.true_count();
        }
        Ok(rows)
    }
}

/// Between which values a number is no outlier.
struct Bounds {
    lower: f64,
    upper: f64,
}

impl Bounds {
    fn clamp(&self, number: f64) -> f64 {
        number.max(self.lower).min(self.upper)
    }
}

fn bounds(numbers: &Float64Array, param: f64, use_lower: bool) -> Bounds {
    let mut sorted: Vec<f64> = numbers.iter().flatten().collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let (first, third) = (quartile(&sorted, 0.25), quartile(&sorted, 0.75));
    let reach = param * (third - first);
    Bounds {
        lower: if use_lower {
            first - reach
        } else {
            f64::NEG_INFINITY
        },
        upper: third + reach,
    }
}

/// By linear interpolation between the neighbouring ranks.
fn quartile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::INFINITY;
    };
    let rank = share * last as f64;
    let (below, above) = (rank.floor() as usize, rank.ceil() as usize);
    sorted[below] + (sorted[above] - sorted[below]) * (rank - rank.floor())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_and_bounds() {
        assert_eq!(quartile(&[1.0, 2.0, 3.0, 4.0], 0.25), 1.75);
        assert_eq!(quartile(&[1.0, 2.0, 3.0, 4.0], 0.75), 3.25);
        assert_eq!(quartile(&[7.0], 0.75), 7.0);
        let numbers = Float64Array::from(vec![Some(1.0), Some(2.0), None, Some(3.0), Some(4.0)]);
        let upper_only = bounds(&numbers, 2.0, false);
        assert_eq!(
            (upper_only.clamp(-100.0), upper_only.clamp(100.0)),
            (-100.0, 6.25)
        );
        assert_eq!(bounds(&numbers, 2.0, true).clamp(-100.0), -1.25);
        let none = bounds(&Float64Array::from(vec![None, None]), 2.5, true);
        assert!(!none.clamp(5.0).is_nan());
    }
}
