//! The abstract syntax tree: what a query says, with the place of every part.
//!
//! `Display` prints every node in its canonical form: lower-case keywords, one space where one is needed, no superfluous
//! brackets, function names as they are written. Two expressions mean the same when their
//! [`canonical texts`](Expr::canonical_text) are equal; that is also how a later command finds an un-aliased column by
//! its text.

mod command;
mod expr;
mod print;
mod series;
mod source;
mod tables;

pub use command::{
    Command, CountFrequent, Dedup, Display, Estimate, Expand, Fields, Filter, JsonField, Key, Limit, Parse,
    ParsePattern, Query, SelectItem, Sort, SortDirection, SortKey, Stats, Unnest,
};
pub use expr::{
    BinaryOperator, Expr, ExprKind, LikePattern, Name, NumberLiteral, Period, PeriodUnit, RegexLiteral,
    UnaryOperator,
};
pub use series::{Accum, AddTotals, AutoRegress, FillDown, FillMissing, Outlier, OutlierAction, Sessionize};
pub use source::{Source, SourceSelection, SourceTime};
pub use tables::{AppendCols, CidrLookup, Join, JoinKind, Lookup, LookupMatch, LookupMode, LookupOutput};
