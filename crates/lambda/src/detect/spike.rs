//! The detector of spikes in one series.

use super::budget::threshold;
use super::episode::{Episode, Observation, Trigger, score_of};
use super::onset::steps_since_onset;
use super::options::{Missing, SeriesKind, SpikeOptions};
use super::ramp::Ramp;
use super::recent::{RECENT_STEPS, Recent};
use super::recurrence::Recurrence;
use super::scale::{BASELINE_SAMPLES, Scale, Stabiliser};

/// Steps over which the values are averaged: seconds, for a series of seconds.
pub const SCALE_STEPS: [usize; 4] = [1, 5, 15, 60];

/// Episodes with no more steps than this between them are one.
pub const MERGE_STEPS: i64 = 60;

/// An episode of more steps than this is a new level: from here on it teaches the baseline.
pub const LASTING_STEPS: i64 = 900;

/// Steps from one sample of the baseline to the next; 512 samples look back about an hour of seconds.
const SAMPLE_EVERY: usize = 7;

/// The same while a new level is learnt.
const RELEARN_EVERY: usize = 2;

/// Steps before the first alarm can be given.
pub const WARM_UP_STEPS: usize = 120;

/// An average must have been seen this many times over, one after another, before it can alarm.
const WARM_UP_AVERAGES: usize = 10;

/// A spread that is measured on `n` averages is uncertain; thresholds are higher by this divided by `n`.
const FEW_AVERAGES: f64 = 4.0;

/// Share of a threshold above which a step still belongs to an episode. Half would be passed by chance about
/// once in [`MERGE_STEPS`], and episodes would drag on.
const EXIT_SHARE: f64 = 0.7;

/// Strengths below this are not worth a root; they are linear.
const EXACT_FROM: f64 = 0.25;

/// z above which a step by itself stands clearly above the expected value.
const START_Z: f64 = 2.0;

/// Missing steps that are counted as 0 one by one; after so many, nothing but zeros is remembered.
const ZERO_STEPS_MAX: i64 = 2 * (BASELINE_SAMPLES * SAMPLE_EVERY) as i64;

/// Parts that share the budget of false alarms: the scales and the ramp.
const PARTS: f64 = SCALE_STEPS.len() as f64 + 1.0;

/// Finds spikes in one evenly stepped series, point by point, with bounded memory (about 40 KiB).
///
/// What it does with a point depends on that point and earlier ones alone. See the documentation of
/// [the module](super) for the method.
///
/// # Examples
/// ```
/// use insq_lambda::detect::{SeriesKind, SpikeDetector, SpikeOptions};
///
/// let mut detector = SpikeDetector::new(SpikeOptions::new(SeriesKind::Concurrency, 1_000));
/// let mut found = Vec::new();
/// for second in 0..1_200 {
///     let level = if (900..930).contains(&second) { 80.0 } else { 20.0 };
///     found.extend(detector.push(second * 1_000, level).closed);
/// }
/// found.extend(detector.finish());
/// assert_eq!(found.len(), 1);
/// assert_eq!((found[0].onset_ms, found[0].end_ms), (900_000, 930_000));
/// assert_eq!((found[0].expected, found[0].peak_value), (20.0, 80.0));
/// ```
#[derive(Clone, Debug)]
pub struct SpikeDetector {
    options: SpikeOptions,
    recent: Recent,
    scales: [Scale; SCALE_STEPS.len()],
    /// Thresholds of the scales; infinite while a scale warms up.
    thresholds: [f64; SCALE_STEPS.len()],
    /// The same for a spread that is known for certain.
    thresholds_at_best: [f64; SCALE_STEPS.len()],
    ramp: Ramp,
    steps_seen: usize,
    steps_to_sample: usize,
    /// The scale whose baseline is read anew at the next sample.
    turn: usize,
    /// Samples that a new level still has to teach.
    relearning: usize,
    latest_step: Option<i64>,
    running: Option<Running>,
    recurrence: Recurrence,
}

/// An episode that has not been closed.
#[derive(Clone, Copy, Debug)]
struct Running {
    episode: Episode,
    since_step: i64,
    last_elevated: i64,
    /// Index of the longest scale that says when the episode ends.
    coarsest: usize,
}

/// How far a point stands from the baseline, in thresholds.
#[derive(Clone, Copy, Debug)]
struct Strength {
    by_scale: [f64; SCALE_STEPS.len()],
    ramp: f64,
}

impl Strength {
    fn highest(&self) -> f64 {
        self.by_scale.iter().copied().fold(self.ramp, f64::max)
    }

