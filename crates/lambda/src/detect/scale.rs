//! One time scale of a series: the average over the latest steps, and what it usually is.

use super::window::QuantileWindow;

/// Samples that the baseline of a scale remembers.
pub(crate) const BASELINE_SAMPLES: usize = 512;

/// Shares of the samples from which the usual distance to the median is read, and how far a standard normal
/// variable is from its median there. The quartile alone is 0 for a series that mostly rests, and tells
/// nothing of a skewed one. The last is high enough to see what happens in one second of every minute, as
/// schedules do.
const SPREAD_AT: [(f64, f64); 3] = [(0.75, 0.674_490), (0.9, 1.281_552), (0.988, 2.257_129)];

/// The least spread as a share of the median: smaller changes are nobody's spike, however steady the series.
const SPREAD_SHARE_MIN: f64 = 0.03;

/// The least spread of the concurrency of a step, in invocations in flight: where few are, the maximum of a
/// step is a small whole number, whose quantiles are no finer than that.
const LEVEL_SPREAD_MIN: f64 = 0.5;

/// Anscombe's constant, which makes the variance of roots of Poisson counts constant down to small means.
const ANSCOMBE: f64 = 3.0 / 8.0;

/// Makes the spread of a value independent of its level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Stabiliser {
    /// Counts per step, averaged over this many steps; their sum is counted again. Roots make the spread of
    /// Poisson counts 1.
    Counts(f64),
    /// Concurrency, averaged over this many steps. Its variance grows with its level, too, but within a step it is no count: a sum of
    /// skewed durations. Cube roots make such sums nearly normal, as Wilson and Hilferty found.
    Level(f64),
}

impl Stabiliser {
    /// The stabilised value.
    pub(crate) fn apply(self, value: f64) -> f64 {
        match self {
            Self::Counts(steps) => 2.0 * (value.max(0.0) * steps + ANSCOMBE).sqrt(),
            // `cbrt` is several times as slow, and no value here needs its last digit.
            Self::Level(_) => 3.0 * (value.max(0.0) + ANSCOMBE).powf(1.0 / 3.0),
        }
    }

    /// How much the stabilised value grows with the value, where it is `stabilised`.
    fn slope(self, stabilised: f64) -> f64 {
        match self {
            Self::Counts(steps) => 2.0 * steps / stabilised,
            Self::Level(_) => (3.0 / stabilised).powi(2),
        }
    }

    /// The spread below which no measurement is believed, stabilised, at a median.
    fn least_spread(self, median: f64, centre: f64) -> f64 {
        let slope = self.slope(centre);
        let own = match self {
            // Events that come independently of each other spread by 1.
            Self::Counts(_) => 1.0,
            Self::Level(steps) => LEVEL_SPREAD_MIN * slope / steps.sqrt(),
        };
        own.max(SPREAD_SHARE_MIN * median * slope)
    }
}

/// The averages over a number of steps and their trailing baseline.
#[derive(Clone, Debug)]
pub(crate) struct Scale {
    steps: usize,
    sum: f64,
    stabiliser: Stabiliser,
    window: QuantileWindow,
    median: f64,
    centre: f64,
    /// Usual distance of values above the centre, in standard deviations of a normal variable.
    spread: f64,
    /// Spreads that a rise of 1 above the median is worth.
    per_unit: f64,
    /// Latest samples that were whole numbers, without one that was not.
    whole_samples: usize,
}

impl Scale {
    pub(crate) fn new(steps: usize, stabiliser: Stabiliser) -> Self {
        let centre = stabiliser.apply(0.0);
        let spread = stabiliser.least_spread(0.0, centre);
        Self {
            steps,
            sum: 0.0,
            stabiliser,
            window: QuantileWindow::new(BASELINE_SAMPLES),
            median: 0.0,
            centre,
            spread,
            per_unit: stabiliser.slope(centre) / spread,
            whole_samples: 0,
        }
    }

    pub(crate) fn steps(&self) -> usize {
        self.steps
    }

    /// Takes a value in; `leaving` is the one that came as many steps ago as the scale has.
    pub(crate) fn slide(&mut self, value: f64, leaving: f64) {
        self.sum += value - leaving;
    }

    /// Sets the sum anew, without the rounding errors of sliding.
    pub(crate) fn set_sum(&mut self, sum: f64) {
        self.sum = sum;
    }

    pub(crate) fn average(&self) -> f64 {
        self.sum / self.steps as f64
    }

    /// How far the present average stands above the usual, in robust standard deviations.
    pub(crate) fn z(&self) -> f64 {
        (self.stabiliser.apply(self.average()) - self.centre) / self.spread
    }

