//! Different values, counted.

use std::collections::BTreeMap;

use super::NAMES_MAX;

/// Different values, and how many events have each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Events by value.
    pub counts: BTreeMap<String, u64>,
    /// True when there are more than [`NAMES_MAX`].
    pub is_cut: bool,
}

impl Names {
    /// Counts values, of which neighbours are mostly equal.
    pub(super) fn add_all<'a>(&mut self, names: impl Iterator<Item = &'a str>) {
        let (mut last, mut count) = ("", 0);
        for name in names {
            if name != last {
                self.add(last, count);
                (last, count) = (name, 0);
            }
            count += 1;
        }
        self.add(last, count);
    }

    fn add(&mut self, name: &str, count: u64) {
        if count == 0 {
            return;
        }
        if let Some(sum) = self.counts.get_mut(name) {
            *sum += count;
        } else if self.counts.len() < NAMES_MAX {
            self.counts.insert(name.to_owned(), count);
        } else {
            self.is_cut = true;
        }
    }

    /// Adds what was counted of events behind these.
    pub(super) fn merge(&mut self, other: Self) {
        self.is_cut |= other.is_cut;
        for (name, count) in other.counts {
            self.add(&name, count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_counted_and_added_up() {
        let mut names = Names::default();
        names.add_all(["a", "a", "", "b", "a"].into_iter());
        let mut more = Names::default();
        more.add_all(["b", "c"].into_iter());
        names.merge(more);
        let expected = [("", 1), ("a", 3), ("b", 2), ("c", 1)];
        assert_eq!(
            names.counts,
            BTreeMap::from(expected.map(|(name, n)| (name.to_owned(), n)))
        );
    }

    #[test]
    fn their_number_is_limited() {
        let mut names = Names::default();
        let all: Vec<String> = (0..NAMES_MAX).map(|n| n.to_string()).collect();
        names.add_all(all.iter().map(String::as_str));
        assert!(!names.is_cut && names.counts.len() == NAMES_MAX);
        names.add_all(["0"].into_iter());
        assert!(!names.is_cut);
        let mut more = Names::default();
        more.add_all(["one more"].into_iter());
        names.merge(more);
        assert!(names.is_cut && names.counts.len() == NAMES_MAX);
    }
}
