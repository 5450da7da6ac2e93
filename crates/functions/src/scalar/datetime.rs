//! Functions of dates and times.

use arrow_array::ArrayRef;
use insq_event::ColumnType::{Number, Text, Time};

use super::{Kernel, ScalarFunction};
use crate::argument::{Numbers, Texts, Times};
use crate::java_pattern::parse_java;
use crate::kernel::{numbers, texts, times};
use crate::period::Rounding;
use crate::{EvalContext, Family, FunctionError, Operand, Param, ResultType, Scalar, Signature};
use insq_event::Zone;

pub(super) fn functions() -> Vec<ScalarFunction> {
    let rounding: &'static [Param] = &[Param::Time, Param::Period];
    let function = |name, params, required, result, summary, example, kernel: Kernel| ScalarFunction {
        name,
        aliases: if name == "formatDate" { &["strftime"] } else { &[] },
        family: Family::DateTime,
        signature: Signature {
            params,
            required,
            variadic: &[],
        },
        result: ResultType::Fixed(result),
        summary,
        example,
        kernel,
    };
    vec![
        function(
            "bin",
            rounding,
            2,
            Time,
            "`@timestamp` rounded down to the start of its bin; written `bin(5m)`.",
            ("toMillis(bin(5m)) % 300000", "0"),
            |a, rows, _| floor(a, rows),
        ),
        function(
            "datefloor",
            rounding,
            2,
            Time,
            "The time rounded down to the start of its period.",
            ("datefloor(fromMillis(90000), 1m)", "1970-01-01 00:01:00.000"),
            |a, rows, _| floor(a, rows),
        ),
        function(
            "dateceil",
            rounding,
            2,
            Time,
            "The time rounded up to the start of a period; a time that is one stays.",
            ("dateceil(fromMillis(90000), 1m)", "1970-01-01 00:02:00.000"),
            |a, rows, _| ceil(a, rows),
        ),
        function(
            "fromMillis",
            &[Param::Number],
            1,
            Time,
            "The time so many milliseconds after the epoch.",
            ("fromMillis(0)", "1970-01-01 00:00:00.000"),
            |a, rows, _| {
                let ms = Numbers::of(&a[0])?;
                Ok(times(rows, |row| {
                    ms.get(row)
                        .filter(|ms| ms.abs() < 8e15)
                        .map(|ms| ms.round() as i64)
                }))
            },
        ),
        function(
            "toMillis",
            &[Param::Time],
            1,
            Number,
            "Milliseconds since the epoch.",
            ("toMillis(fromMillis(1500))", "1500"),
            |a, rows, _| {
                let time = Times::of(&a[0])?;
                Ok(numbers(rows, |row| time.get(row).map(|ms| ms as f64)))
            },
        ),
        function(
            "now",
            &[],
            0,
            Number,
            "Seconds since the epoch when the query started.",
            ("now() > 0", "1"),
            |_, rows, context| {
                let seconds = (context.now_ms as f64 / 1_000.0).floor();
                Ok(numbers(rows, |_| Some(seconds)))
            },
        ),
        function(
            "parseDate",
            &[Param::Text, Param::ConstantText, Param::ConstantText],
            2,
            Number,
            "Milliseconds since the epoch of a text in a pattern such as `yyyy-MM-dd HH:mm:ss`; UTC unless a zone such as `Europe/Berlin` or `+02:00` is given.",
            ("parseDate(\"1970-01-02\", \"yyyy-MM-dd\")", "86400000"),
            parse_date,
        ),
        function(
            "formatDate",
            &[Param::Time, Param::ConstantText, Param::ConstantText],
            2,
            Text,
            "The time as text in a pattern such as `%Y-%m-%d`; UTC unless a zone such as `Europe/Berlin` or `+02:00` is given.",
            ("formatDate(fromMillis(0), \"%Y-%m-%d\")", "1970-01-01"),
            format_date,
        ),
    ]
}

fn period(arguments: &[Operand]) -> Result<crate::Period, FunctionError> {
    match arguments.get(1) {
        Some(Operand::Constant(Scalar::Period(period))) => Ok(*period),
        other => Err(FunctionError::Internal {
            function: "bin",
            found: format!("{other:?}"),
        }),
    }
}

fn floor(arguments: &[Operand], rows: usize) -> Result<ArrayRef, FunctionError> {
    let (time, rounding) = (Times::of(&arguments[0])?, Rounding::new(period(arguments)?));
    Ok(times(rows, |row| rounding.floor(time.get(row)?)))
}

fn ceil(arguments: &[Operand], rows: usize) -> Result<ArrayRef, FunctionError> {
    let (time, rounding) = (Times::of(&arguments[0])?, Rounding::new(period(arguments)?));
    Ok(times(rows, |row| rounding.ceil(time.get(row)?)))
}

fn parse_date(arguments: &[Operand], rows: usize, _: &EvalContext) -> Result<ArrayRef, FunctionError> {
    let (text, zone) = (Texts::of(&arguments[0])?, zone(arguments.get(2))?);
    let pattern = constant_text(&arguments[1])?;
    let format = parse_java(pattern)?;
    Ok(numbers(rows, |row| {
        format.parse(text.get(row)?, zone).map(|ms| ms as f64)
    }))
}

fn format_date(arguments: &[Operand], rows: usize, _: &EvalContext) -> Result<ArrayRef, FunctionError> {
    let (time, zone) = (Times::of(&arguments[0])?, zone(arguments.get(2))?);
    let pattern = constant_text(&arguments[1])?;
    let items: Vec<chrono::format::Item<'_>> = chrono::format::StrftimeItems::new(pattern).collect();
    if items.contains(&chrono::format::Item::Error) {
        return Err(FunctionError::Argument(format!(
            "`{pattern}` is not a pattern such as `%Y-%m-%d`"
        )));
    }
    Ok(texts(rows, |row| {
        let ms = time.get(row)?;
        let time = chrono::DateTime::from_timestamp_millis(ms)?.with_timezone(&zone.offset_at(ms)?);
        Some(time.format_with_items(items.iter()).to_string())
    }))
}

fn constant_text(operand: &Operand) -> Result<&str, FunctionError> {
    match operand {
        Operand::Constant(Scalar::Text(text)) => Ok(text),
        other => Err(FunctionError::Internal {
            function: "formatDate",
            found: format!("{other:?}"),
        }),
    }
}

/// The zone of an argument: `UTC`, `+02:00`, `Europe/Berlin`.
fn zone(argument: Option<&Operand>) -> Result<Zone, FunctionError> {
    let Some(argument) = argument else {
        return Ok(Zone::Utc);
    };
    let text = constant_text(argument)?;
    Zone::parse(text).ok_or_else(|| {
        FunctionError::Argument(format!(
            "`{text}` is not a zone that is known; write `UTC`, `+02:00` or `Europe/Berlin`"
        ))
    })
}
