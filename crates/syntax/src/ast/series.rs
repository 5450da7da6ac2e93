//! Commands that read rows as a series: totals, running sums, lags, gaps, outliers, sessions.

use super::{Expr, Name, NumberLiteral, Period};
use crate::Span;

/// `addtotals row=true col=true fieldname=Sum a, b`
#[derive(Clone, Debug)]
pub struct AddTotals {
    /// True when every row gets the sum of its fields.
    pub row: bool,
    /// True when a row with the sum of every column is added.
    pub col: bool,
    /// The field of the sums of rows; `Total` when `None`.
    pub name: Option<Name>,
    /// What is summed; every numeric field when empty.
    pub fields: Vec<Name>,
    /// The whole command.
    pub span: Span,
}

/// `autoregress n as before p=1-3`
#[derive(Clone, Debug)]
pub struct AutoRegress {
    /// The field whose earlier values are taken.
    pub field: Name,
    /// The name of the only lag.
    pub alias: Option<Name>,
    /// The smallest lag, at least 1.
    pub first: u32,
    /// The largest lag.
    pub last: u32,
    /// The whole command.
    pub span: Span,
}

/// `accum n as total`
#[derive(Clone, Debug)]
pub struct Accum {
    /// What is summed.
    pub field: Name,
    /// The running sum; replaces the field when `None`.
    pub alias: Option<Name>,
    /// The whole command.
    pub span: Span,
}

/// `filldown level cpu*`
#[derive(Clone, Debug)]
pub struct FillDown {
    /// Names of fields, in which `*` stands for any text; every field when empty.
    pub patterns: Vec<Name>,
    /// The whole command.
    pub span: Span,
}

/// `fillmissing with 0 for n, "none" for state`
#[derive(Clone, Debug)]
pub struct FillMissing {
    /// Constants and the fields that they fill in the rows that are added.
    pub values: Vec<(Expr, Name)>,
    /// The whole command.
    pub span: Span,
}

/// `outlier action=remove param=1.5 uselower=true mark=true n`
#[derive(Clone, Debug)]
pub struct Outlier {
    /// What becomes of outliers.
    pub action: OutlierAction,
    /// How many interquartile ranges a value may lie beyond the quartiles; 2.5 when `None`.
    pub param: Option<NumberLiteral>,
    /// True when values may be too small as well.
    pub use_lower: bool,
    /// True when a field tells which values were outliers.
    pub mark: bool,
    /// Never empty.
    pub fields: Vec<Name>,
    /// The whole command.
    pub span: Span,
}

/// What `outlier` does with outliers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OutlierAction {
    /// Their rows go.
    Remove,
    /// They become the bound that they lie beyond.
    Transform,
}

/// `sessionize user, device maxspan 10m as visit`
#[derive(Clone, Debug)]
pub struct Sessionize {
    /// Whose sessions. Never empty.
    pub fields: Vec<Name>,
    /// The gap that ends a session; 30 minutes when `None`.
    pub max_span: Option<(Period, Span)>,
    /// The field of the session's number; `session_id` when `None`.
    pub alias: Option<Name>,
    /// The whole command.
    pub span: Span,
}
