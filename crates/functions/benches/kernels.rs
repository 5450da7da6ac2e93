//! Kernels that most queries run through: rows per second. Every bench checks its own answer.

#![allow(clippy::unwrap_used)]

use std::hint::black_box;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{ArrayRef, Float64Array, StringViewArray};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use insq_event::ColumnType;
use insq_functions::{AggregateCall, CompareOp, Operand, Scalar, aggregate_function, compare, contains};

/// A week of seconds.
const BINS: usize = 604_800;
const ROWS_OF_A_BIN: usize = 4;
const BATCH_ROWS: usize = 8_192;

/// Durations in hundredths that differ from row to row.
fn durations(rows: usize) -> Vec<f64> {
    (0..rows)
        .map(|row| ((row * 7_919) % 300_000) as f64 / 100.0)
        .collect()
}

fn group_by_bin(c: &mut Criterion) {
    let rows = BINS * ROWS_OF_A_BIN;
    let values: ArrayRef = Arc::new(Float64Array::from(durations(rows)));
    let groups: Vec<u32> = (0..rows).map(|row| (row / ROWS_OF_A_BIN) as u32).collect();
    let mut group = c.benchmark_group("functions/group by bin");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(rows as u64));
    for (name, constants) in [
        ("count", vec![]),
        ("sum", vec![]),
        ("max", vec![]),
        ("pct", vec![Scalar::Number(99.5)]),
    ] {
        let function = aggregate_function(name).unwrap();
        let call = AggregateCall {
            argument_types: vec![ColumnType::Number],
            constants,
        };
        let run = || {
            let mut accumulator = (function.make)(&call).unwrap();
            accumulator.resize(BINS);
            for start in (0..rows).step_by(BATCH_ROWS) {
                let length = BATCH_ROWS.min(rows - start);
                let batch = values.slice(start, length);
                accumulator
                    .update(&groups[start..start + length], &[batch])
                    .unwrap();
            }
            accumulator.finish(0..BINS).unwrap()
        };
        let first = &durations(ROWS_OF_A_BIN);
        let expected = match name {
            "count" => ROWS_OF_A_BIN as f64,
            "sum" => first.iter().sum(),
            _ => first.iter().copied().fold(0.0, f64::max),
        };
        let found = run();
        assert!(
            (found.as_primitive::<Float64Type>().value(0) - expected).abs() < 1e-9,
            "{name}"
        );
        group.bench_function(name, |b| b.iter(|| black_box(run())));
    }
    group.finish();
}

fn filter(c: &mut Criterion) {
    let numbers: ArrayRef = Arc::new(Float64Array::from(durations(BATCH_ROWS)));
    let numbers = Operand::Column(numbers, ColumnType::Number);
    let texts =
        (0..BATCH_ROWS).map(|row| format!("{row} a line of an application with nothing in it, ERROR or not"));
    let texts: ArrayRef = Arc::new(StringViewArray::from_iter_values(texts));
    let texts = Operand::Column(texts, ColumnType::Text);
    let mut group = c.benchmark_group("functions/filter");
    group.throughput(Throughput::Elements(BATCH_ROWS as u64));
    let limit = Operand::Constant(Scalar::Number(1_000.0));
    let expected = durations(BATCH_ROWS)
        .iter()
        .filter(|value| **value > 1_000.0)
        .count();
    group.bench_function("number > constant", |b| {
        b.iter(|| {
            let answer = compare(CompareOp::Greater, &numbers, &limit, BATCH_ROWS).unwrap();
            assert_eq!(answer.true_count(), expected);
        });
    });
    let needle = Operand::Constant(Scalar::Text("ERROR".into()));
    group.bench_function("text like constant", |b| {
        b.iter(|| {
            assert_eq!(
                contains(&texts, &needle, BATCH_ROWS).unwrap().true_count(),
                BATCH_ROWS
            )
        });
    });
    group.finish();
}

criterion_group!(benches, group_by_bin, filter);
criterion_main!(benches);
