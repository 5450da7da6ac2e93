//! A CUSUM: many steps that are each a little too high.

use super::budget::cusum_threshold;
use super::scale::Scale;

/// A step must stand this many spreads above the baseline to count towards a ramp. Lower ones may come from
/// the baseline lagging behind a daily cycle.
const REFERENCE: f64 = 1.5;

/// A single step counts no more than this: steps that stand out alone are the business of the averages.
const STEP_MAX: f64 = 4.0;

#[derive(Clone, Debug)]
pub(crate) struct Ramp {
    sum: f64,
    threshold: f64,
    /// For how many steps the series stays what it is; so many count as one.
    memory: f64,
}

impl Ramp {
    pub(crate) fn new(false_per_day: f64, step_ms: i64) -> Self {
        Self {
            sum: 0.0,
            threshold: cusum_threshold(false_per_day, step_ms, REFERENCE),
            memory: 1.0,
        }
    }

    /// Measures the memory of the series: averages over many steps of a series without memory spread less,
    /// by the root of their number; those of a series that stays do not.
    pub(crate) fn learn_memory(&mut self, finest: &Scale, coarsest: &Scale) {
        let ratio = coarsest.raw_spread() / finest.raw_spread();
        let steps = coarsest.steps() as f64;
        self.memory = (steps * ratio * ratio).clamp(1.0, steps);
    }

    /// Takes a step in, on a scale of one step, and gives the sum as a multiple of the threshold, at most 1.
    pub(crate) fn push(&mut self, finest: &Scale) -> f64 {
        if self.sum == 0.0 && finest.z_at_most() <= REFERENCE {
            // Most steps: no z below the reference changes a sum of 0.
            return 0.0;
        }
        self.add(finest.z())
    }

    fn add(&mut self, z: f64) -> f64 {
        let step = (z.min(STEP_MAX) - REFERENCE) / self.memory;
        self.sum = (self.sum + step).clamp(0.0, self.threshold);
        self.sum / self.threshold
    }

    pub(crate) fn reset(&mut self) {
        self.sum = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_small_steps_are_a_ramp_and_few_are_not() {
        let mut ramp = Ramp::new(0.2, 1_000);
        assert_eq!(ramp.add(REFERENCE), 0.0);
        assert!(ramp.add(1e9) < 0.5, "one step is no ramp");
        let steps = (0..60).position(|_| ramp.add(REFERENCE + 1.0) >= 1.0);
        assert!(steps.is_some_and(|steps| steps > 3), "{steps:?}");
        ramp.reset();
        assert_eq!(ramp.add(0.0), 0.0);
    }
}