    /// The shortest scale that alarms, or the ramp.
    fn trigger(&self) -> Option<(Trigger, usize)> {
        let scale = self.by_scale.iter().position(|&strength| strength >= 1.0);
        match scale {
            Some(index) => Some((Trigger::Average(SCALE_STEPS[index]), index)),
            // Ramps are slow; an average of middling length sees their end.
            None if self.ramp >= 1.0 => Some((Trigger::Ramp, 1)),
            None => None,
        }
    }
}

impl SpikeDetector {
    /// A detector that has seen nothing.
    pub fn new(options: SpikeOptions) -> Self {
        let share = options.budget() / PARTS;
        Self {
            recent: Recent::new(),
            scales: SCALE_STEPS.map(|steps| Scale::new(steps, stabiliser(options.kind, steps))),
            thresholds: [f64::INFINITY; SCALE_STEPS.len()],
            thresholds_at_best: SCALE_STEPS.map(|steps| threshold(share, options.step_ms, steps)),
            ramp: Ramp::new(share, options.step_ms),
            steps_seen: 0,
            steps_to_sample: 0,
            turn: 0,
            relearning: 0,
            latest_step: None,
            running: None,
            recurrence: Recurrence::default(),
            options,
        }
    }

    /// Takes the value of the step that begins at `time_ms`, milliseconds since the epoch.
    ///
    /// Steps must come in the order of time. A point whose step is not after the latest one changes nothing
    /// and scores 0. Missing steps mean what [`SpikeOptions::missing`] says. A value that is not finite is a
    /// step of which nothing is known; a negative one counts as 0.
    pub fn push(&mut self, time_ms: i64, value: f64) -> Observation {
        let step = time_ms.div_euclid(self.options.step_ms.max(1));
        let missing = match self.latest_step {
            Some(latest) if step <= latest => return self.unchanged(None),
            Some(latest) => step.saturating_sub(latest).saturating_sub(1),
            None => 0,
        };
        let closed = self.pass_missing(step.saturating_sub(missing), missing);
        self.latest_step = Some(step);
        if !value.is_finite() {
            return self.unchanged(closed);
        }
        let mut observation = self.advance(step, value.max(0.0));
        observation.closed = closed.or(observation.closed);
        observation
    }

    /// The episode that is open now, as far as it is known.
    pub fn running(&self) -> Option<Episode> {
        let mut episode = self.running?.episode;
        self.recurrence.tell(&mut episode);
        Some(episode)
    }

    /// Ends the series. An episode that is not over is given as [`open`](Episode::open).
    pub fn finish(self) -> Option<Episode> {
        let open = self.latest_step == Some(self.running?.last_elevated);
        let episode = self.running()?;
        Some(Episode { open, ..episode })
    }

    fn unchanged(&self, closed: Option<Episode>) -> Observation {
        Observation {
            score: 0.0,
            elevated: self.running.is_some(),
            closed,
        }
    }

    /// Lets `missing` steps pass, of which `first` is the first. At most one episode ends among them, for
    /// none begins.
    fn pass_missing(&mut self, first: i64, missing: i64) -> Option<Episode> {
        if missing == 0 {
            return None;
        }
        match self.options.missing {
            Missing::Zero => (0..missing.min(ZERO_STEPS_MAX))
                .filter_map(|step| self.advance(first + step, 0.0).closed)
                .last(),
            Missing::Unknown if missing > MERGE_STEPS => self.close(),
            Missing::Unknown => None,
        }
    }

    fn advance(&mut self, step: i64, value: f64) -> Observation {
        self.slide(value);
        let strength = self.strength();
        let mut closed = None;
        match self.running.as_mut() {
            Some(running) => {
                running.take(step, self.options.step_ms, value, &strength);
                if running.is_over(step, &strength) {
                    closed = self.close();
                }
            }
            None => self.running = self.alarm(step, &strength),
        }
        self.teach();
        Observation {
            score: score_of(strength.highest()),
            elevated: self.running.is_some(),
            closed,
        }
    }

    fn slide(&mut self, value: f64) {
        for scale in &mut self.scales {
            // What leaves is as many steps back as the scale has, seen from the new value.
            scale.slide(value, self.recent.back(scale.steps() - 1));
        }
        self.recent.push(value);
        self.steps_seen += 1;
        if self.steps_seen.is_multiple_of(RECENT_STEPS) {
            for scale in &mut self.scales {
                scale.set_sum(self.recent.sum(scale.steps()));
            }
        }
    }

    fn strength(&mut self) -> Strength {
        let mut by_scale = [0.0; SCALE_STEPS.len()];
        for ((strength, scale), threshold) in by_scale.iter_mut().zip(&self.scales).zip(&self.thresholds) {
            if scale.average() - scale.median() >= self.options.rise_min {
                let at_most = scale.z_at_most() / threshold;
                *strength = if at_most < EXACT_FROM {
                    at_most
                } else {
                    scale.z() / threshold
                };
            }
        }
        let ramp = if self.thresholds[0].is_finite() {
            self.ramp.push(&self.scales[0])
        } else {
            0.0
        };
        Strength { by_scale, ramp }
    }

