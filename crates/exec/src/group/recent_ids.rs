//! Ids that were met lately, and their groups.

/// Ids that are remembered; a power of two. They fit into the second-level cache of a processor, beside a batch.
const RECENT_IDS: usize = 4_096;

/// The group of a slot that holds nothing. No group has this number ([`super::GROUP_COUNT_MAX`]).
const NONE: u32 = u32::MAX;

/// A small table in front of a large one. The lines of a request stand near each other in a log, so most ids are those of
/// a moment ago, while the table of all ids is too large for any cache. An id takes the place of another one that
/// belongs there.
#[derive(Default)]
pub(super) struct RecentIds {
    /// None before the first id.
    slots: Vec<(u128, u32)>,
}

impl RecentIds {
    #[inline]
    pub(super) fn group_of(&self, id: u128) -> Option<u32> {
        let (held, group) = *self.slots.get(slot_of(id))?;
        (held == id && group != NONE).then_some(group)
    }

    #[inline]
    pub(super) fn put(&mut self, id: u128, group: u32) {
        if self.slots.is_empty() {
            self.slots = vec![(0, NONE); RECENT_IDS];
        }
        self.slots[slot_of(id)] = (id, group);
    }

    pub(super) fn size_bytes(&self) -> usize {
        self.slots.capacity() * size_of::<(u128, u32)>()
    }
}

/// Ids are random, or count up at their end; whoever chooses them otherwise gains nothing but misses.
#[inline]
fn slot_of(id: u128) -> usize {
    let folded = id as u64 ^ (id >> 64) as u64;
    (folded ^ folded >> 32) as usize % RECENT_IDS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_known_until_another_takes_its_place() {
        let mut recent = RecentIds::default();
        assert_eq!(recent.group_of(0), None);
        recent.put(0, 7);
        recent.put(1, 8);
        assert_eq!((recent.group_of(0), recent.group_of(1)), (Some(7), Some(8)));
        let rival = RECENT_IDS as u128;
        assert_eq!(slot_of(rival), slot_of(0));
        assert_eq!(recent.group_of(rival), None);
        recent.put(rival, 9);
        assert_eq!((recent.group_of(0), recent.group_of(rival)), (None, Some(9)));
    }
}
