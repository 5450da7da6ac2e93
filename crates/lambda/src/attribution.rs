//! Why concurrency rose: which functions hold which share of the rise, and what of it came from more invocations,
//! from longer ones, from initialisations, and from invocations carried in.
//!
//! The mean concurrency of a window is rate × (mean duration + mean initialisation) of the invocations that start in
//! it, plus what is carried in from before less what is carried out behind. The change of the product between two
//! windows is shared out by Shapley's value of its factors, which for two factors is each one's change times the mean
//! of the other. The parts of a function add up to its rise, and the rises of the functions to that of all.

use std::ops::Range;

use crate::load::{FunctionId, Load};
use crate::window::{WindowStats, in_flight_at};

/// What made the concurrency of a function rise or fall.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// More or fewer invocations a second.
    Rate,
    /// Longer or shorter ones.
    Duration,
    /// More or longer initialisations and restores of new environments.
    ColdStart,
    /// Invocations carried in from before the window, less those carried out behind it.
    CarriedIn,
}

impl Cause {
    /// All, in the order of [`Parts`].
    pub const ALL: [Self; 4] = [Self::Rate, Self::Duration, Self::ColdStart, Self::CarriedIn];
}

/// A change of mean concurrency by cause. The parts add up to the change.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Parts {
    /// By [`Cause::Rate`].
    pub rate: f64,
    /// By [`Cause::Duration`].
    pub duration: f64,
    /// By [`Cause::ColdStart`].
    pub cold_start: f64,
    /// By [`Cause::CarriedIn`].
    pub carried_in: f64,
}

impl Parts {
    /// One part.
    pub fn of(&self, cause: Cause) -> f64 {
        match cause {
            Cause::Rate => self.rate,
            Cause::Duration => self.duration,
            Cause::ColdStart => self.cold_start,
            Cause::CarriedIn => self.carried_in,
        }
    }

    /// All parts together.
    pub fn sum(&self) -> f64 {
        Cause::ALL.into_iter().map(|cause| self.of(cause)).sum()
    }

    /// The cause with the largest part.
    pub fn main(&self) -> Cause {
        let largest = Cause::ALL
            .into_iter()
            .max_by(|a, b| self.of(*a).total_cmp(&self.of(*b)));
        largest.unwrap_or(Cause::Rate)
    }
}

/// A function's part in a rise.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionRise {
    /// Which.
    pub function: FunctionId,
    /// Its name.
    pub name: String,
    /// Before.
    pub before: WindowStats,
    /// During.
    pub during: WindowStats,
    /// Change of its mean concurrency.
    pub rise: f64,
    /// Of the rise of all functions together; the shares add up to 1. Negative for a function that fell while all
    /// together rose. 0 when all together did not change.
    pub share: f64,
    /// The rise by cause.
    pub parts: Parts,
    /// True when it had no invocations before.
    pub is_new: bool,
    /// In flight at the instant of the peak.
    pub at_peak: u32,
}

/// A rise, explained.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribution {
    /// The window that the rise is measured from, microseconds since the epoch.
    pub before_us: Range<i64>,
    /// The window of the rise, microseconds since the epoch.
    pub during_us: Range<i64>,
    /// Mean concurrency before.
    pub before: f64,
    /// Mean concurrency during.
    pub during: f64,
    /// Functions with invocations in either window, the largest rise first.
    pub functions: Vec<FunctionRise>,
}

impl Attribution {
    /// Explains the change from the window `before_us` to the window `during_us`, and counts what was in flight at
    /// `peak_us`.
    ///
    /// # Examples
    /// ```
    /// use insq_lambda::{Attribution, Cause, LoadRecorder, Report};
    ///
    /// let mut recorder = LoadRecorder::default();
    /// // One a second of 100 ms, and from the tenth second on, of 900 ms.
    /// for second in 0..20i64 {
    ///     let duration_ms = if second < 10 { 100.0 } else { 900.0 };
    ///     recorder.record(&Report {
    ///         function: "orders",
    ///         stream: None,
    ///         end_ms: Some(second * 1_000 + duration_ms as i64),
    ///         duration_ms: Some(duration_ms),
    ///         init_ms: None,
    ///     });
    /// }
    /// let load = recorder.finish();
    /// let found = Attribution::explain(&load, 0..10_000_000, 10_000_000..20_000_000, 10_000_000);
    /// assert_eq!(found.functions[0].parts.main(), Cause::Duration);
    /// assert!((found.rise() - 0.8).abs() < 1e-9);
    /// ```
    pub fn explain(load: &Load, before_us: Range<i64>, during_us: Range<i64>, peak_us: i64) -> Self {
        let mut functions: Vec<FunctionRise> = load
            .functions()
            .map(|(function, name)| {
                let before = WindowStats::of(load, function, &before_us);
                let during = WindowStats::of(load, function, &during_us);
                let parts = parts(&before, &during);
                FunctionRise {
                    function,
                    name: name.to_owned(),
                    rise: during.concurrency() - before.concurrency(),
                    share: 0.0,
                    parts,
                    is_new: before.area_us == 0 && before.starts == 0,
                    at_peak: in_flight_at(load, function, peak_us),
                    before,
                    during,
                }
            })
            .filter(|found| found.before.area_us + found.during.area_us > 0 || found.during.starts > 0)
            .collect();
        let sum = |of: fn(&FunctionRise) -> f64| functions.iter().map(of).sum::<f64>();
        let before = sum(|found| found.before.concurrency());
        let during = sum(|found| found.during.concurrency());
        let rise = sum(|found| found.rise);
        if rise != 0.0 {
            for found in &mut functions {
                found.share = found.rise / rise;
            }
        }
        functions.sort_by(|a, b| b.rise.total_cmp(&a.rise).then_with(|| a.name.cmp(&b.name)));
        Self {
            before_us,
            during_us,
            before,
            during,
            functions,
        }
    }

    /// Change of the mean concurrency of all functions together.
    pub fn rise(&self) -> f64 {
        self.during - self.before
    }
}

/// Shapley's shares of the change of rate × (duration + initialisation), and what is left. Where there was no
/// invocation, durations are those of the other window: what does not exist has not changed.
fn parts(before: &WindowStats, during: &WindowStats) -> Parts {
    let (rate_0, rate_1) = (before.rate_per_s(), during.rate_per_s());
    let seconds = |ms: Option<f64>| ms.map(|ms| ms / 1e3);
    let either = |a: Option<f64>, b: Option<f64>| (a.or(b).unwrap_or(0.0), b.or(a).unwrap_or(0.0));
    let (duration_0, duration_1) = either(seconds(before.duration_ms()), seconds(during.duration_ms()));
    // The environments of new traffic are all new: their initialisations came with it, not by a change of its own.
    let (init_0, init_1) = either(seconds(before.init_ms()), seconds(during.init_ms()));
    let mean_rate = (rate_0 + rate_1) / 2.0;
    let rest = |stats: &WindowStats| stats.concurrency() - stats.started();
    Parts {
        rate: (rate_1 - rate_0) * (duration_0 + duration_1 + init_0 + init_1) / 2.0,
        duration: (duration_1 - duration_0) * mean_rate,
        cold_start: (init_1 - init_0) * mean_rate,
        carried_in: rest(during) - rest(before),
    }
}
