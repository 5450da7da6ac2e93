//! The parts of a rise add up, whatever the invocations are.

use insq_lambda::{Attribution, Cause, Load, LoadRecorder, Report};
use proptest::prelude::*;

const NAMES: [&str; 3] = ["orders", "payments", "users"];

/// Function, end, duration, initialisation; milliseconds.
type Call = (usize, i64, f64, Option<f64>);

fn load(calls: &[Call]) -> Load {
    let mut recorder = LoadRecorder::default();
    for &(function, end_ms, duration_ms, init_ms) in calls {
        recorder.record(&Report {
            function: NAMES[function],
            stream: None,
            end_ms: Some(end_ms),
            duration_ms: Some(duration_ms),
            init_ms,
        });
    }
    recorder.finish()
}

fn calls() -> impl Strategy<Value = Vec<Call>> {
    let call = (
        0usize..3,
        -20_000i64..40_000,
        prop_oneof![Just(0.0), 0.0..3_000.0f64, 10_000.0..1_000_000.0f64],
        prop::option::weighted(0.2, 0.0..2_000.0f64),
    );
    prop::collection::vec(call, 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn shares_and_parts_add_up(
        calls in calls(),
        before in (-30_000i64..30_000, 0i64..20_000),
        during in (-30_000i64..30_000, 0i64..20_000),
    ) {
        let load = load(&calls);
        let window = |(start, length): (i64, i64)| start * 1_000..(start + length) * 1_000;
        let found = Attribution::explain(&load, window(before), window(during), during.0 * 1_000);
        for function in &found.functions {
            prop_assert!(
                (function.parts.sum() - function.rise).abs() < 1e-9,
                "{} has {:?} for {}", function.name, function.parts, function.rise
            );
            let cells = [function.rise, function.share, function.parts.rate, function.parts.carried_in];
            prop_assert!(cells.iter().all(|value| value.is_finite()));
        }
        let rises: f64 = found.functions.iter().map(|function| function.rise).sum();
        prop_assert!((rises - found.rise()).abs() < 1e-9);
        // The smaller a rise is, the less exactly doubles share it out.
        if found.rise().abs() > 1e-3 {
            let shares: f64 = found.functions.iter().map(|function| function.share).sum();
            prop_assert!((shares - 1.0).abs() < 1e-9, "{shares}");
        }
        let exact = |range: &std::ops::Range<i64>| {
            let inside = calls.iter().map(|&(_, end_ms, duration, init)| {
                // Times are kept to two microseconds.
                let busy_us = (((duration + init.unwrap_or(0.0)) * 500.0).round() * 2.0) as i64;
                let (start, end) = (end_ms * 1_000 - busy_us, end_ms * 1_000);
                (end.min(range.end) - start.max(range.start)).max(0) as f64
            });
            let length = (range.end - range.start) as f64;
            if length > 0.0 { inside.sum::<f64>() / length } else { 0.0 }
        };
        prop_assert!((found.before - exact(&found.before_us)).abs() < 1e-6);
        prop_assert!((found.during - exact(&found.during_us)).abs() < 1e-6);
    }
}

/// A steady load in the first ten seconds, another one in the ten after.
fn steady(before: (i64, f64, Option<f64>), during: (i64, f64, Option<f64>)) -> Attribution {
    let mut calls = Vec::new();
    for (start_ms, (per_s, duration, init)) in [(0, before), (10_000, during)] {
        for number in 0..per_s * 10 {
            let begin = start_ms + number * 1_000 / per_s;
            calls.push((0, begin + (duration + init.unwrap_or(0.0)) as i64, duration, init));
        }
    }
    Attribution::explain(&load(&calls), 0..10_000_000, 10_000_000..20_000_000, 15_000_000)
}

#[test]
fn causes_are_told_apart() {
    for (before, during, cause) in [
        ((4, 50.0, None), (20, 50.0, None), Cause::Rate),
        ((4, 50.0, None), (4, 240.0, None), Cause::Duration),
        ((4, 50.0, None), (4, 50.0, Some(150.0)), Cause::ColdStart),
        ((0, 50.0, None), (4, 50.0, Some(20.0)), Cause::Rate),
        ((4, 50.0, Some(20.0)), (0, 50.0, None), Cause::ColdStart),
    ] {
        let found = steady(before, during);
        let function = &found.functions[0];
        assert!((function.parts.sum() - function.rise).abs() < 1e-9);
        if during.0 > 0 {
            assert_eq!(
                function.parts.main(),
                cause,
                "{before:?} to {during:?}: {:?}",
                function.parts
            );
            assert!((function.parts.of(cause) - function.rise).abs() < function.rise * 0.05);
        } else {
            assert!(function.parts.rate < 0.0 && (function.parts.rate - function.rise).abs() < 0.05);
        }
        assert_eq!(function.is_new, before.0 == 0);
    }
}

#[test]
fn what_began_before_is_carried_in() {
    // Ten seconds long, begun just before the window: nothing starts inside of it.
    let load = load(&[(0, 19_999, 10_000.0, None), (0, 19_999, 10_000.0, None)]);
    let found = Attribution::explain(&load, 0..9_000_000, 10_000_000..19_000_000, 12_000_000);
    let function = &found.functions[0];
    assert_eq!((function.parts.main(), function.at_peak), (Cause::CarriedIn, 2));
    assert!((function.parts.carried_in - 2.0).abs() < 1e-9);
    assert!((function.share - 1.0).abs() < 1e-12);
}

#[test]
fn nothing_at_all() {
    let found = Attribution::explain(&load(&[]), 0..1, 1..1, 0);
    assert!(found.functions.is_empty());
    assert_eq!(found.rise(), 0.0);
}
