//! Which fields the JSON of messages has, how often, and what their cells could be stored as.

use std::collections::HashMap;

use super::typed::Candidates;
use crate::json_fields::leaf;
use crate::leaves::{LeafFinder, PathMap};

/// Paths that are counted; a log with more has keys that are data.
const PATHS_MAX: usize = 10_000;

/// Counts the leaves of messages.
///
/// Every leaf is counted that the reader of fields may find under its path, and some that it does not, such as the first
/// of two members of one name: a type that holds all of these holds those of the reader.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub(super) struct FieldTally {
    paths: PathMap<Seen>,
}

#[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
struct Seen {
    count: u64,
    candidates: Candidates,
}

impl Seen {
    /// Never yet.
    const NEVER: Self = Self {
        count: 0,
        candidates: Candidates::ALL,
    };
}

/// What is kept of a tally until the conversion goes on.
#[derive(serde::Serialize, serde::Deserialize)]
struct Stored {
    paths: HashMap<Box<str>, Seen>,
}

impl From<FieldTally> for Stored {
    fn from(tally: FieldTally) -> Self {
        Self {
            paths: tally.paths.into_entries().collect(),
        }
    }
}

impl From<Stored> for FieldTally {
    fn from(stored: Stored) -> Self {
        let mut tally = Self::default();
        tally.add_all(stored.paths);
        tally
    }
}

/// A field that is worth a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FieldColumn {
    /// The path as the keys of the log spell it.
    pub(super) key_text: String,
    pub(super) candidates: Candidates,
}

impl FieldColumn {
    /// The path as queries spell it.
    pub(super) fn name(&self) -> String {
        if self.key_text.starts_with('@') {
            format!("@{}", self.key_text)
        } else {
            self.key_text.clone()
        }
    }
}

impl FieldTally {
    /// Counts the fields of a message, as `finder` finds them.
    pub(super) fn add(&mut self, finder: &mut LeafFinder, message: &str) {
        finder.find(message, |path, value| {
            let Some(text) = leaf(value) else { return };
            if let Some(seen) = self.paths.entry_within(PATHS_MAX, path, || Seen::NEVER) {
                seen.count += 1;
                seen.candidates.add(&text);
            }
        });
    }

    /// Adds what another thread counted.
    pub(super) fn merge(&mut self, other: Self) {
        self.add_all(other.paths.into_entries());
    }

    fn add_all(&mut self, paths: impl IntoIterator<Item = (Box<str>, Seen)>) {
        for (path, other) in paths {
            let seen = self.paths.entry(&path, || Seen::NEVER);
            seen.count += other.count;
            seen.candidates = seen.candidates.and(other.candidates);
        }
    }

    /// The `count` most frequent fields, the most frequent first; of equals, by their names. Those that are called like
    /// one of `taken` are left out, in whatever case: many tools see no difference.
    pub(super) fn most_frequent(self, count: usize, taken: &[&str]) -> Vec<FieldColumn> {
        let is_free = |path: &str| !taken.iter().any(|name| name.eq_ignore_ascii_case(path));
        let mut paths: Vec<(Box<str>, Seen)> = self.paths.into_entries().collect();
        paths.retain(|(path, _)| is_free(path));
        paths.sort_by(|(a, a_seen), (b, b_seen)| b_seen.count.cmp(&a_seen.count).then_with(|| a.cmp(b)));
        let column = |(path, seen): (Box<str>, Seen)| FieldColumn {
            key_text: path.into(),
            candidates: seen.candidates,
        };
        paths.into_iter().take(count).map(column).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_schema::DataType;

    fn columns(messages: &[&str], count: usize) -> Vec<(String, DataType)> {
        let mut tally = FieldTally::default();
        let mut finder = LeafFinder::default();
        messages
            .iter()
            .for_each(|message| tally.add(&mut finder, message));
        let columns = tally.most_frequent(count, &[]);
        columns
            .iter()
            .map(|column| (column.name(), column.candidates.data_type()))
            .collect()
    }

    #[test]
    fn leaves_are_counted_and_the_most_frequent_come_first() {
        let messages = [
            r#"INFO {"level":"INFO","n":1,"user":{"id":"a","tags":["x",2]}}"#,
            r#"{"level":"WARN","n":1.5,"@timestamp":true,"gone":null}"#,
            r#"{"level":"WARN"} {"second":1}"#,
            r#"{foo} {"n":2}"#,
            "no object",
        ];
        let found = columns(&messages, 10);
        let expected = [
            ("level", DataType::Utf8View),
            ("n", DataType::Float64),
            ("@@timestamp", DataType::Boolean),
            ("user.id", DataType::Utf8View),
            ("user.tags.0", DataType::Utf8View),
            ("user.tags.1", DataType::Int64),
        ];
        assert_eq!(found, expected.map(|(name, ty)| (name.to_owned(), ty)));
        assert_eq!(columns(&messages, 2).len(), 2);
    }

    #[test]
    fn threads_add_up() {
        let (mut a, mut b) = (FieldTally::default(), FieldTally::default());
        let mut finder = LeafFinder::default();
        a.add(&mut finder, r#"{"x":1,"y":1}"#);
        b.add(&mut finder, r#"{"x":1.5}"#);
        b.add(&mut finder, r#"{"x":2,"z":1}"#);
        a.merge(b);
        let columns = a.clone().most_frequent(9, &[]);
        assert_eq!(a.most_frequent(9, &["X", "Z"]).len(), 1);
        let names: Vec<&str> = columns.iter().map(|column| column.key_text.as_str()).collect();
        assert_eq!(names, ["x", "y", "z"]);
        assert_eq!(columns[0].candidates.data_type(), DataType::Float64);
    }
}
