//! Why there is no result: what is said, and how the program ends.

use std::path::PathBuf;

use insq::ErrorCode;
use insq_render::RenderError;

use crate::diagnostics::{Diagnostics, Severity};
use crate::exit::Exit;
use crate::invocation::UsageError;

/// A run that ended without its result.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line makes no sense.
    Usage(UsageError),
    /// The engine refused the query or could not go on.
    Engine { error: insq::Error, query: String },
    /// The result could not be written; no file is standard output.
    Output {
        file: Option<PathBuf>,
        cause: RenderError,
    },
    /// `--now last` without an event that has a time.
    NoNewestEvent,
    /// Ctrl-C cannot be watched.
    Interrupt(ctrlc::Error),
    /// Ctrl-C was pressed while the result was written.
    Interrupted,
}

impl From<UsageError> for Failure {
    fn from(error: UsageError) -> Self {
        Self::Usage(error)
    }
}

impl Failure {
    /// An error of the engine; `query` is what its places refer to.
    pub(crate) fn engine(error: insq::Error, query: &str) -> Self {
        Self::Engine {
            error,
            query: query.to_owned(),
        }
    }

    /// Says what happened, and how the program ends.
    pub(crate) fn tell(&self, diagnostics: Diagnostics) -> Exit {
        match self {
            Self::Usage(UsageError { message, help }) => diagnostics.error(message, Some(help)),
            Self::Engine { error, query } => tell_engine(error, query, diagnostics),
            Self::Output { file: None, cause } => diagnostics.error(&cause.to_string(), None),
            Self::Output {
                file: Some(file),
                cause,
            } => {
                diagnostics.error(&format!("{}: {cause}", file.display()), None);
            }
            Self::NoNewestEvent => {
                diagnostics.error(
                    "--now last: no event has a time",
                    Some("give an absolute time, or none"),
                );
            }
            Self::Interrupt(cause) => diagnostics.error(&format!("cannot watch for Ctrl-C: {cause}"), None),
            Self::Interrupted => diagnostics.error("interrupted; the result is not complete", None),
        }
        self.exit()
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) => Exit::Usage,
            Self::Engine { error, .. } => match error.code() {
                ErrorCode::Query => Exit::Usage,
                ErrorCode::Cancelled => Exit::Interrupted,
                _ => Exit::Failure,
            },
            Self::Output { .. } | Self::NoNewestEvent | Self::Interrupt(_) => Exit::Failure,
            Self::Interrupted => Exit::Interrupted,
        }
    }
}

fn tell_engine(error: &insq::Error, query: &str, diagnostics: Diagnostics) {
    let (message, help) = (error.to_string(), error.help());
    let shown = match (error, error.span().filter(|_| !query.is_empty())) {
        (insq::Error::Syntax(error), _) => error.render(query),
        (_, Some(span)) => insq::render_diagnostic(
            query,
            insq::Severity::Error,
            &message,
            span,
            None,
            help.as_deref(),
        ),
        (_, None) => return diagnostics.error(&message, help.as_deref()),
    };
    diagnostics.laid_out(Severity::Error, &shown);
}
