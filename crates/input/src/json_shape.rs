//! The keys of the objects that were read: the next one mostly has those of an earlier one in the same order.
//!
//! A key that is where it was is known after one comparison: neither is its end searched for, nor is it held against
//! the wanted paths again.

/// Keys that are remembered; those behind them are read anew in every object.
pub(crate) const SHAPE_KEYS_MAX: usize = 1_024;

/// A longer key is not remembered.
pub(crate) const SHAPE_KEY_BYTES_MAX: usize = 64;

/// Bytes of a word.
const WORD_BYTES: usize = 8;

/// Objects that begin alike share a shape.
const SHAPES: usize = 1 << SHAPES_BITS;

const SHAPES_BITS: u32 = 3;

/// The shapes of objects that take turns, such as those of an application and those of the platform.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shapes([Shape; SHAPES]);

impl Shapes {
    /// The number of the shape that the object has, by its first bytes behind the brace.
    #[inline]
    pub(crate) fn number_of(object: &[u8]) -> usize {
        let word = object.get(1..).and_then(word_of).unwrap_or_default();
        // The upper bits of the product depend on all bytes.
        (word.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - SHAPES_BITS)) as usize
    }

    /// The shape of this number.
    #[inline]
    pub(crate) fn get(&mut self, number: usize) -> &mut Shape {
        &mut self.0[number % SHAPES]
    }
}

/// The keys of an object, in their order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shape {
    keys: Vec<Known>,
}

/// A key with its closing quote, the colon behind it, and a blank where one followed.
#[derive(Clone, Debug, Default)]
struct Known {
    /// The first bytes, and which of them count.
    word: u64,
    mask: u64,
    /// The last bytes of a text that is longer than a word.
    tail: u64,
    text: Vec<u8>,
    /// Length of the key itself.
    length: usize,
    leads: Leads,
    /// How often in a row another key stood in its place.
    misses: u8,
}

/// So often in a row another key must stand in the place of one before it is taken for it. Where objects of several shapes
/// take turns, the keys of one of them stay.
const MISSES_MIN: u8 = 2;

/// The wanted paths that lead over a key, which are neighbours in their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Leads {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Leads {
    /// True when nobody wants the key.
    #[inline]
    pub(crate) fn are_none(self) -> bool {
        self.start == self.end
    }

    /// Those among all paths.
    #[inline]
    pub(crate) fn of<T>(self, all: &[T]) -> &[T] {
        all.get(self.start as usize..self.end as usize)
            .unwrap_or_default()
    }
}

/// What is known of the key at some place.
pub(crate) struct Guessed {
    /// The place behind its colon, or behind the blank that followed it before.
    pub(crate) behind: usize,
    /// Length of the key without quote and colon.
    pub(crate) length: usize,
    pub(crate) leads: Leads,
}

/// How keys are divided from their values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Colon {
    Bare,
    /// With one blank behind it, as Python writes it.
    Spaced,
}

impl Colon {
    /// As it stands behind a key, from the quote on.
    const fn with_quote(self) -> &'static [u8] {
        match self {
            Self::Bare => b"\":",
            Self::Spaced => b"\": ",
        }
    }
}

impl Known {
    /// The place behind the key that starts at `at`, behind its quote, and its colon, if it is this one.
    #[inline(always)]
    fn behind(&self, text: &[u8], at: usize) -> Option<usize> {
        let length = self.text.len();
        let word = word_of(text.get(at..)?)?;
        if (word ^ self.word) & self.mask != 0 || length == 0 {
            return None;
        }
        let behind = at + length;
        if length > WORD_BYTES {
            if word_of(text.get(behind - WORD_BYTES..)?)? != self.tail {
                return None;
            }
            // Two words hold most keys.
            if length > 2 * WORD_BYTES && text.get(at..behind)? != &*self.text {
                return None;
            }
        }
        Some(behind)
    }
}

impl Shape {
    /// The key that starts at `at`, behind its quote, if it is the same as that of number `ordinal` was.
    #[inline]
    pub(crate) fn guess(&mut self, ordinal: usize, text: &[u8], at: usize) -> Option<Guessed> {
        let known = self.keys.get_mut(ordinal)?;
        let behind = known.behind(text, at)?;
        known.misses = 0;
        Some(Guessed {
            behind,
            length: known.length,
            leads: known.leads,
        })
    }

