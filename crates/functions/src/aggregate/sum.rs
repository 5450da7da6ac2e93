//! `sum` and `avg`.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::types::Float64Type;
use arrow_array::{Array, ArrayRef, Float64Array, cast::AsArray};
use arrow_schema::DataType;
use insq_event::ColumnType;

use super::exact_sum::ExactSum;
use super::{Accumulator, AggregateFunction, state};
use crate::{Family, FunctionError, Param, ResultType, Signature};

pub(super) fn functions() -> Vec<AggregateFunction> {
    let function = |name, summary, make| AggregateFunction {
        name,
        aliases: if name == "sumOverTime" {
            &["sum_over_time"]
        } else {
            &[]
        },
        family: if name == "sumOverTime" {
            Family::TimeSeries
        } else {
            Family::Aggregate
        },
        signature: Signature {
            params: &[Param::Number],
            required: 1,
            variadic: &[],
        },
        result: ResultType::Fixed(ColumnType::Number),
        needs_order: false,
        shares_state: false,
        summary,
        make,
    };
    vec![
        function("avg", "The mean of the numbers.", |_| {
            Ok(Box::new(Sum {
                mean: true,
                ..Sum::default()
            }))
        }),
        function("sum", "The sum of the numbers.", |_| Ok(Box::<Sum>::default())),
        function("sumOverTime", "As `sum`, beside a time bin.", |_| {
            Ok(Box::<Sum>::default())
        }),
    ]
}

#[derive(Default)]
struct Sum {
    groups: Vec<(u64, ExactSum)>,
    /// True for `avg`.
    mean: bool,
    extra_bytes: usize,
}

impl Accumulator for Sum {
    fn resize(&mut self, count: usize) {
        self.groups.resize_with(count, Default::default);
    }

    fn update(&mut self, groups: &[u32], arguments: &[ArrayRef]) -> Result<(), FunctionError> {
        let values = state::argument("sum", arguments, 0, |array| {
            array.as_primitive_opt::<Float64Type>()
        })?;
        for (row, &group) in groups.iter().enumerate() {
            if values.is_valid(row) {
                let (count, sum) = &mut self.groups[group as usize];
                let before = sum.extra_bytes();
                *count += 1;
                sum.add(values.value(row));
                self.extra_bytes += sum.extra_bytes() - before;
            }
        }
        Ok(())
    }

    fn state_types(&self) -> Vec<DataType> {
        vec![DataType::Binary]
    }

    fn take_state(&mut self, groups: Range<usize>) -> Result<Vec<ArrayRef>, FunctionError> {
        let taken = &self.groups[groups];
        Ok(state::write(taken.len(), |idx, out| {
            out.extend_from_slice(&taken[idx].0.to_le_bytes());
            taken[idx].1.to_bytes(out);
        }))
    }

    fn merge(&mut self, groups: &[u32], columns: &[ArrayRef]) -> Result<(), FunctionError> {
        state::read("sum", columns, |idx, bytes| {
            let (count, rest) = state::split::<8>(bytes)?;
            let (other, _) = ExactSum::from_bytes(rest)?;
            let (own_count, sum) = &mut self.groups[groups[idx] as usize];
            let before = sum.extra_bytes();
            *own_count += u64::from_le_bytes(count);
            sum.merge(&other);
            self.extra_bytes += sum.extra_bytes() - before;
            Some(())
        })
    }

    fn finish(&mut self, groups: Range<usize>) -> Result<ArrayRef, FunctionError> {
        let result = |(count, sum): &(u64, ExactSum)| {
            let value = match self.mean {
                true => sum.mean(*count),
                false => sum.value(),
            };
            (*count > 0 && value.is_finite()).then_some(value)
        };
        Ok(Arc::new(
            self.groups[groups].iter().map(result).collect::<Float64Array>(),
        ))
    }

    fn size_bytes(&self) -> usize {
        self.groups.capacity() * size_of::<(u64, ExactSum)>() + self.extra_bytes
    }
}
