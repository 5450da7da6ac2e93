//! Scores for any series of numbers.

use super::episode::score_of;
use super::normal::exceeded_with;
use super::window::QuantileWindow;

/// Points that are remembered: two weeks of steps of five minutes.
const MEMORY_POINTS: usize = 4_096;

/// Points before the first score above 0.
pub const SERIES_WARM_UP_POINTS: usize = 100;

/// Shares of the points from which the usual distance to the median is read, on either side.
const SPREAD_AT: [f64; 3] = [0.25, 0.1, 0.02];

/// The least spread as a share of the range that the series has shown, and of its median: what is smaller
/// nobody sees.
const SPREAD_RANGE_MIN: f64 = 0.15;
const SPREAD_MEDIAN_MIN: f64 = 0.01;

/// The range leaves this share of the points out at either end.
const RANGE_OUTSIDE: f64 = 0.01;

/// The share of earlier distances that a distance is compared with. A series whose nature is bursts has
/// large distances, and needs larger ones to surprise.
const USUAL_DISTANCE: f64 = 0.99;

/// A point surprises if it goes this much further than what surprised lately …
const NEWS: f64 = 1.2;

/// … which is half forgotten after this many points.
const HALF_FORGOTTEN_POINTS: f64 = 80.0;

/// Share of its score that a point keeps if it is no news: always below the threshold of 0.5.
const OLD_NEWS: f64 = 0.25;

/// Distances between points from which the step of the series is estimated.
const STEPS_LOOKED_AT: usize = 33;

/// After a gap of more steps than this, a point is not compared with the one before.
const GAP_STEPS: f64 = 3.0;

/// Options of [`score_series`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ScoreOptions {
    /// Falls surprise as well as rises.
    pub two_sided: bool,
}

impl Default for ScoreOptions {
    fn default() -> Self {
        Self { two_sided: true }
    }
}

/// A point and how unusual it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScoredPoint {
    /// Time of the point, milliseconds since the epoch.
    pub time_ms: i64,
    /// From 0 to 1; from 0.5 on the point is an anomaly that was not told yet.
    pub score: f64,
}

/// Scores the points of a series: any unit, negative values, gaps, irregular steps.
///
/// The score of a point depends on it and the points before it alone. A point that is not finite scores 0
/// and is forgotten. If one slice is longer, its surplus is left out. Times need not be even or even
/// ordered: they only tell which points follow a gap.
///
/// The first [`SERIES_WARM_UP_POINTS`] points score 0.
///
/// # Examples
/// ```
/// use insq_lambda::detect::{ScoreOptions, score_series};
///
/// let times: Vec<i64> = (0..500).map(|point| point * 300_000).collect();
/// let mut values: Vec<f64> = (0..500).map(|point| f64::from(point % 7)).collect();
/// values[400] = -30.0;
/// let scored = score_series(&times, &values, &ScoreOptions::default());
/// assert_eq!(scored.len(), 500);
/// assert!(scored[400].score > 0.5);
/// assert!(scored.iter().filter(|point| point.score > 0.5).count() == 1);
/// ```
pub fn score_series(times_ms: &[i64], values: &[f64], options: &ScoreOptions) -> Vec<ScoredPoint> {
    let mut scorer = SeriesScorer::new(*options);
    times_ms
        .iter()
        .zip(values)
        .map(|(&time_ms, &value)| ScoredPoint {
            time_ms,
            score: scorer.push(time_ms, value),
        })
        .collect()
}

/// The same, point by point, with bounded memory (about 260 KiB).
///
/// # Examples
/// ```
/// use insq_lambda::detect::{ScoreOptions, SeriesScorer};
///
/// let mut scorer = SeriesScorer::new(ScoreOptions { two_sided: false });
/// for second in 0..200 {
///     assert_eq!(scorer.push(second * 1_000, 7.0), 0.0);
/// }
/// assert!(scorer.push(200_000, 9.0) > 0.9);
/// ```
#[derive(Clone, Debug)]
pub struct SeriesScorer {
    options: ScoreOptions,
    level: Channel,
    change: Channel,
    steps: Steps,
    latest: Option<(i64, f64)>,
    points: usize,
    /// How far what surprised lately went, fading.
    surprised: f64,
}

