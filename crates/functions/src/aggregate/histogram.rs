//! `histogram`: how many numbers lie in each of some ranges of equal width.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::builder::StringViewBuilder;
use arrow_array::types::Float64Type;
use arrow_array::{Array, ArrayRef, cast::AsArray};
use arrow_schema::DataType;
use insq_event::ColumnType;

use super::{Accumulator, AggregateCall, AggregateFunction, state};
use crate::structure::quoted;
use crate::{Family, FunctionError, Param, ResultType, Scalar, Signature, format_number};

/// Buckets of a histogram at most.
pub const BUCKETS_MAX: usize = 1_000;

pub(super) fn functions() -> Vec<AggregateFunction> {
    vec![AggregateFunction {
        name: "histogram",
        aliases: &[],
        family: Family::TimeSeries,
        signature: Signature {
            params: &[Param::Number, Param::ConstantNumber],
            required: 2,
            variadic: &[],
        },
        result: ResultType::Fixed(ColumnType::Json),
        needs_order: false,
        shares_state: false,
        summary: "A map of the lower bounds of so many buckets of equal width, from the smallest number to the largest, \
                  and their counts; as a group key, the second argument is the width.",
        make,
    }]
}

fn make(call: &AggregateCall) -> Result<Box<dyn Accumulator>, FunctionError> {
    match call.constants.first() {
        Some(Scalar::Number(n)) if n.fract() == 0.0 && (1.0..=BUCKETS_MAX as f64).contains(n) => {
            Ok(Box::new(Histogram {
                n_buckets: *n as usize,
                groups: Vec::new(),
                n_entries: 0,
            }))
        }
        _ => Err(FunctionError::Argument(format!(
            "`histogram` takes a whole number of buckets from 1 to {BUCKETS_MAX}"
        ))),
    }
}

/// What a value costs: its bits, its count, and its place in the table.
const ENTRY_BYTES: usize = 24;

/// Every different number of a group and how often it came, since the buckets are known only at the end.
struct Histogram {
    n_buckets: usize,
    groups: Vec<HashMap<u64, u64>>,
    n_entries: usize,
}

impl Histogram {
    fn add(&mut self, group: usize, bits: u64, count: u64) {
        let counts = &mut self.groups[group];
        let before = counts.len();
        *counts.entry(bits).or_default() += count;
        self.n_entries += counts.len() - before;
    }

    fn render(&self, counts: &HashMap<u64, u64>) -> Option<String> {
        let values = || counts.iter().map(|(bits, count)| (f64::from_bits(*bits), *count));
        let smallest = values().map(|(value, _)| value).reduce(f64::min)?;
        let largest = values().map(|(value, _)| value).reduce(f64::max)?;
        let width = (largest - smallest) / self.n_buckets as f64;
        if !(width.is_finite() && width > 0.0) {
            let total: u64 = values().map(|(_, count)| count).sum();
            return Some(format!("{{{}:{total}}}", quoted(&format_number(smallest))));
        }
        let mut buckets = vec![0_u64; self.n_buckets];
        for (value, count) in values() {
            // The largest number belongs to the last bucket.
            let bucket = (((value - smallest) / width) as usize).min(self.n_buckets - 1);
            buckets[bucket] += count;
        }
        let members: Vec<String> = buckets
            .iter()
            .enumerate()
            .map(|(idx, count)| {
                let bound = format_number(smallest + width * idx as f64);
                format!("{}:{count}", quoted(&bound))
            })
            .collect();
        Some(format!("{{{}}}", members.join(",")))
    }
}

impl Accumulator for Histogram {
    fn resize(&mut self, count: usize) {
        self.groups.resize_with(count, Default::default);
    }

    fn update(&mut self, groups: &[u32], arguments: &[ArrayRef]) -> Result<(), FunctionError> {
        let values = state::argument("histogram", arguments, 0, |array| {
            array.as_primitive_opt::<Float64Type>()
        })?;
        for (row, &group) in groups.iter().enumerate() {
            if values.is_valid(row) {
                // Both zeros are one number.
                self.add(group as usize, (values.value(row) + 0.0).to_bits(), 1);
            }
        }
        Ok(())
    }

    fn state_types(&self) -> Vec<DataType> {
        vec![DataType::Binary]
    }

    fn take_state(&mut self, groups: Range<usize>) -> Result<Vec<ArrayRef>, FunctionError> {
        let taken: Vec<HashMap<u64, u64>> = groups
            .map(|group| std::mem::take(&mut self.groups[group]))
            .collect();
        self.n_entries -= taken.iter().map(HashMap::len).sum::<usize>();
        Ok(state::write(taken.len(), |idx, out| {
            for (bits, count) in &taken[idx] {
                out.extend_from_slice(&bits.to_le_bytes());
                out.extend_from_slice(&count.to_le_bytes());
            }
        }))
    }

    fn merge(&mut self, groups: &[u32], columns: &[ArrayRef]) -> Result<(), FunctionError> {
        state::read("histogram", columns, |idx, bytes| {
            let mut rest = bytes;
            while !rest.is_empty() {
                let (bits, more) = state::split::<8>(rest)?;
                let (count, more) = state::split::<8>(more)?;
                self.add(
                    groups[idx] as usize,
                    u64::from_le_bytes(bits),
                    u64::from_le_bytes(count),
                );
                rest = more;
            }
            Some(())
        })
    }

    fn finish(&mut self, groups: Range<usize>) -> Result<ArrayRef, FunctionError> {
        let mut maps = StringViewBuilder::with_capacity(groups.len());
        for group in groups {
            maps.append_option(self.render(&self.groups[group]));
        }
        Ok(Arc::new(maps.finish()))
    }

    fn size_bytes(&self) -> usize {
        self.groups.capacity() * size_of::<HashMap<u64, u64>>() + self.n_entries * ENTRY_BYTES
    }
}
