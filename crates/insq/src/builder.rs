//! What an engine is made of.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::RecordBatch;
use insq_event::{GATHERED_ROWS, NoTables, Spill, Tables};
use insq_input::{Input, LogSource, ReadOptions, RemoteFile};
use rayon::ThreadPoolBuilder;

use crate::batch_source::BatchSource;
use crate::catalog::Catalog;
use crate::engine::{Engine, Inputs};
use crate::error::Error;
use crate::memory_event::{self, MemoryEvent};
use crate::options::MEMORY_LIMIT_DEFAULT_BYTES;
use crate::tables::TableFolder;

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
    lookups: Option<PathBuf>,
    catalog: Catalog,
    options: ReadOptions,
    threads: Option<usize>,
    memory_limit_bytes: Option<usize>,
    spill: Option<Spill>,
    gathered_rows: Option<usize>,
}

impl EngineBuilder {
    /// Adds a file, a folder with everything below it, or a pattern such as `logs/*.gz`.
    #[must_use]
    pub fn path(mut self, path: impl Into<PathBuf>) -> Self {
        self.inputs.push(Input::Path(path.into()));
        self
    }

    /// Adds a file that lies elsewhere.
    #[must_use]
    pub fn remote(mut self, file: Arc<dyn RemoteFile>) -> Self {
        self.inputs.push(Input::Remote(file));
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

    /// The folder whose files `NAME.csv` are the tables NAME of `lookup`.
    #[must_use]
    pub fn lookups(mut self, folder: impl Into<PathBuf>) -> Self {
        self.lookups = Some(folder.into());
        self
    }

    /// Which files hold which log group. A `SOURCE` that names one of them reads those files instead of the inputs.
    #[must_use]
    pub fn catalog(mut self, catalog: Catalog) -> Self {
        self.catalog = catalog;
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

    /// Memory that a run may hold, bytes; by default [`MEMORY_LIMIT_DEFAULT_BYTES`]. A run that needs more goes to
    /// [`EngineBuilder::spill_folder`] where it can, and else ends with an error.
    #[must_use]
    pub fn memory_limit_bytes(mut self, bytes: usize) -> Self {
        self.memory_limit_bytes = Some(bytes);
        self
    }

    /// The folder where rows and groups wait that do not fit into memory, in files without a name. By default there is
    /// none, and a run that needs more memory ends with an error.
    #[must_use]
    pub fn spill_folder(self, folder: &Path) -> Self {
        self.spill(Spill::to(folder))
    }

    /// As [`EngineBuilder::spill_folder`], with a bound of what a step gathers before.
    #[must_use]
    pub fn spill(mut self, spill: Spill) -> Self {
        self.spill = Some(spill);
        self
    }

    /// Groups, or rows of a sort, that a thread gathers before it puts them aside, to be merged at the end; by default
    /// [`GATHERED_ROWS`]. Where an aggregate keeps more than a number of every group, all groups stay together. The answer
    /// never depends on it.
    #[must_use]
    pub fn gathered_rows(mut self, rows: usize) -> Self {
        self.gathered_rows = Some(rows);
        self
    }

    /// Makes the engine. Inputs are looked at when a query runs.
    ///
    /// # Errors
    /// [`Error::Threads`] when the threads can't be started, [`Error::Input`] when a batch has a column
    /// of a type that is not taken.
    pub fn build(mut self) -> Result<Engine, Error> {
        let threads = self.threads.unwrap_or(0);
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|idx| format!("insq-{idx}"))
            .build()
            .map_err(|cause| Error::Threads {
                threads,
                cause: cause.to_string(),
            })?;
        self.options.threads = pool.current_num_threads();
        let (read_options, has_batches) = (self.options.clone(), self.batches.is_some());
        let source = match self.batches {
            Some(batches) => Inputs::Batches(BatchSource::new(batches)?),
            None => Inputs::Logs(LogSource::new(self.inputs, self.options)),
        };
        let tables: Arc<dyn Tables + Send + Sync> = match self.lookups {
            Some(folder) => Arc::new(TableFolder::new(folder)),
            None => Arc::new(NoTables),
        };
        let memory_limit_bytes = self.memory_limit_bytes.unwrap_or(MEMORY_LIMIT_DEFAULT_BYTES);
        Ok(Engine {
            source,
            has_batches,
            read_options,
            catalog: self.catalog,
            tables,
            pool,
            memory_limit_bytes,
            spill: self.spill,
            gathered_rows: self.gathered_rows.unwrap_or(GATHERED_ROWS),
        })
    }
}
