//! The fields of JSON objects in one pass over the bytes, for objects that leave no doubt.
//!
//! The general reader of [`crate::json_fields`] decides what a field is. This one is several times faster on objects of
//! many keys, since it builds nothing for keys that nobody asked for; whatever it does not understand it leaves to the
//! other. When it answers, it answers the same.

use std::borrow::Cow;

use crate::json_fields::{FieldValues, WantedPath, leaf};
use crate::json_shape::Shape;
use crate::json_tokens::{DEPTH_MAX, key_end, skip_blanks, value_end};

/// A path, as far as it has been walked, and how good its value is.
#[derive(Clone, Copy)]
struct Walk<'p> {
    idx: usize,
    rest: &'p [u8],
    is_whole: bool,
}

/// Where a key leads on a path.
enum Step<'p> {
    Astray,
    /// To the wanted value.
    End,
    /// Into the value, with this rest of the path.
    Into(&'p [u8]),
}

impl<'p> Walk<'p> {
    #[inline]
    fn step(&self, key: &[u8]) -> Step<'p> {
        // Most keys are not wanted, and most of those are told by what stands where they would end.
        let step = match self.rest.get(key.len()) {
            None if self.rest.len() == key.len() => Step::End,
            Some(b'.') => Step::Into(&self.rest[key.len() + 1..]),
            _ => return Step::Astray,
        };
        if self.rest.starts_with(key) {
            step
        } else {
            Step::Astray
        }
    }
}

/// Reads the wanted fields of the object that `text` begins with; `None` when the other reader must look at it. Values
/// may have been written all the same.
///
/// `shape` is kept from object to object, for the same paths.
pub(crate) fn read<'a>(
    paths: &[WantedPath],
    shape: &mut Shape,
    text: &'a [u8],
    values: &mut FieldValues<'a>,
) -> Option<()> {
    let walks: Vec<Walk<'_>> = paths
        .iter()
        .enumerate()
        .map(|(idx, path)| Walk {
            idx,
            rest: path.text.as_bytes(),
            is_whole: path.is_whole,
        })
        .collect();
    let mut reader = Reader {
        text,
        shape,
        values,
        // A key equal to all of the rest of a path wins over a nested one.
        is_flat: vec![false; paths.len()],
    };
    reader.top_object(&walks).map(|_| ())
}

struct Reader<'a, 'v> {
    text: &'a [u8],
    shape: &'v mut Shape,
    values: &'v mut FieldValues<'a>,
    is_flat: Vec<bool>,
}

