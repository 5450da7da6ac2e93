//! Queries and their commands.

use super::series::{Accum, AddTotals, AutoRegress, FillDown, FillMissing, Outlier, Sessionize};
use super::source::Source;
use super::tables::{AppendCols, CidrLookup, Join, Lookup};
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
    /// `SOURCE "/aws/lambda/orders" START=-3600s`
    Source(Source),
    /// `filterIndex traceId = "1-2-3"`
    FilterIndex(Filter),
    /// `tail 20`
    Tail(Limit),
    /// `json field=payload "user.name" as name`
    Json(JsonField),
    /// `unnest items into item`
    Unnest(Unnest),
    /// `expand items`
    Expand(Expand),
    /// `lookup users id OUTPUT name`
    Lookup(Lookup),
    /// `cidrlookup nets ip OUTPUT zone`
    CidrLookup(CidrLookup),
    /// `join left=l right=r where l.id = r.id (SOURCE "b")`
    Join(Box<Join>),
    /// `appendcols (SOURCE "b" | stats count(*))`
    AppendCols(AppendCols),
    /// `addtotals col=true a, b`
    AddTotals(AddTotals),
    /// `autoregress n p=1-3`
    AutoRegress(AutoRegress),
    /// `accum n as total`
    Accum(Accum),
    /// `filldown level cpu*`
    FillDown(FillDown),
    /// `fillmissing with 0 for n`
    FillMissing(FillMissing),
    /// `outlier action=remove n`
    Outlier(Outlier),
    /// `sessionize user maxspan 10m as visit`
    Sessionize(Sessionize),
    /// `countFrequent path`
    CountFrequent(CountFrequent),
    /// `estimate`
    Estimate(Estimate),
}

impl Command {
    /// Where the command stands, its word included.
    pub fn span(&self) -> Span {
        match self {
            Self::Fields(command) => command.span,
            Self::Display(command) => command.span,
            Self::Filter(command) | Self::FilterIndex(command) => command.span,
            Self::Stats(command) => command.span,
            Self::Sort(command) => command.span,
            Self::Limit(command) | Self::Tail(command) => command.span,
            Self::Parse(command) => command.span,
            Self::Dedup(command) => command.span,
            Self::Source(command) => command.span,
            Self::Json(command) => command.span,
            Self::Unnest(command) => command.span,
            Self::Expand(command) => command.span,
            Self::Lookup(command) => command.span,
            Self::CidrLookup(command) => command.span,
            Self::Join(command) => command.span,
            Self::AppendCols(command) => command.span,
            Self::AddTotals(command) => command.span,
            Self::AutoRegress(command) => command.span,
            Self::Accum(command) => command.span,
            Self::FillDown(command) => command.span,
            Self::FillMissing(command) => command.span,
            Self::Outlier(command) => command.span,
            Self::Sessionize(command) => command.span,
            Self::CountFrequent(command) => command.span,
            Self::Estimate(command) => command.span,
        }
    }
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
    /// The name after `as`, by which later commands know the key.
    pub alias: Option<Name>,
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

/// `limit 20`, `limit any 20`
#[derive(Clone, Debug)]
pub struct Limit {
    /// Rows at most; at least 1.
    pub count: u64,
    /// True for `limit any`: any rows will do, as soon as there are enough.
    pub any: bool,
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
        /// True for `multi`: one row per match.
        multi: bool,
    },
    /// `logfmt as kv`: pairs `key=value` become a map.
    Logfmt {
        /// The name of the map.
        name: Name,
    },
    /// `csv as a, b`: the values of one line of a CSV file.
    Csv {
        /// One per value, in order. Never empty.
        names: Vec<Name>,
    },
}

/// `json field=payload "user.name" as name`
#[derive(Clone, Debug)]
pub struct JsonField {
    /// The field that holds JSON.
    pub source: Name,
    /// The dotted path into it.
    pub path: String,
    /// The field that is made.
    pub alias: Name,
    /// The whole command.
    pub span: Span,
}

/// `unnest items into item`
#[derive(Clone, Debug)]
pub struct Unnest {
    /// The list.
    pub source: Expr,
    /// The field that holds one element per row.
    pub name: Name,
    /// The whole command.
    pub span: Span,
}

/// `expand items`
#[derive(Clone, Debug)]
pub struct Expand {
    /// The field that holds an array, and afterwards one element of it.
    pub field: Name,
    /// The whole command.
    pub span: Span,
}

/// `countFrequent path, status`
#[derive(Clone, Debug)]
pub struct CountFrequent {
    /// Never empty.
    pub fields: Vec<Name>,
    /// The whole command.
    pub span: Span,
}

/// `estimate`
#[derive(Clone, Copy, Debug)]
pub struct Estimate {
    /// The whole command.
    pub span: Span,
}

/// `dedup @requestId, level`
#[derive(Clone, Debug)]
pub struct Dedup {
    /// Never empty; names may repeat.
    pub fields: Vec<Name>,
    /// The whole command.
    pub span: Span,
}
