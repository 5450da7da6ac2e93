//! The engine: inputs and resources, and the one way of a query through all layers.

use std::io::Read;
use std::path::PathBuf;

use arrow_array::RecordBatch;
use insq_event::EventSource;
use insq_exec::PhysicalPlan;
use insq_functions::EvalContext;
use insq_input::{Input, LogSource, ReadOptions};
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::batch_source::BatchSource;
use crate::error::Error;
use crate::explain::Explanation;
use crate::memory_event::{self, MemoryEvent};
use crate::options::{MEMORY_LIMIT_DEFAULT_BYTES, QueryOptions};
use crate::prepared::{PreparedQuery, Warning};

/// Runs queries over the inputs that it was built with.
///
/// An engine owns its threads; they end with it. It can be shared between threads.
pub struct Engine {
    source: Box<dyn EventSource>,
    pool: ThreadPool,
    memory_limit_bytes: usize,
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
        let bound = insq_plan::bind(&parsed.query)?;
        let warnings = warnings(&parsed, &bound);
        if let (true, Some(first)) = (options.strict, warnings.first()) {
            return Err(Error::Warned {
                message: first.message.clone(),
                span: first.span,
            });
        }
        let written = insq_plan::explain(&bound.plan);
        let plan = bound.plan.within(options.time_range).limited(options.limit);
        let (plan, applied) = if options.optimize {
            insq_plan::optimize(plan)
        } else {
            (plan, Vec::new())
        };
        let explanation = Explanation {
            bound: written,
            applied,
            optimized: insq_plan::explain(&plan),
        };
        let plan = PhysicalPlan::new(
            plan,
            EvalContext {
                now_ms: options.now_ms,
            },
            options.batch_rows,
        )?;
        Ok(PreparedQuery {
            engine: self,
            plan,
            explanation,
            warnings,
            strict: options.strict,
        })
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
        &*self.source
    }

    pub(crate) fn pool(&self) -> &ThreadPool {
        &self.pool
    }

    pub(crate) fn memory_limit_bytes(&self) -> usize {
        self.memory_limit_bytes
    }
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

/// Gathers what an [`Engine`] is made of.
///
/// # Examples
/// ```no_run
/// use insq::Engine;
///
/// let engine = Engine::builder()
///     .path("exportedlogs")
///     .log_group("/aws/lambda/orders")
///     .threads(2)
///     .memory_limit_bytes(300 << 20)
///     .build()?;
/// # Ok::<(), insq::Error>(())
/// ```
#[derive(Default)]
pub struct EngineBuilder {
    inputs: Vec<Input>,
    batches: Option<Vec<RecordBatch>>,
    options: ReadOptions,
    threads: Option<usize>,
    memory_limit_bytes: Option<usize>,
}

impl EngineBuilder {
    /// Adds a file, a folder with everything below it, or a pattern such as `logs/*.gz`.
    #[must_use]
    pub fn path(mut self, path: impl Into<PathBuf>) -> Self {
        self.inputs.push(Input::Path(path.into()));
        self
    }

    /// Adds the standard input of the process. It can be read once.
    #[must_use]
    pub fn stdin(mut self) -> Self {
        self.inputs.push(Input::Stdin);
        self
    }

    /// Adds anything that gives bytes. `name` stands for it in messages. It can be read once.
    #[must_use]
    pub fn reader(mut self, name: &str, reader: impl Read + Send + 'static) -> Self {
        self.inputs.push(Input::Reader {
            name: name.to_owned(),
            reader: Box::new(reader),
        });
        self
    }

    /// Adds events that are in memory already.
    #[must_use]
    pub fn events(self, events: impl IntoIterator<Item = MemoryEvent>) -> Self {
        let bytes = memory_event::to_json_lines(events);
        self.reader("events in memory", std::io::Cursor::new(bytes))
    }

    /// Queries Arrow batches instead of logs: their columns are the fields, by name. Numbers, text,
    /// booleans and millisecond times are taken as they are; a column `@timestamp` dates the rows. Other
    /// inputs of this engine are not read.
    #[must_use]
    pub fn batches(mut self, batches: Vec<RecordBatch>) -> Self {
        self.batches = Some(batches);
        self
    }

    /// The log group of all inputs whose own text does not tell it: the value of `@log`.
    #[must_use]
    pub fn log_group(mut self, name: &str) -> Self {
        self.options.log_group = Some(name.to_owned());
        self
    }

    /// How inputs are read.
    #[must_use]
    pub fn read_options(mut self, options: ReadOptions) -> Self {
        self.options = options;
        self
    }

    /// Threads that read and compute; by default as many as the machine has. The answer never depends on
    /// their number.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads);
        self
    }

    /// Memory that a run may hold, bytes; by default [`MEMORY_LIMIT_DEFAULT_BYTES`]. A run that needs more
    /// ends with an error.
    #[must_use]
    pub fn memory_limit_bytes(mut self, bytes: usize) -> Self {
        self.memory_limit_bytes = Some(bytes);
        self
    }

    /// Makes the engine. Inputs are looked at when a query runs.
    ///
    /// # Errors
    /// [`Error::Threads`] when the threads can't be started, [`Error::Input`] when a batch has a column
    /// of a type that is not taken.
    pub fn build(self) -> Result<Engine, Error> {
        let threads = self.threads.unwrap_or(0);
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|idx| format!("insq-{idx}"))
            .build()
            .map_err(|cause| Error::Threads {
                threads,
                cause: cause.to_string(),
            })?;
        let source: Box<dyn EventSource> = match self.batches {
            Some(batches) => Box::new(BatchSource::new(batches)?),
            None => Box::new(LogSource::new(self.inputs, self.options)),
        };
        let memory_limit_bytes = self.memory_limit_bytes.unwrap_or(MEMORY_LIMIT_DEFAULT_BYTES);
        Ok(Engine {
            source,
            pool,
            memory_limit_bytes,
        })
    }
}
