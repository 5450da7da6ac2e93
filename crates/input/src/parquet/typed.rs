//! Cells of text as columns of numbers and truths, where nothing is lost by it.

use std::sync::Arc;

use arrow_array::builder::StringViewBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, BooleanArray, Float64Array, Int64Array, StringViewArray};
use arrow_schema::DataType;

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
    let value: i64 = text.parse().ok()?;
    (value.to_string() == text).then_some(value)
}

fn float(text: &str) -> Option<f64> {
    // Neither `inf` nor `NaN` is a number of JSON, nor is any text of so many digits written back.
    if !text.starts_with(|first: char| first.is_ascii_digit() || first == '-') {
        return None;
    }
    let value: f64 = text.parse().ok().filter(|value: &f64| value.is_finite())?;
    (value.to_string() == text).then_some(value)
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// The column of `cells` as `wanted`; `None` when a cell would not come back as it is.
pub(super) fn typed(cells: &StringViewArray, wanted: &DataType) -> Option<ArrayRef> {
    fn all<T>(cells: &StringViewArray, read: impl Fn(&str) -> Option<T>) -> Option<Vec<Option<T>>> {
        cells
            .iter()
            .map(|cell| match cell {
                None => Some(None),
                Some(text) => read(text).map(Some),
            })
            .collect()
    }
    Some(match wanted {
        DataType::Int64 => Arc::new(Int64Array::from(all(cells, int)?)),
        DataType::Float64 => Arc::new(Float64Array::from(all(cells, float)?)),
        DataType::Boolean => Arc::new(BooleanArray::from(all(cells, boolean)?)),
        _ => Arc::new(cells.clone()),
    })
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
    use super::*;

    fn check(cells: &[Option<&str>], expected: DataType) {
        let mut candidates = Candidates::ALL;
        cells.iter().flatten().for_each(|cell| candidates.add(cell));
        assert_eq!(candidates.data_type(), expected, "{cells:?}");
        let array = StringViewArray::from_iter(cells.iter().copied());
        let column = typed(&array, &expected).unwrap();
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
        let cells = StringViewArray::from_iter([Some("1"), Some("1.0")]);
        for wanted in [DataType::Int64, DataType::Float64, DataType::Boolean] {
            assert!(typed(&cells, &wanted).is_none(), "{wanted}");
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
