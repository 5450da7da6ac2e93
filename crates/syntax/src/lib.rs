//! CloudWatch Logs Insights query text to AST with spans, and back.
//!
//! [`parse`] reads a text, `Display` of the [`ast`] nodes writes it in canonical form, and [`render_diagnostic`]
//! shows a mistake under the text that has it.

pub mod ast;
mod command;
mod diagnostic;
mod error;
mod expr;
mod format;
mod items;
mod keywords;
mod lexical;
mod limits;
mod literal;
mod name;
mod query;
mod reader;
mod regex_literal;
mod span;
mod unexpected;
mod warning;

pub use diagnostic::{Severity, line_column, render_diagnostic};
pub use error::{SyntaxError, SyntaxErrorKind};
pub use format::format;
pub use keywords::{CommandInfo, commands};
pub use limits::{
    COMMANDS_MAX, ITEMS_MAX, LAGS_MAX, LIST_ITEMS_MAX, NESTING_MAX, QUERY_BYTES_MAX, TREE_HEIGHT_MAX,
    WARNINGS_MAX,
};
pub use query::{Parsed, parse};
pub use span::Span;
pub use warning::Warning;
