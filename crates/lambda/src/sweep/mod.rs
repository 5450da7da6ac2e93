//! The exact sweep of a load: slice after slice of time, for every function, for the pool that functions share, and
//! for all together.
//!
//! Slices do not depend on each other, since a slice looks back for the calls that reach into it. They are swept in
//! parallel, a few at a time, and handed on in the order of time, so that what follows needs no more memory than a few
//! hours do. A slice of many calls is cut at the borders of bins into parts, which are swept in parallel as well: all that
//! one has to know of those before it is how many calls it begins with.

mod bin;
mod edges;
mod levels;
mod parts;

use std::collections::BTreeMap;
use std::ops::Range;

use rayon::ThreadPool;
use rayon::prelude::*;

pub use bin::Bin;
pub use levels::LevelTimes;

use crate::load::{FunctionId, Load};
use crate::time::{MS_US, SLICE_TICKS, SLICE_US, TICK_US};
use bin::BinSweep;
use edges::Edges;
use parts::Parts;

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

    fn bin_ticks(&self) -> u32 {
        (self.bin_ms * MS_US / TICK_US) as u32
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

impl ScopeSweep {
    /// Adds what is known of the time that follows.
    fn append(&mut self, later: Self) {
        self.bins.extend(later.bins);
        self.levels.merge(&later.levels);
        if later.peak.0 > self.peak.0 {
            self.peak = later.peak;
        }
        self.cold_starts_us.extend(later.cold_starts_us);
    }
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
            let slices = some.par_iter().map(|&number| {
                let parts = Parts::new(options.bin_ticks(), load.calls_of_slice(number));
                sweep_slice(load, options, number, &parts)
            });
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

/// Cuts the calls of a slice into its parts, sweeps them all and joins what they gave.
fn sweep_slice(load: &Load, options: &SweepOptions, number: i64, parts: &Parts) -> SliceSweep {
    let clip = clip(options, number);
    let ids: Vec<FunctionId> = load.functions().map(|(id, _)| id).collect();
    let wants_durations = options.duration_percent.is_some();
    let edges: Vec<(FunctionId, Vec<Edges>)> = ids
        .into_par_iter()
        .filter_map(|id| {
            let edges = Edges::of(load.function_load(id)?, number, &clip, parts, wants_durations);
            (!edges.is_empty()).then_some((id, edges))
        })
        .collect();
    let part = Part {
        options,
        slice: number,
        clip,
    };
    let swept: Vec<SliceSweep> = by_part(edges, parts)
        .into_par_iter()
        .filter(|(ticks, _)| ticks.start < part.clip.end && part.clip.start < ticks.end)
        .map(|(ticks, edges)| part.sweep(&ticks, edges))
        .collect();
    joined(number * SLICE_US, !options.reserved.is_empty(), swept)
}

/// What every function does in a part, in the order of functions.
type PartEdges = Vec<(FunctionId, Edges)>;

/// The ticks of the parts in which there is anything, and the functions of which.
fn by_part(edges: Vec<(FunctionId, Vec<Edges>)>, parts: &Parts) -> Vec<(Range<u32>, PartEdges)> {
    let mut all: Vec<_> = (0..parts.count())
        .map(|number| (parts.ticks(number), Vec::new()))
        .collect();
    for (id, edges) in edges {
        for ((_, part), edges) in all.iter_mut().zip(edges) {
            if !edges.is_empty() {
                part.push((id, edges));
            }
        }
    }
    all.retain(|(_, edges)| !edges.is_empty());
    all
}

/// What all parts of a slice are swept by.
struct Part<'a> {
    options: &'a SweepOptions,
    slice: i64,
    clip: Range<u32>,
}

impl Part<'_> {
    /// Sweeps the part of these ticks.
    fn sweep(&self, ticks: &Range<u32>, mut edges: PartEdges) -> SliceSweep {
        let bins = ticks.len() / self.options.bin_ticks() as usize;
        edges
            .par_iter_mut()
            .for_each(|(_, edges)| edges.put_in_order(bins));
        let one = |edges: Edges| BinSweep::new(self.options, self.slice, ticks, &self.clip).run(edges);
        let reserved = &self.options.reserved;
        let unreserved = (!reserved.is_empty()).then(|| {
            let parts = edges.iter().filter(|(id, _)| !reserved.contains(id));
            one(Edges::union(parts.map(|(_, edges)| edges)))
        });
        let start_us = self.slice * SLICE_US;
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
}

/// A slice from its parts, in the order of time.
fn joined(start_us: i64, has_unreserved: bool, parts: Vec<SliceSweep>) -> SliceSweep {
    let none = || ScopeSweep {
        bins: Vec::new(),
        levels: LevelTimes::default(),
        peak: (0, start_us),
        cold_starts_us: Vec::new(),
    };
    let mut total = none();
    let mut unreserved = has_unreserved.then(none);
    let mut functions: BTreeMap<FunctionId, ScopeSweep> = BTreeMap::new();
    for part in parts {
        total.append(part.total);
        if let Some((all, part)) = unreserved.as_mut().zip(part.unreserved) {
            all.append(part);
        }
        for (id, sweep) in part.functions {
            functions.entry(id).or_insert_with(none).append(sweep);
        }
    }
    SliceSweep {
        start_us,
        total,
        unreserved,
        functions: functions.into_iter().collect(),
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::load::{LoadRecorder, Report};

    fn load(calls: &[(usize, i64, i64, Option<i64>)]) -> Load {
        let mut recorder = LoadRecorder::default();
        for (function, end_ms, duration_ms, init_ms) in calls {
            recorder.record(&Report {
                function: ["orders", "payments", "users"][*function],
                stream: None,
                end_ms: Some(*end_ms),
                duration_ms: Some(*duration_ms as f64 / 8.0),
                init_ms: init_ms.map(|ms| ms as f64),
            });
        }
        recorder.finish()
    }

    proptest! {
        #[test]
        fn parts_make_no_difference(
            calls in prop::collection::vec(
                (0..3usize, 0..4 * 3_600_000i64, prop_oneof![Just(0), 0..4_000i64, 0..57_600_000i64], prop::option::of(0..900i64)),
                1..200,
            ),
            bin_ms in prop::sample::select(vec![1_000i64, 60_000, 600_000, 3_600_000]),
            wanted in 2..60usize,
            window in prop::option::of((0..4 * 3_600_000_000i64, 1..3_600_000_000i64)),
            has_reserved: bool,
        ) {
            let load = load(&calls);
            let options = SweepOptions {
                bin_ms,
                window_us: window.map(|(from, length)| from..from + length),
                level_percent: Some(90.0),
                duration_percent: Some(50.0),
                reserved: load.function("users").into_iter().filter(|_| has_reserved).collect(),
            };
            for number in load.active_slices() {
                let sweep = |parts: Parts| {
                    let mut sweep = sweep_slice(&load, &options, number, &parts);
                    // Whether a function without anything in the window is told is left open.
                    sweep.functions.retain(|(_, scope)| !scope.bins.is_empty());
                    format!("{sweep:?}")
                };
                let whole = sweep(Parts::new(options.bin_ticks(), 0));
                prop_assert_eq!(&sweep(Parts::cut(options.bin_ticks(), wanted)), &whole);
            }
        }
    }
}
