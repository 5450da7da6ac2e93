//! From logs to one Parquet file.

use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use arrow_schema::ArrowError;
use insq_event::{EventSource, MemoryExceeded, RunContext, SourceError};
use parquet::errors::ParquetError;

use super::encode::{FileColumns, PartFiles, Written, write};
use super::folder::PartitionKey;
use super::gather::{GatherPlan, Gathered, RunFiles, StoredColumns, gather};
use super::layout::Layout;
use super::runs::Ranks;

/// How a file is made.
#[derive(Clone, Debug)]
pub struct ConvertOptions {
    /// Threads that read.
    pub threads: NonZeroUsize,
    /// Where runs wait that do not fit into memory.
    pub spill_folder: PathBuf,
    /// Bytes of events that all threads together gather before they put them into a file.
    pub buffer_bytes: usize,
    /// Events of a stretch, which becomes two row groups; at least 1.
    pub stretch_rows: usize,
    /// Columns of discovered fields at most.
    pub field_columns_max: usize,
}

impl ConvertOptions {
    /// The usual sizes.
    pub fn new(threads: NonZeroUsize, spill_folder: PathBuf) -> Self {
        Self {
            threads,
            spill_folder,
            buffer_bytes: 256 << 20,
            stretch_rows: 1 << 20,
            field_columns_max: 64,
        }
    }
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Converted {
    /// Events in the file.
    pub events: u64,
    /// The discovered fields that became columns, as queries spell them.
    pub fields: Vec<String>,
}

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConvertError {
    /// The source can't go on.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A file can't be written, or a run not be read back.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// What Parquet's writer says of other things than files.
    #[error("{0}")]
    Parquet(ParquetError),
    /// A column that does not fit: a defect.
    #[error("{0}")]
    Arrow(ArrowError),
    /// More memory than allowed.
    #[error(transparent)]
    Memory(#[from] MemoryExceeded),
    /// A run in a file that has fewer events than were written: somebody has changed it.
    #[error("events that waited in a file are not there any more")]
    LostRun,
    /// The folder can't be written.
    #[error("{0}")]
    Folder(String),
    /// The run was asked to stop.
    #[error("cancelled")]
    Cancelled,
}

impl From<ParquetError> for ConvertError {
    fn from(error: ParquetError) -> Self {
        match error {
            ParquetError::External(inner) => match inner.downcast() {
                Ok(cause) => Self::Io(*cause),
                Err(inner) => Self::Parquet(ParquetError::External(inner)),
            },
            other => Self::Parquet(other),
        }
    }
}

impl From<ArrowError> for ConvertError {
    fn from(error: ArrowError) -> Self {
        match error {
            ArrowError::IoError(_, cause) => Self::Io(cause),
            other => Self::Arrow(other),
        }
    }
}

/// Writes everything that `source` gives into `output`, in the order of time; ties in the order of the input.
///
/// # Errors
/// [`ConvertError`]; what `output` has taken until then is no Parquet file.
pub fn convert(
    source: &dyn EventSource,
    output: &File,
    options: &ConvertOptions,
    run: &RunContext,
) -> Result<Converted, ConvertError> {
    let stored = StoredColumns::new()?;
    let partitions = source.partitions(&stored.request, run)?;
    let plan = GatherPlan {
        stored: &stored,
        by: &[],
        options,
        files: &Unnamed(&options.spill_folder),
        keeps_last: true,
        run,
    };
    let mut gathered = gather(partitions, &plan)?;
    let fields = std::mem::take(&mut gathered.tally).most_frequent(options.field_columns_max, &[]);
    let mut columns = FileColumns::new(&stored, fields);
    let ranks = Ranks::from([(PartitionKey::default(), 0)]);
    loop {
        let file = OneFile {
            output,
            gathered: &gathered,
        };
        match write(&gathered.runs, &ranks, &columns, &file, options, run)? {
            Written::Whole => {
                return Ok(Converted {
                    events: gathered.events,
                    fields: columns.names(),
                });
            }
            // Begun anew with that column as text; there are only so many columns.
            Written::Misfit(field) => columns.make_text(field),
        }
    }
}

/// Runs wait in files without a name.
struct Unnamed<'a>(&'a Path);

impl RunFiles for Unnamed<'_> {
    fn create(&self) -> std::io::Result<(File, Option<String>)> {
        Ok((tempfile::tempfile_in(self.0)?, None))
    }
}

/// Everything goes into the one file.
struct OneFile<'a> {
    output: &'a File,
    gathered: &'a Gathered,
}

impl PartFiles for OneFile<'_> {
    fn events(&self, _: u32) -> u64 {
        self.gathered.events
    }

    fn begin(&self, _: u32) -> Result<(File, Layout), ConvertError> {
        self.output.set_len(0)?;
        let mut file = self.output.try_clone()?;
        file.seek(SeekFrom::Start(0))?;
        let layout = Layout {
            files: self.gathered.files,
            fields: Vec::new(),
            part: None,
        };
        Ok((file, layout))
    }

    fn end(&self, _: u32, _: File) -> Result<(), ConvertError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A full disk is told as such, whoever met it.
    #[test]
    fn what_files_say_is_told_as_it_is() {
        let full = || std::io::Error::from(std::io::ErrorKind::StorageFull);
        let told = [
            ConvertError::from(full()),
            ConvertError::from(ParquetError::External(Box::new(full()))),
            ConvertError::from(ArrowError::IoError("words".to_owned(), full())),
        ];
        for error in told {
            assert!(
                matches!(&error, ConvertError::Io(cause) if cause.kind() == full().kind()),
                "{error}"
            );
            assert_eq!(error.to_string(), full().to_string());
        }
        let other = ConvertError::from(ParquetError::General("words".to_owned()));
        assert_eq!(other.to_string(), "Parquet error: words");
    }
}
