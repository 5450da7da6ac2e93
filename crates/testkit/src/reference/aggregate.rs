//! Aggregates over the rows of a group.

use std::collections::BTreeSet;

use super::expression::number;
use super::kind::Kind;
use super::value::natural;
use super::{Unsupported, Value, arithmetic, unsupported};

/// The value of an aggregate over the values of its argument, in the order of time.
///
/// `parameter` is the second argument of `pct`.
pub(super) fn aggregate(name: &str, values: &[Value], parameter: Option<f64>) -> Result<Value, Unsupported> {
    let present = || values.iter().filter(|value| !value.is_null());
    let numbers: Vec<f64> = values.iter().filter_map(Value::number).collect();
    let count = numbers.len() as f64;
    Ok(match name {
        "count" | "countovertime" => Value::Number(present().count() as f64),
        "count_distinct" => {
            let different: BTreeSet<String> = present().filter_map(Value::text).collect();
            Value::Number(different.len() as f64)
        }
        "sum" | "sumovertime" | "stddev" if numbers.is_empty() => Value::Null,
        "sum" | "sumovertime" => number(Some(arithmetic::sum(&numbers))),
        "avg" => number(Some(arithmetic::mean(&numbers))),
        "stddev" => {
            let variance = arithmetic::variance_of_whole(&numbers).unwrap_or_else(|| {
                // Seen from one of them: the mean of large numbers that are close to each other is rounded by more than they
                // differ.
                let from_first: Vec<f64> = numbers.iter().map(|n| n - numbers[0]).collect();
                let mean = arithmetic::mean(&from_first);
                let squares: f64 = from_first.iter().map(|n| (n - mean) * (n - mean)).sum();
                squares / count
            });
            number(Some(variance.sqrt()))
        }
        "pct" | "percentile" => percentile(numbers, parameter),
        "histogram" => histogram(&numbers, parameter),
        "median" => percentile(numbers, Some(50.0)),
        "max" | "sortslast" => in_ms(
            present()
                .cloned()
                .reduce(|a, b| if natural(&b, &a).is_gt() { b } else { a }),
        ),
        "min" | "sortsfirst" => in_ms(
            present()
                .cloned()
                .reduce(|a, b| if natural(&b, &a).is_lt() { b } else { a }),
        ),
        "earliest" => in_ms(present().next().cloned()),
        "latest" => in_ms(present().next_back().cloned()),
        _ => return unsupported(format!("{name}()")),
    })
}

/// `values`: the different texts in the order of `sort`, numbers without quotes.
pub(super) fn list(values: &[Value], kind: Kind) -> Value {
    let texts: BTreeSet<String> = values.iter().filter_map(Value::text).collect();
    let mut texts: Vec<Value> = texts.into_iter().map(Value::Text).collect();
    texts.sort_by(natural);
    let element = |value: &Value| {
        let text = value.text().unwrap_or_default();
        let is_number = kind != Kind::Time && serde_json::from_str::<serde_json::Number>(&text).is_ok();
        if is_number {
            text
        } else {
            serde_json::Value::from(text).to_string()
        }
    };
    let elements: Vec<String> = texts.iter().map(element).collect();
    match elements.is_empty() {
        true => Value::Null,
        false => Value::Json(format!("[{}]", elements.join(","))),
    }
}

/// How many numbers lie in each of some ranges of equal width, the largest number in the last.
fn histogram(numbers: &[f64], buckets: Option<f64>) -> Value {
    let (Some(smallest), Some(largest), Some(buckets)) = (
        numbers.iter().copied().reduce(f64::min),
        numbers.iter().copied().reduce(f64::max),
        buckets,
    ) else {
        return Value::Null;
    };
    let width = (largest - smallest) / buckets;
    let bound = |n: f64| Value::Number(n).text().unwrap_or_default();
    if !width.is_finite() || width <= 0.0 {
        return Value::Json(format!("{{\"{}\":{}}}", bound(smallest), numbers.len()));
    }
    let last = buckets as usize - 1;
    let place = |n: &&f64| (((**n - smallest) / width).floor() as usize).min(last);
    let members = (0..=last).map(|bucket| {
        let count = numbers.iter().filter(|n| place(n) == bucket).count();
        format!("\"{}\":{count}", bound(smallest + width * bucket as f64))
    });
    Value::Json(format!("{{{}}}", members.collect::<Vec<_>>().join(",")))
}

/// A time that is the value of an aggregate is shown as milliseconds.
fn in_ms(value: Option<Value>) -> Value {
    match value {
        Some(Value::Time(ms)) => Value::Number(ms as f64),
        Some(value) => value,
        None => Value::Null,
    }
}

/// The smallest number with at least so many percent of all at or below it.
fn percentile(mut numbers: Vec<f64>, percent: Option<f64>) -> Value {
    numbers.sort_by(f64::total_cmp);
    let found = (0..numbers.len()).find(|idx| {
        let share = (idx + 1) as f64 * 100.0;
        percent.is_some_and(|percent| share >= percent * numbers.len() as f64)
    });
    found.map_or(Value::Null, |idx| Value::Number(numbers[idx]))
}
