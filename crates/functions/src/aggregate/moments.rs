//! `stddev`: the population's standard deviation.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::types::Float64Type;
use arrow_array::{Array, ArrayRef, Float64Array, cast::AsArray};
use arrow_schema::DataType;
use insq_event::ColumnType;

use super::decimal::whole_parts;
use super::exact_sum::ExactSum;
use super::{Accumulator, AggregateFunction, state};
use crate::{Family, FunctionError, Param, ResultType, Signature};

pub(super) fn functions() -> Vec<AggregateFunction> {
    vec![AggregateFunction {
        name: "stddev",
        aliases: &[],
        family: Family::Aggregate,
        signature: Signature {
            params: &[Param::Number],
            required: 1,
            variadic: &[],
        },
        result: ResultType::Fixed(ColumnType::Number),
        needs_order: false,
        shares_state: false,
        summary: "The standard deviation of the numbers, taken as the whole population.",
        make: |_| Ok(Box::<StdDev>::default()),
    }]
}

/// Larger numbers are summed as they are.
const THOUSANDTHS_MAX: i128 = 1_000_000_000_000;

/// What two doubles leave of a sum, as a share of it: differences below are those of equal numbers.
const NOISE: f64 = 1.0 / (1u128 << 100) as f64;

/// Exact sums of the numbers and of their squares.
#[derive(Default)]
struct StdDev {
    groups: Vec<Moments>,
    extra_bytes: usize,
}

#[derive(Clone, Debug, Default)]
struct Moments {
    count: u64,
    sum: ExactSum,
    squares: ExactSum,
}

impl Moments {
    fn add(&mut self, value: f64) {
        self.count += 1;
        // Thousandths, which durations are, need no more room than two integers.
        let thousandths = whole_parts(value, 1e3).map(i128::from);
        if let Some(thousandths) = thousandths.filter(|parts| parts.abs() <= THOUSANDTHS_MAX) {
            self.sum.add(value);
            self.squares.add_millionths(thousandths * thousandths);
            return;
        }
        self.sum.add_binary(value);
        // The square as a double and what it was rounded by: together exact.
        let square = value * value;
        self.squares.add_binary(square);
        self.squares.add_binary(value.mul_add(value, -square));
    }

    /// `sqrt((n * squares - sum²) / n²)`, which rounds less than a division of the root would.
    fn stddev(&self) -> Option<f64> {
        if self.count == 0 {
            return None;
        }
        let count = self.count as f64;
        let difference = self
            .exact_difference()
            .or_else(|| self.binary_difference())
            .unwrap_or_else(|| self.difference());
        Some((difference.max(0.0) / (count * count)).sqrt()).filter(|value| value.is_finite())
    }

    /// `n * squares - sum²` in integers, where all numbers are decimals and fit: numbers that are equal deviate by 0.
    fn exact_difference(&self) -> Option<f64> {
        let (squares, sum) = (self.squares.millionths()?, self.sum.millionths()?);
        let squares = squares
            .checked_mul(i128::from(self.count))?
            .checked_mul(1_000_000)?;
        let difference = squares.checked_sub(sum.checked_mul(sum)?)?;
        Some(difference as f64 / 1e12)
    }

    /// `n * squares - sum²` where no number is taken as a decimal. Three doubles hold the squares of equal numbers whole, so
    /// these deviate by 0, and numbers that differ in their last bits alone still do.
    fn binary_difference(&self) -> Option<f64> {
        let (squares, sum) = (self.squares.three_doubles()?, self.sum.three_doubles()?);
        let mut difference = ExactSum::default();
        for piece in squares {
            add_product(&mut difference, piece, self.count as f64);
        }
        for (a, b) in sum.iter().flat_map(|a| sum.map(|b| (*a, b))) {
            add_product(&mut difference, a, -b);
        }
        Some(difference.value())
    }

    /// `n * squares - sum²` with both terms taken to twice a double's precision.
    fn difference(&self) -> f64 {
        let count = self.count as f64;
        let mut difference = ExactSum::default();
        let (high, low) = self.squares.two_doubles();
        add_product(&mut difference, high, count);
        add_product(&mut difference, low, count);
        let (high, low) = self.sum.two_doubles();
        add_product(&mut difference, high, -high);
        add_product(&mut difference, high, -2.0 * low);
        add_product(&mut difference, low, -low);
        let (difference, noise) = (difference.value(), self.squares.value() * count * NOISE);
        if difference <= noise { 0.0 } else { difference }
    }

    fn extra_bytes(&self) -> usize {
        self.sum.extra_bytes() + self.squares.extra_bytes()
    }
}

/// Adds `a * b` exactly.
fn add_product(sum: &mut ExactSum, a: f64, b: f64) {
    let product = a * b;
    if product.is_finite() {
        sum.add_binary(product);
        sum.add_binary(a.mul_add(b, -product));
    }
}

impl Accumulator for StdDev {
    fn resize(&mut self, count: usize) {
        self.groups.resize_with(count, Default::default);
    }

    fn update(&mut self, groups: &[u32], arguments: &[ArrayRef]) -> Result<(), FunctionError> {
        let values = state::argument("stddev", arguments, 0, |array| {
            array.as_primitive_opt::<Float64Type>()
        })?;
        for (row, &group) in groups.iter().enumerate() {
            // Beyond this the square of a number is none.
            if values.is_valid(row) && values.value(row).abs() < 1e150 {
                let moments = &mut self.groups[group as usize];
                let before = moments.extra_bytes();
                moments.add(values.value(row));
                self.extra_bytes += moments.extra_bytes() - before;
            }
        }
        Ok(())
    }

    fn state_types(&self) -> Vec<DataType> {
        vec![DataType::Binary]
    }

    fn take_state(&mut self, groups: Range<usize>) -> Result<Vec<ArrayRef>, FunctionError> {
        let taken = &self.groups[groups];
        Ok(state::write(taken.len(), |idx, out| {
            out.extend_from_slice(&taken[idx].count.to_le_bytes());
            taken[idx].sum.to_bytes(out);
            taken[idx].squares.to_bytes(out);
        }))
    }

    fn merge(&mut self, groups: &[u32], columns: &[ArrayRef]) -> Result<(), FunctionError> {
        state::read("stddev", columns, |idx, bytes| {
            let (count, rest) = state::split::<8>(bytes)?;
            let (sum, rest) = ExactSum::from_bytes(rest)?;
            let (squares, _) = ExactSum::from_bytes(rest)?;
            let moments = &mut self.groups[groups[idx] as usize];
            let before = moments.extra_bytes();
            moments.count += u64::from_le_bytes(count);
            moments.sum.merge(&sum);
            moments.squares.merge(&squares);
            self.extra_bytes += moments.extra_bytes() - before;
            Some(())
        })
    }

    fn finish(&mut self, groups: Range<usize>) -> Result<ArrayRef, FunctionError> {
        Ok(Arc::new(
            self.groups[groups]
                .iter()
                .map(Moments::stddev)
                .collect::<Float64Array>(),
        ))
    }

    fn size_bytes(&self) -> usize {
        self.groups.capacity() * size_of::<Moments>() + self.extra_bytes
    }
}
