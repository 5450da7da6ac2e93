//! `count`: rows, or present values.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, Float64Array, Int64Array, cast::AsArray};
use arrow_schema::DataType;
use insq_event::ColumnType;

use super::state::argument;
use super::{Accumulator, AggregateFunction};
use crate::{Family, FunctionError, Param, ResultType, Signature};

pub(super) fn functions() -> Vec<AggregateFunction> {
    let function = |name, aliases, family, summary| AggregateFunction {
        name,
        aliases,
        family,
        signature: Signature {
            params: &[Param::Value],
            required: 0,
            variadic: &[],
        },
        result: ResultType::Fixed(ColumnType::Number),
        needs_order: false,
        shares_state: false,
        summary,
        make: |_| Ok(Box::<Count>::default()),
    };
    vec![
        function(
            "count",
            &[],
            Family::Aggregate,
            "The number of rows, or of rows in which the field is present.",
        ),
        function(
            "countOverTime",
            &["count_over_time"],
            Family::TimeSeries,
            "As `count`, beside a time bin.",
        ),
    ]
}

#[derive(Default)]
struct Count {
    counts: Vec<i64>,
}

impl Accumulator for Count {
    fn resize(&mut self, count: usize) {
        self.counts.resize(count, 0);
    }

    fn update(&mut self, groups: &[u32], arguments: &[ArrayRef]) -> Result<(), FunctionError> {
        match arguments.first().filter(|array| array.null_count() > 0) {
            None => groups.iter().for_each(|&group| self.counts[group as usize] += 1),
            Some(array) => {
                for (row, &group) in groups.iter().enumerate() {
                    self.counts[group as usize] += i64::from(array.is_valid(row));
                }
            }
        }
        Ok(())
    }

    fn state_types(&self) -> Vec<DataType> {
        vec![DataType::Int64]
    }

    fn take_state(&mut self, groups: Range<usize>) -> Result<Vec<ArrayRef>, FunctionError> {
        Ok(vec![Arc::new(Int64Array::from(self.counts[groups].to_vec()))])
    }

    fn merge(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<(), FunctionError> {
        let counts = argument("count", state, 0, |array| array.as_primitive_opt::<Int64Type>())?;
        for (&group, &count) in groups.iter().zip(counts.values()) {
            self.counts[group as usize] += count;
        }
        Ok(())
    }

    fn finish(&mut self, groups: Range<usize>) -> Result<ArrayRef, FunctionError> {
        Ok(Arc::new(
            self.counts[groups]
                .iter()
                .map(|&count| Some(count as f64))
                .collect::<Float64Array>(),
        ))
    }

    fn size_bytes(&self) -> usize {
        self.counts.capacity() * size_of::<i64>()
    }
}
