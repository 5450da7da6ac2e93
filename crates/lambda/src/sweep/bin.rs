//! From starts and ends to bins of time.

use std::ops::Range;

use super::edges::{ByBin, Edges};
use super::levels::LevelTimes;
use super::{ScopeSweep, SweepOptions};
use crate::rank::nearest_rank;
use crate::time::{MS_US, SLICE_US, TICK_US};

/// A bin of time of a function, of a pool or of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bin {
    /// Its number in the hour, from 0.
    pub number: u32,
    /// Most in flight at any instant.
    pub max: u32,
    /// In flight times microseconds.
    pub area_us: u64,
    /// The time-weighted percentile of [`SweepOptions::level_percent`], 0 without it.
    pub level: u32,
    /// Invocations that start.
    pub starts: u32,
    /// Invocations that start with an initialisation or a restore.
    pub cold_starts: u32,
    /// Invocations that end; their REPORT events bear a time inside of the bin.
    pub ends: u32,
    /// Sum of the durations of those that end, microseconds; 0 without [`SweepOptions::duration_percent`].
    pub duration_sum_us: u64,
    /// That percentile of those durations, microseconds.
    pub duration_us: u64,
}

impl Bin {
    /// Time-weighted mean of the number in flight.
    pub fn mean(&self, bin_ms: i64) -> f64 {
        self.area_us as f64 / (bin_ms * MS_US) as f64
    }

    fn is_idle(&self) -> bool {
        self.max == 0 && self.starts == 0 && self.ends == 0
    }
}

/// Sweeps one part of a slice of one scope.
pub(super) struct BinSweep<'a> {
    options: &'a SweepOptions,
    slice: i64,
    /// The ticks that count.
    clip: Range<u32>,
    bin_ticks: u32,
    first_bin: u32,
    bins: Vec<Bin>,
    levels: LevelTimes,
    peak: (u32, u32),
    /// Levels and ticks of the bin that the sweep is in.
    inside: Vec<(u32, u32)>,
    /// Counted from the first one of the part.
    at_bin: usize,
    /// First tick past that bin.
    border: u32,
}

impl<'a> BinSweep<'a> {
    /// Of the ticks `part`, which are whole bins, those in `clip` count.
    pub(super) fn new(options: &'a SweepOptions, slice: i64, part: &Range<u32>, clip: &Range<u32>) -> Self {
        let bin_ticks = options.bin_ticks();
        let end = clip.end.min(part.end);
        Self {
            options,
            slice,
            clip: clip.start.max(part.start).min(end)..end,
            bin_ticks,
            first_bin: part.start / bin_ticks,
            bins: vec![Bin::default(); part.len() / bin_ticks as usize],
            levels: LevelTimes::default(),
            peak: (0, 0),
            inside: Vec::new(),
            at_bin: 0,
            border: part.start + bin_ticks,
        }
    }

    pub(super) fn run(mut self, mut edges: Edges) -> ScopeSweep {
        let mut durations = std::mem::take(&mut edges.durations);
        let percent = self.options.duration_percent;
        self.moves(&edges);
        self.counts(&edges);
        for found in percent.map_or_else(Vec::new, |percent| ended_by_bin(&mut durations, percent)) {
            let bin = &mut self.bins[found.bin];
            bin.duration_sum_us = found.sum * TICK_US as u64;
            bin.duration_us = u64::from(found.percentile) * TICK_US as u64;
        }
        let time = |tick: u32| self.slice * SLICE_US + i64::from(tick) * TICK_US;
        let cold = edges.cold.iter().filter(|tick| self.clip.contains(tick));
        let cold_starts_us = cold.map(|&tick| time(tick)).collect();
        let peak = (self.peak.0, time(self.peak.1));
        for (number, bin) in (self.first_bin..).zip(&mut self.bins) {
            bin.number = number;
        }
        self.bins.retain(|bin| !bin.is_idle());
        ScopeSweep {
            bins: self.bins,
            levels: self.levels,
            peak,
            cold_starts_us,
        }
    }

