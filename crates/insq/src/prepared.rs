//! A query that is ready to run.

use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use arrow_array::{Array, ArrayRef, Float64Array, RecordBatch};
use arrow_schema::{Schema, SchemaRef};
use insq_event::{
    ColumnType, Damage, EventSource, MemoryBudget, Progress, ProgressSnapshot, Reservation, RunContext,
};
use insq_exec::{PhysicalPlan, execute};
use insq_functions::EvalContext;
use insq_plan::LogicalPlan;
use insq_syntax::Span;

use crate::engine::Engine;
use crate::error::Error;
use crate::explain::Explanation;
use crate::options::RunControl;
use crate::result::QueryResult;
use crate::sources::PlanSource;
use crate::statistics::Statistics;
use crate::subqueries::{SubqueryRun, first_column};

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
    pub(crate) source: PlanSource,
    /// The optimised plan, from which the physical one is made anew when its sub-queries have been run.
    pub(crate) logical: LogicalPlan,
    pub(crate) physical: PhysicalPlan,
    pub(crate) context: EvalContext,
    pub(crate) batch_rows: usize,
    pub(crate) explanation: Explanation,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) strict: bool,
}

impl PreparedQuery<'_> {
    /// The plans in words: the query as bound, what the optimiser did, and what runs where.
    pub fn explain(&self) -> String {
        self.explanation.render(&self.physical, self.source())
    }

    /// What the query asks of the logs, in words: fields, kinds of events, texts that an event must hold, times.
    pub fn explain_scan(&self) -> String {
        self.physical.explain_scan()
    }

    /// What the author of the query should know.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Names and types of the columns of the result.
    pub fn schema(&self) -> &SchemaRef {
        if self.logical.is_estimate {
            return estimate_schema();
        }
        self.physical.schema()
    }

    pub(crate) fn source(&self) -> &dyn EventSource {
        self.source.get(self.engine.source())
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
        self.stream(control)?.into_result()
    }

    /// Runs the query and gives its result batch by batch. The scan is done when this returns.
    ///
    /// # Errors
    /// As [`PreparedQuery::run`].
    pub fn stream(&self, control: &RunControl) -> Result<ResultStream, Error> {
        let mut run = self
            .engine
            .run_context(MemoryBudget::new(self.engine.memory_limit_bytes()));
        run.strict = self.strict;
        run.cancellation = control.cancellation.clone();
        run.progress = control.progress.clone();
        let started = Instant::now();
        let batches = if self.logical.is_estimate {
            Batches::Made(Some(self.estimate()?), estimate_schema().clone())
        } else {
            let (stream, held) = self.execute(&run)?;
            Batches::Run(stream, held)
        };
        Ok(ResultStream {
            batches,
            run,
            scan: None,
            started,
            rows: 0,
            statistics: None,
        })
    }

    /// The stream, and the memory that results of sub-queries hold as long as it is read.
    fn execute(&self, run: &RunContext) -> Result<(insq_exec::ResultStream, Reservation), Error> {
        let (source, pool) = (self.source(), self.engine.pool());
        let mut held = run.memory.reservation("sub-query");
        if self.logical.subplans.is_empty() {
            return Ok((execute(&self.physical, source, pool, run)?, held));
        }
        let subquery = SubqueryRun {
            pool,
            context: self.context,
            batch_rows: self.batch_rows,
            run,
        };
        let mut results = Vec::with_capacity(self.logical.subplans.len());
        for subplan in &self.logical.subplans {
            let source = self.engine.source_of(&subplan.plan);
            let result = subquery.result(&subplan.plan, source.get(self.engine.source()))?;
            let bytes = result
                .columns
                .iter()
                .map(|column| column.cells.get_array_memory_size())
                .sum();
            held.grow(bytes).map_err(insq_exec::ExecError::from)?;
            results.push(result);
        }
        let plan = self.logical.clone().with_results(&results, &first_column);
        let physical = PhysicalPlan::new(plan, self.context, self.batch_rows)?;
        Ok((execute(&physical, source, pool, run)?, held))
    }

    /// One row with the bytes that a run would read, as they lie on disk; missing where nobody knows before.
    fn estimate(&self) -> Result<RecordBatch, Error> {
        let inner = self.logical.subplans.iter().map(|subplan| {
            let source = self.engine.source_of(&subplan.plan);
            source.get(self.engine.source()).size_bytes()
        });
        let total: Option<u64> = std::iter::once(self.source().size_bytes()).chain(inner).sum();
        let cell: ArrayRef = Arc::new(Float64Array::from(vec![total.map(|bytes| bytes as f64)]));
        let batch = RecordBatch::try_new(estimate_schema().clone(), vec![cell]);
        Ok(batch.map_err(insq_exec::ExecError::from)?)
    }
}

