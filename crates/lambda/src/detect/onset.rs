//! When a rise began.

use super::recent::Recent;
use super::scale::Scale;

/// Share of the rise that a step must exceed to count as risen: low, so that a ramp is caught near its foot.
const RISEN: f64 = 0.25;

/// How many steps before the latest one the rise began: a CUSUM backwards in time, whose last visit to 0 is
/// the most likely beginning. `rise_z` is how far the series has risen by now, on `finest`, a scale of one
/// step.
pub(crate) fn steps_since_onset(recent: &Recent, finest: &Scale, rise_z: f64) -> usize {
    let reference = rise_z.max(0.0) * RISEN;
    let mut sum = 0.0_f64;
    let mut onset = 0;
    for back in (0..recent.len()).rev() {
        if sum <= 0.0 {
            sum = 0.0;
            onset = back;
        }
        sum += finest.z_of(recent.back(back)) - reference;
    }
    onset
}

#[cfg(test)]
mod tests {
    use super::super::scale::Stabiliser;
    use super::*;

    #[test]
    fn a_step_and_a_ramp_begin_where_they_rise() {
        let mut finest = Scale::new(1, Stabiliser::Counts(1.0));
        for _ in 0..100 {
            finest.set_sum(20.0);
            finest.sample();
            finest.refresh();
        }
        let mut recent = Recent::new();
        (0..100).for_each(|_| recent.push(20.0));
        (0..7).for_each(|_| recent.push(60.0));
        assert_eq!(steps_since_onset(&recent, &finest, finest.z_of(60.0)), 6);

        let mut recent = Recent::new();
        (0..100).for_each(|_| recent.push(20.0));
        (1..=20).for_each(|step| recent.push(20.0 + 2.0 * f64::from(step)));
        let since = steps_since_onset(&recent, &finest, finest.z_of(60.0));
        assert!((13..=19).contains(&since), "{since}");
    }
}
