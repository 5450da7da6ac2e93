//! The sweep against counting, millisecond by millisecond.

use std::collections::BTreeMap;

use insq_lambda::{Concurrency, ConcurrencyOptions, Load, LoadRecorder, Quotas, Report, SweepOptions, sweep};
use proptest::prelude::*;

#[derive(Clone, Debug)]
struct Call {
    function: usize,
    end_ms: i64,
    duration_ms: i64,
    init_ms: Option<i64>,
}

impl Call {
    fn start_ms(&self) -> i64 {
        self.end_ms - self.duration_ms - self.init_ms.unwrap_or(0)
    }
}

const NAMES: [&str; 3] = ["orders", "payments", "users"];

fn record(recorder: &mut LoadRecorder, calls: &[Call]) {
    for call in calls {
        recorder.record(&Report {
            function: NAMES[call.function],
            stream: None,
            end_ms: Some(call.end_ms),
            duration_ms: Some(call.duration_ms as f64),
            init_ms: call.init_ms.map(|ms| ms as f64),
        });
    }
}

fn load(calls: &[Call]) -> Load {
    // By way of two threads' recorders, as it is in earnest.
    let (left, right) = calls.split_at(calls.len() / 3);
    let mut recorder = LoadRecorder::default();
    record(&mut recorder, left);
    let mut other = LoadRecorder::default();
    record(&mut other, right);
    recorder.merge(other);
    recorder.finish()
}

/// In flight, millisecond by millisecond since `from_ms`.
fn in_flight(calls: &[&Call], from_ms: i64, to_ms: i64) -> Vec<u32> {
    let mut change = vec![0i64; (to_ms - from_ms) as usize + 1];
    for call in calls {
        change[(call.start_ms() - from_ms) as usize] += 1;
        change[(call.end_ms - from_ms) as usize] -= 1;
    }
    let mut level = 0;
    let levels = change.iter().map(|change| {
        level += change;
        level as u32
    });
    levels.take((to_ms - from_ms) as usize).collect()
}

#[derive(Debug, Default, PartialEq)]
struct Counted {
    max: u32,
    area_ms: u64,
    level: u32,
    starts: u32,
    ends: u32,
    cold_starts: u32,
}

fn count(calls: &[&Call], bin_ms: i64, percent: f64) -> BTreeMap<i64, Counted> {
    let mut bins: BTreeMap<i64, Counted> = BTreeMap::new();
    let first = calls.iter().map(|call| call.start_ms()).min().unwrap_or(0);
    let last = calls.iter().map(|call| call.end_ms).max().unwrap_or(0);
    let from_ms = first.div_euclid(bin_ms) * bin_ms;
    let to_ms = (last.div_euclid(bin_ms) + 1) * bin_ms;
    let levels = in_flight(calls, from_ms, to_ms);
    for (number, inside) in levels.chunks(bin_ms as usize).enumerate() {
        let mut sorted = inside.to_vec();
        sorted.sort_unstable();
        let rank = ((percent / 100.0 * bin_ms as f64).ceil() as usize).clamp(1, sorted.len());
        let max = sorted[sorted.len() - 1];
        if max > 0 {
            let bin = bins.entry(from_ms + number as i64 * bin_ms).or_default();
            bin.max = max;
            bin.area_ms = inside.iter().map(|level| u64::from(*level)).sum();
            bin.level = sorted[rank - 1];
        }
    }
    for call in calls {
        let bin_of = |ms: i64| ms.div_euclid(bin_ms) * bin_ms;
        let bin = bins.entry(bin_of(call.start_ms())).or_default();
        bin.starts += 1;
        bin.cold_starts += u32::from(call.init_ms.is_some());
        bins.entry(bin_of(call.end_ms)).or_default().ends += 1;
    }
    bins
}

/// An instant near the border between two hours, so that calls reach from one into the next.
const NEAR_BORDER_MS: i64 = 3_600_000 * 495_000;

fn calls() -> impl Strategy<Value = Vec<Call>> {
    let duration = prop_oneof![
        4 => 0i64..1_500,
        2 => Just(0),
        2 => Just(1_000),
        1 => 5_000i64..9_000,
    ];
    let call = (
        0usize..3,
        -2_000i64..6_000,
        duration,
        prop_oneof![3 => Just(None), 1 => (0i64..700).prop_map(Some)],
    );
    let calls = prop::collection::vec((call, 1usize..3), 0..40);
    // Now and then one of more than an hour.
    (calls, prop::option::weighted(0.03, 3_500_000i64..5_000_000)).prop_map(|(calls, long)| {
        let mut all: Vec<Call> = calls
            .into_iter()
            .flat_map(|((function, end, duration_ms, init_ms), times)| {
                let call = Call {
                    function,
                    end_ms: NEAR_BORDER_MS + end,
                    duration_ms,
                    init_ms,
                };
                std::iter::repeat_n(call, times)
            })
            .collect();
        all.extend(long.map(|duration_ms| Call {
            function: 1,
            end_ms: NEAR_BORDER_MS + 500,
            duration_ms,
            init_ms: None,
        }));
        all
    })
}

