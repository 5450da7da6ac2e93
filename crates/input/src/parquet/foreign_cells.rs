//! Cells of the types that other tools write.

use arrow_array::builder::StringViewBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, Float64Array, StringViewArray, TimestampMillisecondArray};
use arrow_schema::{DataType, TimeUnit};

use super::civil::{MS_PER_DAY, time_text};
use crate::json_event::{epoch_ms, iso_ms};

/// True for the types that cells are read of.
pub(super) fn is_taken(ty: &DataType) -> bool {
    use DataType::{Boolean, Date32, Float32, Float64, Int8, Int16, Int32, Int64, Timestamp, UInt8, UInt16};
    use DataType::{UInt32, UInt64, Utf8, Utf8View};
    let is_number = matches!(
        ty,
        Int8 | Int16 | Int32 | Int64 | UInt8 | UInt16 | UInt32 | UInt64 | Float32 | Float64
    );
    is_number || matches!(ty, Boolean | Date32 | Utf8 | Utf8View | Timestamp(..))
}

/// A column of one of these types.
pub(super) struct Cells(pub(super) ArrayRef);

/// One value.
enum Cell<'a> {
    Int(i128),
    Float(f64),
    Bool(bool),
    Time(i64),
    Text(&'a str),
}

impl Cells {
    fn cell(&self, row: usize) -> Option<Cell<'_>> {
        let column = &self.0;
        if column.is_null(row) {
            return None;
        }
        macro_rules! value {
            ($ty:ty) => {
                column.as_primitive::<$ty>().value(row)
            };
        }
        let cell = match column.data_type() {
            DataType::Boolean => Cell::Bool(column.as_boolean().value(row)),
            DataType::Int8 => Cell::Int(value!(Int8Type).into()),
            DataType::Int16 => Cell::Int(value!(Int16Type).into()),
            DataType::Int32 => Cell::Int(value!(Int32Type).into()),
            DataType::Int64 => Cell::Int(value!(Int64Type).into()),
            DataType::UInt8 => Cell::Int(value!(UInt8Type).into()),
            DataType::UInt16 => Cell::Int(value!(UInt16Type).into()),
            DataType::UInt32 => Cell::Int(value!(UInt32Type).into()),
            DataType::UInt64 => Cell::Int(value!(UInt64Type).into()),
            DataType::Float32 => Cell::Float(single(value!(Float32Type))),
            DataType::Float64 => Cell::Float(value!(Float64Type)),
            DataType::Date32 => Cell::Time(i64::from(value!(Date32Type)) * MS_PER_DAY),
            DataType::Timestamp(unit, _) => Cell::Time(match unit {
                TimeUnit::Second => value!(TimestampSecondType).checked_mul(1_000)?,
                TimeUnit::Millisecond => value!(TimestampMillisecondType),
                TimeUnit::Microsecond => value!(TimestampMicrosecondType).div_euclid(1_000),
                TimeUnit::Nanosecond => value!(TimestampNanosecondType).div_euclid(1_000_000),
            }),
            DataType::Utf8 => Cell::Text(column.as_string::<i32>().value(row)),
            DataType::Utf8View => Cell::Text(column.as_string_view().value(row)),
            _ => return None,
        };
        // What is neither a number nor missing has no place in the language.
        (!matches!(cell, Cell::Float(value) if !value.is_finite())).then_some(cell)
    }

    fn cells(&self) -> impl Iterator<Item = Option<Cell<'_>>> {
        (0..self.0.len()).map(|row| self.cell(row))
    }

    /// As texts, written as JSON writes them.
    pub(super) fn texts(&self) -> StringViewArray {
        if let Some(texts) = self.0.as_string_view_opt() {
            return texts.clone();
        }
        self.written(|text| text.to_owned())
    }

    /// As JSON texts: texts in quotes, unless they are maps or lists.
    pub(super) fn json(&self) -> StringViewArray {
        self.written(|text| {
            let is_nested =
                text.starts_with(['{', '[']) && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
            if is_nested {
                text.to_owned()
            } else {
                serde_json::Value::from(text).to_string()
            }
        })
    }

    fn written(&self, text: impl Fn(&str) -> String) -> StringViewArray {
        let mut builder = StringViewBuilder::with_capacity(self.0.len());
        for cell in self.cells() {
            builder.append_option(cell.map(|cell| match cell {
                Cell::Int(value) => value.to_string(),
                Cell::Float(value) => value.to_string(),
                Cell::Bool(value) => value.to_string(),
                Cell::Time(ms) => text(&time_text(ms)),
                Cell::Text(value) => text(value),
            }));
        }
        builder.finish()
    }

    pub(super) fn numbers(&self) -> Float64Array {
        let number = |cell: Option<Cell<'_>>| match cell? {
            Cell::Int(value) => Some(value as f64),
            Cell::Float(value) => Some(value),
            Cell::Bool(value) => Some(f64::from(u8::from(value))),
            Cell::Time(ms) => Some(ms as f64),
            Cell::Text(text) => text.parse().ok().filter(|value: &f64| value.is_finite()),
        };
        self.cells().map(number).collect()
    }

    /// As times: numbers are seconds or milliseconds since the epoch, as in JSON.
    pub(super) fn times(&self) -> TimestampMillisecondArray {
        let time = |cell: Option<Cell<'_>>| match cell? {
            Cell::Time(ms) => Some(ms),
            Cell::Int(value) => Some(epoch_ms(value as f64)),
            Cell::Float(value) => Some(epoch_ms(value)),
            Cell::Text(text) => iso_ms(text),
            Cell::Bool(_) => None,
        };
        self.cells().map(time).collect()
    }
}

