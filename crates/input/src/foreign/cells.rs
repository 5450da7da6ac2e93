//! Cells of the plain types that other tools write.

use std::borrow::Cow;
use std::fmt::Write;

use arrow_array::builder::StringViewBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type,
    DurationMicrosecondType, DurationMillisecondType, DurationNanosecondType, DurationSecondType,
    Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, Time32MillisecondType,
    Time32SecondType, Time64MicrosecondType, Time64NanosecondType, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, Float64Array, StringViewArray, TimestampMillisecondArray};
use arrow_schema::{DataType, TimeUnit};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use insq_event::{MS_PER_DAY, write_time};

use super::civil::clock_text;
use crate::document_times::{epoch_ms, iso_ms};

/// A column of a plain type; one of another type has no cells.
pub(super) struct Cells<'a>(pub(super) &'a ArrayRef);

/// One value.
pub(super) enum Cell<'a> {
    Int(i128),
    Float(f64),
    /// The digits of a decimal number, all of them.
    Decimal(String),
    Bool(bool),
    Time(i64),
    Text(Cow<'a, str>),
}

impl Cell<'_> {
    /// As the text of a field, written as JSON writes it.
    fn write(&self, out: &mut String) {
        // A string takes whatever is written to it.
        let _ = match self {
            Self::Int(value) => write!(out, "{value}"),
            Self::Float(value) => write!(out, "{value}"),
            Self::Bool(value) => write!(out, "{value}"),
            Self::Decimal(digits) => out.write_str(digits),
            Self::Time(ms) => {
                write_time(out, *ms);
                Ok(())
            }
            Self::Text(text) => out.write_str(text),
        };
    }

    /// True for what JSON puts into quotes.
    pub(super) fn is_text(&self) -> bool {
        matches!(self, Self::Time(_) | Self::Text(_))
    }

    fn number(&self) -> Option<f64> {
        match self {
            Self::Int(value) => Some(*value as f64),
            Self::Float(value) => Some(*value),
            Self::Bool(value) => Some(f64::from(u8::from(*value))),
            Self::Time(ms) => Some(*ms as f64),
            Self::Decimal(text) => finite(text),
            Self::Text(text) => finite(text),
        }
    }

    /// Numbers are seconds or milliseconds since the epoch, as in JSON.
    fn time(&self) -> Option<i64> {
        match self {
            Self::Time(ms) => Some(*ms),
            Self::Int(_) | Self::Float(_) | Self::Decimal(_) => self.number().map(epoch_ms),
            Self::Text(text) => iso_ms(text),
            Self::Bool(_) => None,
        }
    }
}

