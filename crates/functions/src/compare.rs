//! Comparisons.
//!
//! One side that is a number, a time or a truth value makes the comparison one of numbers: a cell of the
//! other side that is no number is missing. Two texts compare as numbers where both are numbers, else by
//! code point. A missing operand gives missing.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, BooleanArray, Float64Array, StringViewArray};
use arrow_buffer::BooleanBuffer;
use insq_event::ColumnType;

use crate::argument::{Numbers, Texts};
use crate::coerce::{coerce, parse_number, scalar_number, to_number, typed};
use crate::structure::is_structure;
use crate::{FunctionError, Operand, Scalar};

/// A comparison operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompareOp {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl CompareOp {
    #[inline]
    fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }

    #[inline]
    fn holds_numbers(self, a: f64, b: f64) -> bool {
        match self {
            Self::Equal => a == b,
            Self::NotEqual => a != b,
            Self::Less => a < b,
            Self::LessOrEqual => a <= b,
            Self::Greater => a > b,
            Self::GreaterOrEqual => a >= b,
        }
    }
}

/// `left op right` in every row.
///
/// # Errors
/// [`FunctionError::Internal`] when an array is not of its type.
///
/// # Examples
/// ```
/// use insq_functions::{CompareOp, Operand, Scalar, compare};
///
/// let text = |text: &str| Operand::Constant(Scalar::Text(text.into()));
/// let answer = compare(CompareOp::Equal, &text("0200"), &text("2e2"), 1)?;
/// assert_eq!(answer.value(0), true);
/// # Ok::<(), insq_functions::FunctionError>(())
/// ```
pub fn compare(
    op: CompareOp,
    left: &Operand,
    right: &Operand,
    rows: usize,
) -> Result<BooleanArray, FunctionError> {
    if let Some(answer) = compare_structures(op, left, right, rows)? {
        return Ok(answer);
    }
    if is_numeric(left) || is_numeric(right) {
        return compare_numbers(op, left, right, rows);
    }
    if let (Operand::Column(array, _), Operand::Constant(Scalar::Text(text))) = (left, right)
        && let (Some(column), None) = (
            arrow_array::cast::AsArray::as_string_view_opt(array),
            parse_number(text),
        )
    {
        return Ok(compare_plain_text(op, column, text));
    }
    let (left, right) = (Texts::of(left)?, Texts::of(right)?);
    let holds = |row: usize| Some(op.holds(compare_texts(left.get(row)?, right.get(row)?)));
    Ok((0..rows).map(holds).collect())
}

/// Where a side can hold maps and lists: their comparison is false, whatever the operator and the other side.
fn compare_structures(
    op: CompareOp,
    left: &Operand,
    right: &Operand,
    rows: usize,
) -> Result<Option<BooleanArray>, FunctionError> {
    let mut structures = vec![false; rows];
    let mut leaves = Vec::with_capacity(2);
    for side in [left, right] {
        let Operand::Column(array, ColumnType::Json) = side else {
            leaves.push(side.clone());
            continue;
        };
        for (row, json) in typed(array.as_string_view_opt(), array)?.iter().enumerate() {
            structures[row] |= json.is_some_and(is_structure);
        }
        leaves.push(Operand::Column(
            coerce(side, ColumnType::Any, rows)?,
            ColumnType::Any,
        ));
    }
    if !matches!(left, Operand::Column(_, ColumnType::Json))
        && !matches!(right, Operand::Column(_, ColumnType::Json))
    {
        return Ok(None);
    }
    let answer = compare(op, &leaves[0], &leaves[1], rows)?;
    Ok(Some(
        (0..rows)
            .map(|row| match structures[row] {
                true => Some(false),
                false => answer.is_valid(row).then(|| answer.value(row)),
            })
            .collect(),
    ))
}

fn is_numeric(operand: &Operand) -> bool {
    match operand {
        Operand::Column(_, ty) => !ty.is_textual() && *ty != ColumnType::Json,
        Operand::Constant(scalar) => matches!(scalar, Scalar::Number(_) | Scalar::Bool(_) | Scalar::Time(_)),
    }
}

fn compare_numbers(
    op: CompareOp,
    left: &Operand,
    right: &Operand,
    rows: usize,
) -> Result<BooleanArray, FunctionError> {
    let numbers = |operand: &Operand| -> Result<Option<Float64Array>, FunctionError> {
        match operand {
            Operand::Column(..) => to_number(operand, rows).map(Some),
            Operand::Constant(_) => Ok(None),
        }
    };
    let (left_array, right_array) = (numbers(left)?, numbers(right)?);
    if let (Some(column), Operand::Constant(scalar)) = (&left_array, right) {
        let Some(constant) = scalar_number(scalar) else {
            return Ok(BooleanArray::new_null(rows));
        };
        let values = column.values();
        let bits = BooleanBuffer::collect_bool(rows, |row| op.holds_numbers(values[row], constant));
        return Ok(BooleanArray::new(bits, column.nulls().cloned()));
    }
    let side = |array: &Option<Float64Array>, operand: &Operand| match array {
        Some(array) => Operand::Column(Arc::new(array.clone()), ColumnType::Number),
        None => operand.clone(),
    };
    let (left, right) = (side(&left_array, left), side(&right_array, right));
    let (left, right) = (Numbers::of(&left)?, Numbers::of(&right)?);
    Ok((0..rows)
        .map(|row| Some(op.holds_numbers(left.get(row)?, right.get(row)?)))
        .collect())
}

