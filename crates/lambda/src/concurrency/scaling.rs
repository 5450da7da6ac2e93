//! New environments against the rate at which Lambda lets a function grow.

use std::collections::VecDeque;

use crate::quota::SCALING_WINDOW_S;
use crate::time::SECOND_US;

/// The fastest growth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scaling {
    /// Most new environments in any [`SCALING_WINDOW_S`] seconds.
    pub most: u32,
    /// When those seconds began, microseconds since the epoch.
    pub since_us: i64,
}

const WINDOW_US: i64 = SCALING_WINDOW_S as i64 * SECOND_US;

/// Counts over a window that slides with the starts.
#[derive(Debug, Default)]
pub(super) struct ScalingWindow {
    recent: VecDeque<i64>,
    found: Scaling,
}

impl ScalingWindow {
    /// Adds starts, which come in the order of time.
    pub(super) fn add(&mut self, cold_starts_us: &[i64]) {
        for &now in cold_starts_us {
            while self.recent.front().is_some_and(|first| now - first >= WINDOW_US) {
                self.recent.pop_front();
            }
            self.recent.push_back(now);
            if self.recent.len() as u32 > self.found.most {
                self.found = Scaling {
                    most: self.recent.len() as u32,
                    since_us: self.recent.front().copied().unwrap_or(now),
                };
            }
        }
    }

    pub(super) fn finish(self) -> Scaling {
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_is_half_open() {
        let mut window = ScalingWindow::default();
        window.add(&[0, 5 * SECOND_US]);
        window.add(&[10 * SECOND_US, 14 * SECOND_US, 100 * SECOND_US]);
        let expected = Scaling {
            most: 3,
            since_us: 5 * SECOND_US,
        };
        assert_eq!(window.finish(), expected);
    }
}
