//! Many queries in one pass over the inputs.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use insq_event::{Damage, MemoryBudget, Progress, ProgressSnapshot, RunContext, SourceError};
use insq_exec::{ExecError, Gathered, PhysicalPlan, execute_shared};

use crate::engine::Engine;
use crate::error::{Error, ErrorCode};
use crate::options::RunControl;
use crate::prepared::{PreparedQuery, ResultStream, SharedScan};
use crate::sources::PlanSource;

/// Of the memory that a run may hold, a pass for many queries keeps this part for reading. The rest is for what the
/// queries gather, all together.
const READING_SHARE: usize = 4;

/// Why a query was run on its own and not in the pass that the others share. Its result is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OwnPass {
    /// It has queries in brackets, which run before it.
    SubQuery,
    /// It reads other inputs, or those of another engine.
    OtherInputs,
    /// It asks for an estimate and reads nothing.
    NothingToRead,
    /// The memory that all queries share was not enough for it.
    Memory,
}

/// What one of many queries gave.
pub struct OneResult {
    /// Its place in the list of queries.
    pub number: usize,
    /// Why it was run on its own, where it was.
    pub own_pass: Option<OwnPass>,
    /// Its result, or why there is none. Its statistics count what the whole pass read, and as time what was spent on
    /// this query alone, by all threads together.
    pub stream: Result<ResultStream, Error>,
}

/// A query that runs on its own.
struct Alone {
    number: usize,
    why: OwnPass,
    /// Why it could not share the pass, where it tried.
    refusal: Option<Error>,
}

/// The results of many queries, one after the other: first those that shared a pass, then the others.
///
/// What a query gathered is held until its result is dropped.
pub struct ManyResults<'q> {
    queries: &'q [PreparedQuery<'q>],
    shared: VecDeque<(usize, RunContext, Result<Gathered<'q>, ExecError>)>,
    alone: VecDeque<Alone>,
    scan: RunContext,
    control: RunControl,
}

impl Engine {
    /// Runs many queries in one pass over the inputs: these are read, decompressed and taken apart once for all. Each
    /// query gives exactly what it gives alone, and none stops the others. Queries that need passes of their own get
    /// them afterwards.
    ///
    /// The memory limit holds for all queries together. One that is refused memory in the pass runs again on its own,
    /// when the others are done.
    ///
    /// # Errors
    /// [`Error::Run`] or [`Error::Input`] when the inputs can't be read, or the run was cancelled: then no query has a
    /// result.
    ///
    /// # Examples
    /// ```
    /// use insq::{Engine, QueryOptions, RunControl};
    ///
    /// let log = "2026-03-04T00:00:00.000Z hello\n2026-03-04T00:00:01.000Z hello again\n";
    /// let engine = Engine::builder().reader("a.log", log.as_bytes()).build()?;
    /// let queries = [
    ///     engine.prepare("stats count(*) as n", &QueryOptions::default())?,
    ///     engine.prepare("filter @message like /again/", &QueryOptions::default())?,
    /// ];
    /// let mut rows = Vec::new();
    /// for one in engine.run_many(&queries, &RunControl::default())? {
    ///     for batch in one.stream? {
    ///         rows.push((one.number, batch?.num_rows()));
    ///     }
    /// }
    /// assert_eq!(rows, [(0, 1), (1, 1)]);
    /// # Ok::<(), insq::Error>(())
    /// ```
    pub fn run_many<'q>(
        &self,
        queries: &'q [PreparedQuery<'q>],
        control: &RunControl,
    ) -> Result<ManyResults<'q>, Error> {
        let limit = self.memory_limit_bytes();
        let reading = limit / READING_SHARE;
        let mut scan = self.run_context(MemoryBudget::new(reading));
        scan.strict = queries.iter().any(|query| query.strict);
        scan.cancellation = control.cancellation.clone();
        scan.progress = control.progress.clone();
        let memory = MemoryBudget::new(limit - reading);
        let mut results = ManyResults {
            queries,
            shared: VecDeque::new(),
            alone: VecDeque::new(),
            scan,
            control: control.clone(),
        };
        let mut together = Vec::new();
        for (number, query) in queries.iter().enumerate() {
            match own_pass(self, query) {
                Some(why) => results.put_alone(number, why, None),
                None => together.push(number),
            }
        }
        results.read(self, &together, &memory)?;
        Ok(results)
    }
}

/// Why a query can't share a pass over the inputs of `engine`.
pub(crate) fn own_pass(engine: &Engine, query: &PreparedQuery<'_>) -> Option<OwnPass> {
    if query.logical.is_estimate {
        return Some(OwnPass::NothingToRead);
    }
    if !query.logical.subplans.is_empty() {
        return Some(OwnPass::SubQuery);
    }
    let is_ours = std::ptr::eq(engine, query.engine) && matches!(query.source, PlanSource::Engine);
    (!is_ours).then_some(OwnPass::OtherInputs)
}

