//! All fields of a message's JSON, by their paths.

mod fast;
mod general;
mod path_map;

pub(crate) use path_map::PathMap;

use std::fmt::Write;

use memchr::memchr;

use crate::json_fields::FRAGMENT_ATTEMPTS_MAX;
use crate::json_specials::Ahead;

/// Finds the leaves of one message after the other: what stands at the end of each path, in the first JSON object.
///
/// These are the fields that [`crate::json_fields`] reads, and some that it does not: of two members of one name it
/// takes the last, and of a path that two keys spell it takes the flat one. Here each is a leaf. Nothing is kept of them, as
/// their paths together may be far longer than the message.
#[derive(Clone, Debug, Default)]
pub(crate) struct LeafFinder {
    path: Path,
    ahead: Ahead,
}

impl LeafFinder {
    /// Gives the leaves of `message` to `see`, in their order: the path, as the keys of the log spell it, and the value in
    /// JSON.
    pub(crate) fn find<'a>(&mut self, message: &'a str, mut see: impl FnMut(&str, &'a str)) {
        let bytes = message.as_bytes();
        let mut from = 0;
        for _ in 0..FRAGMENT_ATTEMPTS_MAX {
            let Some(at) = memchr(b'{', &bytes[from..]) else {
                return;
            };
            let object = &message[from + at..];
            if self.read(object, &mut see) {
                return;
            }
            from += at + 1;
        }
    }

    /// Gives the leaves of the object that `text` begins with; false, and none, when it is not sound.
    fn read<'a>(&mut self, text: &'a str, see: &mut impl FnMut(&str, &'a str)) -> bool {
        self.path.0.clear();
        fast::read(text, &mut self.path, &mut self.ahead, see) || general::read(text, &mut self.path, see)
    }
}

/// The path that is being walked.
#[derive(Clone, Debug, Default)]
struct Path(String);

impl Path {
    /// Goes a step further; where it came from, for [`Self::leave`].
    #[inline]
    fn enter(&mut self, key: &str) -> usize {
        let length = self.0.len();
        if length > 0 {
            self.0.push('.');
        }
        self.0.push_str(key);
        length
    }

    /// Adds a number to the last step.
    #[inline]
    fn push_number(&mut self, number: usize) {
        match number {
            0..10 => self.0.push(char::from(b'0' + number as u8)),
            // Writing to a text can't fail.
            _ => drop(write!(self.0, "{number}")),
        }
    }

    /// Goes back to where it came from.
    #[inline]
    fn leave(&mut self, length: usize) {
        self.0.truncate(length);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Found = Vec<(String, String)>;

    /// What `read` gives.
    fn given(read: impl FnOnce(&mut dyn FnMut(&str, &str))) -> Found {
        let mut found = Vec::new();
        read(&mut |path, value| found.push((path.to_owned(), value.to_owned())));
        found
    }

    fn found(message: &str) -> Found {
        let mut finder = LeafFinder::default();
        // What an earlier message had must not show.
        finder.find(r#"{"earlier":{"message":[1]}}"#, |_, _| {});
        given(|see| finder.find(message, see))
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

    /// A long key over many elements would, written out for each, be far more than the message.
    #[test]
    fn long_keys_are_not_multiplied() {
        let text = format!("{{\"{}\":[{}1]}}", "k".repeat(1 << 20), "1,".repeat(1 << 17));
        let (mut count, mut longest) = (0, 0);
        LeafFinder::default().find(&text, |path, _| {
            count += 1;
            longest = longest.max(path.len());
        });
        assert_eq!((count, longest), ((1 << 17) + 1, (1 << 20) + ".131072".len()));
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
            let (mut is_sound, mut is_fast) = (false, false);
            let by_general = given(|mut see| {
                is_sound = general::read(&text, &mut Path::default(), &mut see);
            });
            let by_fast = given(|mut see| {
                is_fast = fast::read(&text, &mut Path::default(), &mut Ahead::default(), &mut see);
            });
            prop_assert!(is_sound || by_general.is_empty());
            if is_fast {
                prop_assert!(is_sound, "{}", text);
                prop_assert_eq!(by_fast, by_general);
            } else {
                prop_assert!(by_fast.is_empty());
            }
        }
    }
}