    /// One pass over the starts and ends in the order of time.
    fn moves(&mut self, edges: &Edges) {
        let (mut level, mut since) = (edges.carried, self.clip.start);
        for edge in &edges.moves {
            let now = edge.tick();
            if now > since {
                self.stretch(since, now, level);
                since = now;
            }
            if self.clip.contains(&now) {
                if now >= self.border {
                    self.enter_bin(now);
                }
                let bin = &mut self.bins[self.at_bin];
                bin.starts += edge.starts();
                bin.ends += 1 - edge.starts();
            }
            // Without a branch, which nothing could foresee.
            level = level + 2 * edge.starts() - 1;
        }
        self.stretch(since, self.clip.end, level);
        self.close_bin();
    }

    /// Notes that `level` were in flight from one tick to another.
    #[inline]
    fn stretch(&mut self, from: u32, to: u32, level: u32) {
        let (mut from, to) = (from.max(self.clip.start), to.min(self.clip.end));
        if level == 0 || from >= to {
            return;
        }
        if level > self.peak.0 {
            self.peak = (level, from);
        }
        self.levels.add(level, u64::from(to - from) * TICK_US as u64);
        if from >= self.border {
            self.enter_bin(from);
        }
        while to > self.border {
            self.note(self.border - from, level);
            from = self.border;
            self.enter_bin(from);
        }
        self.note(to - from, level);
    }

    /// Notes that `level` were in flight for so many ticks of the bin that the sweep is in.
    #[inline]
    fn note(&mut self, ticks: u32, level: u32) {
        let bin = &mut self.bins[self.at_bin];
        bin.max = bin.max.max(level);
        bin.area_us += u64::from(ticks) * u64::from(level) * TICK_US as u64;
        if self.options.level_percent.is_some() {
            self.inside.push((level, ticks));
        }
    }

    /// Goes on to the bin of a tick; the sweep never goes back.
    fn enter_bin(&mut self, tick: u32) {
        self.close_bin();
        let bin = tick / self.bin_ticks;
        self.at_bin = (bin - self.first_bin) as usize;
        self.border = (bin + 1) * self.bin_ticks;
    }

    /// Takes the percentile of the bin that the sweep leaves.
    fn close_bin(&mut self) {
        let Some(percent) = self.options.level_percent else {
            return;
        };
        let mut levels = LevelTimes::default();
        for (level, ticks) in self.inside.drain(..) {
            levels.add(level, u64::from(ticks));
        }
        self.bins[self.at_bin].level = levels.percentile(percent, u64::from(self.bin_ticks));
    }

    fn counts(&mut self, edges: &Edges) {
        self.count(&edges.instants, |bin, count| bin.starts += count);
        self.count(&edges.instants, |bin, count| bin.ends += count);
        self.count(&edges.cold, |bin, count| bin.cold_starts += count);
    }

    /// Hands every bin the number of its ticks, which are ascending.
    fn count(&mut self, ticks: &[u32], add: fn(&mut Bin, u32)) {
        let place = |tick: u32| ticks.partition_point(|known| *known < tick);
        let mut rest = &ticks[place(self.clip.start)..place(self.clip.end)];
        while let Some(first) = rest.first() {
            let number = first / self.bin_ticks;
            let border = (number + 1) * self.bin_ticks;
            let inside = rest.iter().take_while(|tick| **tick < border).count();
            add(&mut self.bins[(number - self.first_bin) as usize], inside as u32);
            rest = &rest[inside..];
        }
    }
}

/// Ticks that the calls took that end in a bin.
struct Ended {
    bin: usize,
    sum: u64,
    percentile: u32,
}

fn ended_by_bin(durations: &mut ByBin, percent: f64) -> Vec<Ended> {
    let mut found = Vec::new();
    durations.for_each_bin(|bin, ticks| {
        let sum = ticks.iter().map(|&ticks| u64::from(ticks)).sum();
        let rank = nearest_rank(percent, ticks.len() as u64) as usize;
        let (_, &mut percentile, _) = ticks.select_nth_unstable(rank - 1);
        found.push(Ended { bin, sum, percentile });
    });
    found
}
