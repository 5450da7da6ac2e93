//! What a user chooses about the detector.

/// The budget that is kept when none is named: one false episode per series and day.
pub const FALSE_ALARMS_PER_DAY: f64 = 1.0;

/// The smallest budget; smaller ones count as this one, for nobody can check them.
pub const FALSE_ALARMS_PER_DAY_MIN: f64 = 0.001;

/// The largest budget; larger ones count as this one.
pub const FALSE_ALARMS_PER_DAY_MAX: f64 = 1_000.0;

/// The smallest rise that can be an episode, when none is named: one more in flight, or one more per step,
/// on the average over the scale.
pub const RISE_MIN: f64 = 0.5;

/// What the values of a series are, which says how their spread grows with their level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SeriesKind {
    /// Events per step, such as starts of invocations.
    Counts,
    /// A level during the step, such as the mean or the maximum of the concurrency.
    Concurrency,
}

/// What a step without a point means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Missing {
    /// Nothing happened: the value is 0. This is so for series that are made of events.
    Zero,
    /// Nobody knows: the step is left out, as though the next one followed at once.
    Unknown,
}

/// Options of [`SpikeDetector`](super::SpikeDetector).
///
/// # Examples
/// ```
/// use insq_lambda::detect::{Missing, SeriesKind, SpikeOptions};
///
/// let options = SpikeOptions::new(SeriesKind::Concurrency, 1_000);
/// assert_eq!(options.false_alarms_per_day, 1.0);
/// assert_eq!(options.missing, Missing::Zero);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpikeOptions {
    /// What the values are.
    pub kind: SeriesKind,
    /// Length of a step, milliseconds; at least 1.
    pub step_ms: i64,
    /// How many episodes per day a series may yield in which nothing but chance is at work. Between
    /// [`FALSE_ALARMS_PER_DAY_MIN`] and [`FALSE_ALARMS_PER_DAY_MAX`]; what is outside is cut to the nearer
    /// one, NaN counts as [`FALSE_ALARMS_PER_DAY`].
    pub false_alarms_per_day: f64,
    /// What a missing step means.
    pub missing: Missing,
    /// The smallest rise above the expected value that can be an episode, in the unit of the series.
    pub rise_min: f64,
}

impl SpikeOptions {
    /// The defaults for a series of a kind with steps of `step_ms` milliseconds.
    pub fn new(kind: SeriesKind, step_ms: i64) -> Self {
        Self {
            kind,
            step_ms: step_ms.max(1),
            false_alarms_per_day: FALSE_ALARMS_PER_DAY,
            missing: Missing::Zero,
            rise_min: RISE_MIN,
        }
    }

    /// The budget within its limits.
    pub(crate) fn budget(&self) -> f64 {
        if self.false_alarms_per_day.is_nan() {
            return FALSE_ALARMS_PER_DAY;
        }
        self.false_alarms_per_day
            .clamp(FALSE_ALARMS_PER_DAY_MIN, FALSE_ALARMS_PER_DAY_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(false_alarms_per_day: f64) -> f64 {
        SpikeOptions {
            false_alarms_per_day,
            ..SpikeOptions::new(SeriesKind::Counts, 1_000)
        }
        .budget()
    }

    #[test]
    fn budgets_have_limits() {
        assert_eq!(budget(FALSE_ALARMS_PER_DAY_MIN / 2.0), FALSE_ALARMS_PER_DAY_MIN);
        assert_eq!(
            budget(FALSE_ALARMS_PER_DAY_MIN * 2.0),
            FALSE_ALARMS_PER_DAY_MIN * 2.0
        );
        assert_eq!(budget(FALSE_ALARMS_PER_DAY_MAX * 2.0), FALSE_ALARMS_PER_DAY_MAX);
        assert_eq!(
            budget(FALSE_ALARMS_PER_DAY_MAX / 2.0),
            FALSE_ALARMS_PER_DAY_MAX / 2.0
        );
        assert_eq!(budget(f64::NAN), FALSE_ALARMS_PER_DAY);
        assert_eq!(SpikeOptions::new(SeriesKind::Counts, 0).step_ms, 1);
    }
}
