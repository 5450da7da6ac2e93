//! The contract between those who read logs and those who run queries over them.

use std::sync::Arc;

use arrow_array::RecordBatch;

use crate::shared::one_after_another;
use crate::{MemoryExceeded, RunContext, ScanRequest, SharedPartition};

/// Anywhere that log events come from: files, streams, batches in memory.
///
/// A source is asked for its partitions once per run. Partitions are independent of each other and may
/// be read by any thread in any order; what they return together must not depend on their number.
pub trait EventSource: Send + Sync {
    /// The partitions that answer `request`, in the order of ingestion.
    ///
    /// # Errors
    /// [`SourceError`] when nothing can be read at all. A part that cannot be read is noted in
    /// `context.damage` and left out.
    fn partitions(
        &self,
        request: &Arc<ScanRequest>,
        context: &RunContext,
    ) -> Result<Vec<Box<dyn ScanPartition>>, SourceError>;

    /// The partitions that answer all of `requests`, for each of them in the order of ingestion. A source that can be
    /// read once only, or at some cost, answers all of them in one pass.
    ///
    /// # Errors
    /// As [`EventSource::partitions`].
    fn shared_partitions(
        &self,
        requests: &[Arc<ScanRequest>],
        context: &RunContext,
    ) -> Result<Vec<Box<dyn SharedPartition>>, SourceError> {
        one_after_another(requests, |request| self.partitions(request, context))
    }

    /// One line for explain: what would be read.
    fn describe(&self) -> String;

    /// Bytes that a scan of everything would read, as they lie on disk; `None` where nobody knows before.
    fn size_bytes(&self) -> Option<u64> {
        None
    }
}

/// A part of a source that one thread reads from its start to its end.
pub trait ScanPartition: Send {
    /// Opens the part. Called at most once, on the thread that reads it.
    ///
    /// # Errors
    /// As [`EventReader::next_batch`].
    fn open(self: Box<Self>) -> Result<Box<dyn EventReader>, SourceError>;
}

/// Reads one partition, batch by batch.
pub trait EventReader {
    /// The next batch in the schema of the request, or `None` at the end. Batches are never empty.
    ///
    /// # Errors
    /// [`SourceError`] when the run must end. Damage is noted in the context and is no error unless the
    /// run is strict.
    fn next_batch(&mut self) -> Result<Option<RecordBatch>, SourceError>;
}

/// A source that cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The operating system refused.
    #[error("{file}: {cause}")]
    Io {
        /// The input concerned.
        file: Arc<str>,
        /// What the system said.
        cause: std::io::Error,
    },
    /// Nothing to read.
    #[error("{0}")]
    NoInput(String),
    /// Damage in a strict run.
    #[error("{file}: at byte {offset}: {description}")]
    Damaged {
        /// The input concerned.
        file: Arc<str>,
        /// Offset in the decompressed file.
        offset: u64,
        /// What is wrong there.
        description: String,
    },
    /// More memory than allowed.
    #[error(transparent)]
    Memory(#[from] MemoryExceeded),
    /// A limit of the reader.
    #[error("{0}")]
    Limit(String),
    /// A column that does not fit its schema: a defect of the source.
    #[error("batch does not fit its schema: {0}")]
    Arrow(#[from] arrow_schema::ArrowError),
}
