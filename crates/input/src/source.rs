//! The source of a run: inputs, found and cut into partitions.

use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use insq_event::{
    DamageKind, EventSource, FILE_COUNT_MAX, RunContext, ScanPartition, ScanRequest, SourceError,
};

use crate::ansi::is_coloured;
use crate::columns::FileNames;
use crate::decompress::{ByteStream, Codec};
use crate::detect::{Container, SAMPLE_BYTES, detect, forced};
use crate::error::DamageNotes;
use crate::expansion::EXPANSION_MAX_DEFAULT;
use crate::format::LogFormat;
use crate::grammar::LineGrammar;
use crate::named_times::times_by_name;
use crate::names::{group_of, stream_of};
use crate::parquet::{ParquetFile, is_parquet};
use crate::partition::{Origin, Partition};
use crate::paths::files_of;
use crate::remote::RemoteFile;
use crate::sorted::bytes_of_range;
use crate::standing::FileState;

/// Bytes read at a time: small enough that a block is still in the cache when its events are read, large
/// enough that the cost of a read does not show.
pub const BLOCK_BYTES_DEFAULT: usize = 256 << 10;

/// Plain files are cut into parts of this size, so that threads can share them.
pub const SPLIT_BYTES_DEFAULT: u64 = 16 << 20;

/// Something to read.
pub enum Input {
    /// A file, a folder with everything below it, or a pattern.
    Path(PathBuf),
    /// As [`Input::Path`], of a log group or data source that is known.
    Named {
        /// The file, folder or pattern.
        path: PathBuf,
        /// The value of `@log`.
        log_group: Option<String>,
        /// The value of `@data_source_name`.
        data_source: Option<String>,
    },
    /// A file that lies elsewhere.
    Remote(Arc<dyn RemoteFile>),
    /// The standard input of the process, once.
    Stdin,
    /// Anything that gives bytes, once.
    Reader {
        /// What messages call it.
        name: String,
        /// The bytes.
        reader: Box<dyn Read + Send>,
    },
}

/// How inputs are read. None of it changes an answer, but for the names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadOptions {
    /// The value of `@log` for inputs that don't tell it themselves.
    pub log_group: Option<String>,
    /// What every input is; by default each is recognised by its first bytes.
    pub format: Option<LogFormat>,
    /// Bytes read at a time; at least 1.
    pub block_bytes: usize,
    /// Size of the parts into which plain files are cut; at least 1.
    pub split_bytes: u64,
    /// True to leave parts of a file unread that lie outside of the wanted time: by what its name says, or because samples
    /// show the file to be in the order of time. [`insq_event::ProgressSnapshot::bytes_skipped`] tells how much.
    pub trust_order: bool,
    /// How many times its size a compressed file may expand, once it has given [`crate::EXPANSION_FREE_BYTES`].
    pub expansion_max: u64,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            log_group: None,
            format: None,
            block_bytes: BLOCK_BYTES_DEFAULT,
            split_bytes: SPLIT_BYTES_DEFAULT,
            trust_order: true,
            expansion_max: EXPANSION_MAX_DEFAULT,
        }
    }
}

/// Log files and streams as a source of events.
///
/// # Examples
/// ```
/// use std::sync::Arc;
/// use insq_event::{EventKinds, EventSource, MemoryBudget, RunContext, ScanColumn, ScanField, ScanRequest};
/// use insq_event::{SystemField, TimeRange};
/// use insq_input::{Input, LogSource, ReadOptions};
///
/// let log = "2026-03-04T00:00:00.123Z hello\n";
/// let reader = Box::new(log.as_bytes());
/// let source = LogSource::new(vec![Input::Reader { name: "log".into(), reader }], ReadOptions::default());
/// let request = Arc::new(ScanRequest {
///     columns: vec![ScanColumn { name: "m".into(), field: ScanField::System(SystemField::Message) }],
///     kinds: EventKinds::ALL,
///     time_range: TimeRange::ALL,
///     literals: Vec::new(),
///     request_id: None,
///     batch_rows: 100,
/// });
/// let run = RunContext::new(MemoryBudget::unlimited());
/// let mut rows = 0;
/// for partition in source.partitions(&request, &run)? {
///     let mut reader = partition.open()?;
///     while let Some(batch) = reader.next_batch()? {
///         rows += batch.num_rows();
///     }
/// }
/// assert_eq!(rows, 1);
/// # Ok::<(), insq_event::SourceError>(())
/// ```
pub struct LogSource {
    inputs: Vec<Slot>,
    options: ReadOptions,
}