/// A column against a text that is no number: no cell is compared as a number.
fn compare_plain_text(op: CompareOp, column: &StringViewArray, text: &str) -> BooleanArray {
    let bits = BooleanBuffer::collect_bool(column.len(), |row| {
        // The value below a null is an empty text, which is as good as any.
        op.holds(column.value(row).cmp(text))
    });
    BooleanArray::new(bits, column.nulls().cloned())
}

/// Digits that every integer of so many digits has exactly in a double.
const EXACT_DIGITS_MAX: usize = 15;

/// The order of two texts: of numbers where both are, of code points else.
pub(crate) fn compare_texts(a: &str, b: &str) -> Ordering {
    let (Some(number_a), Some(number_b)) = (parse_number(a), parse_number(b)) else {
        return a.cmp(b);
    };
    if (is_long(a) || is_long(b))
        && let (Some(a), Some(b)) = (integer(a), integer(b))
    {
        return compare_integers(a, b);
    }
    // Both are finite, so they have an order; both zeros are one number.
    number_a.partial_cmp(&number_b).unwrap_or(Ordering::Equal)
}

fn is_long(text: &str) -> bool {
    text.len() > EXACT_DIGITS_MAX
}

/// The sign and the digits of a whole number; no leading zeros, and no sign for zero.
fn integer(text: &str) -> Option<(bool, &str)> {
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let is_integer = digits.bytes().all(|byte| byte.is_ascii_digit());
    let digits = digits.trim_start_matches('0');
    is_integer.then_some((is_negative && !digits.is_empty(), digits))
}

fn compare_integers((is_negative_a, a): (bool, &str), (is_negative_b, b): (bool, &str)) -> Ordering {
    let size = a.len().cmp(&b.len()).then_with(|| a.cmp(b));
    match (is_negative_a, is_negative_b) {
        (false, false) => size,
        (true, true) => size.reverse(),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn any(text: Option<&str>) -> Operand {
        Operand::Column(Arc::new(StringViewArray::from(vec![text])), ColumnType::Any)
    }

    fn check(left: &Operand, op: CompareOp, right: &Operand, expected: Option<bool>) {
        let answer = compare(op, left, right, 1).unwrap();
        assert_eq!(
            answer.is_valid(0).then(|| answer.value(0)),
            expected,
            "{left:?} {op:?} {right:?}"
        );
    }

    #[test]
    fn the_rules() {
        use CompareOp::*;
        let number = |value: f64| Operand::Constant(Scalar::Number(value));
        let text = |text: &str| Operand::Constant(Scalar::Text(text.into()));
        check(&any(Some("200")), Equal, &number(200.0), Some(true));
        check(&any(Some("200")), Equal, &text("200"), Some(true));
        check(&any(Some("0200")), Equal, &text("200"), Some(true));
        check(&any(Some("none")), NotEqual, &number(200.0), None);
        check(&any(Some("none")), NotEqual, &text("200"), Some(true));
        check(&any(Some("10")), Less, &any(Some("9")), Some(false));
        check(&any(Some("x10")), Less, &any(Some("x9")), Some(true));
        check(&any(None), NotEqual, &text("x"), None);
        check(&any(Some("true")), Equal, &number(1.0), Some(true));
        check(&any(Some("true")), Equal, &text("true"), Some(true));
        check(
            &any(Some("true")),
            Equal,
            &Operand::Constant(Scalar::Bool(true)),
            Some(true),
        );
        check(
            &any(Some("12345678901234567890")),
            Equal,
            &text("12345678901234567891"),
            Some(false),
        );
        check(
            &any(Some("12345678901234567890")),
            Equal,
            &text("12345678901234567890"),
            Some(true),
        );
        check(
            &any(Some("-12345678901234567890")),
            Greater,
            &text("-12345678901234567891"),
            Some(true),
        );
        check(&any(Some("-12345678901234567890")), Less, &text("3"), Some(true));
        check(&any(Some("1.00000000000000000")), Equal, &text("1"), Some(true));
        check(&any(Some("-0")), Equal, &text("0"), Some(true));
        check(&number(1.0), Equal, &Operand::Constant(Scalar::Null), None);
        check(&any(Some("")), Equal, &text(""), Some(true));
    }

    #[test]
    fn lists() {
        let list = [Scalar::Text("foo".into()), Scalar::Number(1.0)];
        let found = |text: Option<&str>| {
            let answer = crate::InList::new(list.to_vec()).holds(&any(text), 1).unwrap();
            answer.is_valid(0).then(|| answer.value(0))
        };
        assert_eq!(found(Some("foo")), Some(true));
        assert_eq!(found(Some("1")), Some(true));
        assert_eq!(found(Some("bar")), Some(false));
        assert_eq!(found(None), None);
    }
}
