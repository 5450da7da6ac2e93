//! All fields of a message's JSON, by their paths.

use serde_json::Value;

use crate::json_fields::FRAGMENT_ATTEMPTS_MAX;
use memchr::memchr;

/// Fields of one message that are looked at; the service discovers as many.
pub(crate) const LEAVES_MAX: usize = 200;

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeafType {
    /// A text.
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// `null`: the field is missing.
    Null,
}

impl LeafType {
    /// The name that people read.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Null => "null",
        }
    }
}

/// Gives each field of the first JSON object in `message` to `see`, as queries address it: at most [`LEAVES_MAX`].
pub(crate) fn leaves(message: &[u8], see: &mut impl FnMut(&str, LeafType)) {
    let Some(object) = first_object(message) else {
        return;
    };
    let mut left = LEAVES_MAX;
    let mut path = String::new();
    if let Value::Object(members) = &object {
        for (key, value) in members {
            path.clear();
            // A key with the sign of system fields is addressed with two.
            if key.starts_with('@') {
                path.push('@');
            }
            path.push_str(key);
            walk(value, &mut path, &mut left, see);
        }
    }
}

/// The first object of a message that is sound JSON.
fn first_object(message: &[u8]) -> Option<Value> {
    let mut at = memchr(b'{', message)?;
    for _ in 0..FRAGMENT_ATTEMPTS_MAX {
        let mut values = serde_json::Deserializer::from_slice(&message[at..]).into_iter::<Value>();
        if let Some(Ok(object)) = values.next() {
            return Some(object);
        }
        at += 1 + memchr(b'{', &message[at + 1..])?;
    }
    None
}

fn walk(value: &Value, path: &mut String, left: &mut usize, see: &mut impl FnMut(&str, LeafType)) {
    if *left == 0 {
        return;
    }
    let kind = match value {
        Value::Object(members) => {
            for (key, value) in members {
                deeper(key, value, path, left, see);
            }
            return;
        }
        Value::Array(elements) => {
            for (idx, value) in elements.iter().enumerate() {
                deeper(&idx.to_string(), value, path, left, see);
            }
            return;
        }
        Value::Null => LeafType::Null,
        Value::Bool(_) => LeafType::Boolean,
        Value::Number(_) => LeafType::Number,
        Value::String(_) => LeafType::Text,
    };
    *left -= 1;
    see(path, kind);
}

fn deeper(
    key: &str,
    value: &Value,
    path: &mut String,
    left: &mut usize,
    see: &mut impl FnMut(&str, LeafType),
) {
    let length = path.len();
    path.push('.');
    path.push_str(key);
    walk(value, path, left, see);
    path.truncate(length);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(message: &str) -> Vec<(String, LeafType)> {
        let mut found = Vec::new();
        leaves(message.as_bytes(), &mut |path, kind| {
            found.push((path.to_owned(), kind))
        });
        found.sort();
        found
    }

    #[test]
    fn paths_are_as_queries_write_them() {
        let expected = [
            ("@@t", LeafType::Number),
            ("a.0", LeafType::Text),
            ("a.1.b", LeafType::Boolean),
            ("n", LeafType::Null),
        ];
        let expected: Vec<_> = expected.map(|(path, kind)| (path.to_owned(), kind)).into();
        assert_eq!(
            found(r#"INFO {x} {"a":["y",{"b":true}],"n":null,"@t":1} tail"#),
            expected
        );
        assert_eq!(found("no object {"), []);
    }

    #[test]
    fn their_number_is_limited() {
        let object = |count: usize| {
            let members: Vec<String> = (0..count).map(|n| format!("\"k{n}\":{n}")).collect();
            format!("{{{}}}", members.join(","))
        };
        assert_eq!(found(&object(LEAVES_MAX)).len(), LEAVES_MAX);
        assert_eq!(found(&object(LEAVES_MAX + 1)).len(), LEAVES_MAX);
    }
}
