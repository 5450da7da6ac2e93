//! Stretches of time with the same number of invocations in flight, and what a window of time makes of them.

/// A stretch of time during which the number of invocations in flight stays the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// First instant, microseconds since the epoch.
    pub start_us: i64,
    /// First instant behind it.
    pub end_us: i64,
    /// Invocations in flight; at least 1.
    pub in_flight: u64,
}

/// The stretches of all intervals together, oldest first; those with none in flight are left out. Neighbours may have
/// the same number in flight.
///
/// `starts_us` and `ends_us` hold the starts and the ends of the intervals, each sorted by itself: which start belongs to
/// which end does not matter. Intervals are half-open, and each has a length above zero.
///
/// # Examples
/// ```
/// let levels: Vec<_> = insq_lambda::levels(&[0, 5], &[8, 10]).collect();
/// assert_eq!(levels.iter().map(|level| level.in_flight).collect::<Vec<_>>(), [1, 2, 1]);
/// assert_eq!((levels[1].start_us, levels[1].end_us), (5, 8));
/// ```
pub fn levels<'a>(starts_us: &'a [i64], ends_us: &'a [i64]) -> impl Iterator<Item = Level> + 'a {
    Levels {
        starts_us,
        ends_us,
        in_flight: 0,
        since_us: i64::MIN,
    }
}

struct Levels<'a> {
    /// Starts that are still to come.
    starts_us: &'a [i64],
    /// Ends that are still to come.
    ends_us: &'a [i64],
    in_flight: u64,
    since_us: i64,
}

impl Iterator for Levels<'_> {
    type Item = Level;

    fn next(&mut self) -> Option<Level> {
        // Every start precedes its end, so when the ends are spent the starts are too.
        while let Some(&end) = self.ends_us.first() {
            let now = self.starts_us.first().map_or(end, |&start| start.min(end));
            let level = Level {
                start_us: self.since_us,
                end_us: now,
                in_flight: self.in_flight,
            };
            self.since_us = now;
            let (ended, started) = (spent(&mut self.ends_us, now), spent(&mut self.starts_us, now));
            self.in_flight = (self.in_flight + started).saturating_sub(ended);
            if level.in_flight > 0 {
                return Some(level);
            }
        }
        None
    }
}

/// Takes what is `now` off the front, and counts it.
fn spent(instants: &mut &[i64], now: i64) -> u64 {
    let count = instants.iter().take_while(|at| **at == now).count();
    *instants = &instants[count..];
    count as u64
}

/// What was in flight during one window of time, gathered stretch by stretch.
///
/// # Examples
/// ```
/// use insq_lambda::WindowLevels;
///
/// // A second: 3 in flight for a quarter of it, 1 for half of it.
/// let mut window = WindowLevels::default();
/// window.add(3, 250_000);
/// window.add(1, 500_000);
/// assert_eq!(window.max(), 3);
/// assert_eq!(window.mean(1_000_000), 1.25);
/// assert_eq!(window.percentile(25.0, 1_000_000), 0);
/// assert_eq!(window.percentile(75.0, 1_000_000), 1);
/// assert_eq!(window.percentile(75.1, 1_000_000), 3);
/// ```
///
/// # Memory
/// So many stretches as there are different levels, times a small number.
#[derive(Clone, Debug, Default)]
pub struct WindowLevels {
    /// Levels and their microseconds, in any order.
    stretches: Vec<(u64, i64)>,
    /// So many stretches are joined to one per level.
    join_at: usize,
}

/// Fewer stretches than this are not worth joining.
const JOIN_STRETCHES_MIN: usize = 1_024;

impl WindowLevels {
    /// A stretch of `length_us` with `in_flight` invocations.
    pub fn add(&mut self, in_flight: u64, length_us: i64) {
        match self.stretches.last_mut() {
            Some((level, length)) if *level == in_flight => *length += length_us,
            _ => self.stretches.push((in_flight, length_us)),
        }
        if self.stretches.len() >= self.join_at.max(JOIN_STRETCHES_MIN) {
            self.join();
        }
    }

    /// Makes one stretch per level.
    fn join(&mut self) {
        self.stretches.sort_unstable();
        self.stretches.dedup_by(|next, kept| {
            let is_same = next.0 == kept.0;
            kept.1 += if is_same { next.1 } else { 0 };
            is_same
        });
        self.join_at = self.stretches.len() * 2;
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.stretches.clear();
        self.join_at = 0;
    }

    /// True when nothing was in flight.
    pub fn is_empty(&self) -> bool {
        self.stretches.is_empty()
    }

    /// Most in flight at any instant.
    pub fn max(&self) -> u64 {
        self.stretches.iter().map(|(level, _)| *level).max().unwrap_or(0)
    }

