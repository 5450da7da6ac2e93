//! Concurrency of a log: how many were in flight, when, of what, and how near to the quota.

mod edges;
mod environments;
mod estimate;
mod scaling;
mod scope;

use std::ops::Range;

pub use edges::{Edge, LogEdges};
pub use environments::EnvironmentCounts;
pub use estimate::{BinEstimate, EstimateGap};
pub use scaling::Scaling;
pub use scope::{QUOTA_SHARES, QuotaShare, ScopeConcurrency};

use rayon::ThreadPool;

use crate::load::{FunctionId, LeftOut, Load};
use crate::quota::Quotas;
use crate::sweep::{SliceSweep, SweepOptions, sweep};
use scope::ScopeSummary;

/// What the analysis is to look at.
#[derive(Clone, Debug, PartialEq)]
pub struct ConcurrencyOptions {
    /// Width of a bin, milliseconds; see [`SweepOptions::is_bin`].
    pub bin_ms: i64,
    /// Only this time, microseconds since the epoch; all that the log spans when `None`.
    pub window_us: Option<Range<i64>>,
    /// What concurrency is held to.
    pub quotas: Quotas,
    /// The percentile of durations that the estimate takes, and of the time in a bin.
    pub percent: f64,
    /// True to take the percentile of the time in every bin, too.
    pub with_bin_levels: bool,
}

impl Default for ConcurrencyOptions {
    /// One-second bins, the default quota, and the 99.5th percentile.
    fn default() -> Self {
        Self {
            bin_ms: 1_000,
            window_us: None,
            quotas: Quotas::default(),
            percent: 99.5,
            with_bin_levels: false,
        }
    }
}

/// The concurrency of a log.
///
/// # Examples
/// ```
/// use insq_lambda::{Concurrency, ConcurrencyOptions, LoadRecorder, Report};
///
/// let mut recorder = LoadRecorder::default();
/// for end_ms in [1_000, 1_200, 9_000] {
///     let report = Report {
///         function: "orders",
///         stream: None,
///         end_ms: Some(end_ms),
///         duration_ms: Some(500.0),
///         init_ms: None,
///     };
///     recorder.record(&report);
/// }
/// let load = recorder.finish();
/// let found = Concurrency::measure(&load, &ConcurrencyOptions::default(), None, |_| {}).ok_or("an empty log")?;
/// assert_eq!((found.total.peak, found.total.peak_us), (2, 700_000));
/// assert_eq!(found.total.percentile(50.0), 0);
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Debug)]
pub struct Concurrency {
    /// Width of a bin, milliseconds.
    pub bin_ms: i64,
    /// What was looked at, microseconds since the epoch: first instant, and first after the last.
    pub window_us: Range<i64>,
    /// The percentile that estimates take.
    pub percent: f64,
    /// What concurrency was held to.
    pub quotas: Quotas,
    /// All functions together, held to the quota of the account.
    pub total: ScopeConcurrency,
    /// Functions without a reservation; `None` when nothing is reserved, which makes it the total.
    pub unreserved: Option<ScopeConcurrency>,
    /// Every function, the highest peak first; those with a reservation are held to it.
    pub functions: Vec<ScopeConcurrency>,
    /// Reservations of functions that the log knows nothing of.
    pub unknown_reserved: Vec<String>,
    /// Execution environments.
    pub environments: EnvironmentCounts,
    /// Where the window is less than the whole.
    pub edges: LogEdges,
    /// Invocations that could not be used.
    pub left_out: LeftOut,
}

impl Concurrency {
    /// Measures `load` on the threads of `pool`, or of the current rayon pool; `visit` sees every hour as it is swept, in
    /// the order of time, on the caller's thread. `None` for a load without invocations.
    pub fn measure(
        load: &Load,
        options: &ConcurrencyOptions,
        pool: Option<&ThreadPool>,
        mut visit: impl FnMut(&SliceSweep),
    ) -> Option<Self> {
        let window_us = match &options.window_us {
            Some(window) => window.clone(),
            None => load.span_us().map(|(first, last)| first..last)?,
        };
        if load.calls() == 0 {
            return None;
        }
        let ids: Vec<(FunctionId, &str)> = load.functions().collect();
        let sweep_options = sweep_options(&ids, options);
        let summary = |name: &str, quota| ScopeSummary::new(name, quota, options);
        let quotas = &options.quotas;
        let mut total = summary("", Some(quotas.account()));
        let mut unreserved =
            (!sweep_options.reserved.is_empty()).then(|| summary("", Some(quotas.unreserved())));
        let mut functions: Vec<ScopeSummary> = ids
            .iter()
            .map(|(_, name)| summary(name, quotas.of(name)))
            .collect();
        sweep(load, &sweep_options, pool, |slice| {
            total.add(slice.start_us, &slice.total);
            if let (Some(summary), Some(swept)) = (&mut unreserved, &slice.unreserved) {
                summary.add(slice.start_us, swept);
            }
            for (id, swept) in &slice.functions {
                functions[id.index()].add(slice.start_us, swept);
            }
            visit(&slice);
        });
        let window = (window_us.end - window_us.start).max(0) as u64;
        let total = total.finish(window);
        let mut functions: Vec<ScopeConcurrency> = functions
            .into_iter()
            .map(|summary| summary.finish(window))
            .filter(|scope| scope.calls > 0 || scope.peak > 0)
            .collect();
        functions.sort_by(|a, b| b.peak.cmp(&a.peak).then_with(|| a.name.cmp(&b.name)));
        let known = |name: &str| ids.iter().any(|(_, known)| *known == name);
        let reserved = quotas.reserved().iter().map(|(name, _)| name);
        Some(Self {
            bin_ms: options.bin_ms,
            percent: options.percent,
            edges: match pool {
                Some(pool) => pool.install(|| LogEdges::of(load, &window_us, &total)),
                None => LogEdges::of(load, &window_us, &total),
            },
            unreserved: unreserved.map(|summary| summary.finish(window)),
            unknown_reserved: reserved.filter(|name| !known(name)).cloned().collect(),
            environments: EnvironmentCounts::of(load),
            left_out: load.left_out(),
            quotas: quotas.clone(),
            window_us,
            total,
            functions,
        })
    }
}

/// Without a window there is none for the sweep either: the last invocation ends at the end of what the log spans, and
/// is to be counted.
fn sweep_options(ids: &[(FunctionId, &str)], options: &ConcurrencyOptions) -> SweepOptions {
    let is_reserved = |(id, name): &(FunctionId, &str)| options.quotas.of(name).map(|_| *id);
    SweepOptions {
        bin_ms: options.bin_ms,
        window_us: options.window_us.clone(),
        level_percent: options.with_bin_levels.then_some(options.percent),
        duration_percent: Some(options.percent),
        reserved: ids.iter().filter_map(is_reserved).collect(),
    }
}
