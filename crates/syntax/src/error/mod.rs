//! What can be wrong with a query text.

mod help;
mod kind;

pub use kind::SyntaxErrorKind;

use crate::{Severity, Span, render_diagnostic};

/// A query that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct SyntaxError {
    /// What is wrong.
    pub kind: SyntaxErrorKind,
    /// Where.
    pub span: Span,
}

impl SyntaxError {
    pub(crate) fn new(kind: SyntaxErrorKind, span: Span) -> Self {
        Self { kind, span }
    }

    /// The error under the part of `text` that has it, with its help; several lines, no line end after the last.
    ///
    /// ```
    /// let text = "fields @message\n| stat count(*)";
    /// let error = insq_syntax::parse(text).unwrap_err();
    /// assert_eq!(
    ///     error.render(text),
    ///     "error: unknown command `stat`\n  |\n2 | | stat count(*)\n  |   ^^^^\n  = help: did you mean `stats`?"
    /// );
    /// ```
    pub fn render(&self, text: &str) -> String {
        let help = self.kind.help();
        render_diagnostic(
            text,
            Severity::Error,
            &self.to_string(),
            self.span,
            self.kind.label(),
            help.as_deref(),
        )
    }
}
