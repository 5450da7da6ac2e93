//! Cells of a column as bytes: by identity for groups and `dedup`, by order for `sort`.

use arrow_array::types::{Float64Type, TimestampMillisecondType, UInt64Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Float64Array, StringViewArray, TimestampMillisecondArray, UInt64Array,
    cast::AsArray,
};
use arrow_schema::DataType;
use insq_functions::order;

use crate::error::ExecError;

/// A column whose cells can be written as bytes.
pub(crate) enum Cells<'a> {
    Number(&'a Float64Array),
    Time(&'a TimestampMillisecondArray),
    Bool(&'a BooleanArray),
    Text(&'a StringViewArray),
    /// Positions of events, which are never missing.
    Position(&'a UInt64Array),
}

impl<'a> Cells<'a> {
    pub(crate) fn of(array: &'a ArrayRef) -> Result<Self, ExecError> {
        Ok(match array.data_type() {
            DataType::Float64 => Self::Number(array.as_primitive::<Float64Type>()),
            DataType::Timestamp(..) => Self::Time(array.as_primitive::<TimestampMillisecondType>()),
            DataType::Boolean => Self::Bool(array.as_boolean()),
            DataType::Utf8View => Self::Text(array.as_string_view()),
            DataType::UInt64 => Self::Position(array.as_primitive::<UInt64Type>()),
            other => return Err(ExecError::Internal(format!("cells of type {other}"))),
        })
    }

    pub(crate) fn is_null(&self, row: usize) -> bool {
        match self {
            Self::Number(cells) => cells.is_null(row),
            Self::Time(cells) => cells.is_null(row),
            Self::Bool(cells) => cells.is_null(row),
            Self::Text(cells) => cells.is_null(row),
            Self::Position(_) => false,
        }
    }

    /// Appends a present cell so that equal values have equal bytes, and no cell is the beginning of
    /// another.
    pub(crate) fn append_identity(&self, row: usize, key: &mut Vec<u8>) {
        match self {
            // Both zeros are one number.
            Self::Number(cells) => key.extend_from_slice(&(cells.value(row) + 0.0).to_bits().to_le_bytes()),
            Self::Time(cells) => key.extend_from_slice(&cells.value(row).to_le_bytes()),
            Self::Bool(cells) => key.push(u8::from(cells.value(row))),
            Self::Text(cells) => {
                let text = cells.value(row).as_bytes();
                append_length(text.len(), key);
                key.extend_from_slice(text);
            }
            Self::Position(cells) => key.extend_from_slice(&cells.value(row).to_le_bytes()),
        }
    }

    /// Appends a cell, present or not, so that equal cells have equal bytes, and no cell is the beginning of another.
    pub(crate) fn append_nullable(&self, row: usize, key: &mut Vec<u8>) {
        if self.is_null(row) {
            return key.push(0);
        }
        key.push(1);
        self.append_identity(row, key);
    }

    /// Appends a cell so that bytes compare like the values; missing cells come last in both directions.
    pub(crate) fn append_order(&self, row: usize, descending: bool, key: &mut Vec<u8>) {
        let present = !self.is_null(row);
        match self {
            Self::Number(cells) => order::encode_number(present.then(|| cells.value(row)), descending, key),
            Self::Time(cells) => order::encode_time(present.then(|| cells.value(row)), descending, key),
            Self::Bool(cells) => order::encode_bool(present.then(|| cells.value(row)), descending, key),
            Self::Text(cells) => order::encode_text(present.then(|| cells.value(row)), descending, key),
            Self::Position(cells) => {
                let position = cells.value(row);
                key.extend_from_slice(&(if descending { !position } else { position }).to_be_bytes());
            }
        }
    }
}

/// Appends a length, seven bits to a byte, the lowest first: most texts are short, and there may be millions of them.
fn append_length(length: usize, key: &mut Vec<u8>) {
    let mut rest = length;
    while rest >= 0x80 {
        key.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    key.push(rest as u8);
}

/// Reads a length that a text in a key begins with; gives what follows, too.
pub(crate) fn read_length(key: &[u8]) -> Option<(usize, &[u8])> {
    let mut length = 0;
    for (at, byte) in key.iter().enumerate() {
        length |= usize::from(byte & 0x7f).checked_shl(7 * at as u32)?;
        if byte & 0x80 == 0 {
            return Some((length, &key[at + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_come_back_and_say_where_they_end() {
        for (length, bytes) in [
            (0, 1),
            (127, 1),
            (128, 2),
            (16_383, 2),
            (16_384, 3),
            (16 << 20, 4),
        ] {
            let mut key = Vec::new();
            append_length(length, &mut key);
            assert_eq!(key.len(), bytes, "{length}");
            assert_eq!(read_length(&key[..bytes - 1]), None, "{length}");
            key.push(0xff);
            assert_eq!(read_length(&key), Some((length, &[0xff][..])), "{length}");
        }
        assert_eq!(read_length(&[0xff; 20]), None);
    }
}
