//! Functions of any value.

use arrow_array::{Array, ArrayRef, BooleanArray};
use arrow_select::interleave::interleave;
use insq_event::ColumnType::{self, Bool, Number};

use super::{Kernel, ScalarFunction};
use crate::argument::Texts;
use crate::coerce::{coerce, parse_number};
use crate::kernel::{bools, numbers};
use crate::{Family, FunctionError, Operand, Param, ResultType, Scalar, Signature};

pub(super) fn functions() -> Vec<ScalarFunction> {
    let function =
        |name, params, required, variadic, result, summary, example, kernel: Kernel| ScalarFunction {
            name,
            aliases: &[],
            family: Family::General,
            signature: Signature {
                params,
                required,
                variadic,
            },
            result,
            summary,
            example,
            kernel,
        };
    let value: &'static [Param] = &[Param::Value];
    let pair: &'static [Param] = &[Param::Bool, Param::Value];
    vec![
        function(
            "ispresent",
            value,
            1,
            &[],
            ResultType::Fixed(Bool),
            "True where the field is present.",
            ("ispresent(nosuch)", "0"),
            |a, rows, _| {
                Ok(match &a[0] {
                    Operand::Column(array, _) => bools(rows, |row| Some(array.is_valid(row))),
                    Operand::Constant(scalar) => bools(rows, |_| Some(*scalar != Scalar::Null)),
                })
            },
        ),
        function(
            "coalesce",
            value,
            1,
            value,
            ResultType::CommonOf(|_, _| true),
            "The first of the values that is present.",
            ("coalesce(nosuch, \"\", \"z\") = \"\"", "1"),
            |a, rows, _| coalesce(a, rows),
        ),
        function(
            "case",
            pair,
            2,
            // Conditions and values in turn; a last one without a condition is the default.
            &[Param::Value],
            ResultType::CommonOf(|idx, count| idx % 2 == 1 || idx + 1 == count),
            "The value behind the first condition that is true, else the last value, if it stands alone.",
            ("case(1 > 2, \"a\", 2 > 1, \"b\", \"c\")", "b"),
            |a, rows, _| case(a, rows),
        ),
        function(
            "if",
            &[Param::Bool, Param::Value, Param::Value],
            3,
            &[],
            ResultType::CommonOf(|idx, _| idx > 0),
            "The second value where the condition is true, else the third.",
            ("if(2 > 1, \"yes\", \"no\")", "yes"),
            |a, rows, _| case(a, rows),
        ),
        function(
            "isNumeric",
            &[Param::Text],
            1,
            &[],
            ResultType::Fixed(Bool),
            "True where the value can be read as a number.",
            ("isNumeric(\"1e3\")", "1"),
            |a, rows, _| {
                let text = Texts::of(&a[0])?;
                Ok(bools(rows, |row| {
                    Some(text.get(row).is_some_and(|text| parse_number(text).is_some()))
                }))
            },
        ),
        function(
            "messageSize",
            &[Param::Text],
            1,
            &[],
            ResultType::Fixed(Number),
            "The length of the text in bytes of UTF-8.",
            ("messageSize(\"\u{e9}\")", "2"),
            |a, rows, _| {
                let text = Texts::of(&a[0])?;
                Ok(numbers(rows, |row| text.get(row).map(|text| text.len() as f64)))
            },
        ),
        function(
            "queryStartTime",
            &[],
            0,
            &[],
            ResultType::Fixed(Number),
            "Milliseconds since the epoch of the first instant of the query's time range; missing where it has none.",
            ("queryStartTime()", "1772582400000"),
            |_, rows, context| Ok(numbers(rows, |_| context.range.start_ms.map(|ms| ms as f64))),
        ),
        function(
            "queryEndTime",
            &[],
            0,
            &[],
            ResultType::Fixed(Number),
            "Milliseconds since the epoch of the end of the query's time range; missing where it has none.",
            ("queryEndTime()", "1772586000000"),
            |_, rows, context| Ok(numbers(rows, |_| context.range.end_ms.map(|ms| ms as f64))),
        ),
        function(
            "queryTimeRange",
            &[],
            0,
            &[],
            ResultType::Fixed(Number),
            "The length of the query's time range, milliseconds; missing where it has no start or no end.",
            ("queryTimeRange()", "3600000"),
            |_, rows, context| {
                let range = context.range;
                let length = range
                    .start_ms
                    .zip(range.end_ms)
                    .map(|(start, end)| (end - start) as f64);
                Ok(numbers(rows, |_| length))
            },
        ),
        function(
            "unmask",
            value,
            1,
            &[],
            ResultType::OfArgument(0),
            "The value itself: log files hold the text as it was exported.",
            ("unmask(\"a\")", "a"),
            |a, rows, _| match &a[0] {
                Operand::Column(array, _) => Ok(array.clone()),
                constant => coerce(constant, common_type(std::slice::from_ref(constant)), rows),
            },
        ),
    ]
}

