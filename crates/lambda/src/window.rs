//! What a function did in a window of time.

use std::ops::Range;

use crate::Invocation;
use crate::load::{FunctionId, Load, WARM};
use crate::time::{MS_US, SECOND_US, TICK_US};

/// A function in a window of time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct WindowStats {
    /// Length of the window, microseconds.
    pub window_us: i64,
    /// Invocations that start in it.
    pub starts: u64,
    /// Those of them that begin with an initialisation or a restore.
    pub cold_starts: u64,
    /// Durations of the invocations that start in it, also past its end, microseconds.
    pub duration_us: u64,
    /// Their initialisations and restores, microseconds.
    pub init_us: u64,
    /// In flight times microseconds, inside of the window.
    pub area_us: u64,
}

impl WindowStats {
    /// Of `function` in `window_us`.
    pub(crate) fn of(load: &Load, function: FunctionId, window_us: &Range<i64>) -> Self {
        let mut stats = Self {
            window_us: (window_us.end - window_us.start).max(0),
            ..Self::default()
        };
        let Some(calls) = load.function_load(function) else {
            return stats;
        };
        calls.for_each_call(window_us.start, window_us.end, |start_us, call, init| {
            let busy_us = i64::from(call.busy) * TICK_US;
            let inside = (start_us + busy_us).min(window_us.end) - start_us.max(window_us.start);
            stats.area_us += inside.max(0) as u64;
            if window_us.contains(&start_us) {
                let init_us = if init == WARM {
                    0
                } else {
                    i64::from(init) * TICK_US
                };
                stats.starts += 1;
                stats.cold_starts += u64::from(init != WARM);
                stats.init_us += init_us as u64;
                stats.duration_us += (busy_us - init_us) as u64;
            }
        });
        stats
    }

    /// Mean number in flight; 0 for no window.
    pub fn concurrency(&self) -> f64 {
        self.per_us(self.area_us as f64)
    }

    /// Invocations that start, per second.
    pub fn rate_per_s(&self) -> f64 {
        self.per_us(self.starts as f64 * SECOND_US as f64)
    }

    /// Mean duration of those that start, milliseconds; `None` when none does.
    pub fn duration_ms(&self) -> Option<f64> {
        (self.starts > 0).then(|| self.duration_us as f64 / self.starts as f64 / MS_US as f64)
    }

    /// Mean initialisation, milliseconds, over all that start; `None` when none does.
    pub fn init_ms(&self) -> Option<f64> {
        (self.starts > 0).then(|| self.init_us as f64 / self.starts as f64 / MS_US as f64)
    }

    /// What Little's law makes of those that start: rate times mean busy time.
    pub fn started(&self) -> f64 {
        self.per_us((self.duration_us + self.init_us) as f64)
    }

    fn per_us(&self, value: f64) -> f64 {
        if self.window_us > 0 {
            value / self.window_us as f64
        } else {
            0.0
        }
    }
}

/// The invocations of a function that are in flight, start or end in `window_us`.
pub(crate) fn invocations_in(load: &Load, function: FunctionId, window_us: &Range<i64>) -> Vec<Invocation> {
    let mut found = Vec::new();
    if let Some(calls) = load.function_load(function) {
        calls.for_each_call(window_us.start, window_us.end, |start_us, call, _| {
            let end_us = start_us + i64::from(call.busy) * TICK_US;
            if start_us < window_us.end && end_us >= window_us.start {
                found.push(Invocation { start_us, end_us });
            }
        });
    }
    found
}

/// How many of a function are in flight at an instant.
pub(crate) fn in_flight_at(load: &Load, function: FunctionId, at_us: i64) -> u32 {
    let mut level = 0;
    if let Some(calls) = load.function_load(function) {
        calls.for_each_call(at_us, at_us, |start_us, call, _| {
            let end_us = start_us + i64::from(call.busy) * TICK_US;
            level += u32::from(start_us <= at_us && at_us < end_us);
        });
    }
    level
}
