//! The newest event of every group.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::types::{TimestampMillisecondType, UInt64Type};
use arrow_array::{Array, ArrayRef, UInt64Array, cast::AsArray};

use super::numbers;
use crate::error::ExecError;

/// Time and position of an event.
pub(crate) type Seen = (Option<i64>, u64);

/// Time and position of the newest event of every group. Events without a time are the oldest.
#[derive(Default)]
pub(crate) struct NewestEvents {
    /// Keys of time, and positions.
    newest: Vec<(u64, u64)>,
    /// Which of the rows of its newest event each group was in. Empty as long as no event has more than one row: only
    /// `unnest` and `parse … multi` make several of one.
    rows: Vec<u32>,
}

/// Before every event.
const NEVER: (u64, u64) = (0, 0);

/// The key of no time, which is later than never.
const NO_TIME: u64 = 1;

/// A number that compares like the time, none first.
pub(super) fn time_key(ms: Option<i64>) -> u64 {
    // The two least of all times share the number of their neighbour, since what is no time has numbers too.
    ms.map_or(NO_TIME, |ms| ((ms as u64) ^ (1 << 63)).max(NO_TIME + 1))
}

fn time_of(key: u64) -> Option<i64> {
    (key > NO_TIME).then_some((key ^ (1 << 63)) as i64)
}

impl NewestEvents {
    pub(crate) fn resize(&mut self, groups: usize) {
        self.newest.resize(groups, NEVER);
        if !self.rows.is_empty() {
            self.rows.resize(groups, 0);
        }
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
        let has_times = times.null_count() == 0;
        let (mut last, mut nth) = (None, 0);
        for (row, &group) in groups.iter().enumerate() {
            let ms = (has_times || times.is_valid(row)).then(|| times.value(row));
            let seen = (time_key(ms), positions.value(row));
            nth = if last == Some(seen) { nth + 1 } else { 0 };
            last = Some(seen);
            self.see(group, seen, nth);
        }
        Ok(())
    }

    /// Of the rows of one event the first one counts: groups come as a scan meets them.
    #[inline]
    fn see(&mut self, group: u32, seen: (u64, u64), nth: u32) {
        let group = group as usize;
        if nth > 0 && self.rows.is_empty() {
            self.rows.resize(self.newest.len(), 0);
        }
        let known = self.newest[group];
        if seen > known {
            self.newest[group] = seen;
            if let Some(row) = self.rows.get_mut(group) {
                *row = nth;
            }
        } else if seen == known
            && let Some(row) = self.rows.get_mut(group)
        {
            *row = (*row).min(nth);
        }
    }

    /// Takes over what `other` knows; its group `i` is group `targets[i]` here.
    pub(crate) fn merge(&mut self, targets: &[u32], other: &Self) {
        for (group, (&target, &seen)) in targets.iter().zip(&other.newest).enumerate() {
            self.see(target, seen, other.row(group));
        }
    }

    /// Numbers that fall as events are newer, and rise with the rows of one event.
    pub(super) fn columns(&self, range: Range<usize>) -> Vec<ArrayRef> {
        let newest = &self.newest[range.clone()];
        let column = |values: Vec<u64>| Arc::new(UInt64Array::from(values)) as ArrayRef;
        vec![
            column(newest.iter().map(|seen| !seen.0).collect()),
            column(newest.iter().map(|seen| !seen.1).collect()),
            column(range.map(|group| u64::from(self.row(group))).collect()),
        ]
    }

    pub(super) fn merge_columns(&mut self, targets: &[u32], columns: &[ArrayRef]) -> Result<(), ExecError> {
        let (times, positions, rows) = (
            numbers(columns, 0)?.values(),
            numbers(columns, 1)?.values(),
            numbers(columns, 2)?.values(),
        );
        for (idx, &target) in targets.iter().enumerate() {
            self.see(target, (!times[idx], !positions[idx]), rows[idx] as u32);
        }
        Ok(())
    }

    fn row(&self, group: usize) -> u32 {
        self.rows.get(group).copied().unwrap_or_default()
    }

    /// The newest event of a group.
    pub(crate) fn of(&self, group: usize) -> Seen {
        let (time, position) = self.newest.get(group).copied().unwrap_or_default();
        (time_of(time), position)
    }

    /// Group numbers, newest group first.
    pub(super) fn order(&self) -> Vec<u32> {
        // Times beside the numbers: most comparisons look no further.
        let mut order: Vec<(u64, u32)> = (0..)
            .zip(&self.newest)
            .map(|(group, seen)| (!seen.0, group))
            .collect();
        let rest = |group: u32| (!self.newest[group as usize].1, self.row(group as usize), group);
        order.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| rest(a.1).cmp(&rest(b.1))));
        order.into_iter().map(|(_, group)| group).collect()
    }

    pub(crate) fn size_bytes(&self) -> usize {
        self.newest.capacity() * size_of::<(u64, u64)>() + self.rows.capacity() * size_of::<u32>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::TimestampMillisecondArray;

    fn events(rows: &[(u32, Option<i64>, u64)]) -> NewestEvents {
        let mut events = NewestEvents::default();
        events.resize(rows.iter().map(|row| row.0 as usize + 1).max().unwrap());
        let groups: Vec<u32> = rows.iter().map(|row| row.0).collect();
        let times: ArrayRef = Arc::new(TimestampMillisecondArray::from_iter(rows.iter().map(|row| row.1)));
        let positions: ArrayRef = Arc::new(UInt64Array::from_iter_values(rows.iter().map(|row| row.2)));
        events.update(&groups, &times, &positions).unwrap();
        events
    }

    #[test]
    fn newer_groups_come_first_and_those_without_a_time_last() {
        let found = events(&[
            (0, Some(5), 1),
            (1, None, 9),
            (2, Some(7), 2),
            (0, Some(-5), 3),
            (3, Some(7), 4),
            (4, Some(i64::MIN), 0),
        ]);
        assert_eq!(found.order(), [3, 2, 0, 4, 1]);
        assert_eq!((found.of(0), found.of(1)), ((Some(5), 1), (None, 9)));
    }

    #[test]
    fn rows_of_one_event_come_in_its_order() {
        let found = events(&[(0, Some(1), 1), (1, Some(1), 2), (0, Some(1), 2), (2, Some(1), 2)]);
        assert_eq!(found.order(), [1, 0, 2]);
        let first = events(&[(0, None, 0), (2, None, 0), (1, None, 0)]);
        assert_eq!(first.order(), [0, 2, 1]);
        // Elsewhere they have other numbers.
        let mut merged = NewestEvents::default();
        merged.resize(3);
        merged.merge_columns(&[2, 0, 1], &found.columns(0..3)).unwrap();
        assert_eq!(merged.order(), [0, 2, 1]);
        let mut merged = NewestEvents::default();
        merged.resize(3);
        merged.merge(&[2, 1, 0], &found);
        assert_eq!(merged.order(), [1, 2, 0]);
    }
}
