//! The extents of JSON values and keys, checked in passing; what is in doubt is left to the general reader.

use crate::json_specials::{HIGH_BITS, ONES, Specials, word_at};

/// Objects and arrays inside of each other that are read here.
pub(crate) const DEPTH_MAX: u32 = 64;

#[inline]
pub(crate) fn skip_blanks(text: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\t' | b'\r') = text.get(at) {
        at += 1;
    }
    at
}

/// The place behind the value at `at`; `None` when it is in doubt.
#[inline]
pub(crate) fn value_end(specials: &mut impl Specials, text: &[u8], at: usize) -> Option<usize> {
    match text.get(at)? {
        b'"' => string_end(specials, text, at + 1).map(|quote| quote + 1),
        b'{' | b'[' => nested_end(specials, text, at),
        _ => scalar_end(specials, text, at),
    }
}

#[inline]
fn scalar_end(specials: &mut impl Specials, text: &[u8], at: usize) -> Option<usize> {
    match text.get(at)? {
        b'"' => string_end(specials, text, at + 1).map(|quote| quote + 1),
        b't' => literal_end(text, at, b"true"),
        b'f' => literal_end(text, at, b"false"),
        b'n' => literal_end(text, at, b"null"),
        _ => number_end(text, at),
    }
}

#[inline]
pub(crate) fn literal_end(text: &[u8], at: usize, literal: &[u8]) -> Option<usize> {
    text[at..].starts_with(literal).then_some(at + literal.len())
}

/// `-`? digits without a zero before others, a fraction and an exponent if they are there.
#[inline]
pub(crate) fn number_end(text: &[u8], mut at: usize) -> Option<usize> {
    if text.get(at) == Some(&b'-') {
        at += 1;
    }
    let whole = digits_end(text, at)?;
    if text[at] == b'0' && whole > at + 1 {
        return None;
    }
    at = whole;
    if text.get(at) == Some(&b'.') {
        at = digits_end(text, at + 1)?;
    }
    if let Some(b'e' | b'E') = text.get(at) {
        at += 1;
        if let Some(b'+' | b'-') = text.get(at) {
            at += 1;
        }
        at = digits_end(text, at)?;
    }
    Some(at)
}

/// The place behind a number without sign and exponent that a word holds together with the comma behind it; `None` for
/// others. There is one look at the word for all of it.
#[inline(always)]
pub(crate) fn short_number_end(text: &[u8], at: usize) -> Option<usize> {
    let word = word_at(text, at)?;
    let byte = |place: u32| word.wrapping_shr(place) as u8;
    let others = other_than_digits(word);
    // Places are counted in bits.
    let mut end = others.trailing_zeros() & !7;
    let whole = end;
    if byte(whole) == b'.' {
        end = (others & others.wrapping_sub(1)).trailing_zeros() & !7;
    }
    let starts_well = whole == 8 || (whole > 8 && byte(0) != b'0');
    let has_fraction_or_none = end == whole || end > whole + 8;
    (starts_well && has_fraction_or_none && end < u64::BITS && byte(end) == b',')
        .then_some(at + (end / 8) as usize)
}

/// The place behind at least one digit.
#[inline]
fn digits_end(text: &[u8], at: usize) -> Option<usize> {
    let mut end = at;
    // A word at a time, so that nothing has to be guessed of how many digits there are.
    while let Some(word) = word_at(text, end) {
        let others = other_than_digits(word);
        end += (others.trailing_zeros() / 8) as usize;
        if others != 0 {
            return (end > at).then_some(end);
        }
    }
    let rest = text.get(end..)?;
    end += rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (end > at).then_some(end)
}

/// High bits of bytes that are no digits.
#[inline]
const fn other_than_digits(word: u64) -> u64 {
    // Digits become 0 to 9, which the sum keeps below 128; none of it runs into the next byte.
    let values = word ^ (ONES * b'0' as u64);
    (values | ((values & !HIGH_BITS) + ONES * (0x80 - 10))) & HIGH_BITS
}

/// What may come next in an object or array that nobody wants anything of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    /// A value, or the end of an array that has just begun.
    FirstElement,
    Element,
    /// A key, or the end of an object that has just begun.
    FirstKey,
    Key,
    /// A comma or the end.
    Separator,
}

