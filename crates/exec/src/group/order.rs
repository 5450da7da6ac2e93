//! What decides the order of groups that no `sort` ordered.

mod newest;

use std::ops::Range;
use std::sync::Arc;

use arrow_array::types::{TimestampMillisecondType, UInt64Type};
use arrow_array::{Array, ArrayRef, UInt64Array, cast::AsArray};
use insq_plan::GroupOrder;

use crate::error::ExecError;
use newest::time_key;
pub(crate) use newest::{NewestEvents, Seen};

/// What is remembered of every group for the order in which groups come out.
pub(crate) enum Ranks {
    /// Groups with newer events come first.
    Newest(NewestEvents),
    /// The key, a time, says it all.
    KeyDescending,
    /// As they were met. Groups that came back from files have numbers that do not tell that any more.
    FirstSeen {
        /// When each group was met.
        met: Vec<u64>,
        /// Groups met so far, among them those that are elsewhere by now.
        count: u64,
    },
}

impl Ranks {
    pub(crate) fn new(order: &GroupOrder) -> Self {
        match order {
            GroupOrder::Newest { .. } => Self::Newest(NewestEvents::default()),
            GroupOrder::KeyDescending => Self::KeyDescending,
            GroupOrder::FirstSeen => Self::FirstSeen {
                met: Vec::new(),
                count: 0,
            },
        }
    }

    /// The same order, of no group yet. Groups that are met from now on are met later than those before.
    pub(crate) fn emptied(&self) -> Self {
        match self {
            Self::Newest(_) => Self::Newest(NewestEvents::default()),
            Self::KeyDescending => Self::KeyDescending,
            Self::FirstSeen { count, .. } => Self::FirstSeen {
                met: Vec::new(),
                count: *count,
            },
        }
    }

    /// Makes room for groups `0..groups`, which are met now as far as they are new.
    pub(crate) fn resize(&mut self, groups: usize) {
        match self {
            Self::Newest(events) => events.resize(groups),
            Self::KeyDescending => {}
            Self::FirstSeen { met, count } => {
                met.extend(*count..*count + (groups - met.len()) as u64);
                *count = (*count).max(met.last().map_or(0, |last| last + 1));
            }
        }
    }

    /// What is remembered of some groups, as columns that can be merged elsewhere.
    pub(crate) fn state(&self, range: Range<usize>) -> Vec<ArrayRef> {
        match self {
            Self::Newest(events) => events.columns(range),
            Self::KeyDescending => Vec::new(),
            Self::FirstSeen { met, .. } => vec![Arc::new(UInt64Array::from(met[range].to_vec()))],
        }
    }

    /// How many columns [`Ranks::state`] has.
    pub(crate) fn state_columns(&self) -> usize {
        match self {
            Self::Newest(_) => 3,
            Self::KeyDescending => 0,
            Self::FirstSeen { .. } => 1,
        }
    }

    /// What decides the order of some groups, as columns: the first that differ decide, and the smaller number comes first.
    /// `keys` are those of the groups.
    pub(crate) fn columns(&self, range: Range<usize>, keys: &[ArrayRef]) -> Result<Vec<ArrayRef>, ExecError> {
        Ok(match self {
            Self::Newest(_) | Self::FirstSeen { .. } => self.state(range),
            Self::KeyDescending => {
                let times = keys
                    .first()
                    .and_then(|key| key.as_primitive_opt::<TimestampMillisecondType>())
                    .ok_or_else(|| {
                        ExecError::Internal("groups are ordered by a key that is no time".to_owned())
                    })?;
                // Events without a time come last, as in every order.
                let ranks = times.iter().map(|time| !time_key(time));
                vec![Arc::new(UInt64Array::from_iter_values(ranks))]
            }
        })
    }

    /// Takes over [`Ranks::state`] of other groups; row `i` is group `targets[i]` here.
    pub(crate) fn merge(
        &mut self,
        targets: &[u32],
        columns: &[ArrayRef],
        groups: usize,
    ) -> Result<(), ExecError> {
        match self {
            Self::Newest(events) => {
                events.resize(groups);
                events.merge_columns(targets, columns)
            }
            Self::KeyDescending => Ok(()),
            Self::FirstSeen { met, count } => {
                met.resize(groups, u64::MAX);
                for (&target, &rank) in targets.iter().zip(numbers(columns, 0)?.values()) {
                    let known = &mut met[target as usize];
                    *known = (*known).min(rank);
                    *count = (*count).max(rank + 1);
                }
                Ok(())
            }
        }
    }

    /// Group numbers in the order in which groups come out, when that is not the order of the numbers. `keys` are those
    /// of all groups.
    pub(crate) fn order(&self, keys: &[ArrayRef]) -> Result<Option<Vec<u32>>, ExecError> {
        match self {
            Self::FirstSeen { .. } => Ok(None),
            Self::Newest(events) => Ok(Some(events.order())),
            Self::KeyDescending => {
                let groups = keys.first().map_or(0, |key| key.len());
                let columns = self.columns(0..groups, keys)?;
                let ranks = numbers(&columns, 0)?;
                let mut order: Vec<u32> = (0..groups as u32).collect();
                order.sort_unstable_by_key(|&group| ranks.value(group as usize));
                Ok(Some(order))
            }
        }
    }

    pub(crate) fn size_bytes(&self) -> usize {
        match self {
            Self::Newest(events) => events.size_bytes(),
            Self::KeyDescending => 0,
            Self::FirstSeen { met, .. } => met.capacity() * size_of::<u64>(),
        }
    }
}

fn numbers(columns: &[ArrayRef], idx: usize) -> Result<&UInt64Array, ExecError> {
    columns
        .get(idx)
        .and_then(|column| column.as_primitive_opt::<UInt64Type>())
        .ok_or_else(|| ExecError::Internal("the order of groups is no number".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_keep_the_moment_they_were_met_first() {
        let mut ranks = Ranks::new(&GroupOrder::FirstSeen);
        ranks.resize(2);
        ranks.resize(3);
        let gone = ranks.columns(0..3, &[]).unwrap();
        let mut later = ranks.emptied();
        later.resize(2);
        let mut all = later.emptied();
        // The first group of the later ones is the last of the earlier ones.
        all.merge(&[0, 1], &later.columns(0..2, &[]).unwrap(), 2).unwrap();
        all.merge(&[2, 3, 0], &gone, 4).unwrap();
        let met = all.columns(0..4, &[]).unwrap();
        assert_eq!(numbers(&met, 0).unwrap().values(), &[2, 4, 0, 1]);
    }
}
