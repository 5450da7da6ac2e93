//! The newest event of every group: what decides the order of groups that no `sort` ordered.

use std::cmp::Reverse;

use arrow_array::types::{TimestampMillisecondType, UInt64Type};
use arrow_array::{Array, ArrayRef, cast::AsArray};

use crate::error::ExecError;

/// Time and position of an event.
pub(crate) type Seen = (Option<i64>, u64);

/// Time and position of the newest event of every group. Events without a time are the oldest.
#[derive(Default)]
pub(crate) struct NewestEvents {
    newest: Vec<Seen>,
}

impl NewestEvents {
    pub(crate) fn resize(&mut self, groups: usize) {
        self.newest.resize(groups, (None, 0));
    }

    pub(crate) fn update(
        &mut self,
        groups: &[u32],
        time: &ArrayRef,
        position: &ArrayRef,
    ) -> Result<(), ExecError> {
        let (Some(times), Some(positions)) = (
            time.as_primitive_opt::<TimestampMillisecondType>(),
            position.as_primitive_opt::<UInt64Type>(),
        ) else {
            return Err(ExecError::Internal(
                "the order of groups needs time and position".to_owned(),
            ));
        };
        for (row, &group) in groups.iter().enumerate() {
            let seen = (
                times.is_valid(row).then(|| times.value(row)),
                positions.value(row),
            );
            let newest = &mut self.newest[group as usize];
            *newest = (*newest).max(seen);
        }
        Ok(())
    }

    /// Takes over what `other` knows; its group `i` is group `targets[i]` here.
    pub(crate) fn merge(&mut self, targets: &[u32], other: &Self) {
        for (&target, &seen) in targets.iter().zip(&other.newest) {
            let newest = &mut self.newest[target as usize];
            *newest = (*newest).max(seen);
        }
    }

    /// The newest event of a group.
    pub(crate) fn of(&self, group: usize) -> Seen {
        self.newest.get(group).copied().unwrap_or_default()
    }

    /// Group numbers, newest group first.
    pub(crate) fn order(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.newest.len() as u32).collect();
        order.sort_unstable_by_key(|&group| Reverse(self.newest[group as usize]));
        order
    }

    pub(crate) fn size_bytes(&self) -> usize {
        self.newest.capacity() * size_of::<Seen>()
    }
}
