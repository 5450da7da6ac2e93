//! What the detector reports.

/// What gave the alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trigger {
    /// The average over this many steps stood too high.
    Average(usize),
    /// Many steps in a row stood a little too high: a ramp.
    Ramp,
}

/// A time during which a series stood far above its own baseline. Times are milliseconds since the epoch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Episode {
    /// When the rise began, by a look back from the alarm; never after `start_ms`.
    pub onset_ms: i64,
    /// First step from the onset on that by itself stood clearly above the expected value.
    pub start_ms: i64,
    /// The step at which the alarm was given: the earliest time at which somebody who watches can know.
    pub alarm_ms: i64,
    /// The step with the highest value.
    pub peak_ms: i64,
    /// First instant after the last elevated step.
    pub end_ms: i64,
    /// The highest value of a step.
    pub peak_value: f64,
    /// What the series usually was when the episode began: the median of its baseline.
    pub expected: f64,
    /// The highest score of a point, see [`Observation::score`].
    pub score: f64,
    /// What gave the alarm.
    pub trigger: Trigger,
    /// How many episodes of at least half the rise the series had in the day before, of the latest 64: a
    /// job that runs every hour makes many, and is hardly news.
    pub recurrences: usize,
    /// The series had not come back when the input ended.
    pub open: bool,
    /// The level lasted so long that it became the new baseline, which ended the episode.
    pub new_level: bool,
}

/// What the detector makes of a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observation {
    /// How unusual the point is, from 0 to 1. It is 0.5 where the budget of false alarms puts the threshold,
    /// 0.8 at twice the distance from the baseline, 0.9 at three times. 0 during the warm-up.
    pub score: f64,
    /// The point is part of an episode that is open.
    pub elevated: bool,
    /// The episode that ended at or before this point, for good: later points no longer join it.
    pub closed: Option<Episode>,
}

/// The score of something that stands `times` as far from the baseline as the threshold.
pub(crate) fn score_of(times: f64) -> f64 {
    let square = times.max(0.0).powi(2);
    if square.is_finite() {
        square / (1.0 + square)
    } else {
        1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_shares() {
        assert_eq!(score_of(-1.0), 0.0);
        assert_eq!(score_of(1.0), 0.5);
        assert_eq!(score_of(2.0), 0.8);
        assert_eq!(score_of(f64::INFINITY), 1.0);
        assert_eq!(score_of(1e200), 1.0);
        assert_eq!(score_of(f64::NAN), 0.0);
    }
}
