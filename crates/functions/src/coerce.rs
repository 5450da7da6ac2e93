//! Conversions between the six types of columns.

use std::sync::Arc;

use arrow_array::builder::{BooleanBuilder, Float64Builder, StringViewBuilder, TimestampMillisecondBuilder};
use arrow_array::types::{Float64Type, TimestampMillisecondType};
use arrow_array::{Array, ArrayRef, BooleanArray, Float64Array, TimestampMillisecondArray, cast::AsArray};
use insq_event::ColumnType;

use crate::format::{format_number, format_time};
use crate::structure::{leaf_text, quoted};
use crate::{FunctionError, Operand, Scalar};

/// The number that a text of a log or a query stands for: sign, digits, fraction, exponent, and nothing
/// else.
///
/// # Examples
/// ```
/// use insq_functions::parse_number;
///
/// assert_eq!(parse_number("-1.5e3"), Some(-1500.0));
/// assert_eq!(parse_number("0x10"), None);
/// assert_eq!(parse_number("inf"), None);
/// ```
pub fn parse_number(text: &str) -> Option<f64> {
    let first = *text.as_bytes().first()?;
    // `parse` also takes `inf`, `nan` and a leading plus; a number of a log begins with none of them.
    if !(first.is_ascii_digit() || matches!(first, b'-' | b'+' | b'.')) {
        return None;
    }
    if !text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E'))
    {
        return None;
    }
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

/// The number of a cell of type *any*: JSON booleans count as 1 and 0.
pub(crate) fn any_number(text: &str) -> Option<f64> {
    match text {
        "true" => Some(1.0),
        "false" => Some(0.0),
        _ => parse_number(text),
    }
}

/// `operand` as an array of type `target`, one value per row. What cannot be converted is missing.
///
/// # Errors
/// [`FunctionError::Internal`] for a period, and for an array that is not of its type.
pub fn coerce(operand: &Operand, target: ColumnType, rows: usize) -> Result<ArrayRef, FunctionError> {
    match operand {
        Operand::Column(array, found) if *found == target => Ok(array.clone()),
        Operand::Column(array, found) if found.is_textual() && target.is_textual() => Ok(array.clone()),
        _ => Ok(match target {
            ColumnType::Number => Arc::new(to_number(operand, rows)?),
            ColumnType::Time => Arc::new(to_time(operand, rows)?),
            ColumnType::Bool => Arc::new(to_bool(operand, rows)?),
            ColumnType::Text | ColumnType::Any => to_text(operand, rows)?,
            ColumnType::Json => to_json(operand, rows)?,
        }),
    }
}

/// A scalar as a number.
pub(crate) fn scalar_number(scalar: &Scalar) -> Option<f64> {
    match scalar {
        Scalar::Number(value) => Some(*value),
        Scalar::Text(text) => any_number(text),
        Scalar::Bool(value) => Some(f64::from(u8::from(*value))),
        Scalar::Time(ms) => Some(*ms as f64),
        Scalar::Null | Scalar::Period(_) => None,
    }
}

/// A scalar as its display text.
pub(crate) fn scalar_text(scalar: &Scalar) -> Option<Arc<str>> {
    match scalar {
        Scalar::Number(value) => Some(format_number(*value).into()),
        Scalar::Text(text) => Some(Arc::clone(text)),
        Scalar::Bool(value) => Some(if *value { "1".into() } else { "0".into() }),
        Scalar::Time(ms) => Some(format_time(*ms).into()),
        Scalar::Null | Scalar::Period(_) => None,
    }
}

/// Every value as a number.
pub(crate) fn to_number(operand: &Operand, rows: usize) -> Result<Float64Array, FunctionError> {
    let (array, ty) = match operand {
        Operand::Constant(scalar) => {
            let value = scalar_number(scalar);
            return Ok((0..rows).map(|_| value).collect());
        }
        Operand::Column(array, ty) => (array, *ty),
    };
    Ok(match ty {
        ColumnType::Number => typed(array.as_primitive_opt::<Float64Type>(), array)?.clone(),
        ColumnType::Time => {
            let times = typed(array.as_primitive_opt::<TimestampMillisecondType>(), array)?;
            times.iter().map(|ms| ms.map(|ms| ms as f64)).collect()
        }
        ColumnType::Bool => typed(array.as_boolean_opt(), array)?
            .iter()
            .map(|value| value.map(|v| f64::from(u8::from(v))))
            .collect(),
        ColumnType::Text | ColumnType::Any => {
            let mut numbers = Float64Builder::with_capacity(rows);
            for text in typed(array.as_string_view_opt(), array)?.iter() {
                numbers.append_option(text.and_then(any_number));
            }
            numbers.finish()
        }
        ColumnType::Json => {
            let mut numbers = Float64Builder::with_capacity(rows);
            for json in typed(array.as_string_view_opt(), array)?.iter() {
                numbers.append_option(json.and_then(leaf_text).and_then(|text| any_number(&text)));
            }
            numbers.finish()
        }
    })
}

fn to_time(operand: &Operand, rows: usize) -> Result<TimestampMillisecondArray, FunctionError> {
    if let Operand::Column(array, ColumnType::Time) = operand {
        return Ok(typed(array.as_primitive_opt::<TimestampMillisecondType>(), array)?.clone());
    }
    let mut times = TimestampMillisecondBuilder::with_capacity(rows);
    for ms in &to_number(operand, rows)? {
        // Further out than this there is no calendar.
        times.append_option(ms.filter(|ms| ms.abs() < 8e15).map(|ms| ms.round() as i64));
    }
    Ok(times.finish())
}

/// Every value as a truth value: non-zero is true; a text that is neither number nor boolean is missing.
pub(crate) fn to_bool(operand: &Operand, rows: usize) -> Result<BooleanArray, FunctionError> {
    if let Operand::Column(array, ColumnType::Bool) = operand {
        return Ok(typed(array.as_boolean_opt(), array)?.clone());
    }
    let mut values = BooleanBuilder::with_capacity(rows);
    for number in &to_number(operand, rows)? {
        values.append_option(number.map(|number| number != 0.0));
    }
    Ok(values.finish())
}

fn to_text(operand: &Operand, rows: usize) -> Result<ArrayRef, FunctionError> {
    let mut texts = StringViewBuilder::with_capacity(rows);
    match operand {
        Operand::Constant(scalar) => {
            let text = scalar_text(scalar);
            (0..rows).for_each(|_| texts.append_option(text.as_deref()));
        }
        Operand::Column(array, ColumnType::Number) => {
            for value in typed(array.as_primitive_opt::<Float64Type>(), array)?.iter() {
                texts.append_option(value.map(format_number));
            }
        }
        Operand::Column(array, ColumnType::Time) => {
            for ms in typed(array.as_primitive_opt::<TimestampMillisecondType>(), array)?.iter() {
                texts.append_option(ms.map(format_time));
            }
        }
        Operand::Column(array, ColumnType::Bool) => {
            for value in typed(array.as_boolean_opt(), array)?.iter() {
                texts.append_option(value.map(|value| if value { "1" } else { "0" }));
            }
        }
        Operand::Column(array, ColumnType::Json) => {
            for json in typed(array.as_string_view_opt(), array)?.iter() {
                texts.append_option(json.and_then(leaf_text));
            }
        }
        Operand::Column(array, ColumnType::Text | ColumnType::Any) => return Ok(array.clone()),
    }
    Ok(Arc::new(texts.finish()))
}

/// Every value as JSON text: texts in quotes, numbers as they are.
fn to_json(operand: &Operand, rows: usize) -> Result<ArrayRef, FunctionError> {
    let is_number = matches!(
        operand,
        Operand::Column(_, ColumnType::Number) | Operand::Constant(Scalar::Number(_))
    );
    let shown = to_text(operand, rows)?;
    let mut json = StringViewBuilder::with_capacity(rows);
    for text in typed(shown.as_string_view_opt(), &shown)?.iter() {
        match text {
            Some(number) if is_number => json.append_value(number),
            text => json.append_option(text.map(quoted)),
        }
    }
    Ok(Arc::new(json.finish()))
}

/// The texts of a column of texts; none for any other.
pub fn texts_of(array: &ArrayRef) -> Vec<Option<&str>> {
    match array.as_string_view_opt() {
        Some(texts) => texts.iter().collect(),
        None => Vec::new(),
    }
}

/// The array, or an error that tells what it is instead.
pub(crate) fn typed<'a, T>(found: Option<&'a T>, array: &ArrayRef) -> Result<&'a T, FunctionError> {
    found.ok_or_else(|| FunctionError::Internal {
        function: "convert",
        found: array.data_type().to_string(),
    })
}
