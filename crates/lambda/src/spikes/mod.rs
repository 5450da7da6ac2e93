//! Spikes of a load: what the detector finds in the series of every function and of all, gathered to incidents and
//! explained.

mod gather;
mod watch;

use std::ops::Range;

use rayon::ThreadPool;

use crate::attribution::Attribution;
use crate::detect::{Breach, Episode, FALSE_ALARMS_PER_DAY};
use crate::load::{FunctionId, Load};
use crate::quota::Quotas;
use crate::sweep::{SliceSweep, SweepOptions, sweep};
use crate::time::SECOND_US;
use watch::Watches;

/// What the detector is to look at.
#[derive(Clone, Debug, PartialEq)]
pub struct SpikesOptions {
    /// Only this time, microseconds since the epoch; all that the log spans when `None`.
    pub window_us: Option<Range<i64>>,
    /// What the rules of the service are applied to.
    pub quotas: Quotas,
    /// Episodes a day, over all series together, in which nothing but chance is at work.
    pub false_alarms_per_day: f64,
}

impl Default for SpikesOptions {
    /// All time, the default quota, and one false episode a day.
    fn default() -> Self {
        Self {
            window_us: None,
            quotas: Quotas::default(),
            false_alarms_per_day: FALSE_ALARMS_PER_DAY,
        }
    }
}

/// Whose series it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SpikeScope {
    /// All functions together.
    Total,
    /// The functions that share the unreserved pool.
    Unreserved,
    /// One function.
    Function(FunctionId),
}

/// What the series counts, second by second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SpikeSeries {
    /// Time-weighted mean of the invocations in flight.
    Concurrency,
    /// Invocations that start.
    Starts,
}

/// An episode of one series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Detection {
    /// Whose.
    pub scope: SpikeScope,
    /// Of what.
    pub series: SpikeSeries,
    /// The episode.
    pub episode: Episode,
}

/// A rule of the service that was broken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QuotaBreach {
    /// By whom.
    pub scope: SpikeScope,
    /// The breach.
    pub breach: Breach,
}

/// An incident: episodes that overlap, whose they are, and why concurrency rose.
#[derive(Clone, Debug, PartialEq)]
pub struct Spike {
    /// The first instant of all its episodes at which a series by itself stood clearly above the expected value,
    /// microseconds since the epoch.
    pub start_us: i64,
    /// When the rise began, microseconds since the epoch.
    pub onset_us: i64,
    /// First instant after the last elevated second, microseconds since the epoch.
    pub end_us: i64,
    /// The first instant with most in flight between onset and end, microseconds since the epoch.
    pub peak_us: i64,
    /// Most in flight at an instant, of all functions together.
    pub peak: u32,
    /// The episode that speaks for all: that of the concurrency of all functions where there is one, else the
    /// clearest. `None` for a rule of the service that was broken without a spike.
    pub main: Option<Detection>,
    /// All episodes, [`Spike::main`] among them, the clearest first.
    pub detections: Vec<Detection>,
    /// Rules of the service that were broken meanwhile.
    pub breaches: Vec<QuotaBreach>,
    /// Why concurrency rose.
    pub attribution: Attribution,
    /// True when it was not over when the log ended.
    pub open: bool,
}

impl Spike {
    /// The highest score of a point of its episodes, from 0 to 1; 0 without episodes.
    pub fn score(&self) -> f64 {
        self.detections
            .iter()
            .map(|found| found.episode.score)
            .fold(0.0, f64::max)
    }
}

/// The spikes of a load, in the order of time.
///
/// Every series is watched once, second by second, with bounded memory; what is found is then explained by the
/// invocations around it. Uses the threads of `pool`; `visit` sees every hour as it is swept, in the order of time, on the
/// caller's thread.
///
/// # Examples
/// ```
/// use insq_lambda::{Cause, LoadRecorder, Report, SpikesOptions, spikes};
///
/// let mut recorder = LoadRecorder::default();
/// // Twenty a second for an hour, and for half a minute of it, a hundred.
/// for second in 0..3_600i64 {
///     let count = if (2_000..2_030).contains(&second) { 100 } else { 20 };
///     for number in 0..count {
///         recorder.record(&Report {
///             function: "orders",
///             stream: None,
///             end_ms: Some(second * 1_000 + number * 1_000 / count),
///             duration_ms: Some(100.0 + (number % 7) as f64),
///             init_ms: None,
///         });
///     }
/// }
/// let load = recorder.finish();
/// let found = spikes(&load, &SpikesOptions::default(), None, |_| {});
/// assert_eq!(found.len(), 1);
/// assert_eq!(found[0].attribution.functions[0].parts.main(), Cause::Rate);
/// ```
pub fn spikes(
    load: &Load,
    options: &SpikesOptions,
    pool: Option<&ThreadPool>,
    mut visit: impl FnMut(&SliceSweep),
) -> Vec<Spike> {
    let Some((first, last)) = load.span_us() else {
        return Vec::new();
    };
    let window_us = options.window_us.clone().unwrap_or(first..last);
    let sweep_options = SweepOptions {
        window_us: options.window_us.clone(),
        reserved: reserved(load, &options.quotas),
        ..SweepOptions::default()
    };
    let mut watches = Watches::new(load, options, sweep_options.reserved.is_empty());
    sweep(load, &sweep_options, pool, |slice: SliceSweep| {
        match pool {
            Some(pool) => pool.install(|| watches.push(&slice)),
            None => watches.push(&slice),
        }
        visit(&slice);
    });
    let (detections, breaches) = watches.finish((window_us.end - 1).div_euclid(SECOND_US));
    gather::incidents(detections, breaches)
        .into_iter()
        .map(|incident| incident.explained(load, &window_us, pool))
        .collect()
}

fn reserved(load: &Load, quotas: &Quotas) -> Vec<FunctionId> {
    load.functions()
        .filter(|(_, name)| quotas.of(name).is_some())
        .map(|(id, _)| id)
        .collect()
}
