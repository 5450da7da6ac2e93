//! Fields discovered in JSON: of the first object in a message, only those that are asked for.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use memchr::{memchr, memmem};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::json_scan::SharedScanner;

/// A message that holds more braces than this before its first object is taken for one without.
pub(crate) const FRAGMENT_ATTEMPTS_MAX: usize = 16;

/// A wanted path.
#[derive(Clone, Debug)]
pub(crate) struct WantedPath {
    /// The path as the keys of the log spell it.
    pub(crate) text: String,
    /// True when the value is wanted as JSON text, objects and arrays too.
    pub(crate) is_whole: bool,
}

impl WantedPath {
    /// The value that stands at `range` of a text; `None` for an empty range, which stands for no value.
    #[inline]
    pub(crate) fn value_at<'a>(&self, text: &'a [u8], range: Range<usize>) -> Option<Cow<'a, str>> {
        if range.is_empty() {
            return None;
        }
        self.value(std::str::from_utf8(&text[range]).ok()?)
    }

    /// What a value in JSON is to whoever wants this path.
    fn value<'a>(&self, raw: &'a str) -> Option<Cow<'a, str>> {
        if self.is_whole {
            (raw != "null").then_some(Cow::Borrowed(raw))
        } else {
            leaf(raw)
        }
    }
}

/// The wanted paths.
#[derive(Debug)]
pub(crate) struct WantedFields {
    paths: Vec<WantedPath>,
    /// First keys in quotes: a message that holds none of them has no wanted field.
    first_keys: Vec<memmem::Finder<'static>>,
    scanner: SharedScanner,
}

/// A clone learns for itself.
impl Clone for WantedFields {
    fn clone(&self) -> Self {
        Self::new(self.paths.clone())
    }
}

/// The values of the wanted fields of one message, in the order of the paths.
pub(crate) type FieldValues<'a> = Vec<Option<Cow<'a, str>>>;

impl WantedFields {
    pub(crate) fn new(paths: Vec<WantedPath>) -> Self {
        let mut keys: Vec<String> = paths.iter().flat_map(|path| first_keys(&path.text)).collect();
        keys.sort();
        keys.dedup();
        let first_keys = keys
            .iter()
            .map(|key| memmem::Finder::new(key.as_bytes()).into_owned())
            .collect();
        Self {
            scanner: SharedScanner::new(paths.iter().map(|path| path.text.clone()).collect()),
            paths,
            first_keys,
        }
    }

    pub(crate) fn paths(&self) -> &[WantedPath] {
        &self.paths
    }

    /// Reads the wanted fields of the first JSON object in `message` into `values`. Numbers keep their
    /// digits, strings lose their escapes, `true` and `false` are text; null, objects and arrays are
    /// missing. Text that is not valid JSON has no fields.
    pub(crate) fn read<'a>(&self, message: &'a [u8], values: &mut FieldValues<'a>) {
        values.clear();
        values.resize(self.paths.len(), None);
        let Some(first) = memchr(b'{', message) else {
            return;
        };
        // A key can be spelled with escapes; only a message without any can be turned away by its bytes.
        let has_escapes = memchr(b'\\', message).is_some();
        if !has_escapes && !self.first_keys.iter().any(|key| key.find(message).is_some()) {
            return;
        }
        let mut at = first;
        for _ in 0..FRAGMENT_ATTEMPTS_MAX {
            if self.read_object(&message[at..], values) {
                return;
            }
            values.iter_mut().for_each(|value| *value = None);
            match memchr(b'{', &message[at + 1..]) {
                Some(next) => at += 1 + next,
                None => return,
            }
        }
    }

    fn read_object<'a>(&self, text: &'a [u8], values: &mut FieldValues<'a>) -> bool {
        let scanned = self.scanner.lend(|scanner| {
            let (found, _) = scanner.scan(text)?;
            for ((value, path), range) in values.iter_mut().zip(&self.paths).zip(found) {
                *value = path.value_at(text, range.clone());
            }
            Some(())
        });
        scanned.is_some() || self.read_general(text, values)
    }

    /// Reads any object. False when `text` does not begin with a sound one; values may have been written all the same.
    pub(crate) fn read_general<'a>(&self, text: &'a [u8], values: &mut FieldValues<'a>) -> bool {
        let mut deserializer = serde_json::Deserializer::from_slice(text);
        let pending = self
            .paths
            .iter()
            .enumerate()
            .map(|(idx, path)| Pending {
                idx,
                path,
                rest: &path.text,
            })
            .collect();
        let mut flat = vec![false; self.paths.len()];
        Object {
            pending,
            values,
            flat: &mut flat,
        }
        .deserialize(&mut deserializer)
        .is_ok()
    }
}

