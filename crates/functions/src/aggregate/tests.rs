//! Every aggregate, by what it gives; and that neither order nor grouping shows.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, TimestampMillisecondType};
use arrow_array::{Array, ArrayRef, Float64Array, StringViewArray, TimestampMillisecondArray, UInt64Array};
use insq_event::ColumnType;
use proptest::prelude::*;

use super::percentile::EXACT_VALUES_MAX;
use super::*;

fn make(name: &str, ty: ColumnType) -> Box<dyn Accumulator> {
    let function = aggregate_function(name).unwrap();
    let constants = match name {
        "pct" => vec![Scalar::Number(50.0)],
        "histogram" => vec![Scalar::Number(2.0)],
        "rate" => vec![Scalar::Period(crate::Period::utc(crate::Step::Fixed {
            ms: 1_000,
            origin_ms: 0,
        }))],
        _ => Vec::new(),
    };
    (function.make)(&AggregateCall {
        argument_types: vec![ty],
        constants,
    })
    .unwrap()
}

/// Rows as the arguments of any aggregate: the value, its time and its position.
fn arguments(value: ArrayRef) -> Vec<ArrayRef> {
    let rows = value.len() as i64;
    let times: ArrayRef = Arc::new(TimestampMillisecondArray::from_iter_values(
        (0..rows).map(|row| row / 2),
    ));
    let positions: ArrayRef = Arc::new(UInt64Array::from_iter_values(0..rows as u64));
    vec![value, times, positions]
}

fn show(array: &ArrayRef) -> Vec<Option<String>> {
    let cell = |row: usize| {
        array.is_valid(row).then(|| match array.data_type() {
            DataType::Float64 => array.as_primitive::<Float64Type>().value(row).to_string(),
            DataType::Timestamp(..) => array
                .as_primitive::<TimestampMillisecondType>()
                .value(row)
                .to_string(),
            _ => array.as_string_view().value(row).to_owned(),
        })
    };
    (0..array.len()).map(cell).collect()
}

/// One group per letter: the values of group 0, and a group that never gets a value.
fn check(name: &str, value: ArrayRef, expected: Option<&str>) {
    let ty = if value.data_type() == &DataType::Utf8View {
        ColumnType::Any
    } else {
        ColumnType::Number
    };
    let mut accumulator = make(name, ty);
    accumulator.resize(2);
    accumulator
        .update(&vec![0; value.len()], &arguments(value))
        .unwrap();
    let found = show(&accumulator.finish(0..2).unwrap());
    assert_eq!(found[0].as_deref(), expected, "{name}");
    let empty = if name.starts_with("count") {
        Some("0")
    } else {
        None
    };
    assert_eq!(found[1].as_deref(), empty, "{name} of nothing");
}

fn numbers(values: &[Option<f64>]) -> ArrayRef {
    Arc::new(Float64Array::from(values.to_vec()))
}

fn texts(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringViewArray::from(values.to_vec()))
}

#[test]
fn results() {
    let some = numbers(&[Some(3.0), None, Some(1.0), Some(2.0), Some(2.0)]);
    check("count", some.clone(), Some("4"));
    check("count_distinct", some.clone(), Some("3"));
    check("sum", some.clone(), Some("8"));
    check("avg", some.clone(), Some("2"));
    check("min", some.clone(), Some("1"));
    check("max", some.clone(), Some("3"));
    check("pct", some.clone(), Some("2"));
    check("sortsFirst", some.clone(), Some("1"));
    check("sortsLast", some.clone(), Some("3"));
    check("values", some.clone(), Some("[1,2,3]"));
    check(
        "values",
        texts(&[Some("b"), Some("10"), Some("9"), None, Some("b")]),
        Some("[\"b\",9,10]"),
    );
    check("histogram", some.clone(), Some("{\"1\":1,\"2\":3}"));
    check("histogram", numbers(&[Some(7.0), Some(7.0)]), Some("{\"7\":2}"));
    // Rows come two to a millisecond: from 3 to 2 within two of them.
    check("rate", some.clone(), Some("-500"));
    check("rate", numbers(&[Some(7.0), Some(8.0)]), None);
    check("countOverTime", some.clone(), Some("4"));
    check("sumOverTime", some.clone(), Some("8"));
    check("earliest", some.clone(), Some("3"));
    check("latest", some, Some("2"));
    check("stddev", numbers(&[Some(1.0), Some(3.0)]), Some("1"));
    check("stddev", numbers(&[Some(1e9 + 1.0), Some(1e9 + 3.0)]), Some("1"));
    check("stddev", numbers(&[Some(1.0 / 3.0), Some(1.0 / 3.0)]), Some("0"));
    check("stddev", numbers(&[Some(5.0)]), Some("0"));
    // The double that is nearest to a third of the root of two.
    check(
        "stddev",
        numbers(&[Some(1.0), Some(1.0), Some(0.0)]),
        Some("0.4714045207910317"),
    );
    check("stddev", numbers(&[Some(0.1); 13]), Some("0"));
    check("stddev", numbers(&[Some(1.0 / 3.0); 13]), Some("0"));
    check("stddev", numbers(&[Some(0.1), Some(0.3)]), Some("0.1"));
    // Three steps of a double of that size apart.
    let large = 12_345_678_901_234_567_168.0;
    check(
        "stddev",
        numbers(&[Some(large), Some(large - 3.0 * 2_048.0)]),
        Some("3072"),
    );
    check("stddev", numbers(&[Some(large); 13]), Some("0"));
    check("stddev", numbers(&[Some(1e-7), Some(3e-7)]), Some("0.0000001"));
    check("sum", numbers(&[None]), None);
    check(
        "max",
        texts(&[Some("x9"), Some("x10"), Some("7"), None]),
        Some("7"),
    );
    check(
        "min",
        texts(&[Some("x9"), Some("x10"), Some("7"), None]),
        Some("x9"),
    );
    check(
        "latest",
        texts(&[Some("a"), Some("b"), Some("c"), None]),
        Some("c"),
    );
    check("earliest", texts(&[None, Some("b"), Some("c")]), Some("b"));
    check(
        "count_distinct",
        texts(&[Some("a"), Some("b"), Some("a"), None]),
        Some("2"),
    );
}

