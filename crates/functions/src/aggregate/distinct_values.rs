//! The different values of a group.

use std::hash::BuildHasher;
use std::sync::LazyLock;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use insq_event::uuid_number;

use super::state;

/// One for all groups, so that a table that is handed on need not be made anew. Its seed is that of the process: whoever
/// writes logs can't know it.
static HASHES: LazyLock<RandomState> = LazyLock::new(RandomState::default);

/// What a number costs: its place in the table, which is between half and nearly full.
const NUMBER_BYTES: usize = 24;

/// What a text costs beside its bytes: its place in the table, and the allocation.
const TEXT_OVERHEAD_BYTES: usize = 40;

/// Numbers of 128 bits, as which UUIDs are kept, and other texts by their bytes.
#[derive(Default)]
pub(super) struct DistinctValues {
    numbers: HashTable<u128>,
    texts: HashTable<Box<[u8]>>,
    text_bytes: usize,
}

impl DistinctValues {
    pub(super) fn len(&self) -> usize {
        self.numbers.len() + self.texts.len()
    }

    pub(super) fn size_bytes(&self) -> usize {
        NUMBER_BYTES * self.numbers.len() + TEXT_OVERHEAD_BYTES * self.texts.len() + self.text_bytes
    }

    #[inline]
    pub(super) fn insert_number(&mut self, number: u128) {
        let hashes = &*HASHES;
        let hash = hashes.hash_one(number);
        self.numbers
            .entry(hash, |known| *known == number, |known| hashes.hash_one(*known))
            .or_insert(number);
    }

    /// Where a value is a text, all are, so no text is taken for a number that is none.
    #[inline]
    pub(super) fn insert_text(&mut self, text: &[u8]) {
        match uuid_number(text) {
            Some(number) => self.insert_number(number),
            None => self.insert_bytes(text),
        }
    }

    fn insert_bytes(&mut self, text: &[u8]) {
        let hash = HASHES.hash_one(text);
        if self.texts.find(hash, |known| **known == *text).is_none() {
            self.insert_new(hash, text.into());
        }
    }

    fn insert_new(&mut self, hash: u64, text: Box<[u8]>) {
        self.text_bytes += text.len();
        self.texts
            .insert_unique(hash, text, |known| HASHES.hash_one(&**known));
    }

    /// Takes in all values of another group: those of the smaller one go into the larger.
    pub(super) fn absorb(&mut self, mut other: Self) {
        if other.len() > self.len() {
            std::mem::swap(self, &mut other);
        }
        other
            .numbers
            .drain()
            .for_each(|number| self.insert_number(number));
        for text in other.texts.drain() {
            let hash = HASHES.hash_one(&*text);
            if self.texts.find(hash, |known| **known == *text).is_none() {
                self.insert_new(hash, text);
            }
        }
    }

    /// Writes all values down: how many numbers there are, these, and texts with their lengths.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&(self.numbers.len() as u64).to_le_bytes());
        for number in &self.numbers {
            out.extend_from_slice(&number.to_le_bytes());
        }
        for text in &self.texts {
            out.extend_from_slice(&(text.len() as u32).to_le_bytes());
            out.extend_from_slice(text);
        }
    }

    /// Takes in what [`Self::write`] wrote; `None` where it is not that.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Option<()> {
        let (count, mut rest) = state::split::<8>(bytes)?;
        for _ in 0..u64::from_le_bytes(count) {
            let (number, more) = state::split::<16>(rest)?;
            self.insert_number(u128::from_le_bytes(number));
            rest = more;
        }
        while !rest.is_empty() {
            let (length, more) = state::split::<4>(rest)?;
            let (text, more) = more.split_at_checked(u32::from_le_bytes(length) as usize)?;
            self.insert_bytes(text);
            rest = more;
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use insq_event::uuid_text;
    use proptest::prelude::*;

    use super::*;

    /// Texts of which many are equal, and many are UUIDs.
    fn text() -> impl Strategy<Value = String> {
        let uuid = (0_u128..9).prop_map(|n| String::from_utf8(uuid_text(n << 99 | n).to_vec()).unwrap());
        prop_oneof![
            "[ab]{0,3}",
            uuid.clone(),
            uuid.prop_map(|text| text.to_uppercase())
        ]
    }

    fn of(texts: &[String]) -> DistinctValues {
        let mut values = DistinctValues::default();
        texts.iter().for_each(|text| values.insert_text(text.as_bytes()));
        values
    }

    proptest! {
        #[test]
        fn values_are_counted_once(a in prop::collection::vec(text(), 0..40), b in prop::collection::vec(text(), 0..40)) {
            let expected: HashSet<&String> = a.iter().chain(&b).collect();
            prop_assert_eq!(of(&[a.clone(), b.clone()].concat()).len(), expected.len());
            let (mut absorbed, mut read, mut written) = (of(&a), of(&a), Vec::new());
            absorbed.absorb(of(&b));
            of(&b).write(&mut written);
            prop_assert!(read.read(&written).is_some());
            let bytes = of(&[a.clone(), b.clone()].concat()).size_bytes();
            for merged in [absorbed, read] {
                prop_assert_eq!((merged.len(), merged.size_bytes()), (expected.len(), bytes));
            }
            written.pop();
            prop_assert!(DistinctValues::default().read(&written).is_none());
        }
    }
}