/// The keys in quotes with which a path can begin: a flat key may hold the dots of the path.
fn first_keys(path: &str) -> Vec<String> {
    let ends = path.match_indices('.').map(|(at, _)| at).chain([path.len()]);
    ends.map(|end| format!("\"{}\"", &path[..end])).collect()
}

/// A path, as far as it has not been walked yet.
#[derive(Clone, Copy)]
struct Pending<'p> {
    idx: usize,
    path: &'p WantedPath,
    rest: &'p str,
}

/// Reads an object of which some paths are wanted.
struct Object<'p, 'v, 'de> {
    pending: Vec<Pending<'p>>,
    values: &'v mut FieldValues<'de>,
    /// Paths that a key equal to all of the rest has answered: it wins over a nested path.
    flat: &'v mut [bool],
}

impl<'de> DeserializeSeed<'de> for Object<'_, '_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Object<'_, '_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or an array")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key_seed(Text)? {
            self.member(&key, &mut map)?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut elements: A) -> Result<(), A::Error> {
        let mut idx = 0;
        loop {
            let (leaves, nested) = self.split(&idx.to_string());
            let found = match (leaves.is_empty(), nested.is_empty()) {
                (true, true) => elements.next_element::<IgnoredAny>()?.is_some(),
                (false, _) => match elements.next_element::<&'de RawValue>()? {
                    Some(raw) => {
                        self.keep(&leaves, raw);
                        self.nested(nested, raw);
                        true
                    }
                    None => false,
                },
                (true, false) => {
                    let seed = Object {
                        pending: nested,
                        values: self.values,
                        flat: self.flat,
                    };
                    elements.next_element_seed(seed)?.is_some()
                }
            };
            if !found {
                return Ok(());
            }
            idx += 1;
        }
    }

    // A wanted path may lead through a value that has no members; then the field is missing.
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

impl<'p, 'de> Object<'p, '_, 'de> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let (leaves, nested) = self.split(key);
        match (leaves.is_empty(), nested.is_empty()) {
            (true, true) => map.next_value::<IgnoredAny>().map(|_| ()),
            (true, false) => map.next_value_seed(Object {
                pending: nested,
                values: self.values,
                flat: self.flat,
            }),
            (false, _) => {
                let raw = map.next_value::<&'de RawValue>()?;
                self.keep(&leaves, raw);
                self.nested(nested, raw);
                Ok(())
            }
        }
    }

    /// The paths that end with `key`, and those that go on below it.
    fn split(&self, key: &str) -> (Vec<Pending<'p>>, Vec<Pending<'p>>) {
        let (mut leaves, mut nested) = (Vec::new(), Vec::new());
        for pending in &self.pending {
            match pending.rest.strip_prefix(key) {
                Some("") => leaves.push(*pending),
                Some(rest) if rest.starts_with('.') && !self.flat[pending.idx] => {
                    nested.push(Pending {
                        rest: &rest[1..],
                        ..*pending
                    });
                }
                _ => {}
            }
        }
        (leaves, nested)
    }

    fn keep(&mut self, leaves: &[Pending<'p>], raw: &'de RawValue) {
        for wanted in leaves {
            self.values[wanted.idx] = wanted.path.value(raw.get());
            self.flat[wanted.idx] = true;
        }
    }

    /// Walks into a value that one path wants whole and another in part.
    fn nested(&mut self, nested: Vec<Pending<'p>>, raw: &'de RawValue) {
        if !nested.is_empty() {
            let mut deserializer = serde_json::Deserializer::from_str(raw.get());
            // The value has been read once, so it is sound.
            let _ = Object {
                pending: nested,
                values: self.values,
                flat: self.flat,
            }
            .deserialize(&mut deserializer);
        }
    }
}

/// The text of a value, as the language shows it.
pub(crate) fn leaf(raw: &str) -> Option<Cow<'_, str>> {
    match raw.as_bytes().first()? {
        b'"' if !raw.contains('\\') => Some(Cow::Borrowed(&raw[1..raw.len() - 1])),
        b'"' => serde_json::from_str(raw).ok().map(Cow::Owned),
        b'{' | b'[' | b'n' => None,
        _ => Some(Cow::Borrowed(raw)),
    }
}

