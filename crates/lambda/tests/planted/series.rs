//! Series of seconds of a simulated account.

use insq_lambda::{Invocation, concurrency_by_bin};

use super::{Account, Planted};

/// One second of an account.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Second {
    pub concurrency_mean: f64,
    pub concurrency_max: f64,
    pub starts: f64,
}

/// Events that are swept at once, so that a day of a busy account fits into memory.
const SWEPT_AT_ONCE: f64 = 200_000.0;

/// Seconds `0..seconds` of all functions of an account together.
pub fn seconds_of(account: &Account, seconds: i64) -> Vec<Second> {
    seconds_where(account, seconds, |_| true)
}

/// The same for one function.
pub fn seconds_of_function(account: &Account, function: usize, seconds: i64) -> Vec<Second> {
    seconds_where(account, seconds, |planted| planted.function == function)
}

fn seconds_where(account: &Account, seconds: i64, wanted: impl Fn(&Planted) -> bool) -> Vec<Second> {
    let rate: f64 = account.functions.iter().map(|function| function.rate_per_s).sum();
    let chunk = ((SWEPT_AT_ONCE / rate.max(1.0)) as i64).clamp(1, 3_600);
    let mut series = vec![Second::default(); seconds as usize];
    let mut in_flight: Vec<Invocation> = Vec::new();
    for from in (0..seconds).step_by(chunk as usize) {
        let until = (from + chunk).min(seconds);
        in_flight.retain(|invocation| invocation.end_us > from * 1_000_000);
        for planted in account.starting_in(from, until) {
            if wanted(&planted) {
                series[(planted.invocation.start_us / 1_000_000) as usize].starts += 1.0;
                in_flight.push(planted.invocation);
            }
        }
        for bin in concurrency_by_bin(&in_flight, 1_000) {
            let second = bin.start_ms / 1_000;
            if (from..until).contains(&second) {
                series[second as usize].concurrency_mean = bin.mean;
                series[second as usize].concurrency_max = bin.max as f64;
            }
        }
    }
    series
}
