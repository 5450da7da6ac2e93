//! All fields of a message's JSON, by their paths.

mod fast;
mod general;
mod path_map;

pub(crate) use path_map::PathMap;

use std::fmt::Write;
use std::ops::Range;

use memchr::memchr;

use crate::json_fields::FRAGMENT_ATTEMPTS_MAX;
use crate::json_specials::Ahead;

/// Finds the leaves of one message after the other: what stands at the end of each path, in the first JSON object.
///
/// These are the fields that [`crate::json_fields`] reads, and some that it does not: of two members of one name it
/// takes the last, and of a path that two keys spell it takes the flat one. Here each is a leaf.
#[derive(Clone, Debug, Default)]
pub(crate) struct LeafFinder {
    leaves: Leaves,
    ahead: Ahead,
}

impl LeafFinder {
    /// The leaves of `message` in their order: the path, as the keys of the log spell it, and the value in JSON.
    pub(crate) fn find<'a>(&'a mut self, message: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let start = self.find_object(message);
        let object = start.and_then(|at| message.get(at..)).unwrap_or_default();
        self.leaves.iter(object)
    }

    /// Finds the leaves of the first sound object, and where it begins.
    fn find_object(&mut self, message: &str) -> Option<usize> {
        self.leaves.clear();
        let mut at = memchr(b'{', message.as_bytes())?;
        for _ in 0..FRAGMENT_ATTEMPTS_MAX {
            let object = &message[at..];
            if self.leaves.read_fast(object, &mut self.ahead) || self.leaves.read_general(object) {
                return Some(at);
            }
            at += 1 + memchr(b'{', &object.as_bytes()[1..])?;
        }
        None
    }
}

/// The leaves of an object.
#[derive(Clone, Debug, Default)]
struct Leaves {
    /// The paths, one behind the other.
    paths: String,
    found: Vec<Leaf>,
    /// The path that is being walked.
    path: String,
}

#[derive(Clone, Debug)]
struct Leaf {
    path_end: usize,
    value: Range<usize>,
}

impl Leaves {
    fn clear(&mut self) {
        self.paths.clear();
        self.found.clear();
        self.path.clear();
    }

    /// Takes the value at `value` as the leaf of the path that is being walked.
    #[inline]
    fn push(&mut self, value: Range<usize>) {
        self.paths.push_str(&self.path);
        let path_end = self.paths.len();
        self.found.push(Leaf { path_end, value });
    }

    /// Goes a step further on the path; where it came from, for [`Self::leave`].
    #[inline]
    fn enter(&mut self, key: &str) -> usize {
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        self.path.push_str(key);
        length
    }

    /// Adds a number to the path that is being walked.
    #[inline]
    fn push_number(&mut self, number: usize) {
        match number {
            0..10 => self.path.push(char::from(b'0' + number as u8)),
            // Writing to a text can't fail.
            _ => drop(write!(self.path, "{number}")),
        }
    }

    /// Goes back to where the path was.
    #[inline]
    fn leave(&mut self, length: usize) {
        self.path.truncate(length);
    }

