//! The highest peaks, and what every function did in the minutes around them.

use std::ops::Range;

use rayon::ThreadPool;

use crate::intervals::concurrency_by_bin;
use crate::load::{FunctionId, Load};
use crate::sweep::{SweepOptions, sweep};
use crate::time::{MS_US, SECOND_US};
use crate::window::{WindowStats, in_flight_at, invocations_in};

/// Whole minutes before the minute of a peak that are looked at.
pub const MINUTES_BEFORE: i64 = 6;

/// Whole minutes after it.
pub const MINUTES_AFTER: i64 = 2;

/// The window in which peaks are looked for unless one is given: the last seven days of the log.
pub const HUNT_WINDOW_MS: i64 = 7 * 86_400_000;

const MINUTE_US: i64 = 60 * SECOND_US;

/// A peak and the minutes around it.
#[derive(Clone, Debug, PartialEq)]
pub struct Hunt {
    /// Most in flight at an instant.
    pub peak: u32,
    /// The first such instant, microseconds since the epoch.
    pub peak_us: i64,
    /// The minutes, microseconds since the epoch.
    pub window_us: Range<i64>,
    /// Functions with anything in flight in the window; those with most in flight at the peak first.
    pub functions: Vec<HuntedFunction>,
}

/// A function in the minutes around a peak.
#[derive(Clone, Debug, PartialEq)]
pub struct HuntedFunction {
    /// Its name.
    pub name: String,
    /// In flight at the instant of the peak; over all functions, these add up to the peak.
    pub at_peak: u32,
    /// Minute by minute.
    pub minutes: Vec<HuntMinute>,
    /// The same function in all the time of the log outside of these minutes; `None` when there is none.
    pub normal: Option<WindowStats>,
}

impl HuntedFunction {
    /// The minute with the peak.
    pub fn peak_minute(&self) -> Option<&HuntMinute> {
        self.minutes.get(MINUTES_BEFORE as usize)
    }
}

/// A minute of a function.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HuntMinute {
    /// Start, microseconds since the epoch.
    pub start_us: i64,
    /// What starts in it.
    pub stats: WindowStats,
    /// Most in flight at an instant.
    pub max: u64,
    /// Time-weighted mean of the number in flight.
    pub mean: f64,
    /// Invocations that start, per second, times their mean duration: what metrics of a minute give.
    pub estimate: f64,
}

/// The `top` highest peaks of `load` in `window_us`, or in the last seven days of it; no two of them lie in each other's
/// minutes. Uses the threads of `pool`.
///
/// # Examples
/// ```
/// use insq_lambda::{LoadRecorder, Report, hunt};
///
/// let mut recorder = LoadRecorder::default();
/// for _ in 0..3 {
///     recorder.record(&Report {
///         function: "orders",
///         stream: None,
///         end_ms: Some(600_500),
///         duration_ms: Some(1_000.0),
///         init_ms: None,
///     });
/// }
/// let load = recorder.finish();
/// let found = hunt(&load, None, 1, None);
/// assert_eq!((found[0].peak, found[0].functions[0].at_peak), (3, 3));
/// assert_eq!(found[0].functions[0].minutes.len(), 9);
/// ```
pub fn hunt(load: &Load, window_us: Option<Range<i64>>, top: usize, pool: Option<&ThreadPool>) -> Vec<Hunt> {
    let Some((first, last)) = load.span_us() else {
        return Vec::new();
    };
    let window_us = window_us.unwrap_or(first.max(last - HUNT_WINDOW_MS * MS_US)..last);
    let span_us = window_us.start.max(first)..window_us.end.min(last);
    let ids: Vec<FunctionId> = load.functions().map(|(id, _)| id).collect();
    let whole: Vec<WindowStats> = ids
        .iter()
        .map(|id| WindowStats::of(load, *id, &span_us))
        .collect();
    peaks(load, window_us, top, pool)
        .into_iter()
        .map(|(peak, peak_us)| around(load, &ids, &whole, peak, peak_us))
        .collect()
}