/// A percentage whose ranks are whole numbers of milliseconds for every width of bin below.
const PERCENT: f64 = 90.0;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn bins_are_what_counting_gives(
        calls in calls(),
        bin_ms in prop::sample::select(vec![10i64, 100, 1_000, 5_000, 60_000]),
    ) {
        // Hours of narrow bins would take the test a minute.
        let has_long = calls.iter().any(|call| call.duration_ms > 10_000);
        let bin_ms = if has_long { bin_ms.max(5_000) } else { bin_ms };
        let load = load(&calls);
        let options = SweepOptions {
            bin_ms,
            level_percent: Some(PERCENT),
            reserved: load.function(NAMES[2]).into_iter().collect(),
            ..SweepOptions::default()
        };
        let mut swept: BTreeMap<Option<String>, BTreeMap<i64, Counted>> = BTreeMap::new();
        sweep(&load, &options, None, |slice| {
            let mut note = |name: Option<String>, scope: &insq_lambda::ScopeSweep| {
                let bins = swept.entry(name).or_default();
                for bin in &scope.bins {
                    let start_ms = slice.start_us / 1_000 + i64::from(bin.number) * bin_ms;
                    bins.insert(start_ms, Counted {
                        max: bin.max,
                        area_ms: bin.area_us / 1_000,
                        level: bin.level,
                        starts: bin.starts,
                        ends: bin.ends,
                        cold_starts: bin.cold_starts,
                    });
                }
            };
            note(None, &slice.total);
            if let Some(unreserved) = &slice.unreserved {
                note(Some("unreserved".to_owned()), unreserved);
            }
            for (id, scope) in &slice.functions {
                note(Some(load.name(*id).to_owned()), scope);
            }
        });
        let all: Vec<&Call> = calls.iter().collect();
        let mut expected = BTreeMap::new();
        if !all.is_empty() {
            expected.insert(None, count(&all, bin_ms, PERCENT));
        }
        for (function, name) in NAMES.iter().enumerate() {
            let own: Vec<&Call> = calls.iter().filter(|call| call.function == function).collect();
            if !own.is_empty() {
                expected.insert(Some((*name).to_owned()), count(&own, bin_ms, PERCENT));
            }
        }
        if expected.contains_key(&Some(NAMES[2].to_owned())) {
            let shared: Vec<&Call> = calls.iter().filter(|call| call.function != 2).collect();
            expected.insert(Some("unreserved".to_owned()), count(&shared, bin_ms, PERCENT));
            // Nothing of a pool is no bin of it.
            expected.retain(|_, bins| !bins.is_empty());
            swept.retain(|_, bins| !bins.is_empty());
        }
        prop_assert_eq!(swept, expected);
    }

    #[test]
    fn a_summary_is_what_counting_gives(calls in calls(), percent in 0.0f64..=100.0) {
        let load = load(&calls);
        let found = Concurrency::measure(&load, &ConcurrencyOptions::default(), None, |_| {});
        let all: Vec<&Call> = calls.iter().collect();
        let Some(found) = found else {
            prop_assert!(calls.is_empty());
            return Ok(());
        };
        let (from, to) = (found.window_us.start / 1_000, found.window_us.end / 1_000);
        let mut levels = in_flight(&all, from, to);
        prop_assert_eq!(found.total.calls, calls.len() as u64);
        let peak = levels.iter().copied().max().unwrap_or(0);
        prop_assert_eq!(found.total.peak, peak);
        if peak > 0 {
            let at = levels.iter().position(|level| *level == peak).unwrap() as i64;
            prop_assert_eq!(found.total.peak_us, (from + at) * 1_000);
            let mean = levels.iter().map(|level| f64::from(*level)).sum::<f64>() / levels.len() as f64;
            prop_assert!((found.total.mean - mean).abs() < 1e-9);
            levels.sort_unstable();
            let rank = ((percent / 100.0 * levels.len() as f64).ceil() as usize).clamp(1, levels.len());
            // A hair beside a whole rank, doubles may disagree.
            let near = [rank.saturating_sub(2), rank - 1, rank.min(levels.len() - 1)].map(|idx| levels[idx]);
            prop_assert!(near.contains(&found.total.percentile(percent)));
        }
    }

    #[test]
    fn a_window_sees_what_is_in_flight_in_it(calls in calls(), from in -3_000i64..4_000, length in 1i64..4_000) {
        let load = load(&calls);
        let (from, to) = (NEAR_BORDER_MS + from, NEAR_BORDER_MS + from + length);
        let options = ConcurrencyOptions {
            window_us: Some(from * 1_000..to * 1_000),
            ..ConcurrencyOptions::default()
        };
        let Some(found) = Concurrency::measure(&load, &options, None, |_| {}) else {
            prop_assert!(calls.is_empty());
            return Ok(());
        };
        let all: Vec<&Call> = calls.iter().collect();
        let first = all.iter().map(|call| call.start_ms()).min().unwrap_or(0).min(from);
        let last = all.iter().map(|call| call.end_ms).max().unwrap_or(0).max(to);
        let levels = &in_flight(&all, first, last)[(from - first) as usize..(to - first) as usize];
        prop_assert_eq!(found.total.peak, levels.iter().copied().max().unwrap_or(0));
        let mean = levels.iter().map(|level| f64::from(*level)).sum::<f64>() / levels.len() as f64;
        prop_assert!((found.total.mean - mean).abs() < 1e-9);
        let starts = all.iter().filter(|call| (from..to).contains(&call.start_ms())).count();
        prop_assert_eq!(found.total.calls, starts as u64);
    }
}

