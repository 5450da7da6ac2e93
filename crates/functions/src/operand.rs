//! What functions are called with.

use std::sync::Arc;

use arrow_array::ArrayRef;
use insq_event::ColumnType;

use crate::Period;

/// A constant of the query.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// Missing.
    Null,
    /// A number.
    Number(f64),
    /// A text.
    Text(Arc<str>),
    /// A truth value.
    Bool(bool),
    /// Milliseconds since the epoch, UTC.
    Time(i64),
    /// A length of time.
    Period(Period),
}

/// An argument of a scalar function: a column, or a constant that stands for every row.
#[derive(Clone, Debug)]
pub enum Operand {
    /// One value per row; the Arrow type is that of the parameter's [`ColumnType`].
    Column(ArrayRef, ColumnType),
    /// The same value in every row.
    Constant(Scalar),
}

/// What a run fixes for all its functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EvalContext {
    /// The instant that `now()` stands for, milliseconds since the epoch.
    pub now_ms: i64,
    /// The time range of the query.
    pub range: insq_event::TimeRange,
}
