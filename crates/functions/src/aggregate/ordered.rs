//! `earliest` and `latest`: the value of the event at an end of time.

use std::ops::Range;

use arrow_array::types::{Float64Type, TimestampMillisecondType, UInt64Type};
use arrow_array::{Array, ArrayRef, cast::AsArray};
use arrow_schema::DataType;
use insq_event::ColumnType;

use super::extreme::column_of;
use super::{Accumulator, AggregateCall, AggregateFunction, state};
use crate::{Family, FunctionError, Param, ResultType, Signature};

pub(super) fn functions() -> Vec<AggregateFunction> {
    let function = |name, summary, make| AggregateFunction {
        name,
        aliases: &[],
        family: Family::NonAggregate,
        signature: Signature {
            params: &[Param::Value],
            required: 1,
            variadic: &[],
        },
        result: ResultType::OfArgument(0),
        needs_order: true,
        shares_state: false,
        summary,
        make,
    };
    vec![
        function(
            "earliest",
            "The value of the earliest event that has one.",
            |call| make(call, false),
        ),
        function("latest", "The value of the latest event that has one.", |call| {
            make(call, true)
        }),
    ]
}

fn make(call: &AggregateCall, latest: bool) -> Result<Box<dyn Accumulator>, FunctionError> {
    let ty = call.argument_types.first().copied().unwrap_or(ColumnType::Any);
    Ok(Box::new(AtEnd {
        latest,
        ty,
        groups: Vec::new(),
        value_bytes: 0,
    }))
}

/// Time and position of an event. Events without a time are later than none and earlier than all others.
type Moment = (Option<i64>, u64);

struct AtEnd {
    latest: bool,
    ty: ColumnType,
    groups: Vec<Option<(Moment, Box<[u8]>)>>,
    value_bytes: usize,
}

impl AtEnd {
    fn take(&mut self, group: usize, moment: Moment, value: &[u8]) {
        let slot = &mut self.groups[group];
        let is_better = match slot {
            None => true,
            // The rows that `parse … multi` or `unnest` makes of one event share its moment, and come in its order.
            Some((known, _)) if self.latest => moment >= *known,
            Some((known, _)) => before(moment, *known),
        };
        if is_better {
            self.value_bytes += value.len();
            self.value_bytes -= slot.as_ref().map_or(0, |(_, value)| value.len());
            *slot = Some((moment, value.into()));
        }
    }
}

/// For `earliest`, events without a time count only where there are no others.
fn before(a: Moment, b: Moment) -> bool {
    match (a.0, b.0) {
        (Some(_), None) => true,
        (None, Some(_)) => false,
        _ => a < b,
    }
}

impl Accumulator for AtEnd {
    fn resize(&mut self, count: usize) {
        self.groups.resize_with(count, || None);
    }

    fn update(&mut self, groups: &[u32], arguments: &[ArrayRef]) -> Result<(), FunctionError> {
        let values = state::argument("latest", arguments, 0, Some)?;
        let times = state::argument("latest", arguments, 1, |array| {
            array.as_primitive_opt::<TimestampMillisecondType>()
        })?;
        let positions = state::argument("latest", arguments, 2, |array| {
            array.as_primitive_opt::<UInt64Type>()
        })?;
        for (row, &group) in groups.iter().enumerate() {
            if values.is_null(row) {
                continue;
            }
            let moment = (
                times.is_valid(row).then(|| times.value(row)),
                positions.value(row),
            );
            let group = group as usize;
            match values.data_type() {
                DataType::Utf8View => self.take(group, moment, values.as_string_view().value(row).as_bytes()),
                DataType::Float64 => {
                    self.take(
                        group,
                        moment,
                        &values.as_primitive::<Float64Type>().value(row).to_le_bytes(),
                    );
                }
                DataType::Timestamp(..) => {
                    let value = values.as_primitive::<TimestampMillisecondType>().value(row);
                    self.take(group, moment, &value.to_le_bytes());
                }
                DataType::Boolean => self.take(group, moment, &[u8::from(values.as_boolean().value(row))]),
                other => {
                    return Err(FunctionError::Internal {
                        function: "latest",
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
        let taken = &mut self.groups[groups];
        Ok(state::write(taken.len(), |idx, out| {
            if let Some(((time, position), value)) = taken[idx].take() {
                self.value_bytes -= value.len();
                out.push(u8::from(time.is_some()));
                out.extend_from_slice(&time.unwrap_or(0).to_le_bytes());
                out.extend_from_slice(&position.to_le_bytes());
                out.extend_from_slice(&value);
            }
        }))
    }

    fn merge(&mut self, groups: &[u32], columns: &[ArrayRef]) -> Result<(), FunctionError> {
        state::read("latest", columns, |idx, bytes| {
            if !bytes.is_empty() {
                let ([has_time], rest) = state::split::<1>(bytes)?;
                let (time, rest) = state::split::<8>(rest)?;
                let (position, value) = state::split::<8>(rest)?;
                let time = (has_time == 1).then(|| i64::from_le_bytes(time));
                self.take(groups[idx] as usize, (time, u64::from_le_bytes(position)), value);
            }
            Some(())
        })
    }

    fn finish(&mut self, groups: Range<usize>) -> Result<ArrayRef, FunctionError> {
        column_of(
            self.ty,
            self.groups[groups]
                .iter()
                .map(|slot| slot.as_ref().map(|(_, value)| &value[..])),
        )
    }

    fn size_bytes(&self) -> usize {
        self.groups.capacity() * size_of::<Option<(Moment, Box<[u8]>)>>() + self.value_bytes
    }
}
