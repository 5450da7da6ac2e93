//! Loops that most kernels are made of.

use std::sync::Arc;

use arrow_array::builder::StringViewBuilder;
use arrow_array::{ArrayRef, BooleanArray, Float64Array, TimestampMillisecondArray};

use crate::argument::{Numbers, Texts};
use crate::{FunctionError, Operand};

/// A column of numbers; what is not finite is missing.
pub(crate) fn numbers(rows: usize, value: impl Fn(usize) -> Option<f64>) -> ArrayRef {
    Arc::new(
        (0..rows)
            .map(|row| value(row).filter(|value| value.is_finite()))
            .collect::<Float64Array>(),
    )
}

/// A column of truth values.
pub(crate) fn bools(rows: usize, value: impl Fn(usize) -> Option<bool>) -> ArrayRef {
    Arc::new((0..rows).map(value).collect::<BooleanArray>())
}

/// A column of times.
pub(crate) fn times(rows: usize, value: impl Fn(usize) -> Option<i64>) -> ArrayRef {
    Arc::new((0..rows).map(value).collect::<TimestampMillisecondArray>())
}

/// A column of texts.
pub(crate) fn texts<T: AsRef<str>>(rows: usize, value: impl Fn(usize) -> Option<T>) -> ArrayRef {
    let mut builder = StringViewBuilder::with_capacity(rows);
    (0..rows).for_each(|row| builder.append_option(value(row)));
    Arc::new(builder.finish())
}

/// A function of one number.
pub(crate) fn map_number(
    arguments: &[Operand],
    rows: usize,
    f: impl Fn(f64) -> f64,
) -> Result<ArrayRef, FunctionError> {
    let argument = Numbers::of(&arguments[0])?;
    Ok(numbers(rows, |row| argument.get(row).map(&f)))
}

/// A function of one text to text.
pub(crate) fn map_text<T: AsRef<str>>(
    arguments: &[Operand],
    rows: usize,
    f: impl Fn(&str) -> Option<T>,
) -> Result<ArrayRef, FunctionError> {
    let argument = Texts::of(&arguments[0])?;
    Ok(texts(rows, |row| argument.get(row).and_then(&f)))
}

/// A test of one text; a missing text gives missing.
pub(crate) fn test_text(
    arguments: &[Operand],
    rows: usize,
    f: impl Fn(&str) -> bool,
) -> Result<ArrayRef, FunctionError> {
    let argument = Texts::of(&arguments[0])?;
    Ok(bools(rows, |row| argument.get(row).map(&f)))
}
