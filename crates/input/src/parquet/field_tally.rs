//! Which fields the JSON of messages has, how often, and what their cells could be stored as.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use memchr::memchr;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::typed::Candidates;
use crate::json_fields::{FRAGMENT_ATTEMPTS_MAX, leaf};

/// Paths that are counted; a log with more has keys that are data.
const PATHS_MAX: usize = 10_000;

/// Objects in objects that are looked into.
const DEPTH_MAX: usize = 32;

/// Counts the leaves of messages.
///
/// Every leaf is counted that the reader of fields may find under its path, and some that it does not, such as the first
/// of two members of one name: a type that holds all of these holds those of the reader.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
pub(super) struct FieldTally {
    paths: HashMap<Box<str>, Seen>,
    #[serde(skip)]
    path: String,
}

#[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
struct Seen {
    count: u64,
    candidates: Candidates,
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
    /// Counts the fields of a message.
    pub(super) fn add(&mut self, message: &str) {
        let bytes = message.as_bytes();
        let mut from = 0;
        for _ in 0..FRAGMENT_ATTEMPTS_MAX {
            let Some(at) = memchr(b'{', &bytes[from..]) else {
                return;
            };
            self.path.clear();
            if self.object(&message[from + at..], 0) {
                return;
            }
            from += at + 1;
        }
    }

    /// The members of an object; false when the text does not begin with a sound one.
    fn object(&mut self, text: &str, depth: usize) -> bool {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        deserializer
            .deserialize_map(Members { tally: self, depth })
            .is_ok()
    }

    fn value(&mut self, key: &str, raw: &str, depth: usize) {
        if key.is_empty() || depth > DEPTH_MAX {
            return;
        }
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        self.path.push_str(key);
        match raw.as_bytes().first() {
            Some(b'{') => {
                self.object(raw, depth + 1);
            }
            Some(b'[') => self.elements(raw, depth + 1),
            _ => {
                if let Some(text) = leaf(raw) {
                    self.count(&text);
                }
            }
        }
        self.path.truncate(length);
    }

    fn elements(&mut self, raw: &str, depth: usize) {
        let Ok(elements) = serde_json::from_str::<Vec<&RawValue>>(raw) else {
            return;
        };
        for (idx, element) in elements.into_iter().enumerate().take(PATHS_MAX) {
            self.value(&idx.to_string(), element.get(), depth);
        }
    }

    fn count(&mut self, text: &str) {
        if let Some(seen) = self.paths.get_mut(self.path.as_str()) {
            seen.count += 1;
            seen.candidates.add(text);
        } else if self.paths.len() < PATHS_MAX {
            let mut candidates = Candidates::ALL;
            candidates.add(text);
            let seen = Seen { count: 1, candidates };
            self.paths.insert(self.path.as_str().into(), seen);
        }
    }

    /// Adds what another thread counted.
    pub(super) fn merge(&mut self, other: Self) {
        for (path, seen) in other.paths {
            match self.paths.get_mut(&path) {
                Some(own) => {
                    own.count += seen.count;
                    own.candidates = own.candidates.and(seen.candidates);
                }
                None => {
                    self.paths.insert(path, seen);
                }
            }
        }
    }

    /// The `count` most frequent fields, the most frequent first; of equals, by their names. Those that are called like
    /// one of `taken` are left out, in whatever case: many tools see no difference.
    pub(super) fn most_frequent(self, count: usize, taken: &[&str]) -> Vec<FieldColumn> {
        let is_free = |path: &str| !taken.iter().any(|name| name.eq_ignore_ascii_case(path));
        let mut paths: Vec<(Box<str>, Seen)> = self.paths.into_iter().collect();
        paths.retain(|(path, _)| is_free(path));
        paths.sort_by(|(a, a_seen), (b, b_seen)| b_seen.count.cmp(&a_seen.count).then_with(|| a.cmp(b)));
        let column = |(path, seen): (Box<str>, Seen)| FieldColumn {
            key_text: path.into(),
            candidates: seen.candidates,
        };
        paths.into_iter().take(count).map(column).collect()
    }
}

struct Members<'t> {
    tally: &'t mut FieldTally,
    depth: usize,
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Key<'de>>()? {
            let raw = map.next_value::<&'de RawValue>()?;
            self.tally.value(&key.0, raw.get(), self.depth);
        }
        Ok(())
    }
}

#[derive(serde::Deserialize)]
#[serde(transparent)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_schema::DataType;

    fn columns(messages: &[&str], count: usize) -> Vec<(String, DataType)> {
        let mut tally = FieldTally::default();
        messages.iter().for_each(|message| tally.add(message));
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
        a.add(r#"{"x":1,"y":1}"#);
        b.add(r#"{"x":1.5}"#);
        b.add(r#"{"x":2,"z":1}"#);
        a.merge(b);
        let columns = a.clone().most_frequent(9, &[]);
        assert_eq!(a.most_frequent(9, &["X", "Z"]).len(), 1);
        let names: Vec<&str> = columns.iter().map(|column| column.key_text.as_str()).collect();
        assert_eq!(names, ["x", "y", "z"]);
        assert_eq!(columns[0].candidates.data_type(), DataType::Float64);
    }
}
