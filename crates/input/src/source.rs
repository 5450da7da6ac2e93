//! The source of a run: its inputs, and how they are read.

use std::io::Read;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use insq_event::{EventSource, Only, RunContext, ScanPartition, ScanRequest, SharedPartition, SourceError};

use crate::clock::LogClock;
use crate::copies::set_copies_apart;
use crate::decompress::ByteStream;
use crate::expansion::EXPANSION_MAX_DEFAULT;
use crate::format::LogFormat;
use crate::parquet::is_converted_folder;
use crate::paths::{Listing, list};
use crate::pipe::Pipe;
use crate::planner::Planner;
use crate::remote::RemoteFile;

/// Bytes read at a time: small enough that a block is still in the cache when its events are read, large
/// enough that the cost of a read does not show.
pub const BLOCK_BYTES_DEFAULT: usize = 256 << 10;

/// Plain files are cut into parts of this size, so that threads can share them.
pub const SPLIT_BYTES_DEFAULT: u64 = 16 << 20;

/// Something to read.
pub enum Input {
    /// A file, a folder with everything below it, or a pattern; the files of a zip or tar archive that is named itself, or by
    /// a pattern that ends like the names of archives. A file that several inputs lead to is read once, and so is
    /// what a pipe gives, as that of a reader is.
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

/// How inputs are read. None of it changes an answer, but for the names and the clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadOptions {
    /// The value of `@log` for inputs that don't tell it themselves.
    pub log_group: Option<String>,
    /// What every input is; by default each is recognised by its first bytes.
    pub format: Option<LogFormat>,
    /// By which clock times are read that name no zone or no year.
    pub clock: LogClock,
    /// Bytes read at a time; at least 1.
    pub block_bytes: usize,
    /// Size of the parts into which plain files are cut; at least 1.
    pub split_bytes: u64,
    /// True to leave parts of a file unread that lie outside of the wanted time: by what its name says, or because samples
    /// show the file to be in the order of time. [`insq_event::ProgressSnapshot::bytes_skipped`] tells how much.
    pub trust_order: bool,
    /// How many times its size a compressed file may expand, once it has given [`crate::EXPANSION_FREE_BYTES`].
    pub expansion_max: u64,
    /// True to map plain files that are cut into parts rather than to read them, which spares a copy. Only for files that
    /// stand still: one that is cut while it is mapped kills the process, and one that is written over may do anything.
    pub mmap: bool,
    /// Threads that there are. Where the files are so few that some would have nothing to do, they decompress ahead of those
    /// that take events out. The engine knows their number by itself.
    pub threads: usize,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            log_group: None,
            format: None,
            clock: LogClock::UTC,
            block_bytes: BLOCK_BYTES_DEFAULT,
            split_bytes: SPLIT_BYTES_DEFAULT,
            trust_order: true,
            expansion_max: EXPANSION_MAX_DEFAULT,
            mmap: false,
            threads: 1,
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
///     function: None,
///     batch_rows: 100,
///     bar: None,
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
    pub(crate) inputs: Vec<Slot>,
    pub(crate) options: ReadOptions,
}

