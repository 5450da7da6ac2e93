//! Cells of text as columns of numbers and truths, where nothing is lost by it.

use std::sync::Arc;

use arrow_array::builder::StringViewBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType, BooleanArray, PrimitiveArray};
use arrow_buffer::NullBuffer;
use arrow_schema::{ArrowError, DataType};

use super::cells::Cells;

/// Which types can hold every cell of a column so that its text comes back exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Candidates {
    int: bool,
    float: bool,
    bool: bool,
}

impl Candidates {
    /// Of a column without cells.
    pub(super) const ALL: Self = Self {
        int: true,
        float: true,
        bool: true,
    };

    /// Text alone.
    pub(super) const NONE: Self = Self {
        int: false,
        float: false,
        bool: false,
    };

    /// Takes a cell into account.
    pub(super) fn add(&mut self, text: &str) {
        self.int = self.int && int(text).is_some();
        self.float = self.float && float(text).is_some();
        self.bool = self.bool && boolean(text).is_some();
    }

    /// The types that can hold the cells of both.
    #[must_use]
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            int: self.int && other.int,
            float: self.float && other.float,
            bool: self.bool && other.bool,
        }
    }

    /// The type of the column.
    pub(super) fn data_type(self) -> DataType {
        match self {
            Self { int: true, .. } => DataType::Int64,
            Self { float: true, .. } => DataType::Float64,
            Self { bool: true, .. } => DataType::Boolean,
            _ => DataType::Utf8View,
        }
    }
}

fn int(text: &str) -> Option<i64> {
    // Of what is read as a number, these alone are written otherwise.
    let is_written_so = matches!(
        text.as_bytes(),
        [b'0'] | [b'1'..=b'9', ..] | [b'-', b'1'..=b'9', ..]
    );
    text.parse().ok().filter(|_| is_written_so)
}

fn float(text: &str) -> Option<f64> {
    // Neither `inf` nor `NaN` is a number of JSON, nor is any text of so many digits written back.
    if !text.starts_with(|first: char| first.is_ascii_digit() || first == '-') {
        return None;
    }
    let value: f64 = text.parse().ok().filter(|value: &f64| value.is_finite())?;
    (is_short_decimal(text) || value.to_string() == text).then_some(value)
}

/// Digits of a decimal that every number of 64 bits keeps.
const KEPT_DIGITS: usize = 15;

/// True for a decimal that is surely written back as it is, since it has few digits and no idle zeros.
fn is_short_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction.as_bytes())),
        None => (digits, None),
    };
    let is_whole = matches!(whole.as_bytes(), [b'0'] | [b'1'..=b'9', ..]);
    let is_fraction = fraction.is_none_or(|fraction| fraction.last().is_some_and(|last| *last != b'0'));
    let mut all = whole.bytes().chain(fraction.unwrap_or_default().iter().copied());
    digits.len() <= KEPT_DIGITS && is_whole && is_fraction && all.all(|byte| byte.is_ascii_digit())
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// The column of `cells` as `wanted`; `None` when a cell would not come back as it is.
///
/// # Errors
/// [`ArrowError`] for views that lead nowhere: a defect.
pub(super) fn typed(cells: &Cells, wanted: &DataType) -> Result<Option<ArrayRef>, ArrowError> {
    Ok(match wanted {
        DataType::Int64 => cells.read(int).map(column::<Int64Type>),
        DataType::Float64 => cells.read(float).map(column::<Float64Type>),
        DataType::Boolean => cells
            .read(boolean)
            .map(|(values, nulls)| Arc::new(BooleanArray::new(values.into(), nulls)) as ArrayRef),
        _ => Some(Arc::new(cells.spread()?)),
    })
}

fn column<T: ArrowPrimitiveType>((values, nulls): (Vec<T::Native>, Option<NullBuffer>)) -> ArrayRef {
    Arc::new(PrimitiveArray::<T>::new(values.into(), nulls))
}

/// True for the types that [`typed`] makes.
pub(super) fn is_made(found: &DataType) -> bool {
    matches!(
        found,
        DataType::Int64 | DataType::Float64 | DataType::Boolean | DataType::Utf8View
    )
}

