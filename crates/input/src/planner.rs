//! From inputs to partitions: files are found, recognised where that is worth it, and cut.

mod parquet;

use std::collections::VecDeque;
use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use insq_event::{
    DamageKind, EventSource, FILE_COUNT_MAX, Only, RunContext, ScanPartition, ScanRequest, SharedPartition,
    SourceError, TimeRange,
};

use self::parquet::begun;
use crate::archive::Archive;
use crate::arrow::ArrowPart;
use crate::columns::FileNames;
use crate::cuttable::Cuttable;
use crate::decompress::ByteStream;
use crate::error::DamageNotes;
use crate::lane::Lane;
use crate::named_times::times_by_name;
use crate::names::{group_of, stream_of};
use crate::parquet::{FolderParts, Look, is_parquet};
use crate::partition::{BYTE_ORDER_MARK, Origin, Partition};
use crate::paths::{Listing, Trouble};
use crate::remote::RemoteFile;
use crate::sorted::bytes_of_range;
use crate::source::{LogSource, ReadOptions};
use crate::standing::FileState;

/// Finds files and cuts them.
pub(crate) struct Planner<'a> {
    options: &'a ReadOptions,
    requests: &'a [Arc<ScanRequest>],
    run: &'a RunContext,
    partitions: Vec<Box<dyn SharedPartition>>,
    /// What the input says of the log group and the data source of its files.
    pub(crate) log: Option<Arc<str>>,
    pub(crate) data_source: Option<Arc<str>>,
    files: u64,
    parts: FolderParts,
    /// True when a file was begun that may have no partition that is wanted, or none that is sound.
    is_any_begun: bool,
    first_failure: Option<SourceError>,
    /// What is known of the next remote files.
    looks: VecDeque<Look>,
    known: Arc<KnownLater>,
}

/// What partitions are told once all of them are known.
#[derive(Default)]
pub(crate) struct KnownLater {
    /// True when there is a second thread for each.
    pub(crate) is_ahead: AtomicBool,
    /// How many files positions count.
    pub(crate) files: AtomicU64,
}

/// The event behind a byte order mark begins in the first part.
const PART_BYTES_MIN: u64 = BYTE_ORDER_MARK.len() as u64 + 1;

impl<'a> Planner<'a> {
    pub(crate) fn new(
        options: &'a ReadOptions,
        requests: &'a [Arc<ScanRequest>],
        run: &'a RunContext,
    ) -> Self {
        Self {
            options,
            requests,
            run,
            partitions: Vec::new(),
            log: options.log_group.as_deref().map(Arc::from),
            data_source: None,
            files: 0,
            parts: FolderParts::default(),
            is_any_begun: false,
            first_failure: None,
            looks: VecDeque::new(),
            known: Arc::default(),
        }
    }

    pub(crate) fn add_listing(&mut self, listing: Listing) -> Result<(), SourceError> {
        listing
            .files
            .into_iter()
            .try_for_each(|file| self.add_file(file))?;
        listing
            .archives
            .into_iter()
            .try_for_each(|path| self.add_archive(path))?;
        self.add_troubles(&listing.troubles)
    }

    pub(crate) fn add_troubles(&mut self, troubles: &[Trouble]) -> Result<(), SourceError> {
        let mut troubles = troubles.iter();
        troubles.try_for_each(|trouble| {
            self.unreadable(&trouble.path.display().to_string(), trouble.copy_of_cause())
        })
    }