fn finite(text: &str) -> Option<f64> {
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

impl Cells<'_> {
    fn cell(&self, row: usize) -> Option<Cell<'_>> {
        let column = self.0;
        if column.is_null(row) {
            return None;
        }
        macro_rules! value {
            ($ty:ty) => {
                column.as_primitive::<$ty>().value(row)
            };
        }
        macro_rules! digits {
            ($ty:ty) => {
                Cell::Decimal(column.as_primitive::<$ty>().value_as_string(row))
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
            DataType::Float16 => Cell::Float(single(value!(Float16Type).to_f32())),
            DataType::Float32 => Cell::Float(single(value!(Float32Type))),
            DataType::Float64 => Cell::Float(value!(Float64Type)),
            DataType::Decimal32(..) => digits!(Decimal32Type),
            DataType::Decimal64(..) => digits!(Decimal64Type),
            DataType::Decimal128(..) => digits!(Decimal128Type),
            DataType::Decimal256(..) => digits!(Decimal256Type),
            DataType::Date32 => Cell::Time(i64::from(value!(Date32Type)) * MS_PER_DAY),
            DataType::Date64 => Cell::Time(value!(Date64Type)),
            DataType::Timestamp(unit, _) => Cell::Time(match unit {
                TimeUnit::Second => value!(TimestampSecondType).checked_mul(1_000)?,
                TimeUnit::Millisecond => value!(TimestampMillisecondType),
                TimeUnit::Microsecond => value!(TimestampMicrosecondType).div_euclid(1_000),
                TimeUnit::Nanosecond => value!(TimestampNanosecondType).div_euclid(1_000_000),
            }),
            // A time of the day is no instant.
            DataType::Time32(TimeUnit::Second) => clock(value!(Time32SecondType), 1),
            DataType::Time32(_) => clock(value!(Time32MillisecondType), 1_000),
            DataType::Time64(TimeUnit::Microsecond) => clock(value!(Time64MicrosecondType), 1_000_000),
            DataType::Time64(_) => clock(value!(Time64NanosecondType), 1_000_000_000),
            // In their own unit, as Parquet keeps them, which does not tell it.
            DataType::Duration(unit) => Cell::Int(i128::from(match unit {
                TimeUnit::Second => value!(DurationSecondType),
                TimeUnit::Millisecond => value!(DurationMillisecondType),
                TimeUnit::Microsecond => value!(DurationMicrosecondType),
                TimeUnit::Nanosecond => value!(DurationNanosecondType),
            })),
            DataType::Utf8 => Cell::Text(column.as_string::<i32>().value(row).into()),
            DataType::LargeUtf8 => Cell::Text(column.as_string::<i64>().value(row).into()),
            DataType::Utf8View => Cell::Text(column.as_string_view().value(row).into()),
            DataType::Binary => binary(column.as_binary::<i32>().value(row)),
            DataType::LargeBinary => binary(column.as_binary::<i64>().value(row)),
            DataType::BinaryView => binary(column.as_binary_view().value(row)),
            DataType::FixedSizeBinary(_) => binary(column.as_fixed_size_binary().value(row)),
            _ => return None,
        };
        // What is neither a number nor missing has no place in the language.
        (!matches!(cell, Cell::Float(value) if !value.is_finite())).then_some(cell)
    }

    fn cells(&self) -> impl Iterator<Item = Option<Cell<'_>>> {
        (0..self.0.len()).map(|row| self.cell(row))
    }

    /// As texts, written as JSON writes them. Texts of the file are not copied.
    pub(super) fn texts(&self) -> StringViewArray {
        match self.0.data_type() {
            DataType::Utf8View => self.0.as_string_view().clone(),
            DataType::Utf8 => self.0.as_string::<i32>().into(),
            DataType::LargeUtf8 => self.0.as_string::<i64>().into(),
            _ => self.written(|cell, out| cell.write(out)),
        }
    }

    /// As JSON texts; `quoted` puts a text into quotes.
    pub(super) fn json(&self, quoted: impl Fn(&str, &mut String)) -> StringViewArray {
        let mut text = String::new();
        self.written(|cell, out| {
            if cell.is_text() {
                text.clear();
                cell.write(&mut text);
                quoted(&text, out);
            } else {
                cell.write(out);
            }
        })
    }

    fn written(&self, mut write: impl FnMut(&Cell<'_>, &mut String)) -> StringViewArray {
        let mut builder = StringViewBuilder::with_capacity(self.0.len());
        let mut text = String::new();
        for cell in self.cells() {
            text.clear();
            if let Some(cell) = &cell {
                write(cell, &mut text);
            }
            builder.append_option(cell.is_some().then_some(&text));
        }
        builder.finish()
    }

    pub(super) fn numbers(&self) -> Float64Array {
        self.cells().map(|cell| cell?.number()).collect()
    }

    pub(super) fn times(&self) -> TimestampMillisecondArray {
        self.cells().map(|cell| cell?.time()).collect()
    }
}

/// The double that is written with the same digits.
fn single(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(f64::from(value))
}

fn clock(value: impl Into<i64>, per_second: i64) -> Cell<'static> {
    Cell::Text(clock_text(value.into(), per_second).into())
}

