//! `min`, `max`, `sortsFirst` and `sortsLast`: the value at an end of the order of `sort`.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::builder::{BooleanBuilder, Float64Builder, StringViewBuilder, TimestampMillisecondBuilder};
use arrow_array::types::{Float64Type, TimestampMillisecondType};
use arrow_array::{Array, ArrayRef, cast::AsArray};
use arrow_schema::DataType;
use insq_event::ColumnType;

use super::{Accumulator, AggregateCall, AggregateFunction, state};
use crate::order::{encode_bool, encode_number, encode_text, encode_time};
use crate::{Family, FunctionError, Param, ResultType, Signature};

pub(super) fn functions() -> Vec<AggregateFunction> {
    let function = |name, family, summary, make| AggregateFunction {
        name,
        aliases: &[],
        family,
        signature: Signature {
            params: &[Param::Value],
            required: 1,
            variadic: &[],
        },
        result: ResultType::OfArgument(0),
        needs_order: false,
        shares_state: false,
        summary,
        make,
    };
    vec![
        function(
            "max",
            Family::Aggregate,
            "The largest of the values; numbers are larger than text.",
            |call| make(call, true),
        ),
        function(
            "min",
            Family::Aggregate,
            "The smallest of the values; text is smaller than numbers.",
            |call| make(call, false),
        ),
        function(
            "sortsFirst",
            Family::NonAggregate,
            "The value that an ascending sort puts first.",
            |call| make(call, false),
        ),
        function(
            "sortsLast",
            Family::NonAggregate,
            "The value that an ascending sort puts last.",
            |call| make(call, true),
        ),
    ]
}

fn make(call: &AggregateCall, largest: bool) -> Result<Box<dyn Accumulator>, FunctionError> {
    let ty = call.argument_types.first().copied().unwrap_or(ColumnType::Any);
    Ok(match ty {
        ColumnType::Number => Box::new(Numbers {
            largest,
            values: Vec::new(),
        }),
        _ => Box::new(Keys {
            largest,
            ty,
            values: Vec::new(),
            value_bytes: 0,
        }),
    })
}

/// The extreme number of every group; the common case, without keys.
struct Numbers {
    largest: bool,
    values: Vec<f64>,
}

impl Numbers {
    #[inline]
    fn take(&mut self, group: usize, value: f64) {
        let known = self.values[group];
        // NaN stands for a group without a number; every comparison with it is false.
        if known.is_nan()
            || (if self.largest {
                value > known
            } else {
                value < known
            })
        {
            self.values[group] = value + 0.0;
        }
    }
}

impl Accumulator for Numbers {
    fn resize(&mut self, count: usize) {
        self.values.resize(count, f64::NAN);
    }

    fn update(&mut self, groups: &[u32], arguments: &[ArrayRef]) -> Result<(), FunctionError> {
        let values = state::argument("max", arguments, 0, |array| {
            array.as_primitive_opt::<Float64Type>()
        })?;
        for (row, &group) in groups.iter().enumerate() {
            if values.is_valid(row) {
                self.take(group as usize, values.value(row));
            }
        }
        Ok(())
    }

    fn state_types(&self) -> Vec<DataType> {
        vec![DataType::Float64]
    }

    fn take_state(&mut self, groups: Range<usize>) -> Result<Vec<ArrayRef>, FunctionError> {
        self.finish(groups).map(|array| vec![array])
    }

    fn merge(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<(), FunctionError> {
        self.update(groups, state)
    }

    fn finish(&mut self, groups: Range<usize>) -> Result<ArrayRef, FunctionError> {
        let mut column = Float64Builder::with_capacity(groups.len());
        for value in &self.values[groups] {
            column.append_option(Some(*value).filter(|value| !value.is_nan()));
        }
        Ok(Arc::new(column.finish()))
    }

    fn size_bytes(&self) -> usize {
        self.values.capacity() * size_of::<f64>()
    }
}

/// The extreme value of every group, by the bytes of its sort key, with the value itself behind the key.
struct Keys {
    largest: bool,
    ty: ColumnType,
    values: Vec<Option<Box<Entry>>>,
    value_bytes: usize,
}

struct Entry {
    key: Vec<u8>,
    value: Vec<u8>,
}

impl Entry {
    fn size_bytes(&self) -> usize {
        size_of::<Self>() + self.key.capacity() + self.value.capacity()
    }
}

impl Keys {
    fn take(&mut self, group: usize, key: &[u8], value: &[u8]) {
        let slot = &mut self.values[group];
        let is_better = match slot {
            None => true,
            Some(known) if self.largest => *key > known.key[..],
            Some(known) => *key < known.key[..],
        };
        if is_better {
            self.value_bytes -= slot.as_ref().map_or(0, |entry| entry.size_bytes());
            let entry = Entry {
                key: key.to_vec(),
                value: value.to_vec(),
            };
            self.value_bytes += entry.size_bytes();
            *slot = Some(Box::new(entry));
        }
    }
}

impl Accumulator for Keys {
    fn resize(&mut self, count: usize) {
        self.values.resize_with(count, || None);
    }

