//! Texts inside texts: `like`.

use arrow_array::{Array, BooleanArray, StringViewArray, cast::AsArray};
use arrow_buffer::BooleanBuffer;
use memchr::memmem::Finder;

use crate::argument::Texts;
use crate::coerce::typed;
use crate::{CompiledRegex, FunctionError, Operand, Scalar};

/// True in every row whose text holds `needle`; a missing text or needle gives missing.
///
/// # Errors
/// [`FunctionError::Internal`] when an operand is no text.
pub fn contains(text: &Operand, needle: &Operand, rows: usize) -> Result<BooleanArray, FunctionError> {
    if let (Operand::Column(array, _), Operand::Constant(Scalar::Text(needle))) = (text, needle) {
        let finder = Finder::new(needle.as_bytes());
        return Ok(test(typed(array.as_string_view_opt(), array)?, |text| {
            finder.find(text.as_bytes()).is_some()
        }));
    }
    let (text, needle) = (Texts::of(text)?, Texts::of(needle)?);
    Ok((0..rows)
        .map(|row| Some(text.get(row)?.contains(needle.get(row)?)))
        .collect())
}

/// True in every row in whose text `regex` matches anywhere; a missing text gives missing.
///
/// # Errors
/// As [`contains`].
pub fn matches(text: &Operand, regex: &CompiledRegex, rows: usize) -> Result<BooleanArray, FunctionError> {
    if let Operand::Column(array, _) = text {
        return Ok(test(typed(array.as_string_view_opt(), array)?, |text| {
            regex.regex().is_match(text)
        }));
    }
    let text = Texts::of(text)?;
    Ok((0..rows)
        .map(|row| Some(regex.regex().is_match(text.get(row)?)))
        .collect())
}

fn test(column: &StringViewArray, holds: impl Fn(&str) -> bool) -> BooleanArray {
    let bits = BooleanBuffer::collect_bool(column.len(), |row| {
        column.is_valid(row) && holds(column.value(row))
    });
    BooleanArray::new(bits, column.nulls().cloned())
}
