//! What can be wrong with a query text.

use crate::Span;

/// A query that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct SyntaxError {
    /// What is wrong.
    pub kind: SyntaxErrorKind,
    /// Where.
    pub span: Span,
}

/// What is wrong with a query text. The comment of each kind holds the shortest query that has it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SyntaxErrorKind {
    /// `stat count(*)`
    #[error("unknown command `{found}`")]
    UnknownCommand {
        /// The word that stands where a command should.
        found: String,
        /// The nearest command.
        similar: Option<&'static str>,
    },
}