    fn update(&mut self, groups: &[u32], arguments: &[ArrayRef]) -> Result<(), FunctionError> {
        let array = state::argument("max", arguments, 0, Some)?;
        let mut key = Vec::new();
        for (row, &group) in groups.iter().enumerate() {
            if array.is_null(row) {
                continue;
            }
            key.clear();
            let group = group as usize;
            match array.data_type() {
                DataType::Utf8View => {
                    let text = array.as_string_view().value(row);
                    encode_text(Some(text), false, &mut key);
                    self.take(group, &key, text.as_bytes());
                }
                DataType::Timestamp(..) => {
                    let ms = array.as_primitive::<TimestampMillisecondType>().value(row);
                    encode_time(Some(ms), false, &mut key);
                    self.take(group, &key, &ms.to_le_bytes());
                }
                DataType::Boolean => {
                    let value = array.as_boolean().value(row);
                    encode_bool(Some(value), false, &mut key);
                    self.take(group, &key, &[u8::from(value)]);
                }
                DataType::Float64 => {
                    let value = array.as_primitive::<Float64Type>().value(row);
                    encode_number(Some(value), false, &mut key);
                    self.take(group, &key, &value.to_le_bytes());
                }
                other => {
                    return Err(FunctionError::Internal {
                        function: "max",
                        found: other.to_string(),
                    });
                }
            }
        }
        Ok(())
    }

    fn state_types(&self) -> Vec<DataType> {
        vec![DataType::Binary]
    }

    fn take_state(&mut self, groups: Range<usize>) -> Result<Vec<ArrayRef>, FunctionError> {
        let taken = &mut self.values[groups];
        Ok(state::write(taken.len(), |idx, out| {
            if let Some(entry) = taken[idx].take() {
                self.value_bytes -= entry.size_bytes();
                out.extend_from_slice(&(entry.key.len() as u32).to_le_bytes());
                out.extend_from_slice(&entry.key);
                out.extend_from_slice(&entry.value);
            }
        }))
    }

    fn merge(&mut self, groups: &[u32], columns: &[ArrayRef]) -> Result<(), FunctionError> {
        state::read("max", columns, |idx, bytes| {
            if !bytes.is_empty() {
                let (length, rest) = state::split::<4>(bytes)?;
                let (key, value) = rest.split_at_checked(u32::from_le_bytes(length) as usize)?;
                self.take(groups[idx] as usize, key, value);
            }
            Some(())
        })
    }

    fn finish(&mut self, groups: Range<usize>) -> Result<ArrayRef, FunctionError> {
        column_of(
            self.ty,
            self.values[groups]
                .iter()
                .map(|entry| entry.as_ref().map(|entry| &entry.value[..])),
        )
    }

    fn size_bytes(&self) -> usize {
        self.values.capacity() * size_of::<Option<Box<Entry>>>() + self.value_bytes
    }
}

/// A column of values that were written as bytes.
pub(super) fn column_of<'v>(
    ty: ColumnType,
    values: impl Iterator<Item = Option<&'v [u8]>>,
) -> Result<ArrayRef, FunctionError> {
    let wrong = || FunctionError::Internal {
        function: "max",
        found: "bytes that are no value".to_owned(),
    };
    let eight = |bytes: &[u8]| <[u8; 8]>::try_from(bytes).map_err(|_| wrong());
    Ok(match ty {
        ColumnType::Number => {
            let mut column = Float64Builder::new();
            for value in values {
                column.append_option(
                    value
                        .map(|bytes| eight(bytes).map(f64::from_le_bytes))
                        .transpose()?,
                );
            }
            Arc::new(column.finish())
        }
        ColumnType::Time => {
            let mut column = TimestampMillisecondBuilder::new();
            for value in values {
                column.append_option(
                    value
                        .map(|bytes| eight(bytes).map(i64::from_le_bytes))
                        .transpose()?,
                );
            }
            Arc::new(column.finish())
        }
        ColumnType::Bool => {
            let mut column = BooleanBuilder::new();
            values.for_each(|value| column.append_option(value.map(|bytes| bytes == [1])));
            Arc::new(column.finish())
        }
        ColumnType::Text | ColumnType::Any | ColumnType::Json => {
            let mut column = StringViewBuilder::new();
            for value in values {
                column.append_option(
                    value
                        .map(|bytes| std::str::from_utf8(bytes).map_err(|_| wrong()))
                        .transpose()?,
                );
            }
            Arc::new(column.finish())
        }
    })
}
