//! From a budget of false episodes to thresholds.

use super::normal::exceeded_with;

/// Milliseconds of a day.
const DAY_MS: f64 = 86_400_000.0;

/// Sliding averages over fewer steps than this are as good as independent as far as rare values go; longer
/// ones stay high together. It is the square of a typical threshold: the rate at which a moving average
/// crosses a level of z spreads falls like z² / steps.
const INDEPENDENT_STEPS: f64 = 16.0;

/// How much higher than for normal noise the thresholds are, so that the budget holds for noise that is
/// skewed and whose spread is measured, not known. Measured on the noise of queues at loads from 2 to 2,000
/// events per second.
const TAIL_MARGIN: f64 = 1.03;

/// The z at which an average over `steps` steps of `step_ms` milliseconds is an alarm, when `false_per_day`
/// false alarms per day are its share of the budget.
pub(crate) fn threshold(false_per_day: f64, step_ms: i64, steps: usize) -> f64 {
    TAIL_MARGIN * exceeded_with(false_per_day / tests_per_day(step_ms, steps)).max(2.0)
}

/// The sum at which a CUSUM with the reference value `reference` is an alarm.
pub(crate) fn cusum_threshold(false_per_day: f64, step_ms: i64, reference: f64) -> f64 {
    let tests = tests_per_day(step_ms, 1);
    // For normal noise the mean time between alarms grows like exp(2 · reference · threshold).
    CUSUM_MARGIN * (tests / false_per_day).ln().max(1.0) / (2.0 * reference)
}

/// As [`TAIL_MARGIN`], for sums of values that depend on each other.
const CUSUM_MARGIN: f64 = 2.5;

fn tests_per_day(step_ms: i64, steps: usize) -> f64 {
    DAY_MS / step_ms.max(1) as f64 * (INDEPENDENT_STEPS / steps as f64).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_follow_budget_and_step() {
        let usual = threshold(0.2, 1_000, 1);
        assert!((4.5..5.0).contains(&usual), "{usual}");
        assert!(threshold(2.0, 1_000, 1) < usual);
        assert!(threshold(0.2, 60_000, 1) < usual);
        assert!(threshold(0.2, 1_000, 60) < usual);
        assert_eq!(threshold(0.2, 1_000, 16), usual);
        assert!(cusum_threshold(0.2, 1_000, 1.0) > cusum_threshold(2.0, 1_000, 1.0));
    }

    #[test]
    fn no_budget_makes_a_threshold_of_nothing() {
        assert!(threshold(1e9, 1_000, 1) >= 2.0);
        assert!(cusum_threshold(1e9, 1_000, 1.0) > 0.0);
    }
}