impl<'a> Reader<'a, '_> {
    /// As [`Self::object`], for the whole text: keys that are where they were in the object before are known at once.
    fn top_object(&mut self, walks: &[Walk<'_>]) -> Option<usize> {
        let text = self.text;
        let mut at = skip_blanks(text, 1);
        if *text.get(at)? == b'}' {
            return Some(at + 1);
        }
        for ordinal in 0.. {
            if *text.get(at)? != b'"' {
                return None;
            }
            at = match self.shape.guess(ordinal, text, at + 1) {
                Some(known) if known.is_wanted => {
                    let key = &text[at + 1..at + 1 + known.length];
                    self.member(key, skip_blanks(text, known.behind), walks, 0)?
                }
                Some(known) => value_end(text, skip_blanks(text, known.behind))?,
                None => self.new_member(ordinal, at + 1, walks)?,
            };
            at = skip_blanks(text, at);
            match text.get(at)? {
                b',' => at = skip_blanks(text, at + 1),
                b'}' => return Some(at + 1),
                _ => return None,
            }
        }
        None
    }

    /// Reads a member whose key begins at `at`, and remembers the key.
    fn new_member(&mut self, ordinal: usize, at: usize, walks: &[Walk<'_>]) -> Option<usize> {
        let text = self.text;
        let key_end = key_end(text, at)?;
        let key = &text[at..key_end];
        let colon = skip_blanks(text, key_end + 1);
        if *text.get(colon)? != b':' {
            return None;
        }
        if colon == key_end + 1 {
            let is_wanted = walks.iter().any(|walk| !matches!(walk.step(key), Step::Astray));
            self.shape.learn(ordinal, key, is_wanted);
        }
        self.member(key, skip_blanks(text, colon + 1), walks, 0)
    }

    /// Reads the members of an object from behind its brace; gives the place behind the closing one.
    fn object(&mut self, at: usize, walks: &[Walk<'_>], depth: u32) -> Option<usize> {
        let text = self.text;
        let mut at = skip_blanks(text, at);
        if *text.get(at)? == b'}' {
            return Some(at + 1);
        }
        loop {
            if *text.get(at)? != b'"' {
                return None;
            }
            let key_end = key_end(text, at + 1)?;
            let key = &text[at + 1..key_end];
            at = skip_blanks(text, key_end + 1);
            if *text.get(at)? != b':' {
                return None;
            }
            at = self.member(key, skip_blanks(text, at + 1), walks, depth)?;
            at = skip_blanks(text, at);
            match text.get(at)? {
                b',' => at = skip_blanks(text, at + 1),
                b'}' => return Some(at + 1),
                _ => return None,
            }
        }
    }

    /// Reads or steps over the value at `at`; gives the place behind it.
    fn member(&mut self, key: &[u8], at: usize, walks: &[Walk<'_>], depth: u32) -> Option<usize> {
        let mut nested = Vec::new();
        let mut end = None;
        for walk in walks {
            match walk.step(key) {
                Step::End => {
                    let behind = match end {
                        Some(behind) => behind,
                        None => value_end(self.text, at)?,
                    };
                    end = Some(behind);
                    self.keep(walk, at..behind)?;
                }
                Step::Into(rest) if !self.is_flat[walk.idx] => nested.push(Walk { rest, ..*walk }),
                Step::Into(_) | Step::Astray => {}
            }
        }
        if nested.is_empty() {
            return end.or_else(|| value_end(self.text, at));
        }
        match self.text.get(at)? {
            b'{' if end.is_none() && depth < DEPTH_MAX => self.object(at + 1, &nested, depth + 1),
            // An array on the way, or a value that is wanted both whole and in part.
            b'{' | b'[' => None,
            _ => end.or_else(|| value_end(self.text, at)),
        }
    }

    fn keep(&mut self, walk: &Walk<'_>, range: std::ops::Range<usize>) -> Option<()> {
        let raw = std::str::from_utf8(&self.text[range]).ok()?;
        self.values[walk.idx] = if walk.is_whole {
            (raw != "null").then_some(Cow::Borrowed(raw))
        } else {
            leaf(raw)
        };
        self.is_flat[walk.idx] = true;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn paths() -> Vec<WantedPath> {
        let path = |text: &str, is_whole| WantedPath {
            text: text.to_owned(),
            is_whole,
        };
        vec![
            path("a", false),
            path("b", false),
            path("a.b", false),
            path("a.b.c", false),
            path("c", true),
            path("b.0", false),
            path("e.f", false),
            path("e.g.h", true),
            path("d.", false),
        ]
    }

    /// Both readers on one text: `None` when this one leaves it to the other.
    fn compare(text: &[u8]) -> Option<()> {
        let paths = paths();
        let mut fast = vec![None; paths.len()];
        // Of another object, and of this one.
        let mut shape = Shape::default();
        read(&paths, &mut shape, br#"{"x":1,"a":2,"e":3,"b":"c"}"#, &mut fast)?;
        fast.iter_mut().for_each(|value| *value = None);
        read(&paths, &mut shape, text, &mut fast)?;
        let mut again = vec![None; paths.len()];
        read(&paths, &mut shape, text, &mut again)?;
        assert_eq!(fast, again);
        let mut general = vec![None; paths.len()];
        let is_object = crate::json_fields::WantedFields::new(paths).read_general(text, &mut general);
        assert!(is_object, "{}", String::from_utf8_lossy(text));
        assert_eq!(fast, general, "{}", String::from_utf8_lossy(text));
        Some(())
    }

    #[test]
    fn what_is_read_here_and_what_is_left() {
        for (text, is_read) in [
            (r#"{}"#, true),
            (r#" {"a":1}"#, false),
            (r#"{"a":1}"#, true),
            (r#"{ "a" : -1.50e+3 , "c" : [1, {"x": null}] } tail"#, true),
            (r#"{"a":{"b":{"c":"x\ny"}},"a.b":7,"a":{"b":8}}"#, false),
            (r#"{"e":{"f":"x\ny","g":{"h":[1]}},"e.f":7,"e":{"f":8}}"#, true),
            (r#"{"e":{"f":1},"e":2,"e.g":{"h":3}}"#, true),
            (r#"{"a":"\u00e9 é","b":true}"#, true),
            (r#"{"d":{"e":[[],{}, "\\", false]},"b":null}"#, true),
            (r#"{"d":{"":1},"d.":2}"#, true),
            (r#"{"b":[1,2]}"#, false),
            (r#"{"é":1}"#, false),
            (r#"{"\u0061":1}"#, false),
            (r#"{"a":01}"#, false),
            (r#"{"a":1,}"#, false),
            (r#"{"a":.5}"#, false),
            (r#"{"a":tru}"#, false),
            (r#"{"a" 1}"#, false),
            (r#"{"a":[1,]}"#, false),
            (r#"{"a":{"b":1]}"#, false),
            (r#"{"a":"x"#, false),
            ("{\"a\":\"x\ty\"}", false),
            (r#"{"a":"\x"}"#, false),
            (r#"{"a":1"#, false),
        ] {
            let text = text.as_bytes();
            assert_eq!(
                compare(text).is_some(),
                is_read,
                "{}",
                String::from_utf8_lossy(text)
            );
        }
    }

    #[test]
    fn the_depth_is_limited() {
        let nested = |depth: u32| {
            let depth = depth as usize;
            format!("{{\"x\":{}1{}}}", "[".repeat(depth), "]".repeat(depth))
        };
        assert!(compare(nested(DEPTH_MAX).as_bytes()).is_some());
        assert!(compare(nested(DEPTH_MAX + 1).as_bytes()).is_none());
    }

    fn any_json() -> impl Strategy<Value = String> {
        let key = prop::sample::select(vec![
            "a",
            "b",
            "c",
            "a.b",
            "f",
            "g",
            "h",
            "e.g",
            "d",
            "é",
            "",
            "long key of some words",
        ]);
        let leaf = prop_oneof![
            Just("null".to_owned()),
            Just("true".to_owned()),
            "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,3})?([eE][+-]?[0-9]{1,2})?",
            "\"([a-z é{}\\[\\],:]|\\\\[\"\\\\/bfnrt]|\\\\u00[0-9a-f]{2}){0,20}\"",
        ];
        leaf.prop_recursive(4, 40, 5, move |inner| {
            let member = (key.clone(), inner.clone()).prop_map(|(key, value)| format!("\"{key}\": {value}"));
            prop_oneof![
                prop::collection::vec(member, 0..5).prop_map(|members| format!("{{{}}}", members.join(" ,"))),
                prop::collection::vec(inner, 0..4).prop_map(|values| format!("[{}]", values.join(","))),
            ]
        })
    }

    proptest! {
        #[test]
        fn both_readers_agree(
            values in prop::collection::vec(any_json(), 5),
            change in prop::option::of((any::<prop::sample::Index>(), any::<u8>())),
            cut in prop::option::of(any::<prop::sample::Index>()),
        ) {
            let text = format!(
                "{{\"x\":{},\"a\":{},\"e\":{},\"b\":{},\"c\":{}}}",
                values[0], values[1], values[2], values[3], values[4]
            );
            let mut bytes = text.into_bytes();
            if let Some((place, byte)) = change {
                let place = place.index(bytes.len() - 1) + 1;
                bytes[place] = byte;
            }
            if let Some(cut) = cut {
                bytes.truncate(cut.index(bytes.len()).max(1));
            }
            compare(&bytes);
        }
    }
}
