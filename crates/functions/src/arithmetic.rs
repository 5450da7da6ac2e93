//! Arithmetic over numbers. Missing operands, division by zero and results that are no finite number give
//! missing.

use arrow_array::Float64Array;

use crate::argument::Numbers;
use crate::{FunctionError, Operand};

/// An arithmetic operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ArithmeticOp {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`; the result has the sign of the dividend.
    Remainder,
    /// `^`
    Power,
}

impl ArithmeticOp {
    #[inline]
    fn apply(self, a: f64, b: f64) -> f64 {
        match self {
            Self::Add => a + b,
            Self::Subtract => a - b,
            Self::Multiply => a * b,
            Self::Divide => a / b,
            Self::Remainder => a % b,
            Self::Power => a.powf(b),
        }
    }
}

/// `left op right` in every row; both are numbers.
///
/// # Errors
/// [`FunctionError::Internal`] when an operand is no number.
pub fn arithmetic(
    op: ArithmeticOp,
    left: &Operand,
    right: &Operand,
    rows: usize,
) -> Result<Float64Array, FunctionError> {
    let (left, right) = (Numbers::of(left)?, Numbers::of(right)?);
    let value = |row: usize| {
        let result = op.apply(left.get(row)?, right.get(row)?);
        result.is_finite().then_some(result)
    };
    Ok((0..rows).map(value).collect())
}

/// `-operand` in every row.
///
/// # Errors
/// As [`arithmetic`].
pub fn negate(operand: &Operand, rows: usize) -> Result<Float64Array, FunctionError> {
    let operand = Numbers::of(operand)?;
    Ok((0..rows)
        .map(|row| operand.get(row).map(|value| -value))
        .collect())
}