#[test]
fn what_cannot_be_is_left_out_and_counted() {
    let mut recorder = LoadRecorder::default();
    let report = Report {
        function: "orders",
        stream: None,
        end_ms: Some(1_000),
        duration_ms: Some(5.0),
        init_ms: None,
    };
    let longest = insq_lambda::BUSY_MAX_MS;
    for wrong in [
        Report {
            end_ms: None,
            ..report
        },
        Report {
            end_ms: Some(i64::MAX),
            ..report
        },
        Report {
            duration_ms: None,
            ..report
        },
        Report {
            duration_ms: Some(f64::NAN),
            ..report
        },
        Report {
            duration_ms: Some(-1.0),
            ..report
        },
        Report {
            init_ms: Some(-1.0),
            ..report
        },
        Report {
            duration_ms: Some(longest + 1.0),
            ..report
        },
        Report {
            duration_ms: Some(longest),
            init_ms: Some(1.0),
            ..report
        },
    ] {
        recorder.record(&wrong);
    }
    recorder.record(&Report {
        duration_ms: Some(longest),
        ..report
    });
    recorder.record(&report);
    let load = recorder.finish();
    let left_out = load.left_out();
    assert_eq!(
        (
            left_out.without_time,
            left_out.without_duration,
            left_out.negative,
            left_out.too_long
        ),
        (2, 2, 2, 2)
    );
    assert_eq!(load.calls(), 2);
}

#[test]
fn an_empty_load_has_no_concurrency() {
    let load = LoadRecorder::default().finish();
    assert!(Concurrency::measure(&load, &ConcurrencyOptions::default(), None, |_| {}).is_none());
}

/// A clock that jumps by decades makes a long window, not a long run.
#[test]
fn decades_between_two_calls() {
    let call = |end_ms| Call {
        function: 0,
        end_ms,
        duration_ms: 100,
        init_ms: None,
    };
    let load = load(&[call(0), call(3_000_000_000_000)]);
    let found = Concurrency::measure(&load, &ConcurrencyOptions::default(), None, |_| {}).unwrap();
    assert_eq!((found.total.peak, found.total.percentile(99.9)), (1, 0));
}

#[test]
fn reservations_make_pools_of_their_own() {
    let call = |function| Call {
        function,
        end_ms: 1_000,
        duration_ms: 100,
        init_ms: None,
    };
    let load = load(&[call(0), call(0), call(1)]);
    let quotas = Quotas::new(1_000, vec![("orders".to_owned(), 2), ("gone".to_owned(), 10)]).unwrap();
    let options = ConcurrencyOptions {
        quotas,
        ..ConcurrencyOptions::default()
    };
    let found = Concurrency::measure(&load, &options, None, |_| {}).unwrap();
    let unreserved = found.unreserved.unwrap();
    assert_eq!((unreserved.peak, unreserved.quota), (1, Some(988)));
    assert_eq!((found.functions[0].peak, found.functions[0].quota), (2, Some(2)));
    assert_eq!(found.functions[0].shares[4].bins, 1);
    assert_eq!(found.unknown_reserved, ["gone"]);
}