#[test]
fn percentages_that_are_none() {
    for percent in [-0.1, 100.1, f64::NAN] {
        let call = AggregateCall {
            argument_types: vec![ColumnType::Number],
            constants: vec![Scalar::Number(percent)],
        };
        assert!(
            (aggregate_function("pct").unwrap().make)(&call).is_err(),
            "{percent}"
        );
    }
}

#[test]
fn percentiles_stay_exact_up_to_the_limit() {
    let at = |count: usize| {
        let mut accumulator = make("pct", ColumnType::Number);
        accumulator.resize(1);
        let values: Vec<Option<f64>> = (0..count).map(|n| Some(n as f64 * 1.001)).collect();
        accumulator.update(&vec![0; count], &[numbers(&values)]).unwrap();
        let found = accumulator
            .finish(0..1)
            .unwrap()
            .as_primitive::<Float64Type>()
            .value(0);
        (found, (count.div_ceil(2) - 1) as f64 * 1.001)
    };
    let (exact, expected) = at(EXACT_VALUES_MAX);
    assert_eq!(exact, expected);
    let (sketched, expected) = at(EXACT_VALUES_MAX + 1);
    assert!(
        sketched != expected && (sketched - expected).abs() / expected < 0.0005,
        "{sketched} {expected}"
    );
}

/// Groups of every kind and size, moved and merged: the size of both together decides what is kept.
#[test]
fn percentiles_that_are_moved_are_those_that_are_merged() {
    let part = |count: usize, step: f64| {
        let mut part = make("pct", ColumnType::Number);
        part.resize(1);
        let values: Vec<Option<f64>> = (0..count).map(|n| Some(n as f64 * step)).collect();
        part.update(&vec![0; count], &[numbers(&values)]).unwrap();
        part
    };
    let half = EXACT_VALUES_MAX / 2;
    let sizes = [0, 1, half, half + 1, EXACT_VALUES_MAX, EXACT_VALUES_MAX + 1];
    for (first, second) in sizes.into_iter().flat_map(|a| sizes.map(|b| (a, b))) {
        for (step, other_step) in [(0.001, 0.002), (0.001, 1.0 / 3.0), (1.0 / 3.0, 0.001), (0.7, 0.7)] {
            let (mut moved, mut merged) = (part(first, step), part(first, step));
            let mut source = part(second, other_step);
            moved.absorb(&[0], source.as_mut(), 0..1).unwrap();
            assert_eq!(source.size_bytes(), part(0, 1.0).size_bytes());
            let state = part(second, other_step).take_state(0..1).unwrap();
            merged.merge(&[0], &state).unwrap();
            let of = |accumulator: &mut Box<dyn Accumulator>| show(&accumulator.finish(0..1).unwrap());
            assert_eq!(
                of(&mut moved),
                of(&mut merged),
                "{first} by {step} and {second} by {other_step}"
            );
        }
    }
    let mut pct = make("pct", ColumnType::Number);
    assert!(
        pct.absorb(&[], make("sum", ColumnType::Number).as_mut(), 0..0)
            .is_err()
    );
}

proptest! {
    #[test]
    fn neither_order_nor_grouping_shows(
        rows in proptest::collection::vec((0u32..3, proptest::option::of(-1e6f64..1e6)), 1..40),
        cut in 0usize..40,
        // All values are decimals of few places, or none is, or every other one.
        period in 0usize..3,
    ) {
        for function in aggregate_functions() {
            let is_third = |idx: usize| period > 0 && idx.is_multiple_of(period);
            let value = |idx: usize, v: f64| if is_third(idx) { v / 3.0 } else { (v * 100.0).round() / 100.0 };
            let groups: Vec<u32> = rows.iter().map(|row| row.0).collect();
            let column = numbers(&rows.iter().enumerate().map(|(idx, row)| row.1.map(|v| value(idx, v))).collect::<Vec<_>>());
            let all = arguments(column);
            let run = |ranges: &[std::ops::Range<usize>], is_moved: bool| {
                let mut merged = make(function.name, ColumnType::Number);
                merged.resize(3);
                for range in ranges {
                    let mut part = make(function.name, ColumnType::Number);
                    part.resize(3);
                    let slices: Vec<ArrayRef> = all.iter().map(|array| array.slice(range.start, range.len())).collect();
                    part.update(&groups[range.clone()], &slices).unwrap();
                    if is_moved {
                        merged.absorb(&[0, 1, 2], part.as_mut(), 0..3).unwrap();
                        continue;
                    }
                    let state = part.take_state(0..3).unwrap();
                    prop_assert_eq!(state.iter().map(|s| s.data_type().clone()).collect::<Vec<_>>(), part.state_types());
                    merged.merge(&[0, 1, 2], &state).unwrap();
                }
                Ok(show(&merged.finish(0..3).unwrap()))
            };
            let cut = cut.min(rows.len());
            let whole = run(&[0..0, 0..rows.len()], false)?;
            for is_moved in [false, true] {
                prop_assert_eq!(&run(&[0..cut, cut..rows.len()], is_moved)?, &whole, "{}", function.name);
                prop_assert_eq!(&run(&[cut..rows.len(), 0..cut], is_moved)?, &whole, "{}", function.name);
            }
        }
    }
}
