//! Which groups are UUIDs, and which are other texts.

use std::ops::Range;

use super::GROUP_COUNT_MAX;
use crate::error::ExecError;

/// A group, as its key is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// A UUID.
    Id(u128),
    /// A number among the other texts.
    Other(u32),
}

/// The keys of groups in the order of their numbers. As long as there is no UUID a group is the number of its text, and
/// nothing has to be kept for it; where all are UUIDs, nothing beside them.
#[derive(Default)]
pub(super) struct Numbering {
    /// Groups before the first UUID.
    plain: u32,
    mixed: Option<Mixed>,
}

/// Groups of which some are UUIDs.
struct Mixed {
    /// Of every group its UUID, or its number among the others.
    ids: Vec<u128>,
    /// The groups of the others, which rise.
    others: Vec<u32>,
}

impl Mixed {
    fn after(plain: u32) -> Self {
        Self {
            ids: (0..plain).map(u128::from).collect(),
            others: (0..plain).collect(),
        }
    }
}

impl Numbering {
    pub(super) fn len(&self) -> usize {
        match &self.mixed {
            None => self.plain as usize,
            Some(mixed) => mixed.ids.len(),
        }
    }

    /// By their groups the UUIDs, and something else in the places of others; empty as long as there is none.
    #[inline]
    pub(super) fn ids(&self) -> &[u128] {
        self.mixed.as_ref().map_or(&[], |mixed| &mixed.ids)
    }

    /// A new group for a UUID.
    pub(super) fn add_id(&mut self, id: u128) -> Result<u32, ExecError> {
        let group = self.next()?;
        let plain = self.plain;
        let mixed = self.mixed.get_or_insert_with(|| Mixed::after(plain));
        mixed.ids.push(id);
        Ok(group)
    }

    /// The group of a number among the others, a new one for the next number.
    pub(super) fn group_of_other(&mut self, number: u32) -> Result<u32, ExecError> {
        let known = match &self.mixed {
            None => (number < self.plain).then_some(number),
            Some(mixed) => mixed.others.get(number as usize).copied(),
        };
        if let Some(group) = known {
            return Ok(group);
        }
        let group = self.next()?;
        match &mut self.mixed {
            None => self.plain += 1,
            Some(mixed) => {
                mixed.ids.push(u128::from(number));
                mixed.others.push(group);
            }
        }
        Ok(group)
    }

    fn next(&self) -> Result<u32, ExecError> {
        let group = u32::try_from(self.len()).unwrap_or(u32::MAX);
        if group > GROUP_COUNT_MAX {
            return Err(ExecError::TooManyGroups {
                limit: GROUP_COUNT_MAX,
            });
        }
        Ok(group)
    }

    /// The keys of some groups.
    pub(super) fn keys(&self, range: Range<usize>) -> impl Iterator<Item = Key> {
        let ids = self.ids();
        let is_plain = self.mixed.is_none();
        let mut others = self.others_from(range.start).iter().peekable();
        range.map(move |group| {
            if is_plain {
                Key::Other(group as u32)
            } else if others.next_if(|other| **other as usize == group).is_some() {
                Key::Other(ids[group] as u32)
            } else {
                Key::Id(ids[group])
            }
        })
    }

    /// The numbers of those of some groups that are no UUIDs.
    pub(super) fn numbers(&self, range: Range<usize>) -> Range<usize> {
        match &self.mixed {
            None => range,
            Some(mixed) => {
                let before = |group: usize| mixed.others.partition_point(|other| (*other as usize) < group);
                before(range.start)..before(range.end)
            }
        }
    }

    fn others_from(&self, start: usize) -> &[u32] {
        let Some(mixed) = &self.mixed else {
            return &[];
        };
        &mixed.others[mixed.others.partition_point(|other| (*other as usize) < start)..]
    }

    pub(super) fn size_bytes(&self) -> usize {
        self.mixed.as_ref().map_or(0, |mixed| {
            mixed.ids.capacity() * size_of::<u128>() + mixed.others.capacity() * size_of::<u32>()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_back_in_order_whatever_came_first() {
        let mut numbering = Numbering::default();
        let mut expected = Vec::new();
        for step in 0..20_u32 {
            if step == 5 || step % 3 == 1 && step > 5 {
                let id = u128::from(step) << 90;
                assert_eq!(numbering.add_id(id).unwrap(), step);
                expected.push(Key::Id(id));
            } else {
                let number = expected.iter().filter(|key| matches!(key, Key::Other(_))).count() as u32;
                assert_eq!(numbering.group_of_other(number).unwrap(), step);
                expected.push(Key::Other(number));
            }
            assert_eq!(numbering.len(), expected.len());
            assert_eq!(numbering.ids().is_empty(), step < 5);
            assert_eq!(numbering.size_bytes() == 0, step < 5);
            for start in 0..expected.len() {
                let keys: Vec<Key> = numbering.keys(start..expected.len()).collect();
                assert_eq!(keys, expected[start..]);
                let others = keys.iter().filter(|key| matches!(key, Key::Other(_)));
                assert_eq!(numbering.numbers(start..expected.len()).len(), others.count());
            }
        }
        // What is known stays.
        for (group, key) in (0..).zip(&expected) {
            if let Key::Other(number) = key {
                assert_eq!(numbering.group_of_other(*number).unwrap(), group);
            }
        }
        assert_eq!(numbering.len(), expected.len());
    }
}
