//! Why there is no result: what is said, and how the program ends.

use std::path::PathBuf;

use insq::ErrorCode;
use insq_render::RenderError;

use crate::diagnostics::{Diagnostics, InQuery, Severity};
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
    /// An object store did not tell what it holds.
    #[cfg(feature = "object-store")]
    Store(insq_store::StoreError),
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
            #[cfg(feature = "object-store")]
            Self::Store(error) => diagnostics.error(&error.to_string(), None),
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
            #[cfg(feature = "object-store")]
            Self::Store(_) => Exit::Failure,
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
    let (message, help, code) = (error.to_string(), error.help(), error.word());
    let Some(span) = error.span().filter(|_| !query.is_empty()) else {
        return diagnostics.coded(Severity::Error, &code, &message, help.as_deref());
    };
    diagnostics.in_query(&InQuery {
        severity: Severity::Error,
        code: &code,
        message: &message,
        help: help.as_deref(),
        query,
        file: None,
        span,
        rendered: &render_error(error, query),
    });
}

/// An error with its place in the query underlined, where it has one.
pub(crate) fn render_error(error: &insq::Error, query: &str) -> String {
    let (message, help) = (error.to_string(), error.help());
    match (error, error.span()) {
        (insq::Error::Syntax(error), _) => error.render(query),
        (_, Some(span)) => insq::render_diagnostic(
            query,
            insq::Severity::Error,
            &message,
            span,
            None,
            help.as_deref(),
        ),
        (_, None) => match help {
            Some(help) => format!("error: {message}\n  = help: {help}"),
            None => format!("error: {message}"),
        },
    }
}