impl SeriesScorer {
    /// A scorer that has seen nothing.
    pub fn new(options: ScoreOptions) -> Self {
        Self {
            options,
            level: Channel::new(),
            change: Channel::new(),
            steps: Steps::default(),
            latest: None,
            points: 0,
            surprised: 0.0,
        }
    }

    /// The score of the next point.
    pub fn push(&mut self, time_ms: i64, value: f64) -> f64 {
        if !value.is_finite() {
            return 0.0;
        }
        let follows = self
            .latest
            .filter(|&(before, _)| self.steps.follow(before, time_ms));
        self.latest = Some((time_ms, value));
        self.points += 1;

        let least = self.level.least_spread(value);
        let mut distance = self.level.push(value, least, self.options);
        if let Some((_, before)) = follows {
            distance = distance.max(self.change.push(value - before, least, self.options));
        }
        if self.points <= SERIES_WARM_UP_POINTS {
            return 0.0;
        }
        let news = distance > NEWS * self.surprised;
        self.surprised = distance.max(self.surprised * 0.5_f64.powf(1.0 / HALF_FORGOTTEN_POINTS));
        score_of(distance.sqrt()) * if news { 1.0 } else { OLD_NEWS }
    }
}

/// One aspect of a series, its usual values and its usual distances.
#[derive(Clone, Debug)]
struct Channel {
    values: QuantileWindow,
    distances: QuantileWindow,
}

impl Channel {
    fn new() -> Self {
        Self {
            values: QuantileWindow::new(MEMORY_POINTS),
            distances: QuantileWindow::new(MEMORY_POINTS),
        }
    }

    /// The spread below which no measurement is believed, for a series of which this is the level.
    fn least_spread(&self, value: f64) -> f64 {
        let range = self.values.quantile(1.0 - RANGE_OUTSIDE) - self.values.quantile(RANGE_OUTSIDE);
        let median = self.values.quantile(0.5).abs();
        (SPREAD_RANGE_MIN * range)
            .max(SPREAD_MEDIAN_MIN * median)
            .max(f64::EPSILON * value.abs())
            .max(f64::MIN_POSITIVE)
    }

    /// Takes a value in and tells how far it stands from the usual: 1 is a large distance for the series.
    fn push(&mut self, value: f64, least_spread: f64, options: ScoreOptions) -> f64 {
        if self.values.len() < VALUES_MIN {
            self.values.push(value);
            return 0.0;
        }
        let distance = self.distance(value, least_spread, options);
        let usual = 1.0 + self.distances.quantile(USUAL_DISTANCE);
        self.values.push(value);
        self.distances.push(distance);
        distance / usual
    }

    /// Spreads between the median and a value, each side by its own.
    fn distance(&self, value: f64, least_spread: f64, options: ScoreOptions) -> f64 {
        let median = self.values.quantile(0.5);
        let rise = value - median;
        if rise < 0.0 && !options.two_sided {
            return 0.0;
        }
        let spread = SPREAD_AT
            .iter()
            .map(|&outside| {
                let share = if rise < 0.0 { outside } else { 1.0 - outside };
                (self.values.quantile(share) - median).abs() / exceeded_with(outside)
            })
            .fold(least_spread, f64::max);
        (rise.abs() / spread).min(DISTANCE_MAX)
    }
}

/// Distances from fewer values than this mean nothing, and would be remembered for long.
const VALUES_MIN: usize = 32;

/// Spreads beyond which distances are all the same: how soon a giant is forgotten must not depend on its
/// size, nor may it hide lesser ones that come after it.
const DISTANCE_MAX: f64 = 15.0;

/// The step of a series, estimated from its first points.
#[derive(Clone, Debug, Default)]
struct Steps {
    /// Distances between the first points, sorted.
    seen: Vec<i64>,
}

