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
    /// Invocations that began before one read earlier had ended. An environment of a usual function runs one
    /// invocation at a time; these are of managed instances, or were read twice.
    pub overlaps: u64,
}

impl Environment {
    pub(super) fn new(function: FunctionId) -> Self {
        Self {
            function,
            first_us: i64::MAX,
            last_us: i64::MIN,
            calls: 0,
            overlaps: 0,
        }
    }

    pub(super) fn add(&mut self, start_us: i64, end_us: i64) {
        // The clock of REPORT events and their durations part by a few milliseconds.
        let is_inside = start_us + CLOCK_SLACK_US < self.last_us && end_us > self.first_us + CLOCK_SLACK_US;
        self.overlaps += u64::from(is_inside && self.calls > 0);
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