    /// Steps over members from number `ordinal` on, whose key starts at `at`, as long as they have the known keys, nobody
    /// wants them, and `next` gives the place behind the quote of the next key for the one behind the colon. Gives how many
    /// they are, and where the key behind them starts.
    #[inline(always)]
    pub(crate) fn pass(
        &mut self,
        ordinal: usize,
        text: &[u8],
        mut at: usize,
        mut next: impl FnMut(usize) -> Option<usize>,
    ) -> (usize, usize) {
        let mut count = 0;
        for known in self.keys.get_mut(ordinal..).unwrap_or_default() {
            if !known.leads.are_none() {
                break;
            }
            let Some(end) = known.behind(text, at).and_then(&mut next) else {
                break;
            };
            known.misses = 0;
            at = end;
            count += 1;
        }
        (count, at)
    }

    /// The key of number `ordinal` was not the known one but this, which is plain text and is directly followed by its
    /// `colon`, with or without a blank. It is remembered where none is, or where the known one was missed some times.
    pub(crate) fn learn(&mut self, ordinal: usize, key: &[u8], colon: Colon, leads: Leads) {
        if ordinal >= SHAPE_KEYS_MAX || key.len() > SHAPE_KEY_BYTES_MAX {
            return;
        }
        if self.keys.len() <= ordinal {
            self.keys.resize_with(ordinal + 1, Known::default);
        }
        let known = &mut self.keys[ordinal];
        known.misses += 1;
        if known.misses < MISSES_MIN && !known.text.is_empty() {
            return;
        }
        known.misses = 0;
        known.text.clear();
        known.text.extend_from_slice(key);
        known.text.extend_from_slice(colon.with_quote());
        known.length = key.len();
        known.leads = leads;
        let mut first = [0; WORD_BYTES];
        let count = known.text.len().min(WORD_BYTES);
        first[..count].copy_from_slice(&known.text[..count]);
        known.word = u64::from_le_bytes(first);
        known.mask = u64::MAX >> (8 * (WORD_BYTES - count));
        let last = known.text.last_chunk().copied();
        known.tail = last.map_or(0, u64::from_le_bytes);
    }
}

