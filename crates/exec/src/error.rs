//! Why a run can't go on.

use insq_event::{MemoryExceeded, SourceError};
use insq_functions::FunctionError;

/// A run that ended without a result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExecError {
    /// The memory limit was reached.
    #[error(transparent)]
    Memory(MemoryExceeded),
    /// The source can't go on.
    #[error(transparent)]
    Source(SourceError),
    /// What does not fit into memory can't be put into a file either.
    #[error("can't keep in `{}` what does not fit into memory: {cause}", folder.display())]
    Spill {
        /// Where it was to be kept.
        folder: std::path::PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// A function can't go on.
    #[error(transparent)]
    Function(#[from] FunctionError),
    /// Somebody asked the run to stop.
    #[error("the query was cancelled")]
    Cancelled,
    /// More groups than can be numbered.
    #[error("`stats` met more than {limit} groups")]
    TooManyGroups {
        /// How many there may be.
        limit: u32,
    },
    /// More bins of concurrency than are kept.
    #[error("invocations are in flight in more than {limit} bins; take longer ones")]
    TooManyBins {
        /// How many there may be.
        limit: usize,
    },
    /// More rows than a step may add.
    #[error("`{operator}` would add more than {limit} rows")]
    TooManyRows {
        /// The command.
        operator: &'static str,
        /// How many there may be.
        limit: usize,
    },
    /// A defect of the engine.
    #[error("internal: {0}")]
    Internal(String),
}

impl From<MemoryExceeded> for ExecError {
    fn from(cause: MemoryExceeded) -> Self {
        Self::Memory(cause)
    }
}

impl From<SourceError> for ExecError {
    fn from(cause: SourceError) -> Self {
        match cause {
            SourceError::Memory(exceeded) => Self::Memory(exceeded),
            other => Self::Source(other),
        }
    }
}

impl From<arrow_schema::ArrowError> for ExecError {
    fn from(cause: arrow_schema::ArrowError) -> Self {
        Self::Internal(cause.to_string())
    }
}
