//! From episodes of many series to incidents.

use std::ops::Range;

use rayon::ThreadPool;

use super::{Detection, QuotaBreach, Spike, SpikeScope, SpikeSeries};
use crate::attribution::Attribution;
use crate::load::Load;
use crate::sweep::{SweepOptions, sweep};
use crate::time::{MS_US, SECOND_US};

/// Episodes with no more than this between them are of one incident.
const MERGE_US: i64 = 10 * SECOND_US;

/// A rise is measured from this much time before its onset.
const BEFORE_US: i64 = 300 * SECOND_US;

/// The onset is known to a few seconds only; these are left out of the time before.
const GUARD_US: i64 = 5 * SECOND_US;

/// Episodes that belong together, and the rules that were broken meanwhile.
pub(super) struct Incident {
    detections: Vec<Detection>,
    breaches: Vec<QuotaBreach>,
}

fn episode_us(found: &Detection) -> Range<i64> {
    found.episode.onset_ms * MS_US..found.episode.end_ms * MS_US
}

fn breach_us(found: &QuotaBreach) -> Range<i64> {
    found.breach.start_s * SECOND_US..found.breach.end_s * SECOND_US
}

/// Gathers what overlaps. A breach may last for hours; it joins incidents, and never makes one of two.
pub(super) fn incidents(mut detections: Vec<Detection>, breaches: Vec<QuotaBreach>) -> Vec<Incident> {
    detections.sort_by_key(|found| (episode_us(found).start, found.scope, found.series));
    let mut incidents: Vec<(Range<i64>, Incident)> = Vec::new();
    for found in detections {
        let range = episode_us(&found);
        match incidents.last_mut() {
            Some((known, incident)) if range.start <= known.end + MERGE_US => {
                known.end = known.end.max(range.end);
                incident.detections.push(found);
            }
            _ => incidents.push((
                range,
                Incident {
                    detections: vec![found],
                    breaches: Vec::new(),
                },
            )),
        }
    }
    let mut alone: Vec<QuotaBreach> = Vec::new();
    for found in breaches {
        let range = breach_us(&found);
        let mut is_alone = true;
        for (known, incident) in &mut incidents {
            if range.start < known.end + MERGE_US && known.start < range.end + MERGE_US {
                incident.breaches.push(found);
                is_alone = false;
            }
        }
        if is_alone {
            alone.push(found);
        }
    }
    incidents.extend(gathered_breaches(alone));
    incidents.sort_by_key(|(range, _)| range.start);
    incidents.into_iter().map(|(_, incident)| incident).collect()
}

fn gathered_breaches(mut breaches: Vec<QuotaBreach>) -> Vec<(Range<i64>, Incident)> {
    breaches.sort_by_key(|found| (found.breach.start_s, found.scope));
    let mut incidents: Vec<(Range<i64>, Incident)> = Vec::new();
    for found in breaches {
        let range = breach_us(&found);
        match incidents.last_mut() {
            Some((known, incident)) if range.start <= known.end + MERGE_US => {
                known.end = known.end.max(range.end);
                incident.breaches.push(found);
            }
            _ => incidents.push((
                range,
                Incident {
                    detections: Vec::new(),
                    breaches: vec![found],
                },
            )),
        }
    }
    incidents
}

impl Incident {
    /// Looks at the invocations around the incident. `window_us` is what was watched.
    pub(super) fn explained(
        mut self,
        load: &Load,
        window_us: &Range<i64>,
        pool: Option<&ThreadPool>,
    ) -> Spike {
        self.detections.sort_by(|a, b| {
            let by_score = b.episode.score.total_cmp(&a.episode.score);
            by_score.then((a.scope, a.series).cmp(&(b.scope, b.series)))
        });
        let main = self.main();
        let ranges = || {
            let episodes = self.detections.iter().map(episode_us);
            episodes.chain(self.breaches.iter().map(breach_us).filter(|_| main.is_none()))
        };
        let earliest = ranges().map(|range| range.start).min().unwrap_or(window_us.start);
        let onset_us = main.map_or(earliest, |found| found.episode.onset_ms * MS_US);
        let main_end = main.map(|found| found.episode.end_ms * MS_US);
        let latest = ranges().map(|range| range.end).max();
        let end_us = latest.unwrap_or(onset_us).min(window_us.end).max(onset_us + 1);
        let starts = self.detections.iter().map(|found| found.episode.start_ms * MS_US);
        let during_us = onset_us..main_end.unwrap_or(end_us).min(window_us.end).max(onset_us + 1);
        let (peak, peak_us) = peak_in(load, &during_us, pool);
        Spike {
            start_us: starts.min().unwrap_or(onset_us),
            onset_us,
            end_us,
            peak_us,
            peak,
            main,
            attribution: Attribution::explain(load, before(load, onset_us), during_us, peak_us),
            open: self.detections.iter().any(|found| found.episode.open)
                || (main.is_none() && self.breaches.iter().any(|found| found.breach.open)),
            detections: self.detections,
            breaches: self.breaches,
        }
    }

    /// Concurrency speaks before starts, and all functions before one, if they show the incident at all.
    fn main(&self) -> Option<Detection> {
        let of = |series| self.detections.iter().filter(move |found| found.series == series);
        let widest = |series| {
            let total = of(series).find(|found| found.scope == SpikeScope::Total);
            total.or_else(|| of(series).next())
        };
        let found = widest(SpikeSeries::Concurrency).or_else(|| widest(SpikeSeries::Starts));
        found.copied()
    }
}

/// The time before an onset that a rise is measured from; as much as the log has of it.
fn before(load: &Load, onset_us: i64) -> Range<i64> {
    let first = load.span_us().map_or(onset_us, |(first, _)| first);
    let end = (onset_us - GUARD_US).max(first.min(onset_us));
    (onset_us - BEFORE_US).max(first).min(end)..end
}

/// Most in flight inside of a window, and the first instant of it.
fn peak_in(load: &Load, window_us: &Range<i64>, pool: Option<&ThreadPool>) -> (u32, i64) {
    let options = SweepOptions {
        window_us: Some(window_us.clone()),
        ..SweepOptions::default()
    };
    let mut peak = (0, window_us.start);
    sweep(load, &options, pool, |slice| {
        if slice.total.peak.0 > peak.0 {
            peak = slice.total.peak;
        }
    });
    peak
}