/// Bytes are text where they can be, else base64, as JSON would hold them.
fn binary(bytes: &[u8]) -> Cell<'_> {
    Cell::Text(match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => STANDARD.encode(bytes).into(),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use arrow_array::{
        BinaryArray, BinaryViewArray, BooleanArray, Date32Array, Date64Array, Decimal128Array,
        Decimal256Array, DurationMillisecondArray, FixedSizeBinaryArray, Float16Array, Float32Array,
        Int32Array, LargeBinaryArray, LargeStringArray, NullArray, StringArray, Time32MillisecondArray,
        Time32SecondArray, Time64MicrosecondArray, Time64NanosecondArray, TimestampMicrosecondArray,
        TimestampNanosecondArray, TimestampSecondArray, UInt64Array,
    };
    use arrow_buffer::i256;

    fn texts(column: impl Array + 'static) -> Vec<Option<String>> {
        let column: ArrayRef = Arc::new(column);
        Cells(&column)
            .texts()
            .iter()
            .map(|text| text.map(str::to_owned))
            .collect()
    }

    fn one(text: &str) -> Vec<Option<String>> {
        vec![Some(text.to_owned())]
    }

    #[test]
    fn numbers_are_written_as_json_writes_them() {
        assert_eq!(texts(Int32Array::from(vec![-7])), one("-7"));
        assert_eq!(
            texts(UInt64Array::from(vec![u64::MAX])),
            one("18446744073709551615")
        );
        assert_eq!(texts(Float32Array::from(vec![0.1])), one("0.1"));
        let halves: Float16Array = Float16Array::from_iter_values([0x3e00].map(arrow_half));
        assert_eq!(texts(halves), one("1.5"));
        assert_eq!(texts(Float64Array::from(vec![f64::NAN])), [None]);
        assert_eq!(texts(BooleanArray::from(vec![true])), one("true"));
        assert_eq!(texts(DurationMillisecondArray::from(vec![1_500])), one("1500"));
    }

    fn arrow_half(bits: u16) -> <Float16Type as arrow_array::ArrowPrimitiveType>::Native {
        let bytes = arrow_buffer::Buffer::from_vec(vec![bits]);
        let array = Float16Array::new(arrow_buffer::ScalarBuffer::new(bytes, 0, 1), None);
        array.value(0)
    }

    #[test]
    fn decimals_keep_their_digits() {
        let small = Decimal128Array::from(vec![-5, 1_250]).with_precision_and_scale(10, 2);
        assert_eq!(
            texts(small.unwrap()),
            [Some("-0.05".to_owned()), Some("12.50".to_owned())]
        );
        let whole = Decimal256Array::from(vec![i256::from_i128(i128::MAX)]).with_precision_and_scale(76, 0);
        assert_eq!(
            texts(whole.unwrap()),
            one("170141183460469231731687303715884105727")
        );
        let column: ArrayRef = Arc::new(
            Decimal128Array::from(vec![1_250])
                .with_precision_and_scale(10, 2)
                .unwrap(),
        );
        assert_eq!(Cells(&column).numbers().value(0), 12.5);
    }

    #[test]
    fn times_are_written_as_they_are_shown() {
        let midnight = one("2026-03-04 00:00:00.000");
        assert_eq!(texts(Date32Array::from(vec![20_516])), midnight);
        assert_eq!(texts(Date64Array::from(vec![1_772_582_400_000])), midnight);
        assert_eq!(texts(TimestampSecondArray::from(vec![1_772_582_400])), midnight);
        let zoned = TimestampMicrosecondArray::from(vec![1_772_582_400_000_999]).with_timezone("+05:30");
        assert_eq!(texts(zoned), midnight);
        assert_eq!(
            texts(TimestampNanosecondArray::from(vec![-1])),
            one("1969-12-31 23:59:59.999")
        );
        assert_eq!(texts(TimestampSecondArray::from(vec![i64::MAX])), [None]);
        assert_eq!(texts(Time32SecondArray::from(vec![45_296])), one("12:34:56"));
        assert_eq!(texts(Time32MillisecondArray::from(vec![7])), one("00:00:00.007"));
        assert_eq!(
            texts(Time64MicrosecondArray::from(vec![7])),
            one("00:00:00.000007")
        );
        assert_eq!(
            texts(Time64NanosecondArray::from(vec![1])),
            one("00:00:00.000000001")
        );
    }

    #[test]
    fn texts_and_bytes() {
        assert_eq!(texts(StringArray::from(vec!["x"])), one("x"));
        assert_eq!(texts(StringArray::from(vec!["w", "x"]).slice(1, 1)), one("x"));
        assert_eq!(texts(LargeStringArray::from(vec!["x"])), one("x"));
        let expected = vec![Some("é".to_owned()), Some("/wA=".to_owned())];
        let bytes: Vec<&[u8]> = vec!["é".as_bytes(), b"\xff\x00"];
        assert_eq!(texts(BinaryArray::from(bytes.clone())), expected);
        assert_eq!(texts(LargeBinaryArray::from(bytes.clone())), expected);
        assert_eq!(texts(BinaryViewArray::from(bytes.clone())), expected);
        let fixed = FixedSizeBinaryArray::try_from_iter(bytes.into_iter());
        assert_eq!(texts(fixed.unwrap()), expected);
        assert_eq!(texts(NullArray::new(2)), [None, None]);
    }

    #[test]
    fn numbers_and_times() {
        let column: ArrayRef = Arc::new(StringArray::from(vec![
            Some("1.5"),
            Some("1970-01-01T00:00:02Z"),
            None,
        ]));
        let cells = Cells(&column);
        assert_eq!(
            cells.numbers().iter().collect::<Vec<_>>(),
            [Some(1.5), None, None]
        );
        assert_eq!(
            cells.times().iter().collect::<Vec<_>>(),
            [None, Some(2_000), None]
        );
        let epoch: ArrayRef = Arc::new(Float64Array::from(vec![2.5, 1_772_582_400_123.0]));
        assert_eq!(
            Cells(&epoch).times().values().as_ref(),
            [2_500, 1_772_582_400_123]
        );
    }
}