    pub(crate) fn add_reader(
        &mut self,
        name: &str,
        reader: &Mutex<Option<ByteStream>>,
    ) -> Result<(), SourceError> {
        let Some(stream) = reader.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            return Err(SourceError::NoInput(format!(
                "{name} can be read once only, and it has been read"
            )));
        };
        let names = self.names(name, None)?;
        match begun(stream) {
            (true, stream) => self.add_parquet_stream(stream, names),
            (false, stream) => {
                self.push(names, Origin::Stream(stream), self.lanes());
                Ok(())
            }
        }
    }

    /// Adds the files of an archive, if the file at `path` is one.
    pub(crate) fn add_archive(&mut self, path: PathBuf) -> Result<(), SourceError> {
        let Some(archive) = Archive::open(&path, self.options.expansion_max, self.run)? else {
            return self.add_file(path);
        };
        // Whoever wants no more is not told that there is nothing.
        self.is_any_begun |= !archive.is_empty() || self.run.cancellation.is_cancelled();
        archive.note(&path, self.run)?;
        archive.files.iter().try_for_each(|file| {
            let look = self.looker().look(file);
            self.add_looked_at(file, look)
        })
    }

    /// Adds a file of which [`Self::look_at`] has told what it is, if it was asked.
    pub(crate) fn add_remote(&mut self, file: &Arc<dyn RemoteFile>) -> Result<(), SourceError> {
        let look = match self.looks.pop_front() {
            Some(look) => look,
            None => self.looker().look(file),
        };
        self.add_looked_at(file, look)
    }

    fn add_looked_at(&mut self, file: &Arc<dyn RemoteFile>, look: Look) -> Result<(), SourceError> {
        let path = Path::new(file.name());
        if matches!(look, Look::Outside) {
            self.leave_out(file.size_bytes());
            return Ok(());
        }
        let names = self.names(file.name(), stream_of(path))?;
        if let Look::Parquet(opened) = look {
            return self.add_parquet(None, opened.map(|file| *file), names);
        }
        let lanes = self.lanes_by_name(path);
        if lanes.is_empty() {
            self.leave_out(file.size_bytes());
            return Ok(());
        }
        self.run.progress.add_total(file.size_bytes());
        self.push(names, Origin::Remote(Arc::clone(file)), lanes);
        Ok(())
    }

    pub(crate) fn add_file(&mut self, path: PathBuf) -> Result<(), SourceError> {
        let shown = path.display().to_string();
        let facts = match std::fs::metadata(&path) {
            Ok(facts) => facts,
            Err(cause) => return self.unreadable(&shown, cause),
        };
        let (size, state) = (facts.len(), FileState::of(&facts));
        if self.is_outside_by_folder(&path) {
            self.leave_out(size);
            return Ok(());
        }
        let names = self.names(&shown, stream_of(&path))?;
        // A file that tells its times itself is not judged by its name.
        if is_parquet(&path, &facts) {
            return self.add_parquet_file(&path, names);
        }
        let lanes = self.lanes_by_name(&path);
        if lanes.is_empty() {
            self.leave_out(size);
            return Ok(());
        }
        let path = Arc::new(path);
        // A small file is not worth a look before its turn comes.
        if size <= self.options.split_bytes {
            self.run.progress.add_total(size);
            self.push(names, Origin::File { path, state }, lanes);
            return Ok(());
        }
        match ArrowPart::cut(&path, state, size, self.options.split_bytes, &self.run.progress) {
            Ok(Some(parts)) => {
                self.push_arrow(parts, &names, &lanes);
                return Ok(());
            }
            Ok(None) => {}
            Err(cause) => return self.unreadable(&shown, cause),
        }
        match self.cut(&path, size, &lanes) {
            Ok(Some((what, lanes))) => self.push_parts(&path, state, size, &names, &what, &lanes),
            Ok(None) => {
                self.run.progress.add_total(size);
                self.push(names, Origin::File { path, state }, lanes);
            }
            Err(cause) => self.unreadable(&shown, cause)?,
        }
        Ok(())
    }

    /// The parts of a plain file that some lane wants; those that none wants are left unread.
    fn push_parts(
        &mut self,
        path: &Arc<PathBuf>,
        state: FileState,
        size: u64,
        names: &FileNames,
        what: &Cuttable,
        lanes: &[Lane],
    ) {
        let first = lanes.iter().map(|lane| lane.offsets.start).min().unwrap_or(0);
        let last = lanes.iter().map(|lane| lane.offsets.end).max().unwrap_or(0);
        let (mut start, mut read) = (first, 0);
        while start < last {
            let end = last.min(start + self.options.split_bytes.max(PART_BYTES_MIN));
            let is_theirs = |lane: &&Lane| lane.offsets.start < end && lane.offsets.end > start;
            let lanes: Vec<Lane> = lanes.iter().filter(is_theirs).cloned().collect();
            if !lanes.is_empty() {
                let part = Origin::Part {
                    path: Arc::clone(path),
                    state,
                    start,
                    end: (end < size).then_some(end),
                    is_first: read == 0,
                    what: what.clone(),
                };
                self.push(names.clone(), part, lanes);
                read += end - start;
            }
            start = end;
        }
        self.run.progress.add_total(read);
        self.leave_out(size - read);
    }

    /// Counts what is left unread since nobody wants it, which is not to say that there is nothing.
    fn leave_out(&mut self, bytes: u64) {
        self.run.progress.add_skipped(bytes);
        self.is_any_begun = true;
    }

    /// The parts of a large file of columns.
    fn push_arrow(&mut self, parts: Vec<ArrowPart>, names: &FileNames, lanes: &[Lane]) {
        self.run.progress.add_file();
        self.is_any_begun = true;
        for part in parts {
            self.run.progress.add_total(part.size());
            let notes = DamageNotes {
                file: Arc::clone(&names.file),
                run: self.run.clone(),
            };
            let expansion_max = self.options.expansion_max;
            self.partitions
                .push(part.partition(names.clone(), notes, lanes.to_vec(), expansion_max));
        }
    }

    /// All requests.
    fn lanes(&self) -> Vec<Lane> {
        let lane = |(number, request)| Lane::whole(number, request);
        self.requests.iter().enumerate().map(lane).collect()
    }

    /// The requests that may want events of a file, by the times that its name tells.
    fn lanes_by_name(&self, path: &Path) -> Vec<Lane> {
        let mut lanes = self.lanes();
        if self.options.trust_order {
            let times = times_by_name(path);
            lanes.retain(|lane| times.intersects(lane.request.time_range));
        }
        lanes
    }

    /// What a file is that can be cut, and which bytes of it each lane wants; `None` when it can't be.
    fn cut(&self, path: &Path, size: u64, lanes: &[Lane]) -> std::io::Result<Option<(Cuttable, Vec<Lane>)>> {
        let mut file = File::open(path)?;
        let Some(what) = Cuttable::of(&mut file, self.options.format, self.options.clock)? else {
            return Ok(None);
        };
        let mut found: Vec<(TimeRange, Range<u64>)> = Vec::new();
        let mut cut = Vec::with_capacity(lanes.len());
        for lane in lanes {
            let range = lane.request.time_range;
            let known = found.iter().find(|(known, _)| *known == range);
            let offsets = match known {
                Some((_, offsets)) => offsets.clone(),
                None => self.bytes_of_range(&mut file, size, &what, range)?,
            };
            found.push((range, offsets.clone()));
            cut.push(Lane {
                offsets,
                ..lane.clone()
            });
        }
        Ok(Some((what, cut)))
    }

    /// The bytes of a file that hold the events of a range of times; all, where its order is not to be trusted.
    fn bytes_of_range(
        &self,
        file: &mut File,
        size: u64,
        what: &Cuttable,
        range: TimeRange,
    ) -> std::io::Result<Range<u64>> {
        let selected = match what {
            Cuttable::Text(grammar) if self.options.trust_order => {
                bytes_of_range(file, size, grammar, range, &self.run.progress)?
            }
            _ => None,
        };
        Ok(selected.unwrap_or(0..size))
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

    fn push(&mut self, names: FileNames, origin: Origin, lanes: Vec<Lane>) {
        let notes = DamageNotes {
            file: Arc::clone(&names.file),
            run: self.run.clone(),
        };
        let partition = Partition {
            origin,
            names,
            notes,
            lanes,
            block_bytes: self.options.block_bytes,
            expansion_max: self.options.expansion_max,
            is_mapped: self.options.mmap,
            known: Arc::clone(&self.known),
            format: self.options.format,
            clock: self.options.clock,
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

    /// The partitions, and whether there is anything at all; for one of several groups.
    pub(crate) fn into_planned(self) -> (Vec<Box<dyn ScanPartition>>, Planned) {
        self.known.files.store(self.files, Ordering::Relaxed);
        let planned = Planned {
            is_any_read: self.is_any_begun || !self.partitions.is_empty(),
            first_failure: self.first_failure,
        };
        let alone = |partition| Box::new(Only(partition)) as Box<dyn ScanPartition>;
        (self.partitions.into_iter().map(alone).collect(), planned)
    }

    pub(crate) fn finish(self, source: &LogSource) -> Result<Vec<Box<dyn SharedPartition>>, SourceError> {
        let has_idle_threads = 2 * self.partitions.len() <= self.options.threads;
        self.known.is_ahead.store(has_idle_threads, Ordering::Relaxed);
        self.known.files.store(self.files, Ordering::Relaxed);
        match (
            self.partitions.is_empty() && !self.is_any_begun,
            self.first_failure,
        ) {
            (true, Some(failure)) => Err(failure),
            (true, None) if source.needs_logs() => Err(SourceError::NoInput(format!(
                "{}: no log files in there",
                source.describe()
            ))),
            _ => Ok(self.partitions),
        }
    }
}

/// What became of some inputs.
pub(crate) struct Planned {
    pub(crate) is_any_read: bool,
    pub(crate) first_failure: Option<SourceError>,
}
