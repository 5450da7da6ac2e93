//! The generator: a model in, its events out, in the order of time.

mod application;
mod arrivals;
mod environments;
mod invocation;
mod platform;
pub(crate) mod text;
mod truth;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

pub use truth::{FunctionTruth, Peak, SpikeTruth, Truth};

use crate::Prng;
use crate::model::{Function, LineEnds, Model, SpikeKind, Style};
use arrivals::ArrivalStream;
use environments::{Environment, Pool, Slab};
use invocation::{Fresh, Invocation, Line, Micros, Outcome, Pressure};
use truth::TruthKeeper;

/// Makes the events of a [`Model`], one after another.
///
/// # Order
/// By time; events of one millisecond come in the order in which they happened.
///
/// # Memory
/// Follows the number of environments and of running calls, not the length of the log.
///
/// # Examples
/// ```
/// use insq_testkit::{Generator, profile};
///
/// let model = profile::sample(7);
/// let mut generator = Generator::new(&model);
/// let mut last_ms = model.start_ms;
/// while let Some(event) = generator.next_event() {
///     assert!(event.timestamp_ms >= last_ms);
///     last_ms = event.timestamp_ms;
/// }
/// assert!(generator.truth().reports > 1000);
/// ```
#[derive(Debug)]
pub struct Generator<'a> {
    model: &'a Model,
    functions: Vec<FunctionState>,
    environments: Slab<Environment>,
    calls: Slab<Invocation>,
    /// Lines to come: time in ms, sequence number, call.
    lines: BinaryHeap<Reverse<(i64, u64, usize, Line)>>,
    next_sequence: u64,
    next_stream_idx: u64,
    message: Vec<u8>,
    stream: String,
    truth: TruthKeeper,
}

/// An event of a generated log.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    /// Milliseconds since the Unix epoch.
    pub timestamp_ms: i64,
    /// Index of the function in the model.
    pub function_idx: usize,
    /// The function that wrote it.
    pub function: &'a Function,
    /// Name of the log stream.
    pub stream: &'a str,
    /// Number of the log stream, from 0 in the order of the environments' starts.
    pub stream_idx: u64,
    /// The message, UTF-8.
    pub message: &'a [u8],
}

#[derive(Debug)]
struct FunctionState {
    arrivals: ArrivalStream,
    pool: Pool,
    prng: Prng,
    keep_alive: Micros,
}

impl<'a> Generator<'a> {
    /// A generator that stands before the first event.
    pub fn new(model: &'a Model) -> Self {
        let from = (model.start_ms - model.warm_up_ms) * 1000;
        let functions = model.functions.iter().enumerate().map(|(idx, function)| {
            // Every function has streams of its own, so that a change to one leaves the others alone.
            let seed = model.seed.wrapping_mul(0x1_0000).wrapping_add(idx as u64);
            FunctionState {
                arrivals: ArrivalStream::new(function, &model.spikes, from, Prng::new(seed)),
                pool: Pool::default(),
                prng: Prng::new(!seed),
                keep_alive: function.keep_alive_ms.max(2_000) * 1000,
            }
        });
        Self {
            model,
            functions: functions.collect(),
            environments: Slab::default(),
            calls: Slab::default(),
            lines: BinaryHeap::new(),
            next_sequence: 0,
            next_stream_idx: 0,
            message: Vec::new(),
            stream: String::new(),
            truth: TruthKeeper::new(model),
        }
    }