/// The texts that a column was made of; `None` for a type that [`typed`] never makes.
pub(super) fn texts(column: &ArrayRef) -> Option<ArrayRef> {
    fn written<T: ToString>(cells: impl Iterator<Item = Option<T>>) -> ArrayRef {
        let mut builder = StringViewBuilder::new();
        cells.for_each(|cell| builder.append_option(cell.map(|value| value.to_string())));
        Arc::new(builder.finish())
    }
    Some(match column.data_type() {
        DataType::Int64 => written(column.as_primitive::<Int64Type>().iter()),
        DataType::Float64 => written(column.as_primitive::<Float64Type>().iter()),
        DataType::Boolean => written(column.as_boolean().iter()),
        DataType::Utf8View => Arc::clone(column),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use arrow_array::StringViewArray;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// What the quick ways say is what writing the number says.
        #[test]
        fn numbers_fit_that_are_written_back(
            text in "-?[0-9]{1,17}(\\.[0-9]{0,17})?|-?0?\\.?0{0,16}[1-9]{0,15}0?|[+-]?[0-9]{0,20}|[0-9.e-]{0,6}",
        ) {
            let back = |value: Option<String>| value.is_some_and(|value| value == text);
            prop_assert_eq!(int(&text).is_some(), back(text.parse().ok().map(|value: i64| value.to_string())));
            let is_number = text.starts_with(|first: char| first.is_ascii_digit() || first == '-');
            let value = text.parse().ok().filter(|value: &f64| is_number && value.is_finite());
            prop_assert_eq!(float(&text).is_some(), back(value.map(|value| value.to_string())));
        }
    }

    #[test]
    fn the_digits_that_are_surely_kept() {
        for (digits, expected) in [(KEPT_DIGITS, true), (KEPT_DIGITS + 1, false)] {
            assert_eq!(is_short_decimal(&"1".repeat(digits)), expected);
            // The point counts as one.
            let fraction = format!("-0.{}", "1".repeat(digits - 2));
            assert_eq!(is_short_decimal(&fraction), expected);
        }
    }

    fn check(cells: &[Option<&str>], expected: DataType) {
        let mut candidates = Candidates::ALL;
        cells.iter().flatten().for_each(|cell| candidates.add(cell));
        assert_eq!(candidates.data_type(), expected, "{cells:?}");
        let array = StringViewArray::from_iter(cells.iter().copied());
        let column = typed(&Cells::of(cells), &expected).unwrap().unwrap();
        assert_eq!(column.data_type(), &expected);
        assert_eq!(texts(&column).unwrap().as_string_view(), &array, "{cells:?}");
    }

    #[test]
    fn a_type_is_taken_only_if_every_text_comes_back() {
        check(&[Some("1"), None, Some("-20"), Some("0")], DataType::Int64);
        check(&[Some("9223372036854775807")], DataType::Int64);
        check(&[Some("1"), Some("1.5"), Some("-0")], DataType::Float64);
        check(&[Some("true"), Some("false"), None], DataType::Boolean);
        for other in [
            "1.0",
            "1e3",
            "01",
            "+1",
            "-",
            "",
            "inf",
            "NaN",
            "True",
            "12345678901234567891",
            "0.1000",
            "1_000",
        ] {
            check(&[Some("1"), Some(other)], DataType::Utf8View);
        }
        check(&[Some("true"), Some("1")], DataType::Utf8View);
    }

    #[test]
    fn a_cell_that_does_not_fit_is_noticed() {
        let cells = Cells::of(&[Some("1"), Some("1.0")]);
        for wanted in [DataType::Int64, DataType::Float64, DataType::Boolean] {
            assert!(typed(&cells, &wanted).unwrap().is_none(), "{wanted}");
        }
    }

    #[test]
    fn columns_of_two_threads_need_a_type_for_both() {
        let (mut a, mut b) = (Candidates::ALL, Candidates::ALL);
        a.add("1");
        b.add("1.5");
        assert_eq!(a.and(b).data_type(), DataType::Float64);
        assert_eq!(a.and(Candidates::NONE).data_type(), DataType::Utf8View);
    }
}
