//! Functions of time series that stand among the group keys.

use insq_event::ColumnType::Number;

use super::ScalarFunction;
use crate::argument::Numbers;
use crate::kernel::numbers;
use crate::{Family, Param, ResultType, Signature};

pub(super) fn functions() -> Vec<ScalarFunction> {
    vec![ScalarFunction {
        name: "histogram",
        aliases: &[],
        family: Family::TimeSeries,
        signature: Signature {
            params: &[Param::Number, Param::ConstantNumber],
            required: 2,
            variadic: &[],
        },
        result: ResultType::Fixed(Number),
        summary: "As a group key, the lower bound of the bucket of that width that holds the number; in `stats`, a map of \
                  so many buckets of equal width and their counts.",
        example: ("histogram(17, 5)", "15"),
        kernel: |a, rows, _| {
            let (value, width) = (Numbers::of(&a[0])?, Numbers::of(&a[1])?);
            Ok(numbers(rows, |row| {
                let width = width.get(row).filter(|width| *width > 0.0)?;
                Some((value.get(row)? / width).floor() * width)
            }))
        },
    }]
}
