//! Remarks on a query that can be read although the service may refuse it.

use crate::Span;

/// A form that is read here, while another is the one that surely works everywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// One sentence that shows the sure form; lower case, no final dot.
    pub message: String,
    /// The form that was met.
    pub span: Span,
}
