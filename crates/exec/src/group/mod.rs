//! Which group a row belongs to.

mod bin_order;
mod dense_bins;
mod hashed;
mod id_table;
mod numbering;
mod order;
mod seen_views;
mod text_ids;

use std::hash::BuildHasher;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use arrow_array::{ArrayRef, cast::AsArray};
use foldhash::fast::RandomState;
use insq_event::ColumnType;
use insq_functions::{Scalar, Step};
use insq_plan::{Aggregate, Expr};

use crate::error::ExecError;
use dense_bins::DenseBins;
use hashed::Hashed;
use text_ids::TextIds;

pub(crate) use bin_order::bin_by_bin;
pub(crate) use order::{NewestEvents, Ranks, Seen};

/// Groups are numbered by `u32`.
pub(crate) const GROUP_COUNT_MAX: u32 = u32::MAX - 1;

/// Spreads groups over parts. One for all groupers, so that the parts of several can be merged; seeded anew in every
/// process.
static SPREAD: LazyLock<RandomState> = LazyLock::new(RandomState::default);

/// Numbers groups densely from 0, in order of first appearance.
pub(crate) enum Grouper {
    /// No key: one group, whether or not there is a row.
    Single,
    /// One key that is a time bin of fixed length.
    DenseBins(DenseBins),
    /// One key of text.
    TextIds(Box<TextIds>),
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
                None => Self::of_types(vec![key.expr.column_type()]),
            },
            keys => Self::of_types(keys.iter().map(|key| key.expr.column_type()).collect()),
        }
    }

    /// The grouper of keys of these types.
    pub(crate) fn of_types(types: Vec<ColumnType>) -> Self {
        match types[..] {
            [] => Self::Single,
            [ty @ (ColumnType::Text | ColumnType::Any | ColumnType::Json)] => {
                Self::TextIds(Box::new(TextIds::new(ty)))
            }
            _ => Self::Hashed(Hashed::new(types)),
        }
    }

    /// True when groups are found by hash, and lie anywhere in a table.
    pub(crate) fn is_hashed(&self) -> bool {
        match self {
            Self::Single | Self::DenseBins(_) => false,
            Self::TextIds(_) | Self::Hashed(_) => true,
        }
    }

    /// In a word, for explain.
    pub(crate) fn describe(aggregate: &Aggregate) -> &'static str {
        match Self::new(aggregate) {
            Self::Single => "one group",
            Self::DenseBins(_) => "dense time bins",
            Self::TextIds(_) | Self::Hashed(_) => "hash",
        }
    }

    /// Groups so far.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Single => 1,
            Self::DenseBins(bins) => bins.len(),
            Self::TextIds(ids) => ids.len(),
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
            (Self::TextIds(ids), [key]) => ids.assign(key, groups),
            (Self::Hashed(hashed), keys) => hashed.assign(keys, rows, groups),
            (Self::DenseBins(_) | Self::TextIds(_), _) => Err(ExecError::Internal(
                "a group has another number of keys".to_owned(),
            )),
        }
    }

    /// The keys of some groups in whatever form is least, for a grouper of the same keys.
    pub(crate) fn state(&self, range: Range<usize>) -> Vec<ArrayRef> {
        match self {
            Self::Single => Vec::new(),
            Self::DenseBins(bins) => vec![bins.keys(range)],
            Self::TextIds(ids) => ids.state(range),
            Self::Hashed(hashed) => vec![Arc::new(hashed.state(range))],
        }
    }

    /// How many columns [`Grouper::state`] has.
    pub(crate) fn state_columns(&self) -> usize {
        match self {
            Self::Single => 0,
            Self::DenseBins(_) | Self::Hashed(_) => 1,
            Self::TextIds(_) => 3,
        }
    }

    /// Appends the groups of keys out of [`Grouper::state`].
    pub(crate) fn absorb(
        &mut self,
        state: &[ArrayRef],
        rows: usize,
        targets: &mut Vec<u32>,
    ) -> Result<(), ExecError> {
        match self {
            Self::TextIds(ids) => ids.absorb(state, targets),
            Self::Hashed(hashed) => {
                let keys = state.first().and_then(|keys| keys.as_binary_opt::<i32>());
                let keys = keys.ok_or_else(|| ExecError::Internal("keys that are no bytes".to_owned()))?;
                for row in 0..rows {
                    targets.push(hashed.group_of(keys.value(row))?);
                }
                Ok(())
            }
            grouper => grouper.assign(state, rows, targets),
        }
    }

    /// Appends a number of every group that depends on its keys alone.
    pub(crate) fn hashes(&self, range: Range<usize>, hashes: &mut Vec<u64>) {
        match self {
            Self::Single => hashes.extend(range.map(|_| 0)),
            Self::DenseBins(bins) => hashes.extend(range.map(|group| SPREAD.hash_one(bins.start(group)))),
            Self::TextIds(ids) => ids.hashes(range, hashes),
            Self::Hashed(hashed) => {
                hashes.extend(range.map(|group| SPREAD.hash_one(hashed.key_of(group as u32))));
            }
        }
    }

    /// The key columns of some groups, one row per group in the order of their numbers.
    pub(crate) fn keys(&self, range: Range<usize>) -> Result<Vec<ArrayRef>, ExecError> {
        match self {
            Self::Single => Ok(Vec::new()),
            Self::DenseBins(bins) => Ok(vec![bins.keys(range)]),
            Self::TextIds(ids) => Ok(vec![ids.keys(range)?]),
            Self::Hashed(hashed) => hashed.keys(range),
        }
    }

    /// Bytes held, for the memory account.
    pub(crate) fn size_bytes(&self) -> usize {
        match self {
            Self::Single => 0,
            Self::DenseBins(bins) => bins.size_bytes(),
            Self::TextIds(ids) => ids.size_bytes(),
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
                Step::Months { .. } => None,
            }
        }
        _ => None,
    }
}