    /// No less than [`Scale::z`] for what is above the median, and cheaper: stabilising bends rises down.
    pub(crate) fn z_at_most(&self) -> f64 {
        (self.average() - self.median) * self.per_unit
    }

    /// The same as [`Scale::z`] for a value in place of the average.
    pub(crate) fn z_of(&self, value: f64) -> f64 {
        (self.stabiliser.apply(value) - self.centre) / self.spread
    }

    /// The usual value, in the unit of the series.
    pub(crate) fn median(&self) -> f64 {
        self.median
    }

    /// The usual distance above the median, in the unit of the series.
    pub(crate) fn raw_spread(&self) -> f64 {
        1.0 / self.per_unit
    }

    pub(crate) fn samples(&self) -> usize {
        self.window.len()
    }

    /// Makes the present average part of the baseline; [`Scale::refresh`] reads the baseline anew.
    pub(crate) fn sample(&mut self) {
        self.window.push(self.average());
        self.whole_samples = if self.sum.fract() == 0.0 {
            self.whole_samples + 1
        } else {
            0
        };
    }

    /// Reads median and spread from the samples.
    pub(crate) fn refresh(&mut self) {
        self.median = self.window.quantile(0.5);
        self.centre = self.stabiliser.apply(self.median);
        let least = self.stabiliser.least_spread(self.median, self.centre);
        self.spread = SPREAD_AT[..2]
            .iter()
            .map(|&(share, normal)| self.spread_at(share, 0.0, normal))
            .fold(least, f64::max)
            .max(self.spread_at(SPREAD_AT[2].0, self.rounding(), SPREAD_AT[2].1));
        self.per_unit = self.stabiliser.slope(self.centre) / self.spread;
    }

    /// The spread that the quantile at `share`, raised by `more`, would have from a normal variable.
    fn spread_at(&self, share: f64, more: f64, normal: f64) -> f64 {
        (self.stabiliser.apply(self.window.quantile(share) + more) - self.centre) / normal
    }

    /// What rounding may have taken from a quantile: half a unit where all values are whole. Where they are
    /// small, the outer quantile is the same whole number for many shares, and says little of what is beyond.
    fn rounding(&self) -> f64 {
        if self.whole_samples >= self.window.len() {
            0.5 / self.steps as f64
        } else {
            0.0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taught(stabiliser: Stabiliser, values: impl IntoIterator<Item = f64>) -> Scale {
        let mut scale = Scale::new(1, stabiliser);
        for value in values {
            scale.set_sum(value);
            scale.sample();
            scale.refresh();
        }
        scale
    }

    #[test]
    fn a_constant_series_has_a_finite_z() {
        for level in [0.0, 5.0, 1e6] {
            for stabiliser in [Stabiliser::Counts(1.0), Stabiliser::Level(1.0)] {
                let mut scale = taught(stabiliser, std::iter::repeat_n(level, 100));
                assert_eq!(scale.z(), 0.0);
                scale.set_sum(level * 2.0 + 10.0);
                assert!(scale.z() > 3.0 && scale.z() < 100.0, "{level}: {}", scale.z());
            }
        }
    }

    #[test]
    fn the_least_spread_is_a_share_of_a_high_median() {
        let scale = taught(Stabiliser::Level(1.0), std::iter::repeat_n(10_000.0, 100));
        assert!((scale.z_of(10_000.0 * (1.0 + SPREAD_SHARE_MIN)) - 1.0).abs() < 0.02);
    }

    #[test]
    fn a_rare_burst_widens_the_spread() {
        let rare = |n: usize| if n.is_multiple_of(20) { 9.0 } else { 0.0 };
        let resting = taught(Stabiliser::Counts(1.0), std::iter::repeat_n(0.0, 500));
        let bursting = taught(Stabiliser::Counts(1.0), (0..500).map(rare));
        assert!(bursting.z_of(9.0) < 3.0 && resting.z_of(9.0) > 4.0);
    }

    #[test]
    fn whole_numbers_have_a_wider_spread() {
        let counts = (0..500).map(|n| if n % 50 == 0 { 5.0 } else { 3.0 });
        let whole = taught(Stabiliser::Level(1.0), counts.clone());
        let fine = taught(Stabiliser::Level(1.0), std::iter::once(0.5).chain(counts.clone()));
        assert!(whole.z_of(9.0) < fine.z_of(9.0));
        // Once the fraction has left the window, it no longer counts.
        let again = taught(
            Stabiliser::Level(1.0),
            std::iter::once(0.5).chain(counts.cycle().take(600)),
        );
        assert!((whole.z_of(9.0) - again.z_of(9.0)).abs() < 0.1);
    }
}