/// An input, as far as it has not been read.
enum Slot {
    Path {
        path: PathBuf,
        log: Option<Arc<str>>,
        data_source: Option<Arc<str>>,
    },
    Remote(Arc<dyn RemoteFile>),
    Once {
        name: String,
        reader: Mutex<Option<ByteStream>>,
    },
}

impl LogSource {
    /// A source over `inputs`. Nothing is opened yet.
    pub fn new(inputs: Vec<Input>, options: ReadOptions) -> Self {
        let slot = |input| match input {
            Input::Path(path) => Slot::Path {
                path,
                log: options.log_group.as_deref().map(Arc::from),
                data_source: None,
            },
            Input::Named {
                path,
                log_group,
                data_source,
            } => Slot::Path {
                path,
                log: log_group.map(Arc::from),
                data_source: data_source.map(Arc::from),
            },
            Input::Remote(file) => Slot::Remote(file),
            Input::Stdin => Slot::Once {
                name: "standard input".to_owned(),
                reader: Mutex::new(Some(Box::new(std::io::stdin()) as ByteStream)),
            },
            Input::Reader { name, reader } => Slot::Once {
                name,
                reader: Mutex::new(Some(reader)),
            },
        };
        Self {
            inputs: inputs.into_iter().map(slot).collect(),
            options,
        }
    }
}

impl EventSource for LogSource {
    fn partitions(
        &self,
        request: &Arc<ScanRequest>,
        context: &RunContext,
    ) -> Result<Vec<Box<dyn ScanPartition>>, SourceError> {
        let mut planner = Planner {
            options: &self.options,
            request,
            run: context,
            partitions: Vec::new(),
            log: self.options.log_group.as_deref().map(Arc::from),
            data_source: None,
            files: 0,
            is_any_begun: false,
            first_failure: None,
        };
        for slot in &self.inputs {
            match slot {
                Slot::Path {
                    path,
                    log,
                    data_source,
                } => {
                    planner.log = log.clone();
                    planner.data_source = data_source.clone();
                    planner.add_path(path)?;
                }
                Slot::Remote(file) => {
                    planner.log = self.options.log_group.as_deref().map(Arc::from);
                    planner.data_source = None;
                    planner.add_remote(file)?;
                }
                Slot::Once { name, reader } => {
                    planner.log = self.options.log_group.as_deref().map(Arc::from);
                    planner.data_source = None;
                    planner.add_reader(name, reader)?;
                }
            }
        }
        planner.finish(self)
    }

    fn describe(&self) -> String {
        let name = |slot: &Slot| match slot {
            Slot::Path { path, .. } => path.display().to_string(),
            Slot::Remote(file) => file.name().to_owned(),
            Slot::Once { name, .. } => name.clone(),
        };
        self.inputs.iter().map(name).collect::<Vec<_>>().join(", ")
    }

    /// The sizes of the files, compressed where they are.
    fn size_bytes(&self) -> Option<u64> {
        let mut total = 0;
        for slot in &self.inputs {
            let path = match slot {
                Slot::Path { path, .. } => path,
                Slot::Remote(file) => {
                    total += file.size_bytes();
                    continue;
                }
                Slot::Once { .. } => return None,
            };
            for file in files_of(path).ok()? {
                total += std::fs::metadata(file).ok()?.len();
            }
        }
        Some(total)
    }
}

