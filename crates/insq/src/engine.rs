//! The engine: inputs and resources, and the one way of a query through all layers.

use std::sync::Arc;

use insq_event::{EventSource, MemoryBudget, RunContext, Spill, Tables};
use insq_exec::PhysicalPlan;
use insq_functions::EvalContext;
use insq_input::{LogSource, ReadOptions};
use insq_plan::{Applied, BindOptions, LogicalPlan};
use rayon::ThreadPool;

use crate::batch_source::BatchSource;
use crate::builder::EngineBuilder;
use crate::catalog::Catalog;
use crate::error::Error;
use crate::explain::Explanation;
use crate::options::QueryOptions;
use crate::prepared::{PreparedQuery, Warning};
use crate::sources::PlanSource;

/// Runs queries over the inputs that it was built with.
///
/// An engine owns its threads; they end with it. It can be shared between threads.
pub struct Engine {
    pub(crate) source: Inputs,
    pub(crate) has_batches: bool,
    pub(crate) read_options: ReadOptions,
    pub(crate) catalog: Catalog,
    pub(crate) tables: Arc<dyn Tables + Send + Sync>,
    pub(crate) pool: ThreadPool,
    pub(crate) memory_limit_bytes: usize,
    pub(crate) spill: Option<Spill>,
    pub(crate) gathered_rows: usize,
}

/// What an engine reads.
pub(crate) enum Inputs {
    Logs(LogSource),
    Batches(BatchSource),
}

impl Engine {
    /// Starts to build an engine.
    pub fn builder() -> EngineBuilder {
        EngineBuilder::default()
    }

    /// Makes a query ready to run: parse, bind, optimise, cut into partitions' work and the rest.
    ///
    /// # Errors
    /// [`Error::Syntax`] or [`Error::Plan`] for the first mistake; [`Error::Warned`] for the first warning
    /// when `options.strict` is set.
    pub fn prepare(&self, text: &str, options: &QueryOptions) -> Result<PreparedQuery<'_>, Error> {
        let parsed = insq_syntax::parse(text)?;
        let bound = insq_plan::bind(&parsed.query, &self.bind_options(options))?;
        let mut warnings = warnings(&parsed, &bound);
        warnings.extend(self.unmatched_sources(&bound.plan));
        if let (true, Some(first)) = (options.strict, warnings.first()) {
            return Err(Error::Warned {
                message: first.message.clone(),
                span: first.span,
            });
        }
        let written = insq_plan::explain(&bound.plan);
        let plan = bound.plan.within(options.time_range).limited(options.limit);
        let (plan, applied) = optimized(plan, options);
        let explanation = Explanation {
            bound: written,
            applied,
            optimized: insq_plan::explain(&plan),
        };
        let context = EvalContext {
            now_ms: options.now_ms,
            range: plan.scan.time_range.intersect(options.time_range),
        };
        let logical = plan.clone();
        Ok(PreparedQuery {
            engine: self,
            source: PlanSource::of(&logical, &self.catalog, &self.read_options),
            physical: PhysicalPlan::new(plan, context, options.batch_rows)?,
            logical,
            context,
            batch_rows: options.batch_rows,
            explanation,
            warnings,
            strict: options.strict,
        })
    }

    fn bind_options(&self, options: &QueryOptions) -> BindOptions {
        BindOptions {
            tables: Arc::clone(&self.tables),
            now_ms: options.now_ms,
            time_range: options.time_range,
            zone: options.zone,
            service: options.service,
            fill_bins: options.fill_bins,
        }
    }

    /// Sources of the query and of its sub-queries that select nothing. Batches carry names of their own.
    fn unmatched_sources(&self, plan: &LogicalPlan) -> Vec<Warning> {
        if self.has_batches {
            return Vec::new();
        }
        let plans = std::iter::once(plan).chain(plan.subplans.iter().map(|subplan| &subplan.plan));
        plans
            .flat_map(|plan| PlanSource::unmatched(plan, &self.catalog, &self.read_options))
            .map(|(message, span)| Warning { message, span })
            .collect()
    }

    pub(crate) fn source_of(&self, plan: &LogicalPlan) -> PlanSource {
        PlanSource::of(plan, &self.catalog, &self.read_options)
    }

    /// True when an input gives what it holds only once: standard input, a reader, a named pipe. To run a second query is an
    /// error then.
    ///
    /// # Examples
    /// ```
    /// use insq::Engine;
    ///
    /// let engine = Engine::builder().reader("a.log", "2026-03-04T00:00:00.123Z hello\n".as_bytes()).build()?;
    /// assert!(engine.reads_once());
    /// # Ok::<(), insq::Error>(())
    /// ```
    pub fn reads_once(&self) -> bool {
        match &self.source {
            Inputs::Logs(source) => !source.is_lasting(),
            Inputs::Batches(_) => false,
        }
    }

    /// Time of the newest event of all inputs, milliseconds since the epoch; `None` when no event has a
    /// time. Reads the inputs once.
    ///
    /// # Errors
    /// [`Error::Run`] or [`Error::Input`].
    pub fn newest_event_ms(&self) -> Result<Option<i64>, Error> {
        let query = self.prepare("stats max(@timestamp) as newest", &QueryOptions::default())?;
        let rows = query.run()?.rows();
        Ok(match rows.first().and_then(|row| row.get("newest")) {
            Some(crate::Value::Number(ms)) => Some(*ms as i64),
            Some(crate::Value::Time(ms)) => Some(*ms),
            _ => None,
        })
    }

    pub(crate) fn source(&self) -> &dyn EventSource {
        match &self.source {
            Inputs::Logs(source) => source,
            Inputs::Batches(source) => source,
        }
    }

    pub(crate) fn pool(&self) -> &ThreadPool {
        &self.pool
    }

    /// A context of a run of its own.
    pub(crate) fn run_context(&self, memory: MemoryBudget) -> RunContext {
        let mut run = RunContext::new(memory);
        run.spill = self.spill.clone();
        run.gathered_rows = self.gathered_rows;
        run
    }

    pub(crate) fn memory_limit_bytes(&self) -> usize {
        self.memory_limit_bytes
    }
}

/// The plan as it runs, its sub-queries too, and what the rules did to it.
fn optimized(plan: LogicalPlan, options: &QueryOptions) -> (LogicalPlan, Vec<Applied>) {
    if !options.optimize {
        return (plan, Vec::new());
    }
    let (mut plan, applied) = insq_plan::optimize(plan);
    for subplan in &mut plan.subplans {
        let (inner, _) = insq_plan::optimize(subplan.plan.clone());
        subplan.plan = inner;
    }
    (plan, applied)
}

/// What the parser and the binder noticed, in the order of the text.
fn warnings(parsed: &insq_syntax::Parsed, bound: &insq_plan::Bound) -> Vec<Warning> {
    let written = parsed
        .warnings
        .iter()
        .map(|warning| (warning.message.clone(), warning.span));
    let bound = bound
        .warnings
        .iter()
        .map(|warning| (warning.message.clone(), warning.span));
    let mut warnings: Vec<Warning> = written
        .chain(bound)
        .map(|(message, span)| Warning { message, span })
        .collect();
    warnings.sort_by_key(|warning| warning.span.start);
    warnings.dedup();
    warnings
}
