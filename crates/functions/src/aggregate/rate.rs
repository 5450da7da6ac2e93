//! `rate`: how fast a number changes.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::types::{Float64Type, TimestampMillisecondType, UInt64Type};
use arrow_array::{Array, ArrayRef, Float64Array, cast::AsArray};
use arrow_schema::DataType;
use insq_event::ColumnType;

use super::{Accumulator, AggregateCall, AggregateFunction, state};
use crate::{Family, FunctionError, Param, ResultType, Scalar, Signature, Step};

pub(super) fn functions() -> Vec<AggregateFunction> {
    vec![AggregateFunction {
        name: "rate",
        aliases: &[],
        family: Family::TimeSeries,
        signature: Signature {
            params: &[Param::Number, Param::Period],
            required: 2,
            variadic: &[],
        },
        result: ResultType::Fixed(ColumnType::Number),
        needs_order: true,
        shares_state: false,
        summary: "The change of the number per period: last less first over the time between them; missing for events of \
                  one instant.",
        make,
    }]
}

fn make(call: &AggregateCall) -> Result<Box<dyn Accumulator>, FunctionError> {
    let period_ms = match call.constants.first() {
        Some(Scalar::Period(period)) => match period.step {
            Step::Fixed { ms, .. } => ms as f64,
            Step::Months { .. } => {
                return Err(FunctionError::Argument(
                    "`rate` takes a period of fixed length such as `1m` or `1d`".to_owned(),
                ));
            }
        },
        other => {
            return Err(FunctionError::Internal {
                function: "rate",
                found: format!("{other:?}"),
            });
        }
    };
    Ok(Box::new(Rate {
        period_ms,
        groups: Vec::new(),
    }))
}

/// Time, position and value of an event.
type Reading = (i64, u64, f64);

struct Rate {
    period_ms: f64,
    /// First and last reading.
    groups: Vec<Option<(Reading, Reading)>>,
}

impl Rate {
    fn take(&mut self, group: usize, reading: Reading) {
        let moment = |reading: &Reading| (reading.0, reading.1);
        let slot = &mut self.groups[group];
        let (first, last) = slot.get_or_insert((reading, reading));
        if moment(&reading) < moment(first) {
            *first = reading;
        }
        // The rows that `parse … multi` or `unnest` makes of one event share its moment, and come in its order.
        if moment(&reading) >= moment(last) {
            *last = reading;
        }
    }

    fn value(&self, (first, last): &(Reading, Reading)) -> Option<f64> {
        let elapsed_ms = last.0 - first.0;
        let rate = (last.2 - first.2) / elapsed_ms as f64 * self.period_ms;
        (elapsed_ms > 0 && rate.is_finite()).then_some(rate)
    }
}

impl Accumulator for Rate {
    fn resize(&mut self, count: usize) {
        self.groups.resize(count, None);
    }

    fn update(&mut self, groups: &[u32], arguments: &[ArrayRef]) -> Result<(), FunctionError> {
        let values = state::argument("rate", arguments, 0, |array| {
            array.as_primitive_opt::<Float64Type>()
        })?;
        let times = state::argument("rate", arguments, 1, |array| {
            array.as_primitive_opt::<TimestampMillisecondType>()
        })?;
        let positions = state::argument("rate", arguments, 2, |array| {
            array.as_primitive_opt::<UInt64Type>()
        })?;
        for (row, &group) in groups.iter().enumerate() {
            if values.is_valid(row) && times.is_valid(row) {
                let reading = (times.value(row), positions.value(row), values.value(row));
                self.take(group as usize, reading);
            }
        }
        Ok(())
    }

    fn state_types(&self) -> Vec<DataType> {
        vec![DataType::Binary]
    }

    fn take_state(&mut self, groups: Range<usize>) -> Result<Vec<ArrayRef>, FunctionError> {
        let taken: Vec<_> = groups.map(|group| self.groups[group].take()).collect();
        Ok(state::write(taken.len(), |idx, out| {
            if let Some((first, last)) = taken[idx] {
                for (time, position, value) in [first, last] {
                    out.extend_from_slice(&time.to_le_bytes());
                    out.extend_from_slice(&position.to_le_bytes());
                    out.extend_from_slice(&value.to_le_bytes());
                }
            }
        }))
    }

    fn merge(&mut self, groups: &[u32], columns: &[ArrayRef]) -> Result<(), FunctionError> {
        state::read("rate", columns, |idx, bytes| {
            let mut rest = bytes;
            while !rest.is_empty() {
                let (time, more) = state::split::<8>(rest)?;
                let (position, more) = state::split::<8>(more)?;
                let (value, more) = state::split::<8>(more)?;
                let reading = (
                    i64::from_le_bytes(time),
                    u64::from_le_bytes(position),
                    f64::from_le_bytes(value),
                );
                self.take(groups[idx] as usize, reading);
                rest = more;
            }
            Some(())
        })
    }

    fn finish(&mut self, groups: Range<usize>) -> Result<ArrayRef, FunctionError> {
        let rates = self.groups[groups]
            .iter()
            .map(|readings| readings.as_ref().and_then(|readings| self.value(readings)));
        Ok(Arc::new(rates.collect::<Float64Array>()))
    }

    fn size_bytes(&self) -> usize {
        self.groups.capacity() * size_of::<Option<(Reading, Reading)>>()
    }
}
