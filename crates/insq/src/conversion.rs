//! From logs to Parquet, one file or a folder of them, for queries that are to be quick.

use std::fs::File;
use std::num::NonZeroUsize;
use std::path::Path;
use std::time::{Duration, Instant};

use insq_event::{Damage, MemoryBudget, ProgressSnapshot, RunContext, Spill};
use insq_input::{ConvertError, ConvertOptions, FolderConverted, FolderOptions, PartitionBy};

use crate::engine::{Engine, Inputs};
use crate::error::Error;
use crate::options::RunControl;

/// What a conversion wrote, and what it met.
#[derive(Clone, Debug)]
pub struct Conversion {
    /// Events in the file.
    pub events: u64,
    /// The fields of JSON messages that became columns, the most frequent first.
    pub fields: Vec<String>,
    /// Places of the input that could not be read; what could be is in the file.
    pub damage: Vec<Damage>,
    /// What was read.
    pub counters: ProgressSnapshot,
    /// How long it took.
    pub elapsed: Duration,
}

/// How a conversion is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConversionOptions {
    /// True when damaged input is to end it.
    pub strict: bool,
    /// Fields of JSON messages that become columns, at most; the most frequent ones do.
    pub field_columns_max: usize,
    /// Events of a stretch of the file, which becomes two row groups: its REPORT events and all others.
    pub stretch_rows: usize,
}

impl Default for ConversionOptions {
    /// 64 fields, and damage tolerated.
    fn default() -> Self {
        Self {
            strict: false,
            field_columns_max: 64,
            stretch_rows: 1 << 20,
        }
    }
}

/// How a folder is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FolderConversionOptions {
    /// How its files are.
    pub files: ConversionOptions,
    /// What divides the events, from the outermost folder to the innermost.
    pub partition_by: Vec<PartitionBy>,
    /// Bytes of input files, at least, between two points that a run which was stopped is gone on from; by default a
    /// 256th of all, and 8 MiB at least.
    pub group_bytes: Option<u64>,
}

/// Of the memory that a run may hold, a conversion gathers this part before it puts events into files.
const GATHERED_SHARE: usize = 8;

impl Engine {
    /// Writes all events of the inputs into `output` as Parquet, in the order of time. A query over that file answers
    /// what it answers over the inputs. What does not fit into memory waits in `spill_folder`, in files without a name.
    ///
    /// # Errors
    /// [`Error::Convert`] or [`Error::Input`]; what `output` holds then is no Parquet file.
    ///
    /// # Examples
    /// ```
    /// use insq::{ConversionOptions, Engine, RunControl};
    ///
    /// let engine = Engine::builder().reader("a.log", "2026-03-04T00:00:00.000Z hello\n".as_bytes()).build()?;
    /// let folder = std::env::temp_dir();
    /// let path = folder.join(format!("insq-example-{}.parquet", std::process::id()));
    /// let file = std::fs::File::create(&path)?;
    /// let made = engine.convert(&file, &folder, &ConversionOptions::default(), &RunControl::default())?;
    /// assert_eq!(made.events, 1);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn convert(
        &self,
        output: &File,
        spill_folder: &Path,
        options: &ConversionOptions,
        control: &RunControl,
    ) -> Result<Conversion, Error> {
        let run = self.conversion_run(spill_folder, options, control);
        let started = Instant::now();
        let settings = self.conversion_settings(spill_folder, options);
        let converted = insq_input::convert(self.source(), output, &settings, &run)?;
        Ok(Conversion {
            events: converted.events,
            fields: converted.fields,
            damage: run.damage.entries(),
            counters: run.progress.snapshot(),
            elapsed: started.elapsed(),
        })
    }

    /// Writes all events of the inputs into `folder` as Parquet files, divided as `options` say. A query over the folder
    /// answers what it answers over the inputs. A folder is complete or holds what it held before; a run that was stopped
    /// is gone on with by the next one, as far as the inputs are what they were.
    ///
    /// # Errors
    /// [`Error::Convert`] or [`Error::Input`].
    ///
    /// # Examples
    /// ```
    /// use insq::{ConversionOptions, Engine, FolderConversionOptions, PartitionBy, RunControl};
    ///
    /// let engine = Engine::builder().reader("a.log", "2026-03-04T00:00:00.000Z hello\n".as_bytes()).build()?;
    /// let folder = std::env::temp_dir().join(format!("insq-example-{}", std::process::id()));
    /// let options = FolderConversionOptions {
    ///     partition_by: vec![PartitionBy::Date],
    ///     ..FolderConversionOptions::default()
    /// };
    /// let (made, _) = engine.convert_folder(&folder, &options, &RunControl::default())?;
    /// assert_eq!(made.events, 1);
    /// assert!(folder.join("date=2026-03-04/part-00000.parquet").exists());
    /// # std::fs::remove_dir_all(&folder)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn convert_folder(
        &self,
        folder: &Path,
        options: &FolderConversionOptions,
        control: &RunControl,
    ) -> Result<(Conversion, FolderConverted), Error> {
        let Inputs::Logs(source) = &self.source else {
            let message = "batches are written into one file, not into a folder".to_owned();
            return Err(ConvertError::Folder(message).into());
        };
        let run = self.conversion_run(folder, &options.files, control);
        let started = Instant::now();
        let settings = FolderOptions {
            files: self.conversion_settings(folder, &options.files),
            partition_by: options.partition_by.clone(),
            group_bytes: options.group_bytes,
        };
        let converted = insq_input::convert_folder(source, folder, &settings, &run)?;
        let conversion = Conversion {
            events: converted.events,
            fields: converted.fields.clone(),
            damage: run.damage.entries(),
            counters: run.progress.snapshot(),
            elapsed: started.elapsed(),
        };
        Ok((conversion, converted))
    }

    fn conversion_run(
        &self,
        spill_folder: &Path,
        options: &ConversionOptions,
        control: &RunControl,
    ) -> RunContext {
        let mut run = RunContext::new(MemoryBudget::new(self.memory_limit_bytes()));
        run.spill = Some(Spill::to(spill_folder));
        run.strict = options.strict;
        run.cancellation = control.cancellation.clone();
        run.progress = control.progress.clone();
        run
    }

    fn conversion_settings(&self, spill_folder: &Path, options: &ConversionOptions) -> ConvertOptions {
        let threads = NonZeroUsize::new(self.pool().current_num_threads()).unwrap_or(NonZeroUsize::MIN);
        ConvertOptions {
            buffer_bytes: self.memory_limit_bytes() / GATHERED_SHARE,
            field_columns_max: options.field_columns_max,
            stretch_rows: options.stretch_rows,
            ..ConvertOptions::new(threads, spill_folder.to_owned())
        }
    }
}