/// The double that is written with the same digits.
fn single(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(f64::from(value))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use arrow_array::{
        BooleanArray, Date32Array, Float32Array, Int32Array, StringArray, TimestampNanosecondArray,
    };

    fn texts(column: impl Array + 'static) -> Vec<Option<String>> {
        let cells = Cells(Arc::new(column));
        cells.texts().iter().map(|text| text.map(str::to_owned)).collect()
    }

    fn one(text: &str) -> Vec<Option<String>> {
        vec![Some(text.to_owned())]
    }

    #[test]
    fn cells_are_written_as_json_writes_them() {
        assert_eq!(texts(Int32Array::from(vec![-7])), one("-7"));
        assert_eq!(texts(Float32Array::from(vec![0.1])), one("0.1"));
        assert_eq!(texts(Float64Array::from(vec![f64::NAN])), [None]);
        assert_eq!(texts(BooleanArray::from(vec![true])), one("true"));
        assert_eq!(texts(StringArray::from(vec!["x"])), one("x"));
        assert_eq!(
            texts(Date32Array::from(vec![20_516])),
            one("2026-03-04 00:00:00.000")
        );
        assert_eq!(
            texts(TimestampNanosecondArray::from(vec![-1])),
            one("1969-12-31 23:59:59.999")
        );
    }

    #[test]
    fn numbers_and_times() {
        let cells = Cells(Arc::new(StringArray::from(vec![
            Some("1.5"),
            Some("1970-01-01T00:00:02Z"),
            None,
        ])));
        assert_eq!(
            cells.numbers().iter().collect::<Vec<_>>(),
            [Some(1.5), None, None]
        );
        assert_eq!(
            cells.times().iter().collect::<Vec<_>>(),
            [None, Some(2_000), None]
        );
        let epoch = Cells(Arc::new(Float64Array::from(vec![2.5, 1_772_582_400_123.0])));
        assert_eq!(epoch.times().values().as_ref(), [2_500, 1_772_582_400_123]);
    }

    #[test]
    fn texts_become_json() {
        let cells = Cells(Arc::new(StringArray::from(vec!["x", "{\"a\":1}", "{no"])));
        let found = cells.json();
        assert_eq!(
            found.iter().flatten().collect::<Vec<_>>(),
            ["\"x\"", "{\"a\":1}", "\"{no\""]
        );
    }
}
