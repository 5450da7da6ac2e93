//! One watch per scope: its detectors and the rules of the service.

use rayon::prelude::*;

use super::{Detection, QuotaBreach, SpikeScope, SpikeSeries, SpikesOptions};
use crate::detect::{Breach, Episode, QuotaRules, QuotaSecond, SeriesKind, SpikeDetector, SpikeOptions};
use crate::load::Load;
use crate::sweep::{ScopeSweep, SliceSweep};
use crate::time::{MS_US, SECOND_US};

const SECOND_MS: i64 = SECOND_US / MS_US;

/// All scopes of a load.
pub(super) struct Watches(Vec<Watch>);

struct Watch {
    scope: SpikeScope,
    concurrency: SpikeDetector,
    starts: SpikeDetector,
    rules: QuotaRules,
    episodes: Vec<(SpikeSeries, Episode)>,
    breaches: Vec<Breach>,
    latest_s: Option<i64>,
}

impl Watches {
    pub(super) fn new(load: &Load, options: &SpikesOptions, is_unreserved_all: bool) -> Self {
        let quotas = &options.quotas;
        let total = (SpikeScope::Total, quotas.account());
        let unreserved = (!is_unreserved_all).then(|| (SpikeScope::Unreserved, quotas.unreserved()));
        let functions = load
            .functions()
            // A quota of 0 stands for none: only the scaling rate is watched.
            .map(|(id, name)| (SpikeScope::Function(id), quotas.of(name).unwrap_or(0)));
        let scopes: Vec<(SpikeScope, u32)> = std::iter::once(total)
            .chain(unreserved)
            .chain(functions)
            .collect();
        let per_series = options.false_alarms_per_day / (2 * scopes.len()) as f64;
        let watches = scopes
            .into_iter()
            .map(|(scope, quota)| Watch::new(scope, quota, per_series));
        Self(watches.collect())
    }

    /// Takes in the next hour.
    pub(super) fn push(&mut self, slice: &SliceSweep) {
        self.0.par_iter_mut().for_each(|watch| {
            let swept = match watch.scope {
                SpikeScope::Total => Some(&slice.total),
                SpikeScope::Unreserved => slice.unreserved.as_ref(),
                SpikeScope::Function(id) => {
                    let found = slice.functions.binary_search_by_key(&id, |(id, _)| *id);
                    found.ok().map(|idx| &slice.functions[idx].1)
                }
            };
            if let Some(swept) = swept {
                watch.push(slice.start_us / SECOND_US, swept);
            }
        });
    }

    /// Everything found, with `last_s` as the last second of the input.
    pub(super) fn finish(self, last_s: i64) -> (Vec<Detection>, Vec<QuotaBreach>) {
        let (mut detections, mut breaches) = (Vec::new(), Vec::new());
        for mut watch in self.0 {
            watch.idle_until(last_s);
            let scope = watch.scope;
            watch.episodes.extend(
                watch
                    .concurrency
                    .finish()
                    .map(|episode| (SpikeSeries::Concurrency, episode)),
            );
            watch.episodes.extend(
                watch
                    .starts
                    .finish()
                    .map(|episode| (SpikeSeries::Starts, episode)),
            );
            watch.breaches.extend(watch.rules.finish());
            detections.extend(watch.episodes.into_iter().map(|(series, episode)| Detection {
                scope,
                series,
                episode,
            }));
            breaches.extend(
                watch
                    .breaches
                    .into_iter()
                    .map(|breach| QuotaBreach { scope, breach }),
            );
        }
        (detections, breaches)
    }
}

impl Watch {
    fn new(scope: SpikeScope, quota: u32, false_alarms_per_day: f64) -> Self {
        let detector = |kind| {
            SpikeDetector::new(SpikeOptions {
                false_alarms_per_day,
                ..SpikeOptions::new(kind, SECOND_MS)
            })
        };
        Self {
            scope,
            concurrency: detector(SeriesKind::Concurrency),
            starts: detector(SeriesKind::Counts),
            rules: QuotaRules::new(u64::from(quota)),
            episodes: Vec::new(),
            breaches: Vec::new(),
            latest_s: None,
        }
    }

    fn push(&mut self, slice_s: i64, swept: &ScopeSweep) {
        for bin in &swept.bins {
            let second = slice_s + i64::from(bin.number);
            let mean = bin.mean(SECOND_MS);
            self.second(&QuotaSecond {
                second,
                concurrency_max: f64::from(bin.max),
                concurrency_mean: mean,
                // The scaling rate is a limit of every function by itself.
                new_environments: match self.scope {
                    SpikeScope::Function(_) => u64::from(bin.cold_starts),
                    _ => 0,
                },
                starts: u64::from(bin.starts),
            });
        }
    }

    fn second(&mut self, second: &QuotaSecond) {
        let time_ms = second.second * SECOND_MS;
        let concurrency = self.concurrency.push(time_ms, second.concurrency_mean).closed;
        self.episodes
            .extend(concurrency.map(|episode| (SpikeSeries::Concurrency, episode)));
        let starts = self.starts.push(time_ms, second.starts as f64).closed;
        self.episodes
            .extend(starts.map(|episode| (SpikeSeries::Starts, episode)));
        self.breaches.extend(self.rules.push(*second));
        self.latest_s = Some(second.second);
    }

    /// Nothing happens up to `last_s`; the detectors have to know that time went on.
    fn idle_until(&mut self, last_s: i64) {
        if self.latest_s.is_some_and(|latest| latest < last_s) {
            self.second(&QuotaSecond {
                second: last_s,
                ..QuotaSecond::default()
            });
        }
    }
}