fn coalesce(arguments: &[Operand], rows: usize) -> Result<ArrayRef, FunctionError> {
    pick(arguments, rows, |arrays, row| {
        arrays.iter().position(|array| array.is_valid(row))
    })
}

/// Conditions and values in turn; a last value without a condition is taken where no condition is true.
fn case(arguments: &[Operand], rows: usize) -> Result<ArrayRef, FunctionError> {
    let (mut conditions, mut values) = (Vec::new(), Vec::new());
    let mut rest = arguments;
    while let [condition, value, more @ ..] = rest {
        conditions.push(condition.clone());
        values.push(value.clone());
        rest = more;
    }
    values.extend(rest.first().cloned());
    let condition_arrays: Vec<ArrayRef> = conditions
        .iter()
        .map(|condition| coerce(condition, Bool, rows))
        .collect::<Result<_, _>>()?;
    let conditions: Vec<&BooleanArray> = condition_arrays
        .iter()
        .filter_map(|array| arrow_array::cast::AsArray::as_boolean_opt(array))
        .collect();
    let has_default = values.len() > conditions.len();
    pick(&values, rows, |_, row| {
        let first_true = conditions
            .iter()
            .position(|condition| condition.is_valid(row) && condition.value(row));
        first_true.or_else(|| has_default.then_some(conditions.len()))
    })
}

/// In every row the value of the argument that `choice` names, missing where it names none.
fn pick(
    arguments: &[Operand],
    rows: usize,
    choice: impl Fn(&[ArrayRef], usize) -> Option<usize>,
) -> Result<ArrayRef, FunctionError> {
    let ty = common_type(arguments);
    let mut arrays: Vec<ArrayRef> = arguments
        .iter()
        .map(|argument| coerce(argument, ty, rows))
        .collect::<Result<_, _>>()?;
    arrays.push(arrow_array::new_null_array(&ty.data_type(), 1));
    let missing = arrays.len() - 1;
    let chosen: Vec<(usize, usize)> = (0..rows)
        .map(|row| choice(&arrays[..missing], row).map_or((missing, 0), |idx| (idx, row)))
        .collect();
    let views: Vec<&dyn Array> = arrays.iter().map(|array| &**array).collect();
    interleave(&views, &chosen).map_err(|cause| FunctionError::Internal {
        function: "case",
        found: cause.to_string(),
    })
}

/// The type to which the binder has converted the values.
fn common_type(arguments: &[Operand]) -> ColumnType {
    let mut types = arguments.iter().filter_map(|argument| match argument {
        Operand::Column(_, ty) => Some(*ty),
        Operand::Constant(Scalar::Number(_)) => Some(ColumnType::Number),
        Operand::Constant(Scalar::Text(_)) => Some(ColumnType::Text),
        Operand::Constant(Scalar::Bool(_)) => Some(ColumnType::Bool),
        Operand::Constant(Scalar::Time(_)) => Some(ColumnType::Time),
        Operand::Constant(Scalar::Null | Scalar::Period(_)) => None,
    });
    let first = types.next().unwrap_or(ColumnType::Any);
    if types.all(|ty| ty == first) {
        first
    } else {
        ColumnType::Any
    }
}
