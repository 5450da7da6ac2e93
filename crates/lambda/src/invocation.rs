//! An invocation as an interval of time.

/// The time during which an invocation kept an execution environment busy: `[start, end)`, microseconds
/// since the epoch.
///
/// # Source
/// The REPORT event of an invocation is written when it ends, and its duration leaves out the
/// initialisation or the restore of a new environment, which also keeps the environment busy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Invocation {
    /// First busy instant.
    pub start_us: i64,
    /// First instant that is no longer busy; never before the start.
    pub end_us: i64,
}

/// Microseconds of a millisecond.
const MS_US: f64 = 1_000.0;

/// Longer than any invocation may run; longer durations are cut to this.
pub(crate) const BUSY_MS_MAX: f64 = 7.0 * 86_400_000.0;

impl Invocation {
    /// The invocation whose REPORT bears the time `end_ms` and that was busy for `busy_ms`: duration, plus
    /// initialisation or restore where there was one. A negative or absurd length counts as none or as
    /// seven days.
    pub fn ending_at(end_ms: i64, busy_ms: f64) -> Self {
        let end_us = end_ms.saturating_mul(1_000);
        let busy_us = (busy_ms.clamp(0.0, BUSY_MS_MAX) * MS_US).round() as i64;
        Self {
            start_us: end_us.saturating_sub(busy_us),
            end_us,
        }
    }

    /// Length of the interval, microseconds.
    pub fn busy_us(self) -> i64 {
        self.end_us - self.start_us
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_that_no_invocation_has() {
        assert_eq!(Invocation::ending_at(10, -5.0).busy_us(), 0);
        assert_eq!(Invocation::ending_at(10, f64::NAN).busy_us(), 0);
        assert_eq!(
            Invocation::ending_at(10, BUSY_MS_MAX).busy_us(),
            Invocation::ending_at(10, 1e18).busy_us()
        );
        assert_eq!(
            Invocation::ending_at(10, 0.25),
            Invocation {
                start_us: 9_750,
                end_us: 10_000
            }
        );
    }
}
