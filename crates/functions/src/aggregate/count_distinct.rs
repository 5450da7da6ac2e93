//! `count_distinct`: different present values, exactly.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::types::{Float64Type, TimestampMillisecondType};
use arrow_array::{Array, ArrayRef, Float64Array, cast::AsArray};
use arrow_schema::DataType;
use insq_event::ColumnType;

use super::distinct_values::DistinctValues;
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

#[derive(Default)]
struct CountDistinct {
    groups: Vec<DistinctValues>,
    value_bytes: usize,
}

impl CountDistinct {
    /// Changes the values of a group.
    fn change<T>(&mut self, group: u32, change: impl FnOnce(&mut DistinctValues) -> T) -> T {
        let values = &mut self.groups[group as usize];
        let before = values.size_bytes();
        let changed = change(values);
        self.value_bytes = self.value_bytes + values.size_bytes() - before;
        changed
    }

    fn take(&mut self, group: usize) -> DistinctValues {
        let values = std::mem::take(&mut self.groups[group]);
        self.value_bytes -= values.size_bytes();
        values
    }

    /// Adds the numbers that rows have.
    fn add_numbers<A: Array>(&mut self, groups: &[u32], array: &A, number: impl Fn(&A, usize) -> u64) {
        for (row, &group) in groups.iter().enumerate() {
            if array.is_valid(row) {
                let number = u128::from(number(array, row));
                self.change(group, |values| values.insert_number(number));
            }
        }
    }
}

impl Accumulator for CountDistinct {
    fn resize(&mut self, count: usize) {
        self.groups.resize_with(count, Default::default);
    }

    fn update(&mut self, groups: &[u32], arguments: &[ArrayRef]) -> Result<(), FunctionError> {
        let array = state::argument("count_distinct", arguments, 0, Some)?;
        match array.data_type() {
            DataType::Float64 => {
                self.add_numbers(groups, array.as_primitive::<Float64Type>(), |array, row| {
                    // Both zeros are one number.
                    (array.value(row) + 0.0).to_bits()
                })
            }
            DataType::Timestamp(..) => self.add_numbers(
                groups,
                array.as_primitive::<TimestampMillisecondType>(),
                |array, row| array.value(row).cast_unsigned(),
            ),
            DataType::Boolean => {
                self.add_numbers(groups, array.as_boolean(), |array, row| {
                    u64::from(array.value(row))
                });
            }
            DataType::Utf8View => {
                let texts = array.as_string_view();
                for (row, &group) in groups.iter().enumerate() {
                    if texts.is_valid(row) {
                        self.change(group, |values| values.insert_text(texts.value(row).as_bytes()));
                    }
                }
            }
            other => {
                return Err(FunctionError::Internal {
                    function: "count_distinct",
                    found: other.to_string(),
                });
            }
        }
        Ok(())
    }

    fn state_types(&self) -> Vec<DataType> {
        vec![DataType::Binary]
    }

    fn take_state(&mut self, groups: Range<usize>) -> Result<Vec<ArrayRef>, FunctionError> {
        let first = groups.start;
        Ok(state::write(groups.len(), |idx, out| {
            self.take(first + idx).write(out)
        }))
    }

    fn merge(&mut self, groups: &[u32], columns: &[ArrayRef]) -> Result<(), FunctionError> {
        state::read("count_distinct", columns, |idx, bytes| {
            self.change(groups[idx], |values| values.read(bytes))
        })
    }

    fn absorb(
        &mut self,
        groups: &[u32],
        other: &mut dyn Accumulator,
        taken: Range<usize>,
    ) -> Result<(), FunctionError> {
        let other: &mut Self = state::same("count_distinct", other)?;
        for (&group, theirs) in groups.iter().zip(taken) {
            let theirs = other.take(theirs);
            self.change(group, |values| values.absorb(theirs));
        }
        Ok(())
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
        self.groups.capacity() * size_of::<DistinctValues>() + self.value_bytes
    }
}