    /// Time-weighted mean over a window of `window_us`; 0 for a window of no length.
    pub fn mean(&self, window_us: i64) -> f64 {
        if window_us <= 0 {
            return 0.0;
        }
        let area = |(level, length): &(u64, i64)| i128::from(*level) * i128::from(*length);
        self.stretches.iter().map(area).sum::<i128>() as f64 / window_us as f64
    }

    /// The smallest level at or below which concurrency was for `percent` % of a window of `window_us`. Time with none in
    /// flight counts as 0.
    pub fn percentile(&self, percent: f64, window_us: i64) -> u64 {
        let busy_us: i64 = self.stretches.iter().map(|(_, length)| *length).sum();
        let idle_us = window_us.saturating_sub(busy_us);
        let mut levels = self.stretches.clone();
        if idle_us > 0 {
            levels.push((0, idle_us));
        }
        levels.sort_unstable();
        let mut at_or_below_us = 0;
        let found = levels.iter().find(|(_, length)| {
            at_or_below_us += i128::from(*length);
            is_share(at_or_below_us, percent, busy_us.max(window_us))
        });
        found.or(levels.last()).map_or(0, |(level, _)| *level)
    }
}

/// True when `part` is at least `percent` % of `whole`.
///
/// Percentages have few decimals, so the products are taken in whole numbers: in doubles they may come out a hair above
/// what they are.
fn is_share(part: i128, percent: f64, whole: i64) -> bool {
    /// Decimals of a percentage that count.
    const SCALE: f64 = 1e9;
    let scaled = (percent * SCALE).round() as i128;
    part * (100 * SCALE as i128) >= scaled * i128::from(whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// How many are in flight in every unit of time from 0 up to `until`.
    fn counted(intervals: &[(i64, i64)], until: i64) -> Vec<u64> {
        let holds = |at: i64| move |(start, length): &&(i64, i64)| *start <= at && at < start + length;
        (0..until)
            .map(|at| intervals.iter().filter(holds(at)).count() as u64)
            .collect()
    }

    proptest! {
        #[test]
        fn levels_and_windows_agree_with_counting(
            intervals in proptest::collection::vec((0i64..60, 1i64..40), 0..25),
            percent in prop_oneof![Just(0.0), Just(100.0), Just(99.5), 0.0f64..100.0],
        ) {
            let mut starts: Vec<i64> = intervals.iter().map(|interval| interval.0).collect();
            let mut ends: Vec<i64> = intervals.iter().map(|interval| interval.0 + interval.1).collect();
            starts.sort_unstable();
            ends.sort_unstable();
            let mut found = vec![0; 100];
            let mut window = WindowLevels::default();
            for level in levels(&starts, &ends) {
                prop_assert!(level.start_us < level.end_us);
                found[level.start_us as usize..level.end_us as usize].fill(level.in_flight);
                window.add(level.in_flight, level.end_us - level.start_us);
            }
            let mut expected = counted(&intervals, 100);
            prop_assert_eq!(&found, &expected);
            prop_assert_eq!(Some(window.max()), expected.iter().copied().max());
            prop_assert_eq!(window.mean(100), expected.iter().sum::<u64>() as f64 / 100.0);
            expected.sort_unstable();
            let rank = ((percent * 1e9).round() as u128).div_ceil(1_000_000_000).max(1);
            prop_assert_eq!(window.percentile(percent, 100), expected[rank as usize - 1]);
        }
    }

    #[test]
    fn windows_of_nothing() {
        let window = WindowLevels::default();
        assert_eq!(
            (window.max(), window.mean(0), window.percentile(50.0, 0)),
            (0, 0.0, 0)
        );
        assert_eq!((window.mean(10), window.percentile(100.0, 10)), (0.0, 0));
    }

    #[test]
    fn many_stretches_are_joined() {
        for count in [JOIN_STRETCHES_MIN - 1, JOIN_STRETCHES_MIN] {
            let mut window = WindowLevels::default();
            (0..count).for_each(|n| window.add(1 + n as u64 % 2, 10));
            let kept = if count < JOIN_STRETCHES_MIN { count } else { 2 };
            assert_eq!((window.stretches.len(), window.max()), (kept, 2));
            assert_eq!(
                window.mean(10 * count as i64),
                (3 * count as i64 - count as i64 % 2) as f64 / 2.0 / count as f64
            );
        }
    }

    #[test]
    fn percentages_that_doubles_would_round_up() {
        let mut window = WindowLevels::default();
        window.add(1, 999);
        window.add(2, 1);
        assert_eq!(window.percentile(99.9, 1_000), 1);
        assert_eq!(window.percentile(99.900_000_1, 1_000), 2);
    }
}
