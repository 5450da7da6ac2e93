//! `pct`: the nearest-rank percentile, exact for groups of up to [`EXACT_VALUES_MAX`] values.

mod sketch;
mod values;

use std::ops::Range;
use std::sync::Arc;

use arrow_array::builder::Float64Builder;
use arrow_array::types::Float64Type;
use arrow_array::{Array, ArrayRef, cast::AsArray};
use arrow_schema::DataType;
use insq_event::ColumnType;

use super::{Accumulator, AggregateFunction, state};
use crate::{Family, FunctionError, Param, ResultType, Scalar, Signature};
use values::Values;

/// Groups up to this size keep every value; larger ones a sketch, whose percentiles are within 0.05 % of
/// the value. What a group keeps depends on its size alone, never on how it came together.
pub const EXACT_VALUES_MAX: usize = 16_384;

pub(super) fn functions() -> Vec<AggregateFunction> {
    vec![AggregateFunction {
        name: "pct",
        aliases: &[],
        family: Family::Aggregate,
        signature: Signature {
            params: &[Param::Number, Param::ConstantNumber],
            required: 2,
            variadic: &[],
        },
        result: ResultType::Fixed(ColumnType::Number),
        needs_order: false,
        shares_state: true,
        summary: "The smallest value with at least so many percent of the values at or below it.",
        make: |call| {
            Ok(Box::new(Percentile {
                percents: call.constants.iter().map(percent).collect::<Result<_, _>>()?,
                groups: Vec::new(),
                value_bytes: 0,
            }))
        },
    }]
}

fn percent(constant: &Scalar) -> Result<f64, FunctionError> {
    match constant {
        Scalar::Number(percent) if (0.0..=100.0).contains(percent) => Ok(*percent),
        _ => Err(FunctionError::Argument(
            "the percentage of `pct` lies between 0 and 100".to_owned(),
        )),
    }
}

struct Percentile {
    /// Of each call that it was made for.
    percents: Vec<f64>,
    groups: Vec<Values>,
    value_bytes: usize,
}

impl Percentile {
    #[inline]
    fn add(&mut self, group: u32, more: &[f64]) {
        let values = &mut self.groups[group as usize];
        let before = values.size_bytes();
        values.add_all(more);
        self.value_bytes = self.value_bytes + values.size_bytes() - before;
    }
}

impl Accumulator for Percentile {
    fn resize(&mut self, count: usize) {
        self.groups.resize_with(count, Values::default);
    }

    fn update(&mut self, groups: &[u32], arguments: &[ArrayRef]) -> Result<(), FunctionError> {
        let column = state::argument("pct", arguments, 0, |array| {
            array.as_primitive_opt::<Float64Type>()
        })?;
        if column.null_count() == 0 {
            // Events come roughly in order, so neighbours mostly are of one bin.
            let mut rest = &column.values()[..];
            for run in groups.chunk_by(|a, b| a == b) {
                let (values, more) = rest.split_at(run.len());
                self.add(run[0], values);
                rest = more;
            }
            return Ok(());
        }
        for (row, &group) in groups.iter().enumerate() {
            if column.is_valid(row) {
                self.add(group, &[column.value(row)]);
            }
        }
        Ok(())
    }

    fn state_types(&self) -> Vec<DataType> {
        vec![DataType::Binary]
    }

    fn take_state(&mut self, groups: Range<usize>) -> Result<Vec<ArrayRef>, FunctionError> {
        let taken = &mut self.groups[groups];
        Ok(state::write(taken.len(), |idx, out| {
            let values = std::mem::take(&mut taken[idx]);
            self.value_bytes -= values.size_bytes();
            values.to_bytes(out);
        }))
    }

    fn merge(&mut self, groups: &[u32], columns: &[ArrayRef]) -> Result<(), FunctionError> {
        state::read("pct", columns, |idx, bytes| {
            let values = &mut self.groups[groups[idx] as usize];
            let before = values.size_bytes();
            values.merge_bytes(bytes)?;
            self.value_bytes = self.value_bytes + values.size_bytes() - before;
            Some(())
        })
    }

    fn absorb(
        &mut self,
        groups: &[u32],
        other: &mut dyn Accumulator,
        taken: Range<usize>,
    ) -> Result<(), FunctionError> {
        let other: &mut Self = state::same("pct", other)?;
        for (&group, theirs) in groups.iter().zip(&mut other.groups[taken]) {
            let theirs = std::mem::take(theirs);
            other.value_bytes -= theirs.size_bytes();
            let values = &mut self.groups[group as usize];
            let before = values.size_bytes();
            values.absorb(theirs);
            self.value_bytes = self.value_bytes + values.size_bytes() - before;
        }
        Ok(())
    }

    fn finish(&mut self, groups: Range<usize>) -> Result<ArrayRef, FunctionError> {
        let first = self.finish_all(groups)?.into_iter().next();
        first.ok_or_else(|| FunctionError::Internal {
            function: "pct",
            found: "no percentage".to_owned(),
        })
    }

    fn finish_all(&mut self, groups: Range<usize>) -> Result<Vec<ArrayRef>, FunctionError> {
        let mut results: Vec<Float64Builder> = self
            .percents
            .iter()
            .map(|_| Float64Builder::with_capacity(groups.len()))
            .collect();
        for values in &mut self.groups[groups] {
            let mut values = std::mem::take(values);
            self.value_bytes -= values.size_bytes();
            for (percent, result) in self.percents.iter().zip(&mut results) {
                result.append_option(values.percentile(*percent));
            }
        }
        let column = |mut result: Float64Builder| -> ArrayRef { Arc::new(result.finish()) };
        Ok(results.into_iter().map(column).collect())
    }

    fn size_bytes(&self) -> usize {
        self.groups.capacity() * size_of::<Values>() + self.value_bytes
    }
}

/// The rank, from 1, of the percentile among `count` values: the smallest rank with at least `percent`
/// percent of the values at or below it.
///
/// `percent * count / 100` in doubles may come out a hair above a whole number that it is; the rank is then
/// one too high. Percentages have few decimals, so the product is taken in whole numbers.
pub(super) fn nearest_rank(percent: f64, count: u64) -> u64 {
    /// Decimals of a percentage that count.
    const SCALE: f64 = 1e9;
    let scaled = (percent * SCALE).round() as u128;
    let rank = (scaled * u128::from(count)).div_ceil(100 * SCALE as u128) as u64;
    rank.clamp(1, count.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks() {
        for (percent, count, expected) in [
            (50.0, 4, 2),
            (50.0, 5, 3),
            (0.0, 5, 1),
            (100.0, 5, 5),
            (99.9, 1000, 999),
            (99.5, 200, 199),
            (99.5, 201, 200),
            (33.0, 3, 1),
            (34.0, 3, 2),
            (99.99999, 10, 10),
        ] {
            assert_eq!(nearest_rank(percent, count), expected, "{percent} of {count}");
        }
    }
}