/// Finds files and cuts them.
struct Planner<'a> {
    options: &'a ReadOptions,
    request: &'a Arc<ScanRequest>,
    run: &'a RunContext,
    partitions: Vec<Box<dyn ScanPartition>>,
    /// What the input says of the log group and the data source of its files.
    log: Option<Arc<str>>,
    data_source: Option<Arc<str>>,
    files: u64,
    /// True when a file was begun that may have no partition that is wanted, or none that is sound.
    is_any_begun: bool,
    first_failure: Option<SourceError>,
}

impl Planner<'_> {
    fn add_path(&mut self, path: &Path) -> Result<(), SourceError> {
        match files_of(path) {
            Ok(files) => files.into_iter().try_for_each(|file| self.add_file(file)),
            Err(cause) => self.unreadable(&path.display().to_string(), cause),
        }
    }

    fn add_reader(&mut self, name: &str, reader: &Mutex<Option<ByteStream>>) -> Result<(), SourceError> {
        let Some(stream) = reader.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            return Err(SourceError::NoInput(format!(
                "{name} can be read once only, and it has been read"
            )));
        };
        let names = self.names(name, None)?;
        self.push(names, Origin::Stream(stream));
        Ok(())
    }

    fn add_remote(&mut self, file: &Arc<dyn RemoteFile>) -> Result<(), SourceError> {
        let path = Path::new(file.name());
        let names = self.names(file.name(), stream_of(path))?;
        if !self.can_hold_wanted_time(path) {
            self.run.progress.add_skipped(file.size_bytes());
            return Ok(());
        }
        self.run.progress.add_total(file.size_bytes());
        self.push(names, Origin::Remote(Arc::clone(file)));
        Ok(())
    }

    fn add_file(&mut self, path: PathBuf) -> Result<(), SourceError> {
        let shown = path.display().to_string();
        let facts = match std::fs::metadata(&path) {
            Ok(facts) => facts,
            Err(cause) => return self.unreadable(&shown, cause),
        };
        let (size, state) = (facts.len(), FileState::of(&facts));
        let names = self.names(&shown, stream_of(&path))?;
        // A file that tells its times itself is not judged by its name.
        if is_parquet(&path, &facts) {
            return self.add_parquet(&path, names);
        }
        if !self.can_hold_wanted_time(&path) {
            self.run.progress.add_skipped(size);
            return Ok(());
        }
        let path = Arc::new(path);
        // A small file is not worth a look before its turn comes.
        if size <= self.options.split_bytes {
            self.run.progress.add_total(size);
            self.push(names, Origin::File { path, state });
            return Ok(());
        }
        match self.cut(&path, size) {
            Ok(Some((grammar, bytes))) => {
                self.run.progress.add_total(bytes.end - bytes.start);
                self.run.progress.add_skipped(size - (bytes.end - bytes.start));
                let mut start = bytes.start;
                while start < bytes.end {
                    let end = bytes.end.min(start + self.options.split_bytes.max(1));
                    let part = Origin::Part {
                        path: Arc::clone(&path),
                        state,
                        start,
                        end: (end < size).then_some(end),
                        is_first: start == bytes.start,
                        grammar: grammar.clone(),
                    };
                    self.push(names.clone(), part);
                    start = end;
                }
            }
            Ok(None) => {
                self.run.progress.add_total(size);
                self.push(names, Origin::File { path, state });
            }
            Err(cause) => self.unreadable(&shown, cause)?,
        }
        Ok(())
    }

    fn add_parquet(&mut self, path: &Path, names: FileNames) -> Result<(), SourceError> {
        let notes = DamageNotes {
            file: Arc::clone(&names.file),
            run: self.run.clone(),
        };
        self.run.progress.add_file();
        self.is_any_begun = true;
        let with_pages = !self.request.time_range.is_all() || self.request.request_id.is_some();
        let file = match ParquetFile::open(path, &self.run.progress, with_pages) {
            Ok(file) => file,
            Err(cause) => return notes.note(DamageKind::BadParquet, 0, Some(cause.to_string())),
        };
        self.count_files(file.files().saturating_sub(1))?;
        let (partitions, bytes) = file.partitions(self.request, names, &notes)?;
        self.run.progress.add_total(bytes);
        self.partitions.extend(partitions);
        Ok(())
    }

    /// False when the name of a file says that all of its events lie outside of the wanted time.
    fn can_hold_wanted_time(&self, path: &Path) -> bool {
        !self.options.trust_order || times_by_name(path).intersects(self.request.time_range)
    }

    /// The grammar of a file that can be cut, and which bytes of it are wanted; `None` when it can't be.
    fn cut(&self, path: &Path, size: u64) -> std::io::Result<Option<(LineGrammar, Range<u64>)>> {
        let mut file = File::open(path)?;
        let Some(grammar) = splittable(&mut file, self.options.format)? else {
            return Ok(None);
        };
        let selected = if self.options.trust_order {
            bytes_of_range(
                &mut file,
                size,
                &grammar,
                self.request.time_range,
                &self.run.progress,
            )?
        } else {
            None
        };
        Ok(Some((grammar, selected.unwrap_or(0..size))))
    }

    fn names(&mut self, file: &str, stream: Option<String>) -> Result<FileNames, SourceError> {
        let ordinal = self.files;
        self.count_files(1)?;
        let names = FileNames {
            file: file.into(),
            ordinal,
            stream: stream.map(Arc::from),
            log: self
                .log
                .clone()
                .or_else(|| group_of(Path::new(file)).map(Arc::from)),
            data_source: self.data_source.clone(),
        };
        Ok(names)
    }

    fn count_files(&mut self, count: u64) -> Result<(), SourceError> {
        self.files = self.files.saturating_add(count);
        if self.files > FILE_COUNT_MAX {
            return Err(SourceError::Limit(format!("more than {FILE_COUNT_MAX} files")));
        }
        Ok(())
    }

    fn push(&mut self, names: FileNames, origin: Origin) {
        let notes = DamageNotes {
            file: Arc::clone(&names.file),
            run: self.run.clone(),
        };
        let partition = Partition {
            origin,
            names,
            notes,
            request: Arc::clone(self.request),
            block_bytes: self.options.block_bytes,
            expansion_max: self.options.expansion_max,
            format: self.options.format,
        };
        self.partitions.push(Box::new(partition));
    }

    fn unreadable(&mut self, file: &str, cause: std::io::Error) -> Result<(), SourceError> {
        let notes = DamageNotes {
            file: file.into(),
            run: self.run.clone(),
        };
        notes.note(DamageKind::Unreadable, 0, Some(cause.to_string()))?;
        self.first_failure.get_or_insert(SourceError::Io {
            file: file.into(),
            cause,
        });
        Ok(())
    }

    fn finish(self, source: &LogSource) -> Result<Vec<Box<dyn ScanPartition>>, SourceError> {
        match (
            self.partitions.is_empty() && !self.is_any_begun,
            self.first_failure,
        ) {
            (true, Some(failure)) => Err(failure),
            (true, None) if !source.inputs.is_empty() => Err(SourceError::NoInput(format!(
                "{}: no log files in there",
                source.describe()
            ))),
            _ => Ok(self.partitions),
        }
    }
}

/// The grammar of a plain text file whose events begin at lines that can be told by themselves.
fn splittable(file: &mut File, format: Option<LogFormat>) -> std::io::Result<Option<LineGrammar>> {
    let mut sample = Vec::with_capacity(SAMPLE_BYTES);
    file.take(SAMPLE_BYTES as u64).read_to_end(&mut sample)?;
    if Codec::of(&sample).is_some() || is_coloured(&sample) {
        return Ok(None);
    }
    let container = match format {
        Some(format) => forced(format, &sample),
        None => detect(&sample, false),
    };
    Ok(match container {
        // Without times, the first line of a part can't be told from the middle of an event.
        Container::Lines(LineGrammar::Bare) => None,
        Container::Lines(grammar) => Some(grammar),
        _ => None,
    })
}
