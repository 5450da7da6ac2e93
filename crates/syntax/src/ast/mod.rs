//! The abstract syntax tree: what a query says, with the place of every part.
//!
//! `Display` prints every node in its canonical form: lower-case keywords and function names, one space
//! where one is needed, no superfluous brackets. Two nodes mean the same when their canonical forms are
//! equal; that is also how a later command finds an un-aliased column by its text.

mod command;
mod expr;
mod print;

pub use command::{
    Command, Dedup, Display, Fields, Filter, Key, Limit, Parse, ParsePattern, Query, SelectItem, Sort,
    SortDirection, SortKey, Stats,
};
pub use expr::{
    BinaryOperator, Expr, ExprKind, LikePattern, Name, NumberLiteral, Period, PeriodUnit, RegexLiteral,
    UnaryOperator,
};
