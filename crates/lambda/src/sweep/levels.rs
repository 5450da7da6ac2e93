//! For how long how many were in flight.

/// Time by number in flight; the base of time-weighted percentiles.
///
/// # Examples
/// ```
/// use insq_lambda::LevelTimes;
///
/// let mut levels = LevelTimes::default();
/// levels.add(10, 5_000_000);
/// levels.add(40, 1_000_000);
/// // Of ten seconds, four were idle and nine at or below ten.
/// assert_eq!(levels.percentile(40.0, 10_000_000), 0);
/// assert_eq!(levels.percentile(90.0, 10_000_000), 10);
/// assert_eq!(levels.percentile(90.1, 10_000_000), 40);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LevelTimes {
    /// Microseconds, by level; that of level 0 is unused, since what is idle depends on the window.
    times_us: Vec<u64>,
}

/// A percentage in billionths of a per cent is a whole number as far as people write it.
const PERCENT_SCALE: f64 = 1e9;

impl LevelTimes {
    /// Adds `us` microseconds with `level` in flight.
    pub fn add(&mut self, level: u32, us: u64) {
        let level = level as usize;
        if self.times_us.len() <= level {
            self.times_us.resize(level + 1, 0);
        }
        self.times_us[level] += us;
    }

    /// Adds the times of `other`.
    pub fn merge(&mut self, other: &Self) {
        for (level, &us) in other.times_us.iter().enumerate().filter(|(_, us)| **us > 0) {
            self.add(level as u32, us);
        }
    }

    /// Microseconds with anything in flight.
    pub fn busy_us(&self) -> u64 {
        self.times_us.iter().skip(1).sum()
    }

    /// In flight times microseconds: all the time that environments were busy.
    pub fn area_us(&self) -> u128 {
        let times = self.times_us.iter().enumerate();
        times.map(|(level, &us)| level as u128 * u128::from(us)).sum()
    }

    /// Mean over `window_us` microseconds; 0 for no window.
    pub fn mean(&self, window_us: u64) -> f64 {
        if window_us == 0 {
            return 0.0;
        }
        self.area_us() as f64 / window_us as f64
    }

    /// The smallest level at or below which concurrency is for `percent` per cent of `window_us` microseconds. Time
    /// of the window that was never added is idle.
    pub fn percentile(&self, percent: f64, window_us: u64) -> u32 {
        let idle = window_us.saturating_sub(self.busy_us());
        let wanted = (percent.clamp(0.0, 100.0) * PERCENT_SCALE).round() as u128 * u128::from(window_us);
        let is_reached = |us: u64| u128::from(us) * (100.0 * PERCENT_SCALE) as u128 >= wanted;
        if is_reached(idle) {
            return 0;
        }
        let mut below = idle;
        for (level, &us) in self.times_us.iter().enumerate().skip(1) {
            below += us;
            if us > 0 && is_reached(below) {
                return level as u32;
            }
        }
        self.times_us.len().saturating_sub(1) as u32
    }

    /// Microseconds with at least `level` in flight; `level` counts from 1.
    pub fn at_least_us(&self, level: u32) -> u64 {
        self.times_us.iter().skip(level.max(1) as usize).sum()
    }

    /// Levels and microseconds at them, ascending; idle time is not among them.
    pub fn iter(&self) -> impl Iterator<Item = (u32, u64)> {
        let times = self.times_us.iter().enumerate().skip(1);
        times
            .filter(|(_, us)| **us > 0)
            .map(|(level, &us)| (level as u32, us))
    }
}
