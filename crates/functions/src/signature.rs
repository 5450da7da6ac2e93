//! What a function takes and gives.

use insq_event::ColumnType;

/// The families that the documentation groups functions by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// `abs`, `ceil`, …
    Numeric,
    /// `bin`, `datefloor`, …
    DateTime,
    /// `ispresent`, `coalesce`, …
    General,
    /// `strlen`, `concat`, …
    String,
    /// `isValidIp`, …
    Ip,
    /// `md5`, …
    Hash,
    /// `jsonArraySize`, …
    Json,
    /// `count`, `sum`, …
    Aggregate,
    /// `earliest`, `latest`, …
    NonAggregate,
    /// `rate`, `histogram`, …
    TimeSeries,
    /// `concurrency_max`, …
    Concurrency,
}

/// What a parameter accepts. The binder converts arguments before a call, so that kernels see arrays of
/// the parameter's type only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Param {
    /// Converted to a number; what is none is missing.
    Number,
    /// Converted to its display text.
    Text,
    /// Converted to a truth value: non-zero is true.
    Bool,
    /// A time, or a number of milliseconds.
    Time,
    /// Any type, as it is.
    Value,
    /// A map or list, or what a path into one leads to.
    Json,
    /// As [`Param::Text`], maps and lists as their JSON text.
    JsonText,
    /// A constant length of time.
    Period,
    /// A constant number.
    ConstantNumber,
    /// A constant text.
    ConstantText,
}

/// The parameters of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Parameters in order.
    pub params: &'static [Param],
    /// How many of `params` must be given.
    pub required: usize,
    /// Further arguments of these kinds, repeated in turn; empty when there are none.
    pub variadic: &'static [Param],
}

/// The type of a function's result.
#[derive(Clone, Copy, Debug)]
pub enum ResultType {
    /// Always this type.
    Fixed(ColumnType),
    /// The type of argument `.0`.
    OfArgument(usize),
    /// The common type of the values among the arguments (`if`, `case`, `coalesce`): equal types stay,
    /// constants of null do not count, anything else becomes `Any`. `.0` tells whether argument `i` of `n`
    /// is a value.
    CommonOf(fn(usize, usize) -> bool),
}