#[inline]
fn word_of(text: &[u8]) -> Option<u64> {
    text.first_chunk().map(|bytes| u64::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Leads = Leads { start: 0, end: 0 };
    const SOME: Leads = Leads { start: 1, end: 3 };

    #[test]
    fn keys_are_known_again() {
        let mut shape = Shape::default();
        for (ordinal, key) in ["a", "level!", "request_id", ""].iter().enumerate() {
            let leads = if ordinal == 1 { SOME } else { NONE };
            shape.learn(ordinal, key.as_bytes(), Colon::Bare, leads);
            let text = format!("{key}\":\"some value\"");
            let guessed = shape.guess(ordinal, text.as_bytes(), 0).unwrap();
            assert_eq!(
                (guessed.behind, guessed.length, guessed.leads),
                (key.len() + 2, key.len(), leads)
            );
            for other in [
                format!("{key}x\":\"some value\""),
                format!("{key}\" :\"some value\""),
            ] {
                assert!(shape.guess(ordinal, other.as_bytes(), 0).is_none(), "{other}");
            }
            assert!(shape.guess(ordinal + 1, text.as_bytes(), 0).is_none());
        }
        // Another key in its place must come again.
        let (first, other) = (b"a\":\"some value\"", b"bc\":\"some value\"");
        for _ in 1..MISSES_MIN {
            shape.learn(0, b"bc", Colon::Bare, NONE);
            assert!(shape.guess(0, other, 0).is_none());
        }
        assert!(shape.guess(0, first, 0).is_some());
        for _ in 0..MISSES_MIN {
            assert!(shape.guess(0, other, 0).is_none());
            shape.learn(0, b"bc", Colon::Bare, NONE);
        }
        assert!(shape.guess(0, first, 0).is_none() && shape.guess(0, other, 0).is_some());
        // What was not learned at its place is none.
        let mut gap = Shape::default();
        gap.learn(1, b"a", Colon::Bare, SOME);
        assert!(gap.guess(0, b"\":1234567", 0).is_none());
    }

    #[test]
    fn a_blank_behind_the_colon_belongs_to_the_key() {
        let behind = |colon: Colon, text: &str| {
            let mut shape = Shape::default();
            shape.learn(0, b"level", colon, SOME);
            let guessed = shape.guess(0, text.as_bytes(), 0)?;
            Some((guessed.behind, guessed.length))
        };
        let (bare, spaced, wide) = ("level\":\"INFO\"", "level\": \"INFO\"", "level\":  \"INFO\"");
        assert_eq!(behind(Colon::Bare, bare), Some((7, 5)));
        assert_eq!(behind(Colon::Bare, spaced), Some((7, 5)));
        assert_eq!(behind(Colon::Spaced, spaced), Some((8, 5)));
        assert_eq!(behind(Colon::Spaced, wide), Some((8, 5)));
        assert_eq!(behind(Colon::Spaced, bare), None);
    }

    #[test]
    fn known_members_that_nobody_wants_are_passed() {
        let mut shape = Shape::default();
        let keys = ["a", "b", "a key of many bytes", "wanted", "c"];
        for (ordinal, key) in keys.iter().enumerate() {
            let leads = if *key == "wanted" { SOME } else { NONE };
            shape.learn(ordinal, key.as_bytes(), Colon::Bare, leads);
        }
        // Every value is a digit and every next key is two places behind it.
        let text: String = keys.iter().map(|key| format!("{key}\":1,\"")).collect();
        let starts: Vec<usize> = keys.iter().filter_map(|key| text.find(key)).collect();
        let behind_digit = |behind: usize| Some(behind + 3);
        for (ordinal, expected) in [(0, 3), (1, 2), (3, 0), (4, 1), (5, 0)] {
            let at = starts.get(ordinal).copied().unwrap_or(text.len());
            let end = starts.get(ordinal + expected).copied().unwrap_or(text.len());
            // Nothing is a key so near the end of a text.
            let padded = format!("{text}        ");
            let passed = shape.pass(ordinal, padded.as_bytes(), at, behind_digit);
            assert_eq!(passed, (expected, end), "from {ordinal}");
        }
        let passed = |shape: &mut Shape, text: &str| shape.pass(0, text.as_bytes(), 0, behind_digit);
        assert_eq!(passed(&mut shape, &text.replace("many", "some")), (2, starts[2]));
        assert_eq!(shape.pass(0, text.as_bytes(), 0, |_| None), (0, 0));
    }

    #[test]
    fn objects_that_begin_alike_share_a_shape() {
        let number = |text: &str| Shapes::number_of(text.as_bytes());
        assert_eq!(
            number(r#"{"timestamp":1}"#),
            number(r#"{"timestamp":2,"level":"INFO"}"#)
        );
        let usual = [
            r#"{"timestamp":1}"#,
            r#"{"time":"2026"}"#,
            r#"{"level":"INFO"}"#,
            r#"{"_aws":{}}"#,
        ];
        let mut numbers = usual.map(number).to_vec();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), usual.len());
        // Short ones have one, too.
        assert!(number("{") < SHAPES && number("{}") < SHAPES);
        let mut shapes = Shapes::default();
        shapes.get(1).learn(0, b"a", Colon::Bare, SOME);
        assert!(shapes.get(1).guess(0, b"a\":12345678", 0).is_some());
        assert!(shapes.get(0).guess(0, b"a\":12345678", 0).is_none());
    }

    #[test]
    fn neighbours_among_all() {
        let all = ["a", "b", "c", "d"];
        assert_eq!((SOME.of(&all), SOME.are_none()), (&["b", "c"][..], false));
        assert_eq!((NONE.of(&all), NONE.are_none()), (&[][..], true));
    }

    #[test]
    fn what_is_remembered_has_limits() {
        let mut shape = Shape::default();
        let text = b"a\":\"some value\"";
        shape.learn(SHAPE_KEYS_MAX - 1, b"a", Colon::Bare, NONE);
        assert!(shape.guess(SHAPE_KEYS_MAX - 1, text, 0).is_some());
        shape.learn(SHAPE_KEYS_MAX, b"a", Colon::Bare, NONE);
        assert!(shape.guess(SHAPE_KEYS_MAX, text, 0).is_none());
        let long = |length: usize| "k".repeat(length);
        for (length, is_known) in [(SHAPE_KEY_BYTES_MAX, true), (SHAPE_KEY_BYTES_MAX + 1, false)] {
            let mut shape = Shape::default();
            shape.learn(0, long(length).as_bytes(), Colon::Bare, NONE);
            let text = format!("{}\":12345678", long(length));
            assert_eq!(shape.guess(0, text.as_bytes(), 0).is_some(), is_known);
        }
    }
}