/// The place behind an object or array; its values are checked and not kept.
fn nested_end(specials: &mut impl Specials, text: &[u8], mut at: usize) -> Option<usize> {
    // A bit per level: set for objects.
    let (mut objects, mut depth) = (0_u64, 0_u32);
    let mut expect = Expect::Element;
    loop {
        at = skip_blanks(text, at);
        let byte = *text.get(at)?;
        match (expect, byte) {
            (Expect::FirstElement, b']') | (Expect::FirstKey, b'}') => {}
            (Expect::Separator, b']') if objects & 1 == 0 => {}
            (Expect::Separator, b'}') if objects & 1 == 1 => {}
            (Expect::Separator, b',') => {
                expect = if objects & 1 == 1 {
                    Expect::Key
                } else {
                    Expect::Element
                };
                at += 1;
                continue;
            }
            (Expect::FirstKey | Expect::Key, b'"') => {
                at = skip_blanks(text, specials.key_end(text, at + 1)? + 1);
                if *text.get(at)? != b':' {
                    return None;
                }
                expect = Expect::Element;
                at += 1;
                continue;
            }
            (Expect::Element | Expect::FirstElement, b'{' | b'[') => {
                if depth == DEPTH_MAX {
                    return None;
                }
                let is_object = byte == b'{';
                objects = objects << 1 | u64::from(is_object);
                depth += 1;
                expect = if is_object {
                    Expect::FirstKey
                } else {
                    Expect::FirstElement
                };
                at += 1;
                continue;
            }
            (Expect::Element | Expect::FirstElement, _) => {
                at = scalar_end(specials, text, at)?;
                expect = Expect::Separator;
                continue;
            }
            _ => return None,
        }
        // An object or array ends here.
        objects >>= 1;
        depth -= 1;
        at += 1;
        if depth == 0 {
            return Some(at);
        }
        expect = Expect::Separator;
    }
}

/// The place of the quote that closes a string.
#[inline]
fn string_end(specials: &mut impl Specials, text: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at = specials.next(text, at)?;
        match text[at] {
            b'"' => return Some(at),
            b'\\' => at = escape_end(text, at + 1)?,
            _ => return None,
        }
    }
}

fn escape_end(text: &[u8], at: usize) -> Option<usize> {
    match text.get(at)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(at + 1),
        b'u' => {
            let digits = text.get(at + 1..at + 5)?;
            digits.iter().all(u8::is_ascii_hexdigit).then_some(at + 5)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_byte_behind_every_number_of_digits() {
        for digits in 0..20 {
            for byte in 0..=255_u8 {
                for behind in 0..10 {
                    let mut text = vec![b'7'; digits];
                    text.push(byte);
                    // What follows must not count, whatever the word it is in.
                    text.resize(digits + 1 + behind, b'0');
                    let end = if byte.is_ascii_digit() { text.len() } else { digits };
                    let expected = Some(end).filter(|end| *end > 0);
                    assert_eq!(digits_end(&text, 0), expected, "{digits} {byte} {behind}");
                }
            }
        }
    }

    #[test]
    fn numbers_that_a_word_holds() {
        for (text, end) in [
            ("7,\"abcdefg", Some(1)),
            ("0,\"abcdefg", Some(1)),
            ("1234567,\"", Some(7)),
            ("12345678,\"", None),
            ("12.5,\"abcd", Some(4)),
            ("0.25,\"abcd", Some(4)),
            ("12345.7,\"", Some(7)),
            ("12.,\"abcde", None),
            (".5,\"abcdef", None),
            ("01,\"abcdef", None),
            ("1.2.3,\"abc", None),
            ("1e5,\"abcde", None),
            ("1}abcdefgh", None),
            (",abcdefgh", None),
            ("1,", None),
        ] {
            assert_eq!(short_number_end(text.as_bytes(), 0), end, "{text}");
        }
    }

    proptest! {
        #[test]
        fn numbers_of_a_word_are_numbers(text in "[-+.0-9eE, ]{0,9}[.0-9,]{8}", byte: u8, place in 0..8_usize) {
            let mut text = text.into_bytes();
            text[place] = byte;
            if let Some(end) = short_number_end(&text, 0) {
                prop_assert_eq!(number_end(&text, 0), Some(end));
                prop_assert_eq!(text[end], b',');
            }
        }

        /// What is taken for a number is one to the general reader, and the longest that there is.
        #[test]
        fn numbers_end_where_they_end(text in "[-+.0-9eE, ]{0,24}") {
            let is_number = |end: &usize| {
                let value = serde_json::from_str::<&serde_json::value::RawValue>(&text[..*end]);
                value.is_ok_and(|value| value.get().len() == *end)
            };
            let longest = (1..=text.len()).rev().find(is_number);
            match number_end(text.as_bytes(), 0) {
                Some(end) => prop_assert_eq!(Some(end), longest),
                // A number and the beginning of more: `1.`, `01`, `1e`.
                None => {
                    let goes_on = |next: char| next.is_ascii_digit() || matches!(next, '.' | 'e' | 'E');
                    prop_assert!(longest.is_none_or(|end| text[end..].starts_with(goes_on)));
                }
            }
        }
    }
}
