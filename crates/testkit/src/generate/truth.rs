//! What is known to be true of a generated log: counts, peaks and spikes.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use serde::Serialize;

use super::invocation::{Fresh, Invocation, Line, Micros, Outcome};
use crate::model::{Model, Spike};

/// The ground truth of a generated log, as `truth.json` holds it.
///
/// Counts are of what was written. Peaks are of the simulated calls, so they include calls whose REPORT
/// falls behind the end of the log; they are exact up to the log's rounding to milliseconds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Truth {
    /// Seed of the model.
    pub seed: u64,
    /// Time of the first event, milliseconds since the Unix epoch; 0 without events.
    pub first_event_ms: i64,
    /// Time of the last event.
    pub last_event_ms: i64,
    /// All events.
    pub events: u64,
    /// REPORT events, `platform.report` included.
    pub reports: u64,
    /// How many different UTC seconds have a REPORT.
    pub seconds_with_report: u64,
    /// All functions together.
    pub peak: Peak,
    /// One entry per function, in the model's order.
    pub functions: Vec<FunctionTruth>,
    /// The planted spikes that begin before the log's end.
    pub spikes: Vec<SpikeTruth>,
}

/// The most invocations that ran at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Peak {
    /// How many, init and restore included.
    pub concurrency: u64,
    /// Begin of the first second in which that many ran, milliseconds since the Unix epoch.
    pub second_ms: i64,
}

/// The truth about one function.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct FunctionTruth {
    /// Its name.
    pub function: String,
    /// Its log group.
    pub log_group: String,
    /// Id of its export task: the folder that holds its streams in an export tree.
    pub export_task: String,
    /// Configured memory, MB.
    pub memory_mb: u32,
    /// Its events.
    pub events: u64,
    /// Its REPORT events.
    pub invocations: u64,
    /// REPORT events with an init duration.
    pub cold_starts: u64,
    /// REPORT events with a restore duration.
    pub restores: u64,
    /// REPORT events with `Status: timeout`.
    pub timeouts: u64,
    /// REPORT events with `Runtime.ExitError`.
    pub crashes: u64,
    /// REPORT events with `Runtime.OutOfMemory`.
    pub out_of_memory: u64,
    /// Errors that the handler threw: an error line, and a REPORT without status.
    pub handled_errors: u64,
    /// Lines about a throttled downstream call.
    pub throttled: u64,
    /// Sum of the durations in hundredths of a millisecond, so that it is exact.
    pub duration_hundredths: u64,
    /// Sum of the billed durations, ms.
    pub billed_ms: u64,
    /// The most of its invocations at once.
    pub peak: Peak,
}

/// A planted spike with what became of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SpikeTruth {
    /// The plan.
    #[serde(flatten)]
    pub spike: Spike,
    /// The function's peak among the arrivals of the spike and the second after it.
    pub peak: Peak,
}

/// Gathers the truth while a log is generated.
#[derive(Debug)]
pub(super) struct TruthKeeper {
    truth: Truth,
    last_report_second: i64,
    window: (Micros, Micros),
    /// Ends of the running calls: per function, then of all.
    running: Vec<BinaryHeap<Reverse<Micros>>>,
}

impl TruthKeeper {
    pub(super) fn new(model: &Model) -> Self {
        let functions = model
            .functions
            .iter()
            .enumerate()
            .map(|(idx, function)| FunctionTruth {
                function: function.name.to_owned(),
                log_group: function.log_group(),
                export_task: model.export_task(idx),
                memory_mb: function.memory_mb,
                ..FunctionTruth::default()
            });
        Self {
            truth: Truth {
                seed: model.seed,
                first_event_ms: 0,
                last_event_ms: 0,
                events: 0,
                reports: 0,
                seconds_with_report: 0,
                peak: Peak::default(),
                functions: functions.collect(),
                spikes: model
                    .spikes
                    .iter()
                    .map(|spike| SpikeTruth {
                        spike: spike.clone(),
                        peak: Peak::default(),
                    })
                    .collect(),
            },
            last_report_second: i64::MIN,
            window: (model.start_ms * 1000, model.end_ms * 1000),
            running: vec![BinaryHeap::new(); model.functions.len() + 1],
        }
    }

    /// Notes that a call begins. Calls come in the order of their arrival.
    pub(super) fn call_begins(&mut self, call: &Invocation) {
        let all_idx = self.running.len() - 1;
        let [of_function, of_all] = [call.function_idx, all_idx].map(|idx| {
            let running = &mut self.running[idx];
            while running.peek().is_some_and(|&Reverse(end)| end <= call.arrival) {
                running.pop();
            }
            running.push(Reverse(call.end));
            running.len() as u64
        });
        if !(self.window.0..self.window.1).contains(&call.arrival) {
            return;
        }
        self.truth.peak.raise(of_all, call.arrival);
        let function = &mut self.truth.functions[call.function_idx];
        function.peak.raise(of_function, call.arrival);
        for spike in &mut self.truth.spikes {
            let span = spike.spike.start_ms * 1000..(spike.spike.end_ms + 1000) * 1000;
            if spike.spike.function == function.function && span.contains(&call.arrival) {
                spike.peak.raise(of_function, call.arrival);
            }
        }
    }

    /// Notes that an event is written. Events come in the order of their time.
    pub(super) fn event(&mut self, at_ms: i64, line: Line, call: &Invocation) {
        let truth = &mut self.truth;
        if truth.events == 0 {
            truth.first_event_ms = at_ms;
        }
        truth.last_event_ms = at_ms;
        truth.events += 1;
        let function = &mut truth.functions[call.function_idx];
        function.events += 1;
        match line {
            Line::Throttled => function.throttled += 1,
            Line::Error if call.outcome == Outcome::HandledError => function.handled_errors += 1,
            Line::Report => {
                truth.reports += 1;
                let second = at_ms.div_euclid(1000);
                truth.seconds_with_report += u64::from(second != self.last_report_second);
                self.last_report_second = second;
                function.count_report(call);
            }
            _ => {}
        }
    }

    pub(super) fn truth(&self) -> Truth {
        let mut truth = self.truth.clone();
        truth
            .spikes
            .retain(|spike| spike.spike.start_ms <= truth.last_event_ms);
        truth
    }
}

impl Peak {
    fn raise(&mut self, concurrency: u64, at: Micros) {
        if concurrency > self.concurrency {
            *self = Self {
                concurrency,
                second_ms: at.div_euclid(1_000_000) * 1000,
            };
        }
    }
}

impl FunctionTruth {
    fn count_report(&mut self, call: &Invocation) {
        self.invocations += 1;
        self.duration_hundredths += call.duration_hundredths;
        self.billed_ms += call.billed_ms();
        match call.fresh {
            Some(Fresh::Init(_)) => self.cold_starts += 1,
            Some(Fresh::Restore(_)) => self.restores += 1,
            None => {}
        }
        match call.outcome {
            Outcome::Timeout => self.timeouts += 1,
            Outcome::Crash => self.crashes += 1,
            Outcome::OutOfMemory => self.out_of_memory += 1,
            Outcome::Success | Outcome::HandledError => {}
        }
    }
}