/// The highest minutes, far enough apart; each with the first instant of its peak.
fn peaks(load: &Load, window_us: Range<i64>, top: usize, pool: Option<&ThreadPool>) -> Vec<(u32, i64)> {
    let mut minutes: Vec<(u32, i64)> = Vec::new();
    let options = SweepOptions {
        bin_ms: MINUTE_US / MS_US,
        window_us: Some(window_us),
        ..SweepOptions::default()
    };
    sweep(load, &options, pool, |slice| {
        let busy = slice.total.bins.iter().filter(|bin| bin.max > 0);
        minutes.extend(busy.map(|bin| (bin.max, slice.start_us + i64::from(bin.number) * MINUTE_US)));
    });
    minutes.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut chosen: Vec<(u32, i64)> = Vec::new();
    for (max, minute_us) in minutes {
        if chosen.len() == top {
            break;
        }
        let is_near = |(_, known): &(u32, i64)| {
            (known - minute_us).abs() <= (MINUTES_BEFORE + MINUTES_AFTER) * MINUTE_US
        };
        if !chosen.iter().any(is_near) {
            chosen.push((max, minute_us));
        }
    }
    for (_, at_us) in &mut chosen {
        *at_us = peak_instant(load, &options, *at_us, pool);
    }
    chosen
}

/// The first instant of the highest level of a minute.
fn peak_instant(load: &Load, options: &SweepOptions, minute_us: i64, pool: Option<&ThreadPool>) -> i64 {
    let options = SweepOptions {
        window_us: options
            .window_us
            .as_ref()
            .map(|window| minute_us.max(window.start)..(minute_us + MINUTE_US).min(window.end)),
        ..options.clone()
    };
    let mut at_us = minute_us;
    sweep(load, &options, pool, |slice| at_us = slice.total.peak.1);
    at_us
}

fn around(load: &Load, ids: &[FunctionId], whole: &[WindowStats], peak: u32, peak_us: i64) -> Hunt {
    let minute_us = peak_us.div_euclid(MINUTE_US) * MINUTE_US;
    let window_us = minute_us - MINUTES_BEFORE * MINUTE_US..minute_us + (MINUTES_AFTER + 1) * MINUTE_US;
    let mut functions: Vec<HuntedFunction> = ids
        .iter()
        .zip(whole)
        .map(|(id, whole)| hunted(load, *id, whole, &window_us, peak_us))
        .filter(|found| {
            found
                .minutes
                .iter()
                .any(|minute| minute.max > 0 || minute.stats.starts > 0)
        })
        .collect();
    let mean = |found: &HuntedFunction| found.peak_minute().map_or(0.0, |minute| minute.mean);
    functions.sort_by(|a, b| {
        let by_peak = b.at_peak.cmp(&a.at_peak);
        by_peak
            .then_with(|| mean(b).total_cmp(&mean(a)))
            .then_with(|| a.name.cmp(&b.name))
    });
    Hunt {
        peak,
        peak_us,
        window_us,
        functions,
    }
}

fn hunted(
    load: &Load,
    id: FunctionId,
    whole: &WindowStats,
    window_us: &Range<i64>,
    peak_us: i64,
) -> HuntedFunction {
    let bins = concurrency_by_bin(&invocations_in(load, id, window_us), MINUTE_US / MS_US);
    let count = (window_us.end - window_us.start) / MINUTE_US;
    let minutes = (0..count).map(|number| {
        let start_us = window_us.start + number * MINUTE_US;
        let stats = WindowStats::of(load, id, &(start_us..start_us + MINUTE_US));
        let bin = bins.iter().find(|bin| bin.start_ms == start_us / MS_US);
        HuntMinute {
            start_us,
            max: bin.map_or(0, |bin| bin.max),
            mean: stats.concurrency(),
            estimate: stats.rate_per_s() * stats.duration_ms().unwrap_or(0.0) / 1e3,
            stats,
        }
    });
    let minutes: Vec<HuntMinute> = minutes.collect();
    let inside = WindowStats::of(load, id, window_us);
    HuntedFunction {
        name: load.name(id).to_owned(),
        at_peak: in_flight_at(load, id, peak_us),
        minutes,
        normal: outside(whole, &inside),
    }
}

/// What is left of all of the time without the minutes around the peak.
fn outside(whole: &WindowStats, inside: &WindowStats) -> Option<WindowStats> {
    let window_us = whole.window_us - inside.window_us;
    (window_us > 0).then(|| WindowStats {
        window_us,
        starts: whole.starts.saturating_sub(inside.starts),
        cold_starts: whole.cold_starts.saturating_sub(inside.cold_starts),
        duration_us: whole.duration_us.saturating_sub(inside.duration_us),
        init_us: whole.init_us.saturating_sub(inside.init_us),
        area_us: whole.area_us.saturating_sub(inside.area_us),
    })
}
