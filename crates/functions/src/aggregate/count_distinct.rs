//! `count_distinct`: different present values, exactly.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::types::{Float64Type, TimestampMillisecondType};
use arrow_array::{Array, ArrayRef, Float64Array, cast::AsArray};
use arrow_schema::DataType;
use insq_event::ColumnType;

use super::{Accumulator, AggregateFunction, state};
use crate::{Family, FunctionError, Param, ResultType, Signature};

pub(super) fn functions() -> Vec<AggregateFunction> {
    vec![AggregateFunction {
        name: "count_distinct",
        aliases: &[],
        family: Family::Aggregate,
        signature: Signature {
            params: &[Param::Value],
            required: 1,
            variadic: &[],
        },
        result: ResultType::Fixed(ColumnType::Number),
        needs_order: false,
        shares_state: false,
        summary: "The number of different values, counted exactly.",
        make: |_| Ok(Box::<CountDistinct>::default()),
    }]
}

/// What a value costs beside its bytes: its place in the table, and the allocation.
const VALUE_OVERHEAD_BYTES: usize = 40;

#[derive(Default)]
struct CountDistinct {
    groups: Vec<HashSet<Box<[u8]>>>,
    value_bytes: usize,
}

impl CountDistinct {
    fn insert(&mut self, group: usize, value: &[u8]) {
        let values = &mut self.groups[group];
        if !values.contains(value) {
            values.insert(value.into());
            self.value_bytes += value.len() + VALUE_OVERHEAD_BYTES;
        }
    }
}

impl Accumulator for CountDistinct {
    fn resize(&mut self, count: usize) {
        self.groups.resize_with(count, Default::default);
    }

    fn update(&mut self, groups: &[u32], arguments: &[ArrayRef]) -> Result<(), FunctionError> {
        let array = state::argument("count_distinct", arguments, 0, Some)?;
        for (row, &group) in groups.iter().enumerate() {
            if array.is_null(row) {
                continue;
            }
            match array.data_type() {
                DataType::Float64 => {
                    let value = array.as_primitive::<Float64Type>().value(row) + 0.0;
                    self.insert(group as usize, &value.to_bits().to_le_bytes());
                }
                DataType::Timestamp(..) => {
                    let value = array.as_primitive::<TimestampMillisecondType>().value(row);
                    self.insert(group as usize, &value.to_le_bytes());
                }
                DataType::Boolean => self.insert(group as usize, &[u8::from(array.as_boolean().value(row))]),
                DataType::Utf8View => {
                    self.insert(group as usize, array.as_string_view().value(row).as_bytes())
                }
                other => {
                    return Err(FunctionError::Internal {
                        function: "count_distinct",
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
        let mut taken: Vec<HashSet<Box<[u8]>>> = groups
            .map(|group| std::mem::take(&mut self.groups[group]))
            .collect();
        Ok(state::write(taken.len(), |idx, out| {
            for value in taken[idx].drain() {
                self.value_bytes -= value.len() + VALUE_OVERHEAD_BYTES;
                out.extend_from_slice(&(value.len() as u32).to_le_bytes());
                out.extend_from_slice(&value);
            }
        }))
    }

    fn merge(&mut self, groups: &[u32], columns: &[ArrayRef]) -> Result<(), FunctionError> {
        state::read("count_distinct", columns, |idx, bytes| {
            let mut rest = bytes;
            while !rest.is_empty() {
                let (length, more) = state::split::<4>(rest)?;
                let (value, more) = more.split_at_checked(u32::from_le_bytes(length) as usize)?;
                self.insert(groups[idx] as usize, value);
                rest = more;
            }
            Some(())
        })
    }

    fn finish(&mut self, groups: Range<usize>) -> Result<ArrayRef, FunctionError> {
        Ok(Arc::new(
            self.groups[groups]
                .iter()
                .map(|values| Some(values.len() as f64))
                .collect::<Float64Array>(),
        ))
    }

    fn size_bytes(&self) -> usize {
        self.groups.capacity() * size_of::<HashSet<Box<[u8]>>>() + self.value_bytes
    }
}
