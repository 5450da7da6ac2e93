//! From inputs to partitions: files are found, recognised where that is worth it, and cut.

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
use crate::format::LogFormat;
use crate::grammar::LineGrammar;
use crate::named_times::times_by_name;
use crate::names::{group_of, stream_of};
use crate::parquet::{ParquetFile, is_parquet};
use crate::partition::{Origin, Partition};
use crate::paths::files_of;
use crate::remote::RemoteFile;
use crate::sorted::bytes_of_range;
use crate::source::{LogSource, ReadOptions};
use crate::standing::FileState;

/// Finds files and cuts them.
pub(crate) struct Planner<'a> {
    options: &'a ReadOptions,
    request: &'a Arc<ScanRequest>,
    run: &'a RunContext,
    partitions: Vec<Box<dyn ScanPartition>>,
    /// What the input says of the log group and the data source of its files.
    pub(crate) log: Option<Arc<str>>,
    pub(crate) data_source: Option<Arc<str>>,
    files: u64,
    /// True when a file was begun that may have no partition that is wanted, or none that is sound.
    is_any_begun: bool,
    first_failure: Option<SourceError>,
}

impl<'a> Planner<'a> {
    pub(crate) fn new(options: &'a ReadOptions, request: &'a Arc<ScanRequest>, run: &'a RunContext) -> Self {
        Self {
            options,
            request,
            run,
            partitions: Vec::new(),
            log: options.log_group.as_deref().map(Arc::from),
            data_source: None,
            files: 0,
            is_any_begun: false,
            first_failure: None,
        }
    }

    pub(crate) fn add_path(&mut self, path: &Path) -> Result<(), SourceError> {
        match files_of(path) {
            Ok(files) => files.into_iter().try_for_each(|file| self.add_file(file)),
            Err(cause) => self.unreadable(&path.display().to_string(), cause),
        }
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
        self.push(names, Origin::Stream(stream));
        Ok(())
    }

    pub(crate) fn add_remote(&mut self, file: &Arc<dyn RemoteFile>) -> Result<(), SourceError> {
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

    pub(crate) fn finish(self, source: &LogSource) -> Result<Vec<Box<dyn ScanPartition>>, SourceError> {
        match (
            self.partitions.is_empty() && !self.is_any_begun,
            self.first_failure,
        ) {
            (true, Some(failure)) => Err(failure),
            (true, None) if source.has_inputs() => Err(SourceError::NoInput(format!(
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
