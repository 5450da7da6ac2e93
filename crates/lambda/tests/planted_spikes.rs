//! The spike detector on simulated accounts whose spikes are known.

mod planted;

use insq_lambda::detect::{SpikeDetector, SpikeOptions};
use planted::evaluate::{Fit, SERIES, episodes, fit, quantile};
use planted::random::Random;
use planted::series::{seconds_of, seconds_of_function};
use planted::{Account, Cause, DAY_S, Function};

/// Share of the spikes that must be found from 20 events per second on.
const RECALL_MIN: f64 = 0.9;

/// Index of the mean concurrency, the only series that shows both causes of a spike.
const CONCURRENCY_MEAN: usize = 0;

fn found(account: &Account, seconds: i64, series: usize) -> Fit {
    let (_, kind, value) = SERIES[series];
    let values = seconds_of(account, seconds);
    fit(&account.spikes, &episodes(kind, values.iter().map(value)))
}

#[test]
fn spikes_are_found_and_begin_when_they_begin() {
    for (load, spikes) in [(20.0, 12), (200.0, 2)] {
        let account = Account::quiet(7, vec![Function::usual(load)]).with_spikes(spikes, 300);
        let fit = found(&account, (spikes as i64 + 2) * 300, CONCURRENCY_MEAN);
        assert!(fit.recall() >= RECALL_MIN, "{load} per second: {:?}", fit.missed);
        assert_eq!(fit.false_episodes, 0, "{load} per second");
        let error = quantile(&fit.onset_errors_s, 0.5);
        assert!(
            error.abs() <= 2.0,
            "{load} per second: the onset is {error} s off"
        );
    }
}

#[test]
fn a_spike_of_the_rate_is_found_in_the_starts() {
    let mut account = Account::quiet(8, vec![Function::usual(20.0)]).with_spikes(6, 300);
    account.spikes.retain(|spike| spike.cause == Cause::Rate);
    let fit = found(&account, 2_400, 2);
    assert!(fit.recall() >= RECALL_MIN, "{:?}", fit.missed);
}

#[test]
fn a_quiet_account_is_left_alone() {
    for (load, seconds) in [(0.2, DAY_S / 4), (2.0, DAY_S / 4), (20.0, DAY_S / 24)] {
        let series = seconds_of(&Account::quiet(9, vec![Function::usual(load)]), seconds);
        for (name, kind, value) in SERIES {
            let found = episodes(kind, series.iter().map(value));
            assert!(found.is_empty(), "{name} at {load} per second: {found:?}");
        }
    }
}

#[test]
fn the_spike_of_a_function_is_its_own() {
    let functions = vec![
        Function::usual(30.0),
        Function::usual(40.0),
        Function::usual(20.0),
    ];
    let mut account = Account::quiet(10, functions).with_spikes(6, 300);
    account.spikes.iter_mut().for_each(|spike| spike.function = 1);
    let (_, kind, value) = SERIES[CONCURRENCY_MEAN];
    let of = |function| {
        let seconds = seconds_of_function(&account, function, 2_400);
        fit(&account.spikes, &episodes(kind, seconds.iter().map(value)))
    };
    assert_eq!(of(0).found, 0);
    assert!(of(1).recall() >= RECALL_MIN);
    assert_eq!(of(2).found, 0);
}

/// Noise that reaches the threshold now and then must not keep an episode open.
#[test]
fn episodes_do_not_drag_on() {
    let mut random = Random::new(13, 0, 0);
    let spiked = |second: i64| second % 1_200 >= 1_160;
    let values: Vec<f64> = (0..24_000)
        .map(|second| {
            let level = if spiked(second) { 1_500.0 } else { 500.0 };
            // A busy account, towards noon.
            level * (1.0 + second as f64 / 2e5) + 15.0 * random.normal()
        })
        .collect();
    let found = episodes(SERIES[CONCURRENCY_MEAN].1, values.into_iter());
    assert_eq!(found.len(), 20);
    for episode in found {
        let lasted_s = (episode.end_ms - episode.onset_ms) / 1_000;
        assert!((39..=50).contains(&lasted_s), "{episode:?}");
    }
}

/// Chunks of an account make the same series as the whole.
#[test]
fn the_generator_is_the_same_everywhere() {
    let account = Account::quiet(11, vec![Function::usual(5.0); 2]).with_spikes(1, 60);
    let whole = account.starting_in(0, 100);
    let mut parts = account.starting_in(0, 60);
    parts.extend(account.starting_in(60, 100));
    let sorted = |mut planted: Vec<planted::Planted>| {
        planted.sort_by_key(|planted| (planted.function, planted.invocation));
        planted
    };
    assert_eq!(sorted(whole.clone()), sorted(parts));
    let seconds = seconds_of(&account, 100);
    let starts: f64 = seconds.iter().map(|second| second.starts).sum();
    assert_eq!(starts as usize, whole.len());
    let rate = account.starting_in(0, 50).len() as f64 / 100.0;
    assert!((4.0..6.0).contains(&rate), "{rate}");
}

/// Prints what a point costs. Run it with `cargo test --release … -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn nanoseconds_per_point() {
    const DAYS: i64 = 35;
    let day = seconds_of(&Account::quiet(12, vec![Function::usual(20.0)]), DAY_S);
    for (name, kind, value) in SERIES {
        let values: Vec<f64> = day.iter().map(value).collect();
        let mut detector = SpikeDetector::new(SpikeOptions::new(kind, 1_000));
        let mut elevated = 0;
        let days: Vec<f64> = (0..DAYS)
            .map(|day| {
                let started = std::time::Instant::now();
                for (second, &value) in values.iter().enumerate() {
                    let time_ms = (day * DAY_S + second as i64) * 1_000;
                    elevated += usize::from(detector.push(time_ms, value).elevated);
                }
                started.elapsed().as_secs_f64() * 1e9 / values.len() as f64
            })
            .collect();
        println!(
            "{name}: {:.0} ns per point on the fastest of {DAYS} days, {:.0} ns on the median one, {elevated} elevated",
            quantile(&days, 0.0),
            quantile(&days, 0.5)
        );
    }
}