    /// The next event, or `None` behind the last.
    pub fn next_event(&mut self) -> Option<Event<'_>> {
        loop {
            let (at_ms, call_idx, line) = self.next_line()?;
            let is_inside = at_ms >= self.model.start_ms;
            let (function_idx, stream_idx) = self.write_line(at_ms, call_idx, line, is_inside)?;
            if is_inside {
                return Some(Event {
                    timestamp_ms: at_ms,
                    function_idx,
                    function: &self.model.functions[function_idx],
                    stream: &self.stream,
                    stream_idx,
                    message: &self.message,
                });
            }
        }
    }

    /// The model's index of the function called `name`.
    pub fn function_index(&self, name: &str) -> Option<usize> {
        self.model
            .functions
            .iter()
            .position(|function| function.name == name)
    }

    /// The model that is generated.
    pub fn model(&self) -> &'a Model {
        self.model
    }

    /// What is true of the events so far.
    pub fn truth(&self) -> Truth {
        self.truth.truth()
    }

    /// Takes the next line that no later arrival can precede.
    fn next_line(&mut self) -> Option<(i64, usize, Line)> {
        loop {
            let (function_idx, arrival) = self.next_arrival()?;
            if let Some(&Reverse((at_ms, _, call_idx, line))) = self.lines.peek()
                && at_ms <= (arrival.min(self.model.end_ms * 1000) - 1).div_euclid(1000)
            {
                self.lines.pop();
                return Some((at_ms, call_idx, line));
            }
            if arrival >= self.model.end_ms * 1000 {
                return None;
            }
            self.begin_call(function_idx, arrival);
            self.functions[function_idx].arrivals.advance();
        }
    }

    fn next_arrival(&self) -> Option<(usize, Micros)> {
        let next = self.functions.iter().map(|function| function.arrivals.next);
        next.enumerate().min_by_key(|&(_, at)| at)
    }

    fn begin_call(&mut self, function_idx: usize, arrival: Micros) {
        let function = &self.model.functions[function_idx];
        let pressure = self.pressure(function, arrival);
        let state = &mut self.functions[function_idx];
        let environments = &mut self.environments;
        state
            .pool
            .settle(arrival, state.keep_alive, |idx| retire(environments, idx));

        let mut call = Invocation::draw(function_idx, function, arrival, pressure, &mut state.prng);
        call.environment_idx = match state.pool.take_idle() {
            Some(idx) => idx,
            None => {
                call.fresh = Some(Fresh::draw(function.cold_start, &mut state.prng));
                self.next_stream_idx += 1;
                let stream_idx = self.next_stream_idx - 1;
                environments.insert(Environment::start(function, arrival, stream_idx, &mut state.prng))
            }
        };
        call.settle();
        if let Some(environment) = environments.get_mut(call.environment_idx) {
            environment.open_calls += 1;
            use_memory(environment, &mut call, &mut state.prng);
            // After a crash or a timeout the environment is not used again.
            match call.outcome {
                Outcome::Success | Outcome::HandledError => state.pool.occupy(call.end, call.environment_idx),
                _ => environment.is_retired = true,
            }
        }
        self.truth.call_begins(&call);
        self.schedule_lines(function, call);
    }

    fn pressure(&self, function: &Function, at: Micros) -> Pressure {
        let factors = self.model.spikes.iter().filter(|spike| {
            spike.kind == SpikeKind::Duration
                && spike.function == function.name
                && (spike.start_ms * 1000..spike.end_ms * 1000).contains(&at)
        });
        Pressure {
            duration_factor: factors.map(|spike| spike.factor).product(),
        }
    }

    fn schedule_lines(&mut self, function: &Function, mut call: Invocation) {
        let mut count = 0;
        call.for_each_line(function, |_, _| count += 1);
        call.pending_lines = count;
        let call_idx = self.calls.insert(call.clone());
        let (lines, next_sequence) = (&mut self.lines, &mut self.next_sequence);
        call.for_each_line(function, |at, line| {
            lines.push(Reverse((at.div_euclid(1000), *next_sequence, call_idx, line)));
            *next_sequence += 1;
        });
    }

    /// Writes the message of a line, if it is wanted, and forgets what no later line needs.
    fn write_line(
        &mut self,
        at_ms: i64,
        call_idx: usize,
        line: Line,
        is_wanted: bool,
    ) -> Option<(usize, u64)> {
        let call = self.calls.get_mut(call_idx)?;
        call.pending_lines -= 1;
        let is_last = call.pending_lines == 0;
        let (function_idx, environment_idx) = (call.function_idx, call.environment_idx);
        let environment = self.environments.get_mut(environment_idx)?;
        let stream_idx = environment.stream_idx;
        if is_wanted {
            self.truth.event(at_ms, line, call);
            push_message(
                &mut self.message,
                line,
                at_ms,
                call,
                &self.model.functions[function_idx],
            );
            if self.model.line_ends == LineEnds::Trimmed && self.message.last() == Some(&b'\n') {
                self.message.pop();
            }
            self.stream.clear();
            self.stream.push_str(&environment.stream);
        }
        if is_last {
            self.calls.remove(call_idx);
            environment.open_calls -= 1;
            if environment.is_retired && environment.open_calls == 0 {
                self.environments.remove(environment_idx);
            }
        }
        Some((function_idx, stream_idx))
    }
}

fn retire(environments: &mut Slab<Environment>, idx: usize) {
    if let Some(environment) = environments.get_mut(idx) {
        environment.is_retired = true;
        if environment.open_calls == 0 {
            environments.remove(idx);
        }
    }
}

/// Lets the environment's memory grow a little; a call killed for memory used all of it.
fn use_memory(environment: &mut Environment, call: &mut Invocation, prng: &mut Prng) {
    let growth = match prng.below(12) {
        0 => prng.between(1, 1 + call.memory_mb / 100),
        _ => 0,
    };
    // Growth stops below the limit, so that only a kill reaches it.
    environment.used_mb = (environment.used_mb + growth).min(call.memory_mb - call.memory_mb / 8);
    if call.outcome == Outcome::OutOfMemory {
        environment.used_mb = call.memory_mb;
    }
    call.used_mb = environment.used_mb;
}

fn push_message(message: &mut Vec<u8>, line: Line, at_ms: i64, call: &Invocation, function: &Function) {
    message.clear();
    match (line, function.style) {
        (Line::App(_) | Line::Throttled | Line::Error, _) => {
            application::push_line(message, line, at_ms, call, function);
        }
        (_, Style::LambdaJson) => {
            let runtime = application::runtime_version(function.style);
            platform::push_json(message, line, at_ms, call, function, runtime);
        }
        _ => platform::push_text(message, line, call, application::runtime_version(function.style)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile;

    #[test]
    fn memory_follows_what_runs_and_not_the_length_of_the_log() {
        let model = profile::mixed(1, 30_000_000);
        let mut generator = Generator::new(&model);
        let (mut events, mut most_calls, mut most_environments) = (0, 0, 0);
        while events < 150_000 && generator.next_event().is_some() {
            events += 1;
            most_calls = most_calls.max(generator.calls.len());
            most_environments = most_environments.max(generator.environments.len());
        }
        assert_eq!(events, 150_000);
        assert!(
            most_calls < 1_000 && most_environments < 2_000,
            "{most_calls} calls, {most_environments} environments"
        );
    }
}
