//! The exact sweep of a load: slice after slice of time, for every function, for the pool that functions share, and
//! for all together.
//!
//! Slices do not depend on each other, since a slice looks back for the calls that reach into it. They are swept in
//! parallel, a few at a time, and handed on in the order of time, so that what follows needs no more memory than a few
//! hours do.

mod bin;
mod edges;
mod levels;

use std::ops::Range;

use rayon::ThreadPool;
use rayon::prelude::*;

pub use bin::Bin;
pub use levels::LevelTimes;

use crate::load::{FunctionId, Load};
use crate::time::{MS_US, SLICE_TICKS, SLICE_US, TICK_US};
use bin::BinSweep;
use edges::Edges;

/// The narrowest bin, milliseconds.
pub const BIN_MIN_MS: i64 = 10;

/// The widest bin, milliseconds.
pub const BIN_MAX_MS: i64 = SLICE_US / MS_US;

/// How a load is swept.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepOptions {
    /// Width of a bin, milliseconds; see [`SweepOptions::is_bin`].
    pub bin_ms: i64,
    /// Only this time, microseconds since the epoch. What is in flight at its start counts.
    pub window_us: Option<Range<i64>>,
    /// Of the time of every bin, this percentile of the invocations in flight.
    pub level_percent: Option<f64>,
    /// Of the durations of the invocations that end in a bin, this percentile.
    pub duration_percent: Option<f64>,
    /// Functions that do not draw from the common pool.
    pub reserved: Vec<FunctionId>,
}

impl Default for SweepOptions {
    /// One-second bins of all time, with neither percentile and without reservations.
    fn default() -> Self {
        Self {
            bin_ms: 1_000,
            window_us: None,
            level_percent: None,
            duration_percent: None,
            reserved: Vec::new(),
        }
    }
}

impl SweepOptions {
    /// True for widths that a bin can have: from [`BIN_MIN_MS`] to [`BIN_MAX_MS`], and an hour is a whole number of them.
    pub fn is_bin(ms: i64) -> bool {
        (BIN_MIN_MS..=BIN_MAX_MS).contains(&ms) && BIN_MAX_MS % ms == 0
    }
}

/// What is known of one hour.
#[derive(Clone, Debug)]
pub struct SliceSweep {
    /// Start of the hour, microseconds since the epoch.
    pub start_us: i64,
    /// All functions together.
    pub total: ScopeSweep,
    /// The functions that share the unreserved pool; `None` when all do.
    pub unreserved: Option<ScopeSweep>,
    /// The functions of which something is in flight, starts or ends; ascending.
    pub functions: Vec<(FunctionId, ScopeSweep)>,
}

/// What is known of one hour of a function, of a pool or of all.
#[derive(Clone, Debug)]
pub struct ScopeSweep {
    /// The bins in which something is in flight, starts or ends; ascending.
    pub bins: Vec<Bin>,
    /// For how long how many were in flight.
    pub levels: LevelTimes,
    /// Most in flight, and the first instant of it, microseconds since the epoch; 0 when none was.
    pub peak: (u32, i64),
    /// When new environments began to be initialised or restored, microseconds since the epoch; ascending.
    pub cold_starts_us: Vec<i64>,
}

/// Slices that are swept at a time, for every thread.
const SLICES_PER_THREAD: usize = 2;

/// Sweeps `load` and hands on hour after hour in which there is anything, in the order of time. Uses the threads of
/// `pool`, or of the current rayon pool; `visit` is called on the caller's thread.
pub fn sweep(
    load: &Load,
    options: &SweepOptions,
    pool: Option<&ThreadPool>,
    mut visit: impl FnMut(SliceSweep),
) {
    let mut numbers = load.active_slices();
    if let Some(window) = &options.window_us {
        let inside = window.start.div_euclid(SLICE_US)..=(window.end - 1).div_euclid(SLICE_US);
        numbers.retain(|number| inside.contains(number));
    }
    let threads = pool.map_or_else(rayon::current_num_threads, ThreadPool::current_num_threads);
    let mut swept: Vec<SliceSweep> = Vec::new();
    for some in numbers.chunks(threads * SLICES_PER_THREAD) {
        let mut next = Vec::new();
        let sweep_next = || {
            let slices = some.par_iter().map(|&number| sweep_slice(load, options, number));
            slices.collect_into_vec(&mut next);
        };
        beside(pool, sweep_next, || swept.drain(..).for_each(&mut visit));
        swept = next;
    }
    swept.into_iter().for_each(visit);
}

/// Does `work` on the threads of `pool`, and meanwhile `here` on this one.
fn beside(pool: Option<&ThreadPool>, work: impl FnOnce() + Send, here: impl FnOnce()) {
    match pool {
        Some(pool) => pool.in_place_scope(|scope| {
            scope.spawn(|_| work());
            here();
        }),
        None => rayon::in_place_scope(|scope| {
            scope.spawn(|_| work());
            here();
        }),
    }
}

fn sweep_slice(load: &Load, options: &SweepOptions, number: i64) -> SliceSweep {
    let clip = clip(options, number);
    let bin_ticks = (options.bin_ms * MS_US / TICK_US) as u32;
    let duration_bins = options.duration_percent.map(|_| bin_ticks);
    let ids: Vec<FunctionId> = load.functions().map(|(id, _)| id).collect();
    let mut edges: Vec<(FunctionId, Edges)> = ids
        .into_par_iter()
        .filter_map(|id| {
            let edges = Edges::of(load.function_load(id)?, number, &clip, duration_bins);
            (!edges.is_empty()).then_some((id, edges))
        })
        .collect();
    let one = |edges: Edges| BinSweep::new(options, number, &clip).run(edges);
    let is_unreserved = |id: &FunctionId| !options.reserved.contains(id);
    let unreserved = (!options.reserved.is_empty()).then(|| {
        let parts = edges.iter().filter(|(id, _)| is_unreserved(id));
        one(Edges::union(parts.map(|(_, edges)| edges)))
    });
    let start_us = number * SLICE_US;
    // What the only function does is all that is done.
    if edges.len() == 1
        && let Some((id, edges)) = edges.pop()
    {
        let total = one(edges);
        return SliceSweep {
            start_us,
            functions: vec![(id, total.clone())],
            total,
            unreserved,
        };
    }
    let together = Edges::union(edges.iter().map(|(_, edges)| edges));
    let apart = || {
        edges
            .into_par_iter()
            .map(|(id, edges)| (id, one(edges)))
            .collect()
    };
    let (total, functions) = rayon::join(|| one(together), apart);
    SliceSweep {
        start_us,
        total,
        unreserved,
        functions,
    }
}

/// The ticks of slice `number` that are inside of the window.
fn clip(options: &SweepOptions, number: i64) -> Range<u32> {
    let Some(window) = &options.window_us else {
        return 0..SLICE_TICKS;
    };
    let tick = |us: i64| ((us - number * SLICE_US) / TICK_US).clamp(0, i64::from(SLICE_TICKS)) as u32;
    tick(window.start)..tick(window.end)
}
