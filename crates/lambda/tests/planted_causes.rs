//! Spikes of known functions and causes, found and explained from the invocations of a whole account.

mod planted;

use insq_lambda::{Cause, Load, LoadRecorder, Report, Spike, SpikesOptions, spikes};
use planted::{Account, Function};

const NAMES: [&str; 4] = ["orders", "payments", "search", "users"];

fn load(account: &Account, seconds: i64) -> Load {
    let mut recorder = LoadRecorder::default();
    for planted in account.starting_in(0, seconds) {
        let (start_us, end_us) = (planted.invocation.start_us, planted.invocation.end_us);
        // Events bear whole milliseconds.
        let end_ms = end_us.div_euclid(1_000) + 1;
        recorder.record(&Report {
            function: NAMES[planted.function],
            stream: None,
            end_ms: Some(end_ms),
            duration_ms: Some((end_ms * 1_000 - start_us) as f64 / 1e3),
            init_ms: None,
        });
    }
    recorder.finish()
}

#[derive(Debug, Default)]
struct Told {
    planted: usize,
    found: usize,
    function: usize,
    cause: usize,
    others: usize,
}

/// How many of the planted spikes of accounts with `rate_per_s` invocations a second are found, and of those, how many
/// are laid at the door of the right function, and of the right cause.
fn told(seed: u64, rate_per_s: f64, count: usize) -> Told {
    // Shares of the load: one large function, and others.
    let functions = [0.4, 0.3, 0.2, 0.1].map(|share| Function::usual(rate_per_s * share));
    let apart_s = 900;
    let account = Account::quiet(seed, functions.to_vec()).with_spikes(count, apart_s);
    let seconds = (count as i64 + 2) * apart_s;
    let load = load(&account, seconds);
    let found = spikes(&load, &SpikesOptions::default(), None, |_| {});
    let mut told = Told {
        planted: account.spikes.len(),
        ..Told::default()
    };
    let mut of_none = found.len();
    for spike in &account.spikes {
        let (from, to) = (
            spike.start_s * 1_000_000,
            (spike.start_s + spike.length_s + 5) * 1_000_000,
        );
        let Some(hit) = found
            .iter()
            .find(|hit: &&Spike| hit.onset_us < to && hit.end_us > from)
        else {
            continue;
        };
        of_none -= 1;
        told.found += 1;
        let Some(first) = hit.attribution.functions.first() else {
            continue;
        };
        let cause = match spike.cause {
            planted::Cause::Rate => Cause::Rate,
            planted::Cause::Duration => Cause::Duration,
        };
        told.function += usize::from(first.name == NAMES[spike.function]);
        told.cause += usize::from(first.parts.main() == cause);
    }
    told.others = of_none;
    told
}

/// At least so many of a hundred.
fn at_least(percent: usize, part: usize, whole: usize) -> bool {
    part * 100 >= whole * percent
}

#[test]
fn the_right_function_and_the_right_cause() {
    let told = told(7, 200.0, 24);
    assert!(at_least(90, told.found, told.planted), "{told:?}");
    assert!(at_least(95, told.function, told.found), "{told:?}");
    assert!(at_least(95, told.cause, told.found), "{told:?}");
    assert!(told.others <= 1, "{told:?}");
}

/// `cargo test --release -p insq-lambda --test planted_causes -- --ignored --nocapture`
#[test]
#[ignore = "takes a minute; prints the table of the documentation"]
fn over_three_decades_of_load() {
    for (rate, seeds, count) in [(2.0, 4, 48), (20.0, 4, 48), (200.0, 4, 48), (2_000.0, 2, 12)] {
        let mut all = Told::default();
        for seed in 0..seeds {
            let told = told(100 + seed, rate, count);
            all.planted += told.planted;
            all.found += told.found;
            all.function += told.function;
            all.cause += told.cause;
            all.others += told.others;
        }
        println!("{rate} a second: {all:?}");
    }
}