impl Steps {
    /// Whether a point follows the one before without a gap.
    fn follow(&mut self, before_ms: i64, now_ms: i64) -> bool {
        let distance = now_ms.saturating_sub(before_ms);
        if self.seen.len() < STEPS_LOOKED_AT && distance > 0 {
            let at = self.seen.partition_point(|&other| other < distance);
            self.seen.insert(at, distance);
        }
        let step = self.seen.get(self.seen.len() / 2).copied().unwrap_or(0);
        step == 0 || distance as f64 <= GAP_STEPS * step as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scores(values: &[f64], two_sided: bool) -> Vec<f64> {
        let times: Vec<i64> = (0..values.len() as i64).map(|point| point * 60_000).collect();
        score_series(&times, values, &ScoreOptions { two_sided })
            .iter()
            .map(|point| point.score)
            .collect()
    }

    /// A series that repeats itself every 20 points.
    fn periodic(points: usize) -> Vec<f64> {
        (0..points)
            .map(|point| (point as f64 * 0.314).sin() * 10.0)
            .collect()
    }

    proptest! {
        #[test]
        fn a_score_knows_nothing_of_later_points(
            values in proptest::collection::vec(prop_oneof![
                8 => -100.0..100.0,
                1 => Just(f64::NAN),
                1 => Just(f64::INFINITY),
                1 => Just(0.0),
            ], 0..260),
            cut in 0usize..260,
        ) {
            let cut = cut.min(values.len());
            let (all, prefix) = (scores(&values, true), scores(&values[..cut], true));
            prop_assert_eq!(&all[..cut], &prefix[..]);
            prop_assert!(all.iter().all(|score| (0.0..=1.0).contains(score)));
        }
    }

    #[test]
    fn falls_count_only_if_wanted() {
        let mut values = periodic(400);
        values[300] = -80.0;
        // The way back is a rise, but not to anything unusual.
        assert!(scores(&values, true)[300] > 0.5);
        assert!(scores(&values, false)[300] < 0.5);
    }

    #[test]
    fn the_warm_up_scores_nothing() {
        for (row, expected) in [(SERIES_WARM_UP_POINTS - 1, false), (SERIES_WARM_UP_POINTS, true)] {
            let mut values = periodic(200);
            values[row] = 500.0;
            assert_eq!(scores(&values, true)[row] > 0.5, expected);
        }
    }

    #[test]
    fn bursts_that_recur_no_longer_surprise() {
        let burst = |point: usize| {
            if point % 50 == 49 {
                100.0
            } else {
                (point % 3) as f64
            }
        };
        let values: Vec<f64> = (0..2_000).map(burst).collect();
        assert!(scores(&values, true)[1_000..].iter().all(|&score| score < 0.5));
    }

    #[test]
    fn a_lasting_level_is_told_once() {
        let mut values = periodic(600);
        values[300..].iter_mut().for_each(|value| *value += 100.0);
        let told = scores(&values, true)
            .iter()
            .filter(|&&score| score >= 0.5)
            .count();
        assert!((1..=3).contains(&told), "{told}");
    }

    #[test]
    fn values_of_any_size_are_scored() {
        for size in [1e-300, 1e-9, 1.0, 1e12, 1e300] {
            let mut values: Vec<f64> = periodic(400).iter().map(|value| value * size).collect();
            values[300] = 90.0 * size;
            let scores = scores(&values, true);
            assert!(scores[300] > 0.5, "{size}");
            assert!(scores.iter().all(|score| score.is_finite()));
        }
        assert!(
            scores(&[f64::MAX, f64::MIN].repeat(200), true)
                .iter()
                .all(|score| score.is_finite())
        );
    }

    #[test]
    fn steps_and_gaps() {
        let mut steps = Steps::default();
        (0..10).for_each(|point| assert!(steps.follow(point * 1_000, (point + 1) * 1_000)));
        assert!(steps.follow(2_000, 2_000 + GAP_STEPS as i64 * 1_000));
        assert!(!steps.follow(5_000, 5_001 + GAP_STEPS as i64 * 1_000));
        assert!(steps.follow(5_000, 5_000) && steps.follow(5_000, 4_000));
        (0..100).for_each(|_| assert!(steps.follow(0, 1_000)));
        assert_eq!(steps.seen.len(), STEPS_LOOKED_AT);
    }
}
