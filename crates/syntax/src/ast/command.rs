//! Queries and their commands.

use super::{Expr, Name, Period, RegexLiteral};
use crate::Span;

/// A whole query.
#[derive(Clone, Debug)]
pub struct Query {
    /// The commands in the order written. May be empty: an empty query shows the events.
    pub commands: Vec<Command>,
    /// The whole text.
    pub span: Span,
}

/// One command of a query.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Command {
    /// `fields a, b as c`
    Fields(Fields),
    /// `display a, b as c`
    Display(Display),
    /// `filter a = 1`, `where a = 1`
    Filter(Filter),
    /// `stats count(*) as n by a`
    Stats(Stats),
    /// `sort a desc`
    Sort(Sort),
    /// `limit 20`
    Limit(Limit),
    /// `parse @message "user=*" as user`
    Parse(Parse),
    /// `dedup a, b`
    Dedup(Dedup),
}

/// `fields @timestamp, duration / 1000 as seconds`
#[derive(Clone, Debug)]
pub struct Fields {
    /// Never empty.
    pub items: Vec<SelectItem>,
    /// The whole command.
    pub span: Span,
}

/// `display text, level = "ERROR" as isError`
#[derive(Clone, Debug)]
pub struct Display {
    /// Never empty.
    pub items: Vec<SelectItem>,
    /// The whole command.
    pub span: Span,
}

/// An expression with the name of the column it makes.
#[derive(Clone, Debug)]
pub struct SelectItem {
    /// The expression.
    pub expr: Expr,
    /// The name after `as`.
    pub alias: Option<Name>,
    /// The expression as written, outer space trimmed and inner runs of space collapsed: the name of the
    /// column when there is no alias. A lone backticked name stands here without its backticks.
    pub text: String,
}

/// A group key: the same shape as a selected column.
pub type Key = SelectItem;

/// `filter status >= 500`
#[derive(Clone, Debug)]
pub struct Filter {
    /// The condition.
    pub condition: Expr,
    /// The whole command.
    pub span: Span,
}

/// `stats count(*) as n, avg(@duration) by bin(5m), level`
#[derive(Clone, Debug)]
pub struct Stats {
    /// Never empty.
    pub aggregates: Vec<SelectItem>,
    /// The group keys; empty when there is no `by`.
    pub keys: Vec<Key>,
    /// The period after `offset`.
    pub offset: Option<(Period, Span)>,
    /// The whole command.
    pub span: Span,
}

/// `sort n desc, level`
#[derive(Clone, Debug)]
pub struct Sort {
    /// Never empty.
    pub keys: Vec<SortKey>,
    /// The whole command.
    pub span: Span,
}

/// One key of a `sort`.
#[derive(Clone, Debug)]
pub struct SortKey {
    /// What is compared.
    pub expr: Expr,
    /// In which direction; ascending when none is written.
    pub direction: SortDirection,
}

/// The direction of a sort key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SortDirection {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// `limit 20`
#[derive(Clone, Debug)]
pub struct Limit {
    /// Rows at most; at least 1.
    pub count: u64,
    /// The whole command.
    pub span: Span,
}

/// `parse @message "user=* took *" as user, ms`
#[derive(Clone, Debug)]
pub struct Parse {
    /// What is read; `@message` when `None`.
    pub source: Option<Expr>,
    /// How it is taken apart.
    pub pattern: ParsePattern,
    /// The whole command.
    pub span: Span,
}

/// How `parse` takes a text apart.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ParsePattern {
    /// A glob: every `*` is a capture. `names` is as long as there are stars, or 1 when there is none.
    Glob {
        /// The pattern without its quotes.
        pattern: String,
        /// Place of the pattern.
        span: Span,
        /// One per star.
        names: Vec<Name>,
    },
    /// A regular expression: named groups are captures, un-named ones take the names after `as`.
    Regex {
        /// The pattern.
        regex: RegexLiteral,
        /// The names after `as`.
        names: Vec<Name>,
    },
}

/// `dedup @requestId, level`
#[derive(Clone, Debug)]
pub struct Dedup {
    /// Never empty; names may repeat.
    pub fields: Vec<Name>,
    /// The whole command.
    pub span: Span,
}
