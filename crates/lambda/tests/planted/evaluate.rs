//! What a detector finds of the spikes that were planted.

use insq_lambda::detect::{Episode, SeriesKind, SpikeDetector, SpikeOptions};

use super::series::Second;
use super::{Cause, Spike};

/// A name, what the values are, and how a second gives one.
pub type Series = (&'static str, SeriesKind, fn(&Second) -> f64);

/// The series that are looked at.
pub const SERIES: [Series; 3] = [
    ("concurrency mean", SeriesKind::Concurrency, |second| {
        second.concurrency_mean
    }),
    ("concurrency max", SeriesKind::Concurrency, |second| {
        second.concurrency_max
    }),
    ("starts", SeriesKind::Counts, |second| second.starts),
];

/// An alarm that comes this long after the end of a spike still tells it: the longest scale.
const LATE_S: i64 = 60;

/// The episodes of a series, with the default options.
pub fn episodes(kind: SeriesKind, values: impl Iterator<Item = f64>) -> Vec<Episode> {
    episodes_with(SpikeOptions::new(kind, 1_000), values)
}

/// The episodes of a series of seconds.
pub fn episodes_with(options: SpikeOptions, values: impl Iterator<Item = f64>) -> Vec<Episode> {
    let mut detector = SpikeDetector::new(options);
    let mut found: Vec<Episode> = values
        .enumerate()
        .filter_map(|(second, value)| detector.push(second as i64 * 1_000, value).closed)
        .collect();
    found.extend(detector.finish());
    found
}

/// How well episodes fit spikes.
#[derive(Clone, Debug, Default)]
pub struct Fit {
    pub planted: usize,
    pub found: usize,
    pub rate: (usize, usize),
    pub duration: (usize, usize),
    pub missed: Vec<Spike>,
    /// Episodes that fit no spike.
    pub false_episodes: usize,
    /// Onset of the episode minus start of the spike, seconds.
    pub onset_errors_s: Vec<f64>,
    /// Alarm minus start of the spike, seconds.
    pub delays_s: Vec<f64>,
    /// End of the episode minus end of the spike, seconds.
    pub end_errors_s: Vec<f64>,
}

impl Fit {
    pub fn recall(&self) -> f64 {
        self.found as f64 / self.planted.max(1) as f64
    }

    pub fn add(&mut self, other: Fit) {
        self.planted += other.planted;
        self.found += other.found;
        self.rate = (self.rate.0 + other.rate.0, self.rate.1 + other.rate.1);
        self.duration = (
            self.duration.0 + other.duration.0,
            self.duration.1 + other.duration.1,
        );
        self.missed.extend(other.missed);
        self.false_episodes += other.false_episodes;
        self.onset_errors_s.extend(other.onset_errors_s);
        self.delays_s.extend(other.delays_s);
        self.end_errors_s.extend(other.end_errors_s);
    }
}

/// Tells which spikes have an episode whose alarm was given during them or soon after.
pub fn fit(spikes: &[Spike], episodes: &[Episode]) -> Fit {
    let mut fit = Fit::default();
    let tells = |spike: &Spike, episode: &Episode| {
        let alarm_s = episode.alarm_ms / 1_000;
        (spike.start_s..spike.start_s + spike.length_s + LATE_S).contains(&alarm_s)
    };
    for spike in spikes {
        let episode = episodes.iter().find(|episode| tells(spike, episode));
        let of_cause = match spike.cause {
            Cause::Rate => &mut fit.rate,
            Cause::Duration => &mut fit.duration,
        };
        fit.planted += 1;
        of_cause.1 += 1;
        match episode {
            Some(episode) => {
                fit.found += 1;
                of_cause.0 += 1;
                fit.onset_errors_s
                    .push(episode.onset_ms as f64 / 1e3 - spike.start_s as f64);
                fit.delays_s
                    .push(episode.alarm_ms as f64 / 1e3 - spike.start_s as f64);
                let end_s = (spike.start_s + spike.length_s) as f64;
                fit.end_errors_s.push(episode.end_ms as f64 / 1e3 - end_s);
            }
            None => fit.missed.push(*spike),
        }
    }
    fit.false_episodes = episodes
        .iter()
        .filter(|episode| !spikes.iter().any(|spike| tells(spike, episode)))
        .count();
    fit
}

/// The value that the share `p` of the values does not exceed.
pub fn quantile(values: &[f64], p: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (p * sorted.len() as f64).ceil().max(1.0) as usize;
    sorted.get(rank - 1).copied().unwrap_or(f64::NAN)
}
