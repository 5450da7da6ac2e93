//! Why a query was refused or ended.

use std::io::ErrorKind;

use insq_exec::ExecError;
use insq_plan::PlanError;
use insq_syntax::{Span, SyntaxError};

/// A query that was refused, or a run that ended without its result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is not a query.
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
    /// The query can't be run.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A warning about the query, where warnings refuse it.
    #[error("{message}")]
    Warned {
        /// The warning.
        message: String,
        /// Where, in the query text.
        span: Span,
    },
    /// The run can't go on.
    #[error(transparent)]
    Run(#[from] ExecError),
    /// The inputs can't be read at all.
    #[error(transparent)]
    Input(#[from] insq_event::SourceError),
    /// A file can't be converted.
    #[error("can't convert: {0}")]
    Convert(insq_input::ConvertError),
    /// A parameter of the query has no value, or a value no parameter.
    #[error("{0}")]
    Parameter(String),
    /// A file of queries makes no sense.
    #[error("{0}")]
    QueryFile(String),
    /// A catalog can't be read.
    #[error("{0}")]
    Catalog(String),
    /// The thread pool could not be made.
    #[error("can't start {threads} threads: {cause}")]
    Threads {
        /// How many were asked for.
        threads: usize,
        /// What was said.
        cause: String,
    },
}

impl From<insq_input::ConvertError> for Error {
    fn from(error: insq_input::ConvertError) -> Self {
        match error {
            insq_input::ConvertError::Source(error) => Self::Input(error),
            insq_input::ConvertError::Memory(error) => Self::Input(error.into()),
            other => Self::Convert(other),
        }
    }
}

/// A stable classification of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorCode {
    /// The query itself is at fault.
    Query,
    /// The memory limit was reached.
    Memory,
    /// The input can't be read, or is damaged in a strict run.
    Input,
    /// What does not fit into memory, or is converted, can't be kept in files.
    Disk,
    /// The run was cancelled.
    Cancelled,
    /// Anything else.
    Internal,
}

impl Error {
    /// What kind of error this is.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Syntax(_)
            | Self::Plan(_)
            | Self::Warned { .. }
            | Self::Parameter(_)
            | Self::QueryFile(_) => ErrorCode::Query,
            Self::Input(insq_event::SourceError::Memory(_)) | Self::Run(ExecError::Memory(_)) => {
                ErrorCode::Memory
            }
            Self::Input(_) | Self::Catalog(_) | Self::Run(ExecError::Source(_)) => ErrorCode::Input,
            Self::Run(ExecError::Spill { .. }) | Self::Convert(insq_input::ConvertError::Io(_)) => {
                ErrorCode::Disk
            }
            Self::Run(ExecError::Cancelled) | Self::Convert(insq_input::ConvertError::Cancelled) => {
                ErrorCode::Cancelled
            }
            Self::Convert(_) | Self::Run(_) | Self::Threads { .. } => ErrorCode::Internal,
        }
    }

    /// A stable word for machines, finer than [`Error::code`]: `unknown_command`, `no_bins`, `memory`.
    pub fn word(&self) -> String {
        match self {
            Self::Syntax(error) => error.kind.code(),
            Self::Plan(error) => error.kind.code().to_owned(),
            Self::Warned { .. } => "warned".to_owned(),
            Self::Parameter(_) => "parameter".to_owned(),
            Self::QueryFile(_) => "query_file".to_owned(),
            Self::Catalog(_) => "catalog".to_owned(),
            other => match other.code() {
                ErrorCode::Query => "query",
                ErrorCode::Memory => "memory",
                ErrorCode::Input => "input",
                ErrorCode::Disk => "disk",
                ErrorCode::Cancelled => "cancelled",
                ErrorCode::Internal => "internal",
            }
            .to_owned(),
        }
    }

    /// The place in the query text, for errors of the query.
    pub fn span(&self) -> Option<Span> {
        match self {
            Self::Syntax(error) => Some(error.span),
            Self::Plan(error) => Some(error.span),
            Self::Warned { span, .. } => Some(*span),
            _ => None,
        }
    }

    /// What to do about it, on one line.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Syntax(error) => error.kind.help(),
            Self::Plan(error) => error.kind.help(),
            Self::Input(insq_event::SourceError::Memory(_)) | Self::Run(ExecError::Memory(_)) => {
                Some("raise the memory limit, group by fewer fields, or add `| limit 1000`".to_owned())
            }
            Self::Run(ExecError::Spill { .. }) => {
                Some("make room there, choose another folder, or raise the memory limit".to_owned())
            }
            Self::Convert(insq_input::ConvertError::Io(cause)) if cause.kind() == ErrorKind::StorageFull => {
                Some(
                    "make room where the result goes: events wait there, too, until they are sorted"
                        .to_owned(),
                )
            }
            _ => None,
        }
    }
}
