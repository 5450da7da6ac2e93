//! An invocation as an interval of time.

use crate::time::BUSY_MAX_MS;

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

impl Invocation {
    /// The invocation whose REPORT bears the time `end_ms` and that was busy for `busy_ms`: duration, plus
    /// initialisation or restore where there was one. A negative length counts as none, and so does one above
    /// [`BUSY_MAX_MS`], which no invocation has.
    pub fn ending_at(end_ms: i64, busy_ms: f64) -> Self {
        let end_us = end_ms.saturating_mul(1_000);
        let is_sound = (0.0..=BUSY_MAX_MS).contains(&busy_ms);
        let busy_us = if is_sound {
            (busy_ms * MS_US).round() as i64
        } else {
            0
        };
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
        assert_eq!(Invocation::ending_at(10, BUSY_MAX_MS).busy_us(), 7_200_000_000);
        assert_eq!(Invocation::ending_at(10, BUSY_MAX_MS + 0.001).busy_us(), 0);
        assert_eq!(Invocation::ending_at(10, 1e18).busy_us(), 0);
        assert_eq!(
            Invocation::ending_at(10, 0.25),
            Invocation {
                start_us: 9_750,
                end_us: 10_000
            }
        );
    }
}
