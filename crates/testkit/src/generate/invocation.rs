//! One simulated invocation and the lines that it will write.

use crate::Prng;
use crate::generate::text::random_uuid;
use crate::model::{ColdStart, Function, PlatformLines, Style};

/// Microseconds since the Unix epoch.
pub(super) type Micros = i64;

/// What an invocation does, decided when it arrives.
#[derive(Clone, Debug)]
pub(super) struct Invocation {
    pub(super) function_idx: usize,
    pub(super) environment_idx: usize,
    pub(super) request_id: u128,
    pub(super) trace: Option<Trace>,
    pub(super) fresh: Option<Fresh>,
    pub(super) arrival: Micros,
    /// When the handler starts: later than the arrival by init or restore.
    pub(super) start: Micros,
    pub(super) end: Micros,
    /// Duration in hundredths of a millisecond, as REPORT writes it.
    pub(super) duration_hundredths: u64,
    pub(super) memory_mb: u32,
    pub(super) used_mb: u32,
    pub(super) outcome: Outcome,
    pub(super) is_throttled: bool,
    pub(super) app_line_count: u32,
    /// Seeds the texts of the lines.
    pub(super) text_seed: u64,
    /// Lines that are still to be written.
    pub(super) pending_lines: u32,
}

/// How an invocation ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Success,
    HandledError,
    Crash,
    OutOfMemory,
    Timeout,
}

/// The start of a new environment; hundredths of a millisecond.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fresh {
    Init(u64),
    Restore(u64),
}

/// An X-Ray trace.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trace {
    /// The 96 random bits of the trace id.
    pub(super) random: u128,
    pub(super) segment: u64,
    pub(super) is_sampled: bool,
}

/// A line that an invocation writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Line {
    FreshStart,
    FreshDone,
    Start,
    App(u8),
    Throttled,
    Error,
    End,
    Report,
}

/// What the load does to a call at the time it arrives.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pressure {
    /// How many times longer calls take; 1 outside spikes.
    pub(super) duration_factor: f64,
}

/// Share of throttled calls while a duration spike lasts: the slow service is what makes it.
const THROTTLED_SHARE_IN_SPIKE: f64 = 0.4;

impl Fresh {
    pub(super) fn hundredths(self) -> u64 {
        match self {
            Self::Init(hundredths) | Self::Restore(hundredths) => hundredths,
        }
    }

    pub(super) fn draw(cold_start: ColdStart, prng: &mut Prng) -> Self {
        let mut draw = |median_ms: f64| (prng.lognormal(median_ms, 0.25) * 100.0) as u64;
        match cold_start {
            ColdStart::Init { median_ms } => Self::Init(draw(median_ms)),
            ColdStart::Restore { median_ms } => Self::Restore(draw(median_ms)),
        }
    }
}

impl Invocation {
    /// Decides everything about a call that arrives at `arrival`. The caller fills in the environment's part.
    pub(super) fn draw(
        function_idx: usize,
        function: &Function,
        arrival: Micros,
        pressure: Pressure,
        prng: &mut Prng,
    ) -> Self {
        let failures = function.failures;
        let in_spike = pressure.duration_factor > 1.0;
        let mut hundredths =
            prng.lognormal(function.median_ms * pressure.duration_factor, function.sigma) * 100.0;
        let roll = prng.unit();
        let crash = failures.crash;
        let out_of_memory = crash + failures.out_of_memory;
        let hang = out_of_memory + failures.hang;
        let mut outcome = match roll {
            r if r < crash => Outcome::Crash,
            r if r < out_of_memory => Outcome::OutOfMemory,
            r if r < hang => Outcome::Timeout,
            r if r < hang + failures.handled => Outcome::HandledError,
            _ => Outcome::Success,
        };
        let limit_hundredths = f64::from(function.timeout_ms) * 100.0;
        if outcome == Outcome::Timeout || hundredths >= limit_hundredths {
            outcome = Outcome::Timeout;
            hundredths = limit_hundredths;
        }
        let throttled_share = if in_spike && failures.throttled > 0.0 {
            THROTTLED_SHARE_IN_SPIKE
        } else {
            failures.throttled
        };
        let trace = prng.chance(function.xray_share).then(|| Trace {
            random: random_uuid(prng) & ((1 << 96) - 1),
            segment: prng.next_u64(),
            is_sampled: true,
        });
        Self {
            function_idx,
            environment_idx: 0,
            request_id: random_uuid(prng),
            trace,
            fresh: None,
            arrival,
            start: arrival,
            end: arrival,
            duration_hundredths: (hundredths as u64).max(80),
            memory_mb: function.memory_mb,
            used_mb: 0,
            outcome,
            is_throttled: prng.chance(throttled_share),
            app_line_count: prng.between(function.app_lines.0, function.app_lines.1),
            text_seed: prng.next_u64(),
            pending_lines: 0,
        }
    }

    /// Sets start and end from the arrival, the environment's start and the duration.
    pub(super) fn settle(&mut self) {
        let fresh = self.fresh.map_or(0, Fresh::hundredths);
        self.start = self.arrival + fresh as Micros * 10;
        self.end = self.start + self.duration_hundredths as Micros * 10;
    }

    /// Billed duration, ms: init is billed, restores in part, and a timeout to the configured limit.
    pub(super) fn billed_ms(&self) -> u64 {
        match self.fresh {
            Some(Fresh::Init(init)) => (self.duration_hundredths + init).div_ceil(100),
            Some(Fresh::Restore(_)) => self.duration_hundredths.div_ceil(100) + self.billed_restore_ms(),
            None => self.duration_hundredths.div_ceil(100),
        }
    }

    /// The part of the restore that is billed, ms.
    pub(super) fn billed_restore_ms(&self) -> u64 {
        match self.fresh {
            Some(Fresh::Restore(restore)) => (restore / 4).div_ceil(100),
            _ => 0,
        }
    }

    /// Calls `push(time, line)` for every line of the call, in the order of time.
    pub(super) fn for_each_line(&self, function: &Function, mut push: impl FnMut(Micros, Line)) {
        let all = function.platform_lines == PlatformLines::All;
        if all && let Some(fresh) = self.fresh {
            push(self.arrival, Line::FreshStart);
            // The JSON log format has other lines for a restore, which no model needs so far.
            if matches!(fresh, Fresh::Restore(_)) && function.style != Style::LambdaJson {
                push(self.start, Line::FreshDone);
            }
        }
        if all {
            push(self.start, Line::Start);
        }
        let busy = self.end - self.start;
        let mut slots = Prng::new(self.text_seed ^ 1);
        for i in 0..self.app_line_count {
            let share = (f64::from(i) + slots.unit()) / f64::from(self.app_line_count);
            push(self.start + (busy as f64 * share) as Micros, Line::App(i as u8));
        }
        if self.is_throttled {
            push(self.start + busy * 3 / 4, Line::Throttled);
        }
        if matches!(self.outcome, Outcome::HandledError | Outcome::Crash) {
            push(self.end, Line::Error);
        }
        // The JSON log format at its default level has no END.
        if all && function.style != Style::LambdaJson {
            push(self.end, Line::End);
        }
        push(self.end, Line::Report);
    }
}
