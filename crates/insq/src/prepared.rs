//! A query that is ready to run.

use std::time::Instant;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use insq_event::{Damage, MemoryBudget, RunContext};
use insq_exec::{PhysicalPlan, execute};
use insq_syntax::Span;

use crate::engine::Engine;
use crate::error::Error;
use crate::explain::Explanation;
use crate::options::RunControl;
use crate::result::QueryResult;
use crate::statistics::Statistics;

/// A legal query that its author should look at again, or that the service would refuse or read differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// One sentence.
    pub message: String,
    /// Where, in the query text.
    pub span: Span,
}

/// A query bound to an engine. It can be run more than once, as far as its inputs can be read more than
/// once.
///
/// # Examples
/// ```
/// use insq::{Engine, QueryOptions};
///
/// let engine = Engine::builder().reader("a.log", "2026-03-04T00:00:00.000Z hello\n".as_bytes()).build()?;
/// let query = engine.prepare("filter @message like /hello/", &QueryOptions::default())?;
/// assert!(query.explain().contains("holds=[\"hello\"]"));
/// assert_eq!(query.run()?.rows().len(), 1);
/// # Ok::<(), insq::Error>(())
/// ```
pub struct PreparedQuery<'engine> {
    pub(crate) engine: &'engine Engine,
    pub(crate) plan: PhysicalPlan,
    pub(crate) explanation: Explanation,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) strict: bool,
}

impl PreparedQuery<'_> {
    /// The plans in words: the query as bound, what the optimiser did, and what runs where.
    pub fn explain(&self) -> String {
        self.explanation.render(&self.plan, self.engine.source())
    }

    /// What the author of the query should know.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Names and types of the columns of the result.
    pub fn schema(&self) -> &SchemaRef {
        self.plan.schema()
    }

    /// Runs the query to its end.
    ///
    /// # Errors
    /// [`Error::Run`] or [`Error::Input`].
    pub fn run(&self) -> Result<QueryResult, Error> {
        self.run_with(&RunControl::default())
    }

    /// Runs the query to its end; `control` follows and stops it.
    ///
    /// # Errors
    /// As [`PreparedQuery::run`].
    pub fn run_with(&self, control: &RunControl) -> Result<QueryResult, Error> {
        let mut stream = self.stream(control)?;
        let batches = stream.by_ref().collect::<Result<Vec<_>, _>>()?;
        Ok(QueryResult {
            schema: stream.schema().clone(),
            batches,
            statistics: stream.statistics(),
            damage: stream.damage(),
        })
    }

    /// Runs the query and gives its result batch by batch. The scan is done when this returns.
    ///
    /// # Errors
    /// As [`PreparedQuery::run`].
    pub fn stream(&self, control: &RunControl) -> Result<ResultStream, Error> {
        let mut run = RunContext::new(MemoryBudget::new(self.engine.memory_limit_bytes()));
        run.strict = self.strict;
        run.cancellation = control.cancellation.clone();
        run.progress = control.progress.clone();
        let started = Instant::now();
        let batches = execute(&self.plan, self.engine.source(), self.engine.pool(), &run)?;
        Ok(ResultStream {
            batches,
            run,
            started,
            rows: 0,
            statistics: None,
        })
    }
}

/// The result of a run, batch by batch.
///
/// # Examples
/// ```
/// use insq::{Engine, QueryOptions, RunControl};
///
/// let engine = Engine::builder().reader("a.log", "2026-03-04T00:00:00.000Z hello\n".as_bytes()).build()?;
/// let query = engine.prepare("stats count(*) as n", &QueryOptions::default())?;
/// let mut stream = query.stream(&RunControl::default())?;
/// while let Some(batch) = stream.next() {
///     assert_eq!(batch?.num_rows(), 1);
/// }
/// assert_eq!(stream.statistics().counters.events_matched, 1);
/// assert!(stream.damage().is_empty());
/// # Ok::<(), insq::Error>(())
/// ```
pub struct ResultStream {
    batches: insq_exec::ResultStream,
    run: RunContext,
    started: Instant,
    rows: u64,
    statistics: Option<Statistics>,
}

impl ResultStream {
    /// Names and types of the columns.
    pub fn schema(&self) -> &SchemaRef {
        self.batches.schema()
    }

    /// What the run did, up to the last batch taken.
    pub fn statistics(&self) -> Statistics {
        self.statistics.unwrap_or_else(|| self.measure())
    }

    /// Places of the input that could not be read.
    pub fn damage(&self) -> Vec<Damage> {
        self.run.damage.entries()
    }

    fn measure(&self) -> Statistics {
        Statistics {
            counters: self.run.progress.snapshot(),
            rows: self.rows,
            elapsed: self.started.elapsed(),
            peak_memory_bytes: self.run.memory.peak_bytes(),
        }
    }
}

impl Iterator for ResultStream {
    type Item = Result<RecordBatch, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.batches.next();
        match &next {
            Some(Ok(batch)) => self.rows += batch.num_rows() as u64,
            _ if self.statistics.is_none() => self.statistics = Some(self.measure()),
            _ => {}
        }
        next.map(|batch| batch.map_err(Error::from))
    }
}
