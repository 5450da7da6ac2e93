//! Numeric functions.

use insq_event::ColumnType::Number;

use super::{Kernel, ScalarFunction};
use crate::argument::Numbers;
use crate::kernel::{map_number, numbers};
use crate::{Family, Param, ResultType, Signature};

pub(super) fn functions() -> Vec<ScalarFunction> {
    let one: &'static [Param] = &[Param::Number];
    let function = |name, params, required, variadic, summary, example, kernel: Kernel| ScalarFunction {
        name,
        aliases: &[],
        family: Family::Numeric,
        signature: Signature {
            params,
            required,
            variadic,
        },
        result: ResultType::Fixed(Number),
        summary,
        example,
        kernel,
    };
    vec![
        function(
            "abs",
            one,
            1,
            &[],
            "The number without its sign.",
            ("abs(-2.5)", "2.5"),
            |a, rows, _| map_number(a, rows, f64::abs),
        ),
        function(
            "ceil",
            one,
            1,
            &[],
            "The smallest whole number not below.",
            ("ceil(1.2)", "2"),
            |a, rows, _| map_number(a, rows, f64::ceil),
        ),
        function(
            "floor",
            one,
            1,
            &[],
            "The largest whole number not above.",
            ("floor(-1.2)", "-2"),
            |a, rows, _| map_number(a, rows, f64::floor),
        ),
        function(
            "greatest",
            one,
            1,
            one,
            "The largest of the numbers that are present.",
            ("greatest(3, 9, 4)", "9"),
            |a, rows, _| extreme(a, rows, f64::max),
        ),
        function(
            "least",
            one,
            1,
            one,
            "The smallest of the numbers that are present.",
            ("least(3, 9, 4)", "3"),
            |a, rows, _| extreme(a, rows, f64::min),
        ),
        function(
            "log",
            one,
            1,
            &[],
            "The natural logarithm; missing for zero and below.",
            ("log(1)", "0"),
            |a, rows, _| map_number(a, rows, f64::ln),
        ),
        function(
            "round",
            &[Param::Number, Param::Number],
            1,
            &[],
            "The nearest number with so many decimals, none if not given; ties away from zero.",
            ("round(2.345, 2)", "2.35"),
            |a, rows, _| round(a, rows),
        ),
        function(
            "sqrt",
            one,
            1,
            &[],
            "The square root; missing below zero.",
            ("sqrt(16)", "4"),
            |a, rows, _| map_number(a, rows, f64::sqrt),
        ),
        function(
            "haversine",
            &[Param::Number, Param::Number, Param::Number, Param::Number],
            4,
            &[],
            "The distance in kilometres between two places given as latitude and longitude in degrees.",
            ("round(haversine(0, 0, 0, 1), 2)", "111.19"),
            |a, rows, _| haversine(a, rows),
        ),
        function(
            "toNumber",
            one,
            1,
            &[],
            "The number that a text stands for.",
            ("toNumber(\"12.9\")", "12.9"),
            |a, rows, _| map_number(a, rows, |value| value),
        ),
        function(
            "toInt",
            one,
            1,
            &[],
            "The whole part as a 32-bit integer; missing outside.",
            ("toInt(\"12.9\")", "12"),
            |a, rows, _| {
                map_number(a, rows, |value| {
                    within(value.trunc(), f64::from(i32::MIN), f64::from(i32::MAX))
                })
            },
        ),
        function(
            "toLong",
            one,
            1,
            &[],
            "The whole part as a 64-bit integer; missing outside.",
            ("toLong(\"-12.9\")", "-12"),
            |a, rows, _| {
                map_number(a, rows, |value| {
                    within(value.trunc(), i64::MIN as f64, i64::MAX as f64)
                })
            },
        ),
        function(
            "toDouble",
            one,
            1,
            &[],
            "The number that a text stands for.",
            ("toDouble(\"1e3\")", "1000"),
            |a, rows, _| map_number(a, rows, |value| value),
        ),
    ]
}

fn within(value: f64, least: f64, most: f64) -> f64 {
    if (least..=most).contains(&value) {
        value
    } else {
        f64::NAN
    }
}

fn extreme(
    arguments: &[crate::Operand],
    rows: usize,
    pick: fn(f64, f64) -> f64,
) -> Result<arrow_array::ArrayRef, crate::FunctionError> {
    let arguments: Vec<Numbers<'_>> = arguments.iter().map(Numbers::of).collect::<Result<_, _>>()?;
    Ok(numbers(rows, |row| {
        arguments
            .iter()
            .filter_map(|argument| argument.get(row))
            .reduce(pick)
    }))
}

/// More decimals than a double has.
const DECIMALS_MAX: f64 = 15.0;

fn round(arguments: &[crate::Operand], rows: usize) -> Result<arrow_array::ArrayRef, crate::FunctionError> {
    let value = Numbers::of(&arguments[0])?;
    let decimals = arguments.get(1).map(Numbers::of).transpose()?;
    Ok(numbers(rows, |row| {
        let value = value.get(row)?;
        let decimals = match &decimals {
            Some(decimals) => decimals.get(row)?.trunc().clamp(-DECIMALS_MAX, DECIMALS_MAX),
            None => 0.0,
        };
        Some(round_to(value, decimals as i32))
    }))
}

/// Rounds the decimal digits that the number shows, so that 2.345 to two decimals is 2.35 although the
/// double lies a little below. Shifting the exponent of the text keeps the digits as they are.
fn round_to(value: f64, decimals: i32) -> f64 {
    if decimals == 0 {
        return value.round();
    }
    let shifted = |value: f64, by: i32| -> Option<f64> {
        let text = format!("{value:e}");
        let (digits, exponent) = text.split_once('e')?;
        format!("{digits}e{}", exponent.parse::<i32>().ok()? + by)
            .parse()
            .ok()
    };
    shifted(value, decimals)
        .and_then(|scaled| shifted(scaled.round(), -decimals))
        .unwrap_or(value)
}

/// Mean radius of the Earth.
const EARTH_RADIUS_KM: f64 = 6_371.0;

fn haversine(
    arguments: &[crate::Operand],
    rows: usize,
) -> Result<arrow_array::ArrayRef, crate::FunctionError> {
    let arguments: Vec<Numbers<'_>> = arguments.iter().map(Numbers::of).collect::<Result<_, _>>()?;
    Ok(numbers(rows, |row| {
        let [lat1, lon1, lat2, lon2] = [0, 1, 2, 3].map(|idx| arguments[idx].get(row).map(f64::to_radians));
        let (lat1, lon1, lat2, lon2) = (lat1?, lon1?, lat2?, lon2?);
        let half = |a: f64, b: f64| ((b - a) / 2.0).sin().powi(2);
        let chord = half(lat1, lat2) + lat1.cos() * lat2.cos() * half(lon1, lon2);
        Some(2.0 * EARTH_RADIUS_KM * chord.min(1.0).sqrt().asin())
    }))
}