impl<'q> ManyResults<'q> {
    /// Runs the pass.
    fn read(&mut self, engine: &Engine, numbers: &[usize], memory: &MemoryBudget) -> Result<(), Error> {
        if numbers.is_empty() {
            return Ok(());
        }
        let queries = self.queries;
        let runs: Vec<RunContext> = numbers.iter().map(|_| self.run_of_one(memory)).collect();
        let plans: Vec<(&'q PhysicalPlan, &RunContext)> = numbers
            .iter()
            .map(|number| &queries[*number].physical)
            .zip(&runs)
            .collect();
        match execute_shared(&plans, engine.source(), engine.pool(), &self.scan) {
            Ok(gathered) => {
                for ((number, run), gathered) in numbers.iter().zip(runs.iter().cloned()).zip(gathered) {
                    self.shared.push_back((*number, run, gathered));
                }
                Ok(())
            }
            // Reading has a part of the memory only; alone, each may have all of it.
            Err(ExecError::Memory(refusal)) => {
                for number in numbers {
                    let refusal = ExecError::Memory(refusal.clone()).into();
                    self.put_alone(*number, OwnPass::Memory, Some(refusal));
                }
                Ok(())
            }
            Err(failure) => Err(failure.into()),
        }
    }

    /// What one query has for itself: its count of matches. Damage is met by the reading.
    fn run_of_one(&self, memory: &MemoryBudget) -> RunContext {
        let scan = &self.scan;
        RunContext {
            memory: memory.clone(),
            progress: Arc::default(),
            ..scan.clone()
        }
    }

    fn put_alone(&mut self, number: usize, why: OwnPass, refusal: Option<Error>) {
        self.alone.push_back(Alone { number, why, refusal });
    }

    /// Takes back a result whose stream was refused memory: the query runs again on its own, when the others are done.
    /// Gives the error back where that does not help.
    ///
    /// # Errors
    /// `error`, when it is another one, or when the query was on its own already.
    pub fn retry(&mut self, number: usize, own_pass: Option<OwnPass>, error: Error) -> Result<(), Error> {
        if error.code() != ErrorCode::Memory || own_pass.is_some() || number >= self.queries.len() {
            return Err(error);
        }
        self.put_alone(number, OwnPass::Memory, Some(error));
        Ok(())
    }

    /// Places of the input that the shared pass could not read. Queries on their own tell theirs themselves.
    pub fn damage(&self) -> Vec<Damage> {
        self.scan.damage.entries()
    }

    /// What the shared pass read.
    pub fn counters(&self) -> ProgressSnapshot {
        self.scan.progress.snapshot()
    }

    /// The most memory that was reserved at once for reading, bytes.
    pub fn peak_reading_bytes(&self) -> usize {
        self.scan.memory.peak_bytes()
    }

    fn next_shared(&mut self) -> Option<OneResult> {
        let (number, run, gathered) = self.shared.pop_front()?;
        let started = Instant::now();
        let stream = gathered.and_then(|gathered| {
            let scan = SharedScan {
                progress: Arc::clone(&self.scan.progress),
                busy: gathered.busy(),
            };
            Ok(ResultStream::shared(gathered.stream()?, run, scan, started))
        });
        Some(OneResult {
            number,
            own_pass: None,
            stream: stream.map_err(Error::from),
        })
    }

    fn next_alone(&mut self) -> Option<OneResult> {
        let Alone { number, why, refusal } = self.alone.pop_front()?;
        let control = RunControl {
            cancellation: self.control.cancellation.clone(),
            // What it reads does not belong to the pass.
            progress: Arc::new(Progress::default()),
        };
        let stream = match (self.queries[number].stream(&control), refusal) {
            // What can be read only once can't be read again: what was wrong before is what is wrong.
            (Err(Error::Run(ExecError::Source(SourceError::NoInput(_)))), Some(refusal)) => Err(refusal),
            (stream, _) => stream,
        };
        Some(OneResult {
            number,
            own_pass: Some(why),
            stream,
        })
    }
}

impl Iterator for ManyResults<'_> {
    type Item = OneResult;

    fn next(&mut self) -> Option<OneResult> {
        while let Some(one) = self.next_shared() {
            let refused = match one.stream {
                Ok(_) => return Some(one),
                Err(error) => self.retry(one.number, None, error),
            };
            if let Err(error) = refused {
                let stream = Err(error);
                return Some(OneResult { stream, ..one });
            }
        }
        self.next_alone()
    }
}
