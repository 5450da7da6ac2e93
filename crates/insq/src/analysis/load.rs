//! All invocations of the inputs, for analyses that a query cannot make.

use std::time::{Duration, Instant};

use insq_event::{Damage, MemoryBudget, ProgressSnapshot, Reservation, RunContext, TimeRange};
use insq_lambda::{Concurrency, ConcurrencyOptions, Load, SliceSweep};

use super::read;
use crate::engine::Engine;
use crate::error::Error;
use crate::options::RunControl;

/// What is read of the inputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoadOptions {
    /// The time that will be looked at. REPORT events of the quarter of an hour after it are read, too: they are of
    /// invocations that were in flight at its end.
    pub time_range: TimeRange,
    /// True when damaged input is to end the run.
    pub strict: bool,
}

/// The invocations of the inputs, and what reading them met.
#[derive(Debug)]
pub struct LoadRead {
    /// The invocations.
    pub load: Load,
    /// Places of the input that could not be read.
    pub damage: Vec<Damage>,
    /// What was read.
    pub counters: ProgressSnapshot,
    /// How long it took.
    pub elapsed: Duration,
    /// Held, not read: the memory that the load takes of the engine's limit.
    _memory: Reservation,
}

/// The longest that an invocation of a function may run, milliseconds, with the initialisation of its environment.
const IN_FLIGHT_MAX_MS: i64 = 910_000;

impl Engine {
    /// Reads all REPORT events once and keeps, in about eight bytes each, who was busy from when to when. A function
    /// without a name bears that of its log group.
    ///
    /// # Errors
    /// [`Error::Run`] or [`Error::Input`].
    ///
    /// # Examples
    /// ```
    /// use insq::{ConcurrencyOptions, Engine, LoadOptions, RunControl};
    ///
    /// let log = "2026-03-04T00:00:00.131Z REPORT RequestId: 0b9d\tDuration: 7.31 ms\tBilled Duration: 8 ms\t\n";
    /// let engine = Engine::builder().reader("a.log", log.as_bytes()).build()?;
    /// let read = engine.load(&LoadOptions::default(), &RunControl::default())?;
    /// let found = engine.concurrency(&read.load, &ConcurrencyOptions::default(), |_| {}).ok_or("nothing")?;
    /// assert_eq!((found.total.calls, found.total.peak), (1, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn load(&self, options: &LoadOptions, control: &RunControl) -> Result<LoadRead, Error> {
        let mut run = RunContext::new(MemoryBudget::new(self.memory_limit_bytes()));
        run.strict = options.strict;
        run.cancellation = control.cancellation.clone();
        run.progress = control.progress.clone();
        let started = Instant::now();
        let end_ms = options.time_range.end_ms;
        let range = TimeRange {
            end_ms: end_ms.map(|ms| ms.saturating_add(IN_FLIGHT_MAX_MS)),
            ..options.time_range
        };
        let (recorder, memory) = read::record(self, range, &run)?;
        Ok(LoadRead {
            load: recorder.finish(),
            damage: run.damage.entries(),
            counters: run.progress.snapshot(),
            elapsed: started.elapsed(),
            _memory: memory,
        })
    }

    /// The concurrency of a load, measured on the threads of the engine; `visit` sees hour after hour, in the order of
    /// time. `None` for a load without invocations.
    pub fn concurrency(
        &self,
        load: &Load,
        options: &ConcurrencyOptions,
        visit: impl FnMut(&SliceSweep),
    ) -> Option<Concurrency> {
        Concurrency::measure(load, options, Some(self.pool()), visit)
    }
}
