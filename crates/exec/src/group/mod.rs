//! Which group a row belongs to.

mod bin_order;
mod dense_bins;
mod hashed;
mod order;

use arrow_array::ArrayRef;
use insq_event::ColumnType;
use insq_functions::{Scalar, Step};
use insq_plan::{Aggregate, Expr};

use crate::error::ExecError;
use dense_bins::DenseBins;
use hashed::Hashed;

pub(crate) use bin_order::bin_by_bin;
pub(crate) use order::{NewestEvents, Seen};

/// Groups are numbered by `u32`.
pub(crate) const GROUP_COUNT_MAX: u32 = u32::MAX - 1;

/// Numbers groups densely from 0, in order of first appearance.
pub(crate) enum Grouper {
    /// No key: one group, whether or not there is a row.
    Single,
    /// One key that is a time bin of fixed length.
    DenseBins(DenseBins),
    /// Any keys.
    Hashed(Hashed),
}

impl Grouper {
    /// The grouper that suits the keys.
    pub(crate) fn new(aggregate: &Aggregate) -> Self {
        match &aggregate.keys[..] {
            [] => Self::Single,
            [key] => match fixed_bin(&key.expr) {
                Some((ms, origin_ms)) => Self::DenseBins(DenseBins::new(ms, origin_ms)),
                None => Self::Hashed(Hashed::new(vec![key.expr.column_type()])),
            },
            keys => Self::Hashed(Hashed::new(
                keys.iter().map(|key| key.expr.column_type()).collect(),
            )),
        }
    }

    /// The grouper of keys of these types.
    pub(crate) fn of_types(types: Vec<ColumnType>) -> Self {
        if types.is_empty() {
            Self::Single
        } else {
            Self::Hashed(Hashed::new(types))
        }
    }

    /// In a word, for explain.
    pub(crate) fn describe(aggregate: &Aggregate) -> &'static str {
        match Self::new(aggregate) {
            Self::Single => "one group",
            Self::DenseBins(_) => "dense time bins",
            Self::Hashed(_) => "hash",
        }
    }

    /// Groups so far.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Single => 1,
            Self::DenseBins(bins) => bins.len(),
            Self::Hashed(hashed) => hashed.len(),
        }
    }

    /// Appends the group of every row to `groups`.
    pub(crate) fn assign(
        &mut self,
        keys: &[ArrayRef],
        rows: usize,
        groups: &mut Vec<u32>,
    ) -> Result<(), ExecError> {
        match (self, keys) {
            (Self::Single, _) => {
                groups.resize(groups.len() + rows, 0);
                Ok(())
            }
            (Self::DenseBins(bins), [key]) => bins.assign(key, groups),
            (Self::Hashed(hashed), keys) => hashed.assign(keys, rows, groups),
            (Self::DenseBins(_), _) => Err(ExecError::Internal("time bins have one key".to_owned())),
        }
    }

    /// The key columns, one row per group in the order of their numbers.
    pub(crate) fn keys(&self) -> Result<Vec<ArrayRef>, ExecError> {
        match self {
            Self::Single => Ok(Vec::new()),
            Self::DenseBins(bins) => Ok(vec![bins.keys()]),
            Self::Hashed(hashed) => hashed.keys(),
        }
    }

    /// Bytes held, for the memory account.
    pub(crate) fn size_bytes(&self) -> usize {
        match self {
            Self::Single => 0,
            Self::DenseBins(bins) => bins.size_bytes(),
            Self::Hashed(hashed) => hashed.size_bytes(),
        }
    }
}

/// Length and origin of the bins, when `expr` rounds a time down to bins of fixed length.
fn fixed_bin(expr: &Expr) -> Option<(i64, i64)> {
    let Expr::Call {
        function,
        arguments,
        column_type: ColumnType::Time,
    } = expr
    else {
        return None;
    };
    if !matches!(function.name, "bin" | "datefloor") {
        return None;
    }
    match &arguments[..] {
        [time, Expr::Constant(Scalar::Period(period), _)] if time.column_type() == ColumnType::Time => {
            match period.step {
                Step::Fixed { ms, origin_ms } => Some((ms, origin_ms)),
                Step::Months(_) => None,
            }
        }
        _ => None,
    }
}