    fn alarm(&self, step: i64, strength: &Strength) -> Option<Running> {
        let (trigger, coarsest) = strength.trigger()?;
        let step_ms = self.options.step_ms;
        let finest = &self.scales[0];
        let rise_z = finest.z_of(self.scales[coarsest].average());
        let since = steps_since_onset(&self.recent, finest, rise_z);
        let start = (0..=since)
            .rev()
            .find(|&back| finest.z_of(self.recent.back(back)) >= START_Z)
            .unwrap_or(0);
        let (peak_back, peak_value) = (0..=since).rev().map(|back| (back, self.recent.back(back))).fold(
            (0, f64::MIN),
            |highest, at| if at.1 > highest.1 { at } else { highest },
        );
        let time_of = |back: usize| step.saturating_sub(back as i64).saturating_mul(step_ms);
        Some(Running {
            episode: Episode {
                onset_ms: time_of(since),
                start_ms: time_of(start),
                alarm_ms: time_of(0),
                peak_ms: time_of(peak_back),
                end_ms: time_of(0).saturating_add(step_ms),
                peak_value,
                expected: finest.median(),
                score: score_of(strength.highest()),
                trigger,
                recurrences: 0,
                open: false,
                new_level: false,
            },
            since_step: step.saturating_sub(since as i64),
            last_elevated: step,
            coarsest,
        })
    }

    fn close(&mut self) -> Option<Episode> {
        self.ramp.reset();
        let running = self.running.take()?;
        Some(self.recurrence.note(running.episode))
    }

    /// Makes the latest averages part of the baseline, every few steps, and never those of an episode until
    /// it has lasted.
    fn teach(&mut self) {
        if let Some(running) = &mut self.running {
            let lasting = running.last_elevated - running.since_step > LASTING_STEPS;
            if lasting && !running.episode.new_level {
                running.episode.new_level = true;
                self.relearning = BASELINE_SAMPLES;
            }
            if !lasting {
                return;
            }
        }
        if self.steps_to_sample > 0 {
            self.steps_to_sample -= 1;
            return;
        }
        self.steps_to_sample = self.sample_every() - 1;
        self.relearning = self.relearning.saturating_sub(1);
        for scale in &mut self.scales {
            if self.steps_seen >= scale.steps() {
                scale.sample();
            }
        }
        // One scale at a time: a baseline that is some samples old is as good.
        let index = self.turn;
        self.turn = (index + 1) % SCALE_STEPS.len();
        self.scales[index].refresh();
        self.thresholds[index] =
            self.thresholds_at_best[index] * uncertainty(SCALE_STEPS[index], self.steps_seen);
        let [finest, .., coarsest] = &self.scales;
        self.ramp.learn_memory(finest, coarsest);
    }

    fn sample_every(&self) -> usize {
        if self.relearning > 0 {
            RELEARN_EVERY
        } else if self.scales[0].samples() < BASELINE_SAMPLES {
            1
        } else {
            SAMPLE_EVERY
        }
    }
}

/// How much higher the threshold of a scale is after `steps_seen` steps; infinite while it warms up.
fn uncertainty(scale_steps: usize, steps_seen: usize) -> f64 {
    if steps_seen < WARM_UP_STEPS.max(scale_steps * WARM_UP_AVERAGES) {
        return f64::INFINITY;
    }
    let averages = steps_seen.min(BASELINE_SAMPLES * SAMPLE_EVERY) as f64 / scale_steps as f64;
    1.0 + FEW_AVERAGES / averages
}

impl Running {
    fn take(&mut self, step: i64, step_ms: i64, value: f64, strength: &Strength) {
        let elevated = strength.by_scale[..=self.coarsest]
            .iter()
            .any(|&strength| strength >= EXIT_SHARE);
        if elevated {
            self.last_elevated = step;
            self.episode.end_ms = step.saturating_add(1).saturating_mul(step_ms);
        }
        if value > self.episode.peak_value {
            self.episode.peak_value = value;
            self.episode.peak_ms = step.saturating_mul(step_ms);
        }
        self.episode.score = self.episode.score.max(score_of(strength.highest()));
    }

    fn is_over(&self, step: i64, strength: &Strength) -> bool {
        step - self.last_elevated > MERGE_STEPS && strength.by_scale.iter().all(|&strength| strength < 1.0)
    }
}

fn stabiliser(kind: SeriesKind, steps: usize) -> Stabiliser {
    match kind {
        SeriesKind::Counts => Stabiliser::Counts(steps as f64),
        SeriesKind::Concurrency => Stabiliser::Level(steps as f64),
    }
}
