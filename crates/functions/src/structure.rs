//! Maps and lists as JSON texts: what they are, what a path leads to, and how they are shown.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// Steps of a path into a map or list at most.
pub const PATH_STEPS_MAX: usize = 128;

/// True for the JSON text of a map or list.
pub fn is_structure(json: &str) -> bool {
    matches!(json.as_bytes().first(), Some(b'{' | b'['))
}

/// The text of a JSON value as the language takes it: strings without quotes and escapes, numbers and truth values as
/// written. Maps, lists and null have none.
///
/// ```
/// assert_eq!(insq_functions::leaf_text("\"a\"").as_deref(), Some("a"));
/// assert_eq!(insq_functions::leaf_text("1.50").as_deref(), Some("1.50"));
/// assert_eq!(insq_functions::leaf_text("[1]"), None);
/// ```
pub fn leaf_text(json: &str) -> Option<Cow<'_, str>> {
    match json.as_bytes().first()? {
        b'{' | b'[' | b'n' => None,
        b'"' if !json.contains('\\') => Some(Cow::Borrowed(json.get(1..json.len() - 1)?)),
        b'"' => serde_json::from_str(json).ok().map(Cow::Owned),
        _ => Some(Cow::Borrowed(json)),
    }
}

/// A JSON value as a cell shows it: as [`leaf_text`], maps and lists as their JSON text without blanks.
pub fn shown_text(json: &str) -> Option<Cow<'_, str>> {
    if is_structure(json) {
        Some(without_blanks(json))
    } else {
        leaf_text(json)
    }
}

/// A text as a JSON string.
pub(crate) fn quoted(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    push_quoted(&mut json, text);
    json
}

/// Adds a text as a JSON string.
pub(crate) fn push_quoted(json: &mut String, text: &str) {
    let is_plain = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\';
    if text.bytes().all(is_plain) {
        json.push('"');
        json.push_str(text);
        json.push('"');
    } else {
        json.push_str(&serde_json::Value::from(text).to_string());
    }
}

/// The map or list that a text holds, without blanks between its parts; `None` for any other text.
pub(crate) fn parse_structure(text: &str) -> Option<Cow<'_, str>> {
    let text = text.trim_matches([' ', '\t', '\r', '\n']);
    if !is_structure(text) {
        return None;
    }
    // Checked without recursion, so that no depth of nesting can exhaust the stack.
    serde_json::from_str::<&RawValue>(text).ok()?;
    Some(without_blanks(text))
}

fn without_blanks(json: &str) -> Cow<'_, str> {
    let is_blank = |byte: u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    let (mut in_string, mut is_escaped) = (false, false);
    let mut kept = String::new();
    let mut start = 0;
    for (at, byte) in json.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = in_string,
            b'"' => in_string = !in_string,
            _ if !in_string && is_blank(byte) => {
                kept.push_str(&json[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    if start == 0 {
        return Cow::Borrowed(json);
    }
    kept.push_str(&json[start..]);
    Cow::Owned(kept)
}

/// The elements of a list; `None` for anything else.
pub fn list_elements(json: &str) -> Option<Vec<&str>> {
    if !json.starts_with('[') {
        return None;
    }
    let elements: Vec<&RawValue> = serde_json::from_str(json).ok()?;
    Some(elements.into_iter().map(RawValue::get).collect())
}

/// What `path` leads to: keys and positions joined by dots. A key that holds dots wins over nested keys, of equal keys
/// the last counts, and null is nothing.
///
/// Paths of more than [`PATH_STEPS_MAX`] steps lead nowhere; the planner refuses them.
pub(crate) fn walk<'j>(json: &'j str, path: &str) -> Option<&'j str> {
    if path.split('.').count() > PATH_STEPS_MAX {
        return None;
    }
    step(json, path).filter(|found| *found != "null")
}

