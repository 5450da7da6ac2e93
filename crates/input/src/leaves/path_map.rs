//! Values by path.

use std::collections::HashMap;

/// Longer paths are not remembered, where their number is limited: they are data rather than names.
pub(crate) const PATH_BYTES_MAX: usize = 1_024;

/// Values by path. A path is found without a search where it comes behind the one that it came behind before, as those of
/// messages of one shape do.
#[derive(Clone, Debug)]
pub(crate) struct PathMap<T> {
    entries: Vec<Entry<T>>,
    by_path: HashMap<Box<str>, usize>,
    /// The entry that was asked for last.
    last: usize,
}

#[derive(Clone, Debug)]
struct Entry<T> {
    path: Box<str>,
    value: T,
    /// The entry that was asked for after this one.
    next: usize,
}

impl<T> Default for PathMap<T> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            by_path: HashMap::new(),
            last: 0,
        }
    }
}

impl<T> PathMap<T> {
    /// The value of `path`, which `first` makes when there is none yet.
    pub(crate) fn entry(&mut self, path: &str, first: impl FnOnce() -> T) -> &mut T {
        let number = match self.find(path) {
            Some(number) => number,
            None => self.insert(path, first()),
        };
        self.turn_to(number)
    }

    /// As [`Self::entry`]; `None` when there is no such path and there are `len_max` others, or when it is longer than
    /// [`PATH_BYTES_MAX`].
    pub(crate) fn entry_within(
        &mut self,
        len_max: usize,
        path: &str,
        first: impl FnOnce() -> T,
    ) -> Option<&mut T> {
        if path.len() > PATH_BYTES_MAX {
            return None;
        }
        let number = match self.find(path) {
            Some(number) => number,
            None if self.entries.len() < len_max => self.insert(path, first()),
            None => return None,
        };
        Some(self.turn_to(number))
    }

    fn find(&self, path: &str) -> Option<usize> {
        let expected = self.entries.get(self.last)?.next;
        match self.entries.get(expected) {
            Some(entry) if *entry.path == *path => Some(expected),
            _ => self.by_path.get(path).copied(),
        }
    }

    /// The value of an entry, which is expected behind the last one from now on.
    fn turn_to(&mut self, number: usize) -> &mut T {
        self.entries[self.last].next = number;
        self.last = number;
        &mut self.entries[number].value
    }

    fn insert(&mut self, path: &str, value: T) -> usize {
        let number = self.entries.len();
        self.by_path.insert(path.into(), number);
        self.entries.push(Entry {
            path: path.into(),
            value,
            next: 0,
        });
        number
    }

    /// All paths in the order in which they came first.
    pub(crate) fn into_entries(self) -> impl Iterator<Item = (Box<str>, T)> {
        self.entries.into_iter().map(|entry| (entry.path, entry.value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_the_order_each_path_keeps_its_value() {
        let mut map = PathMap::default();
        let order = [0, 1, 2, 0, 1, 2, 2, 1, 0, 3, 3, 0, 2, 1, 2, 0, 1, 3];
        for path in order {
            *map.entry(["a", "a.b", "b", ""][path], || 0) += 1;
        }
        let found: Vec<_> = map.into_entries().collect();
        let expected = [("a", 5), ("a.b", 5), ("b", 5), ("", 3)];
        assert_eq!(found, expected.map(|(path, count)| (path.into(), count)));
    }

    #[test]
    fn their_number_may_have_a_limit() {
        let mut map = PathMap::default();
        for (path, has_room) in [("a", true), ("b", true), ("c", false), ("a", true), ("c", false)] {
            assert_eq!(map.entry_within(2, path, || ()).is_some(), has_room, "{path}");
        }
        map.entry("c", || ());
        assert_eq!(map.into_entries().count(), 3);
    }

    #[test]
    fn their_length_has_a_limit() {
        let mut map = PathMap::default();
        for (length, is_taken) in [(PATH_BYTES_MAX, true), (PATH_BYTES_MAX + 1, false)] {
            let path = "k".repeat(length);
            assert_eq!(map.entry_within(10, &path, || ()).is_some(), is_taken);
        }
    }
}
