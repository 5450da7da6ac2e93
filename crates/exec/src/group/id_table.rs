//! A table that finds the group of a number by its hash, made for many look-ups at a time.

/// What a free slot holds; no group has the number in it.
const FREE: u64 = u64::MAX;

/// Slots of the first table; a power of two.
const FIRST_SLOTS: usize = 512;

/// So many of eight slots may be taken. More would make the search for what is not there long.
const TAKEN_OF_EIGHT_MAX: usize = 5;

/// Groups and halves of their hashes, in slots of eight bytes beside each other. A search goes from slot to slot, so nearly
/// always it stays in the cache line that it began in, and it compares half a hash before it asks for a number. The numbers
/// are kept by the owner of the groups.
#[derive(Default)]
pub(super) struct IdTable {
    /// Empty, or a power of two of them.
    slots: Vec<u64>,
    taken: usize,
}

/// What a slot holds: the upper half of the hash, and the group.
#[inline]
fn slot_of(hash: u64, group: u32) -> u64 {
    hash & !u64::from(u32::MAX) | u64::from(group)
}

impl IdTable {
    /// The first group with the upper half of `hash` where its group would be: nearly always the one, if there is one.
    #[inline]
    pub(super) fn candidate(&self, hash: u64) -> Option<u32> {
        self.find(hash, |_| true)
    }

    /// The group of `hash` that `is_it` confirms.
    #[inline]
    pub(super) fn find(&self, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let slot = self.slots[at];
            if slot == FREE {
                return None;
            }
            if (slot ^ hash) >> u32::BITS == 0 && is_it(slot as u32) {
                return Some(slot as u32);
            }
            at = (at + 1) & mask;
        }
    }

    /// True when [`Self::grow`] has to come before the next [`Self::insert`].
    #[inline]
    pub(super) fn is_full(&self) -> bool {
        8 * (self.taken + 1) > TAKEN_OF_EIGHT_MAX * self.slots.len()
    }

    /// Makes the table anew, twice as large, of `groups` and their hashes: those that are in it. The old one is given back
    /// before.
    pub(super) fn grow(&mut self, groups: impl Iterator<Item = (u32, u64)>) {
        let slots = (2 * self.slots.len()).max(FIRST_SLOTS);
        self.slots = Vec::new();
        self.slots = vec![FREE; slots];
        self.taken = 0;
        for (group, hash) in groups {
            self.insert(hash, group);
        }
    }

    /// Adds a group that is not in the table yet.
    #[inline]
    pub(super) fn insert(&mut self, hash: u64, group: u32) {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        while self.slots[at] != FREE {
            at = (at + 1) & mask;
        }
        self.slots[at] = slot_of(hash, group);
        self.taken += 1;
    }

    pub(super) fn size_bytes(&self) -> usize {
        self.slots.capacity() * size_of::<u64>()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever the hashes are: everything that was added is found, and nothing else.
        #[test]
        fn groups_are_found_as_in_a_map(
            keys in prop::collection::vec(0_u64..2_000, 0..2_000),
            hash_bits in prop_oneof![any::<u64>(), Just(0), Just(7), Just(u64::MAX << 61), Just(u64::MAX)],
        ) {
            // Few bits make many keys share a hash, or one half of it.
            let hash_of = |key: u64| key.wrapping_mul(0x9e37_79b9_7f4a_7c15) & hash_bits;
            let (mut table, mut known, mut added) = (IdTable::default(), HashMap::new(), Vec::<u64>::new());
            for key in keys {
                let found = table.find(hash_of(key), |group| added[group as usize] == key);
                prop_assert_eq!(found, known.get(&key).copied());
                if found.is_some() {
                    continue;
                }
                if table.is_full() {
                    table.grow((0..).zip(added.iter().map(|key| hash_of(*key))));
                }
                let group = added.len() as u32;
                table.insert(hash_of(key), group);
                known.insert(key, group);
                added.push(key);
            }
            for (key, group) in &known {
                prop_assert_eq!(table.find(hash_of(*key), |group| added[group as usize] == *key), Some(*group));
                prop_assert!(table.candidate(hash_of(*key)).is_some());
            }
            prop_assert!(8 * added.len() <= TAKEN_OF_EIGHT_MAX * table.slots.len());
        }
    }

    #[test]
    fn an_empty_table_holds_nothing_and_grows_first() {
        let mut table = IdTable::default();
        assert_eq!(
            (table.candidate(7), table.find(7, |_| true), table.is_full()),
            (None, None, true)
        );
        table.grow(std::iter::empty());
        assert_eq!((table.is_full(), table.size_bytes()), (false, FIRST_SLOTS * 8));
        let most = FIRST_SLOTS * TAKEN_OF_EIGHT_MAX / 8;
        (0..most as u32).for_each(|group| table.insert(u64::from(group), group));
        assert!(table.is_full());
    }
}
