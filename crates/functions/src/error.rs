//! What can go wrong when a function is called.

/// A call that has no answer. Wrong types and unparsable values are not errors: they are missing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FunctionError {
    /// A constant argument that the function can't take: `pct(x, 101)`.
    #[error("{0}")]
    Argument(String),
    /// A function was called with arrays that its signature does not allow: a defect of the caller.
    #[error("internal: `{function}` called with {found}")]
    Internal {
        /// The function.
        function: &'static str,
        /// What it was given.
        found: String,
    },
}