/// An input, as far as it has not been read.
pub(crate) enum Slot {
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

impl Slot {
    fn once(name: String, reader: ByteStream) -> Self {
        Self::Once {
            name,
            reader: Mutex::new(Some(reader)),
        }
    }
}

impl LogSource {
    /// A source over `inputs`. Nothing is opened yet.
    pub fn new(inputs: Vec<Input>, options: ReadOptions) -> Self {
        let slot = |input| match input {
            Input::Path(path) => match Pipe::at(&path) {
                Some(pipe) => Slot::once(path.display().to_string(), Box::new(pipe)),
                None => Slot::Path {
                    path,
                    log: options.log_group.as_deref().map(Arc::from),
                    data_source: None,
                },
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
            Input::Stdin => Slot::once("standard input".to_owned(), Box::new(std::io::stdin())),
            Input::Reader { name, reader } => Slot::once(name, reader),
        };
        Self {
            inputs: inputs.into_iter().map(slot).collect(),
            options,
        }
    }

    /// The inputs, with the files of those that are paths. A file that several of them name is there once, unless they give
    /// it other names of log groups or data sources; so is a log beside its own compressed copy.
    pub(crate) fn listings(&self) -> Vec<(&Slot, Listing)> {
        let named = self.inputs.iter().filter_map(|slot| match slot {
            Slot::Path {
                path,
                log,
                data_source,
            } => Some((path, (log, data_source))),
            Slot::Remote(_) | Slot::Once { .. } => None,
        });
        let named: Vec<_> = named.collect();
        let mut listings = list(&named);
        let names: Vec<_> = named.iter().map(|(_, names)| names).collect();
        set_copies_apart(&mut listings, &names, self.options.expansion_max);
        let mut listings = listings.into_iter();
        let listed = self.inputs.iter().map(|slot| match slot {
            Slot::Path { .. } => (slot, listings.next().unwrap_or_default()),
            Slot::Remote(_) | Slot::Once { .. } => (slot, Listing::default()),
        });
        listed.collect()
    }

    /// Adds an input to a plan, with what [`Self::listings`] found of it.
    pub(crate) fn plan_slot(
        &self,
        slot: &Slot,
        listing: Listing,
        planner: &mut Planner<'_>,
    ) -> Result<(), SourceError> {
        let option = || self.options.log_group.as_deref().map(Arc::from);
        (planner.log, planner.data_source) = match slot {
            Slot::Path { log, data_source, .. } => (log.clone(), data_source.clone()),
            Slot::Remote(_) | Slot::Once { .. } => (option(), None),
        };
        match slot {
            Slot::Path { .. } => planner.add_listing(listing),
            Slot::Remote(file) => planner.add_remote(file),
            Slot::Once { name, reader } => planner.add_reader(name, reader),
        }
    }

    fn remote_files(&self) -> Vec<Arc<dyn RemoteFile>> {
        let remote = |slot: &Slot| match slot {
            Slot::Remote(file) => Some(Arc::clone(file)),
            Slot::Path { .. } | Slot::Once { .. } => None,
        };
        self.inputs.iter().filter_map(remote).collect()
    }

    /// True when everything can be read more than once: nothing is a stream.
    pub fn is_lasting(&self) -> bool {
        !self.inputs.iter().any(|slot| matches!(slot, Slot::Once { .. }))
    }

    /// True for a source in which something is to be found: it was given inputs, and none of them is the folder of a
    /// conversion, which may have had no events.
    pub(crate) fn needs_logs(&self) -> bool {
        let is_complete = |slot: &Slot| match slot {
            Slot::Path { path, .. } => is_converted_folder(path),
            _ => false,
        };
        !self.inputs.is_empty() && !self.inputs.iter().any(is_complete)
    }
}

impl EventSource for LogSource {
    fn partitions(
        &self,
        request: &Arc<ScanRequest>,
        context: &RunContext,
    ) -> Result<Vec<Box<dyn ScanPartition>>, SourceError> {
        let partitions = self.shared_partitions(std::slice::from_ref(request), context)?;
        let alone = |partition| Box::new(Only(partition)) as Box<dyn ScanPartition>;
        Ok(partitions.into_iter().map(alone).collect())
    }

    fn shared_partitions(
        &self,
        requests: &[Arc<ScanRequest>],
        context: &RunContext,
    ) -> Result<Vec<Box<dyn SharedPartition>>, SourceError> {
        let mut planner = Planner::new(&self.options, requests, context);
        planner.look_at(&self.remote_files());
        for (slot, listing) in self.listings() {
            self.plan_slot(slot, listing, &mut planner)?;
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
        for (slot, listing) in self.listings() {
            match slot {
                Slot::Path { .. } => {
                    for file in listing.files.into_iter().chain(listing.archives) {
                        total += std::fs::metadata(file).ok()?.len();
                    }
                }
                Slot::Remote(file) => total += file.size_bytes(),
                Slot::Once { .. } => return None,
            }
        }
        Some(total)
    }
}