/// The column of `estimate`.
const ESTIMATE: &str = "estimatedBytesScanned";

fn estimate_schema() -> &'static SchemaRef {
    static SCHEMA: LazyLock<SchemaRef> =
        LazyLock::new(|| Arc::new(Schema::new(vec![ColumnType::Number.field(ESTIMATE)])));
    &SCHEMA
}

/// Where the batches of a result come from.
enum Batches {
    /// A run.
    Run(
        insq_exec::ResultStream,
        #[expect(dead_code, reason = "held, not read")] Reservation,
    ),
    /// Nowhere: this one is all there is.
    Made(Option<RecordBatch>, SchemaRef),
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
    batches: Batches,
    run: RunContext,
    /// What a pass for many queries read, where this is one of them.
    scan: Option<SharedScan>,
    started: Instant,
    rows: u64,
    statistics: Option<Statistics>,
}

/// The pass that a query shared with others.
pub(crate) struct SharedScan {
    pub(crate) progress: Arc<Progress>,
    /// Time that was spent on the rows of this query alone.
    pub(crate) busy: Duration,
}

impl ResultStream {
    /// The result of a query that shared a pass, and whose rows after it are made from now on.
    pub(crate) fn shared(
        stream: insq_exec::ResultStream,
        run: RunContext,
        scan: SharedScan,
        started: Instant,
    ) -> Self {
        let held = run.memory.reservation("sub-query");
        Self {
            batches: Batches::Run(stream, held),
            run,
            scan: Some(scan),
            started,
            rows: 0,
            statistics: None,
        }
    }

    /// All that is still to come, in memory.
    ///
    /// # Errors
    /// As [`PreparedQuery::run`].
    pub fn into_result(mut self) -> Result<QueryResult, Error> {
        let batches = self.by_ref().collect::<Result<Vec<_>, _>>()?;
        Ok(QueryResult {
            schema: self.schema().clone(),
            batches,
            statistics: self.statistics(),
            damage: self.damage(),
        })
    }

    /// Names and types of the columns.
    pub fn schema(&self) -> &SchemaRef {
        match &self.batches {
            Batches::Run(stream, _) => stream.schema(),
            Batches::Made(_, schema) => schema,
        }
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
        let own = self.run.progress.snapshot();
        let (counters, busy) = match &self.scan {
            None => (own, Duration::ZERO),
            Some(scan) => {
                let read = scan.progress.snapshot();
                let events_matched = own.events_matched;
                (
                    ProgressSnapshot {
                        events_matched,
                        ..read
                    },
                    scan.busy,
                )
            }
        };
        Statistics {
            counters,
            rows: self.rows,
            elapsed: busy + self.started.elapsed(),
            peak_memory_bytes: self.run.memory.peak_bytes(),
        }
    }
}

impl Iterator for ResultStream {
    type Item = Result<RecordBatch, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = match &mut self.batches {
            Batches::Run(stream, _) => stream.next(),
            Batches::Made(batch, _) => batch.take().map(Ok),
        };
        match &next {
            Some(Ok(batch)) => self.rows += batch.num_rows() as u64,
            _ if self.statistics.is_none() => self.statistics = Some(self.measure()),
            _ => {}
        }
        next.map(|batch| batch.map_err(Error::from))
    }
}