/// A key, borrowed where it has no escapes.
pub(crate) struct Text;

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Text {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf_at(path: &str) -> WantedPath {
        WantedPath {
            text: path.to_owned(),
            is_whole: false,
        }
    }

    #[test]
    fn whole_values_are_json_text() {
        for (message, expected) in [
            (r#"{"a":{"b": [1, 2]}}"#, Some(r#"{"b": [1, 2]}"#)),
            (r#"{"a":"x"}"#, Some(r#""x""#)),
            (r#"{"a":7}"#, Some("7")),
            (r#"{"a":null}"#, None),
            (r#"{"b":1}"#, None),
        ] {
            let whole = WantedPath {
                text: "a".to_owned(),
                is_whole: true,
            };
            let wanted = WantedFields::new(vec![whole, leaf_at("a.b")]);
            let mut values = Vec::new();
            wanted.read(message.as_bytes(), &mut values);
            assert_eq!(values[0].as_deref(), expected, "{message}");
        }
    }

    fn check(message: &str, path: &str, expected: Option<&str>) {
        // Beside another path, so that one does not disturb the other.
        let wanted = WantedFields::new(vec![leaf_at(path), leaf_at("other.path")]);
        let mut values = Vec::new();
        wanted.read(message.as_bytes(), &mut values);
        assert_eq!(values[0].as_deref(), expected, "{path} of {message}");
    }

    #[test]
    fn values_of_every_kind() {
        check(r#"{"a":"x"}"#, "a", Some("x"));
        check(r#"{"a":"x\n\"yé"}"#, "a", Some("x\n\"y\u{e9}"));
        check(r#"{"a":200}"#, "a", Some("200"));
        check(r#"{"a":12345678901234567890}"#, "a", Some("12345678901234567890"));
        check(r#"{"a":1.50e3}"#, "a", Some("1.50e3"));
        check(r#"{"a":true}"#, "a", Some("true"));
        check(r#"{"a":null}"#, "a", None);
        check(r#"{"a":{"b":1}}"#, "a", None);
        check(r#"{"a":[1]}"#, "a", None);
        check(r#"{"a":""}"#, "a", Some(""));
        check(r#"{"b":1}"#, "a", None);
    }

    #[test]
    fn paths() {
        check(r#"{"a":{"b":{"c":1}}}"#, "a.b.c", Some("1"));
        check(r#"{"a":[{"b":1},{"b":2}]}"#, "a.1.b", Some("2"));
        check(r#"{"a":[10,20]}"#, "a.1", Some("20"));
        check(r#"{"a":[10,20]}"#, "a.2", None);
        check(r#"{"a.b":1,"a":{"b":2}}"#, "a.b", Some("1"));
        check(r#"{"a":{"b":2},"a.b":1}"#, "a.b", Some("1"));
        check(r#"{"a":{"b.c":3}}"#, "a.b.c", Some("3"));
        check(r#"{"a":5}"#, "a.b", None);
        check(r#"{"a":1,"a":2}"#, "a", Some("2"));
        check(r#"{"\u0061":1}"#, "a", Some("1"));
        check(r#"{"A":1}"#, "a", None);
        check(r#"{"@timestamp":1}"#, "@timestamp", Some("1"));
    }

    #[test]
    fn the_first_object_of_a_message() {
        check(r#"INFO {"a":1} {"a":2}"#, "a", Some("1"));
        check(r#"config {foo=2} then {"a":1}"#, "a", Some("1"));
        check(r#"{"a":1} trailing"#, "a", Some("1"));
        check(r#"{"a":1"#, "a", None);
        check(r#"{"a":1,}"#, "a", None);
        check("no object", "a", None);
        let braces = "{".repeat(FRAGMENT_ATTEMPTS_MAX - 1);
        check(&format!("{braces}{{\"a\":1}}"), "a", Some("1"));
        check(&format!("{braces}{{{{\"a\":1}}"), "a", None);
    }

    #[test]
    fn a_path_and_a_part_of_it_at_once() {
        let wanted = WantedFields::new(vec![leaf_at("a.0"), leaf_at("a.0.b"), leaf_at("a")]);
        let mut values = Vec::new();
        wanted.read(br#"{"a":[{"b":7}]}"#, &mut values);
        assert_eq!(values, [None, Some(Cow::Borrowed("7")), None]);
    }
}