    fn iter<'a>(&'a self, object: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let mut path_start = 0;
        self.found.iter().map(move |leaf| {
            let path = &self.paths[path_start..leaf.path_end];
            path_start = leaf.path_end;
            (path, object.get(leaf.value.clone()).unwrap_or_default())
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(message: &str) -> Vec<(String, String)> {
        let mut finder = LeafFinder::default();
        // What an earlier message had must not show.
        let _ = finder.find(r#"{"earlier":{"message":[1]}}"#).count();
        let owned = |(path, value): (&str, &str)| (path.to_owned(), value.to_owned());
        finder.find(message).map(owned).collect()
    }

    fn check(message: &str, expected: &[(&str, &str)]) {
        let expected: Vec<_> = expected
            .iter()
            .map(|(path, value)| ((*path).to_owned(), (*value).to_owned()))
            .collect();
        assert_eq!(found(message), expected, "{message}");
    }

    #[test]
    fn every_leaf_has_its_path() {
        check(
            r#"INFO {x} { "a" : [ "y" , {"b":true} , [] ] , "n":null,"@t":-1.5e3,"o":{}} {"second":1}"#,
            &[
                ("a.0", "\"y\""),
                ("a.1.b", "true"),
                ("n", "null"),
                ("@t", "-1.5e3"),
            ],
        );
        check(
            r#"{"a.b":1,"a":{"b":2},"a":{"b":3}}"#,
            &[("a.b", "1"), ("a.b", "2"), ("a.b", "3")],
        );
        check("{}", &[]);
        check("no object {", &[]);
        check("", &[]);
    }

    #[test]
    fn what_is_unsound_gives_way_to_what_follows() {
        check(r#"{"a":{"b":1}"#, &[("b", "1")]);
        check(r#"{"a":1,} {"b":01} {"c":2}"#, &[("c", "2")]);
    }

    #[test]
    fn a_leaf_without_a_name_is_none() {
        check(r#"{"":1,"a":{"":2,"b":3}}"#, &[("a.b", "3")]);
        check(r#"{"":{"a":1}}"#, &[]);
        // With an escape, which the general reader reads.
        check(r#"{"":1,"\u0061":{"":2,"b":3}}"#, &[("a.b", "3")]);
    }

    #[test]
    fn keys_may_be_spelled_with_escapes() {
        check(
            r#"{"\u0061\"b":{"c":"\n"},"é":[1]}"#,
            &[("a\"b.c", "\"\\n\""), ("é.0", "1")],
        );
    }

    #[test]
    fn the_first_braces_only_are_looked_at() {
        let with = |braces: usize| format!("{}{{\"a\":1}}", "{ ".repeat(braces));
        check(&with(FRAGMENT_ATTEMPTS_MAX - 1), &[("a", "1")]);
        check(&with(FRAGMENT_ATTEMPTS_MAX), &[]);
    }

    #[test]
    fn levels_have_a_limit() {
        for (open, close, step) in [("{\"a\":", "}", "a"), ("[", "]", "0")] {
            let nested =
                |levels: usize| format!("{{\"a\":{}1{}}}", open.repeat(levels), close.repeat(levels));
            for levels in [
                1,
                crate::json_tokens::DEPTH_MAX as usize + 1,
                general::LEVELS_MAX - 1,
            ] {
                let path = format!("a{}", format!(".{step}").repeat(levels));
                check(&nested(levels), &[(&path, "1")]);
            }
            check(&nested(general::LEVELS_MAX), &[]);
            check(&nested(100_000), &[]);
        }
    }

    proptest! {
        /// The fast way either finds what the general one finds, or declines.
        #[test]
        fn both_ways_find_the_same(
            text in r#"\{("([a-z.@é]{0,3}|\\u0061|\\n)" ?: ?(-?[0-9]{1,3}(\.[0-9]{1,2})?|true|null|"[a-zé]{0,20}(\\n|\\u00e9|\\ud800)?"|\[(1, ?|"x"|\{"k":[0-9]\}|[\[\]]){0,3}\]|\{("i":1)?\})[,}]? ?){0,6}\}?"#,
            long in 0..2_usize,
        ) {
            // The special bytes of long texts are found beforehand.
            let text = if long == 1 { format!("{text}{}", " ".repeat(2_000)) } else { text };
            let (mut fast, mut general) = (Leaves::default(), Leaves::default());
            let is_sound = general.read_general(&text);
            if fast.read_fast(&text, &mut Ahead::default()) {
                prop_assert!(is_sound, "{}", text);
                let fast: Vec<_> = fast.iter(&text).collect();
                prop_assert_eq!(fast, general.iter(&text).collect::<Vec<_>>());
            } else {
                prop_assert!(fast.iter(&text).next().is_none());
            }
        }
    }
}
