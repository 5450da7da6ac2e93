//! Execution environments, as their log streams tell them.

use super::FunctionId;

/// An execution environment: what writes one log stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Environment {
    /// Whose environment it is.
    pub function: FunctionId,
    /// First busy instant that the log tells of, microseconds since the epoch.
    pub first_us: i64,
    /// First instant after the last busy one, microseconds since the epoch.
    pub last_us: i64,
    /// Invocations.
    pub calls: u64,
    /// Invocations that overlap the one read before them. An environment of a usual function runs one
    /// invocation at a time; these are of managed instances, or were read twice.
    pub overlaps: u64,
    /// The invocation read last, microseconds since the epoch.
    previous_us: (i64, i64),
}

impl Environment {
    pub(super) fn new(function: FunctionId) -> Self {
        Self {
            function,
            first_us: i64::MAX,
            last_us: i64::MIN,
            calls: 0,
            overlaps: 0,
            previous_us: (i64::MAX, i64::MIN),
        }
    }

    pub(super) fn add(&mut self, start_us: i64, end_us: i64) {
        // The clock of REPORT events and their durations part by a few milliseconds; and logs are not always in order.
        let (from_us, to_us) = self.previous_us;
        let is_overlap =
            from_us < to_us && start_us + CLOCK_SLACK_US < to_us && end_us > from_us + CLOCK_SLACK_US;
        self.overlaps += u64::from(is_overlap);
        self.previous_us = (start_us, end_us);
        self.first_us = self.first_us.min(start_us);
        self.last_us = self.last_us.max(end_us);
        self.calls += 1;
    }

    /// Takes over what another thread saw of the same environment.
    pub(super) fn merge(&mut self, other: &Self) {
        // One stream that lies in two files is continued in the second, not told again.
        let is_told_again = self.first_us == other.first_us && self.last_us == other.last_us;
        self.overlaps += other.overlaps + if is_told_again { other.calls } else { 0 };
        self.first_us = self.first_us.min(other.first_us);
        self.last_us = self.last_us.max(other.last_us);
        self.calls += other.calls;
    }
}

/// Overlaps of an environment with itself up to this are the clock's.
const CLOCK_SLACK_US: i64 = 100_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn overlaps(calls: &[(i64, i64)]) -> u64 {
        let mut environment = Environment::new(FunctionId(0));
        for (start_ms, end_ms) in calls {
            environment.add(start_ms * 1_000, end_ms * 1_000);
        }
        environment.overlaps
    }

    #[test]
    fn one_at_a_time_is_no_overlap_in_any_order() {
        assert_eq!(overlaps(&[(0, 500), (500, 900), (899, 1_500), (2_000, 2_100)]), 0);
        assert_eq!(
            overlaps(&[(500, 900), (0, 500), (2_000, 2_100), (1_000, 1_500)]),
            0
        );
        assert_eq!(overlaps(&[(0, 500), (100, 700), (2_000, 2_100)]), 1);
        assert_eq!(overlaps(&[(0, 500), (0, 500)]), 1);
    }

    #[test]
    fn a_stream_told_twice_overlaps_itself() {
        let mut one = Environment::new(FunctionId(0));
        one.add(0, 500_000);
        one.add(600_000, 900_000);
        let mut next = Environment::new(FunctionId(0));
        next.add(900_000, 950_000);
        let twice = one;
        one.merge(&next);
        assert_eq!((one.overlaps, one.calls, one.last_us), (0, 3, 950_000));
        let mut again = twice;
        again.merge(&twice);
        assert_eq!(again.overlaps, 2);
    }
}