/// Recurses once for every dot of `path` at most.
fn step<'j>(json: &'j str, path: &str) -> Option<&'j str> {
    match json.as_bytes().first()? {
        b'{' => {
            let Members(members) = serde_json::from_str(json).ok()?;
            if let Some((_, flat)) = members.iter().rev().find(|(key, _)| key == path) {
                return Some(flat.get());
            }
            members.iter().rev().find_map(|(key, value)| {
                let rest = path.strip_prefix(&**key)?.strip_prefix('.')?;
                step(value.get(), rest)
            })
        }
        b'[' => {
            let (first, rest) = match path.split_once('.') {
                Some((first, rest)) => (first, Some(rest)),
                None => (path, None),
            };
            let position: usize = first.parse().ok()?;
            let Element(element) = Element::at(json, position)?;
            match rest {
                Some(rest) => step(element, rest),
                None => Some(element),
            }
        }
        _ => None,
    }
}

/// The members of a map in their order.
struct Members<'j>(Vec<(Cow<'j, str>, &'j RawValue)>);

impl<'j> Deserialize<'j> for Members<'j> {
    fn deserialize<D: Deserializer<'j>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'j> Visitor<'j> for Reader {
            type Value = Members<'j>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'j>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((Key(key), value)) = map.next_entry()? {
                    members.push((key, value));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

/// A key, borrowed where it has no escapes.
struct Key<'j>(Cow<'j, str>);

impl<'j> Deserialize<'j> for Key<'j> {
    fn deserialize<D: Deserializer<'j>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'j> Visitor<'j> for Reader {
            type Value = Key<'j>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, text: &'j str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Reader)
    }
}

/// One element of a list.
struct Element<'j>(&'j str);

impl<'j> Element<'j> {
    fn at(json: &'j str, position: usize) -> Option<Self> {
        struct Reader(usize);
        impl<'j> Visitor<'j> for Reader {
            type Value = Option<&'j RawValue>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }

            fn visit_seq<A: SeqAccess<'j>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
                let mut at = 0;
                let mut found = None;
                while let Some(element) = elements.next_element::<&RawValue>()? {
                    if at == self.0 {
                        found = Some(element);
                    }
                    at += 1;
                }
                Ok(found)
            }
        }
        let mut deserializer = serde_json::Deserializer::from_str(json);
        let found = deserializer.deserialize_seq(Reader(position)).ok()??;
        Some(Self(found.get()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        let json = r#"{"a":{"b":[10,{"c":"x"}]},"a.b":7,"k.l":{"m":true},"n":null,"d":1,"d":2}"#;
        for (path, expected) in [
            ("a", Some(r#"{"b":[10,{"c":"x"}]}"#)),
            ("a.b", Some("7")),
            ("a.b.0", Some("10")),
            ("a.b.1.c", Some(r#""x""#)),
            ("a.b.2", None),
            ("k.l.m", Some("true")),
            ("n", None),
            ("d", Some("2")),
            ("A", None),
            ("", None),
        ] {
            assert_eq!(walk(json, path), expected, "{path}");
        }
    }

    #[test]
    fn long_paths_lead_nowhere() {
        let nested = |depth: usize| format!("{}1{}", r#"{"a":"#.repeat(depth), "}".repeat(depth));
        let path = |depth: usize| vec!["a"; depth].join(".");
        assert_eq!(walk(&nested(PATH_STEPS_MAX), &path(PATH_STEPS_MAX)), Some("1"));
        assert_eq!(walk(&nested(PATH_STEPS_MAX + 1), &path(PATH_STEPS_MAX + 1)), None);
    }

    #[test]
    fn structures() {
        assert_eq!(
            parse_structure(" {\"a b\": [1, 2]} ").as_deref(),
            Some("{\"a b\":[1,2]}")
        );
        assert_eq!(
            parse_structure(r#"{"a":"\\" , "b":1}"#).as_deref(),
            Some(r#"{"a":"\\","b":1}"#)
        );
        assert_eq!(parse_structure("7"), None);
        assert_eq!(parse_structure("{a}"), None);
        assert_eq!(parse_structure(""), None);
        let deep = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
        assert!(parse_structure(&deep).is_some());
    }
}
