//! The order of `sort`, as bytes that compare like the values.
//!
//! Ascending: every text that is no number comes before every number. Texts compare by runs of digits and
//! runs of other characters: runs of digits by length, then by value; other runs by code point. Numbers
//! compare by value, equal ones by their text. Descending is the exact reverse. Missing values come last in
//! both directions.
//!
//! # Source
//! CloudWatch Logs Insights query syntax, `sort`. Where it says nothing (fractions, signs, missing values),
//! the choice is ours.

use insq_event::Bar;

use crate::coerce::parse_number;

/// Before the bytes of a value. Those of a number and of a time are its place in the sense of [`Bar`], the most significant
/// byte first.
pub const PRESENT: u8 = 0;
/// Instead of the bytes of a value.
const MISSING: u8 = 1;

/// Before a text that is no number, and before a number.
const TEXT: u8 = 0;
const NUMBER: u8 = 1;

/// Behind a run of other characters; lower than any of them.
const RUN_END: u8 = 0;

/// Before what stands for a byte of a run that would be taken for [`RUN_END`] or for this one. No key is
/// the beginning of another, so that the reverse of all bytes is the reverse order.
const ESCAPE: u8 = 1;

/// Appends the key of a number.
pub fn encode_number(value: Option<f64>, descending: bool, key: &mut Vec<u8>) {
    encode(value, descending, key, push_number);
}

/// Appends the key of a time.
pub fn encode_time(ms: Option<i64>, descending: bool, key: &mut Vec<u8>) {
    encode(ms, descending, key, |ms, key| {
        key.extend_from_slice(&Bar::place_of_time(ms, false).to_be_bytes())
    });
}

/// Appends the key of a truth value; false comes first.
pub fn encode_bool(value: Option<bool>, descending: bool, key: &mut Vec<u8>) {
    encode(value, descending, key, |value, key| key.push(u8::from(value)));
}

/// Appends the key of a text.
///
/// # Examples
/// ```
/// use insq_functions::order::encode_text;
///
/// let key = |text: &str| {
///     let mut key = Vec::new();
///     encode_text(Some(text), false, &mut key);
///     key
/// };
/// assert!(key("x9") < key("x10"));
/// assert!(key("x10") < key("2"));
/// ```
pub fn encode_text(text: Option<&str>, descending: bool, key: &mut Vec<u8>) {
    encode(text, descending, key, |text, key| match sort_number(text) {
        Some(number) => {
            key.push(NUMBER);
            push_number(number, key);
            push_run(text.as_bytes(), key);
        }
        None => {
            key.push(TEXT);
            push_runs(text.as_bytes(), key);
        }
    });
}

fn encode<T>(value: Option<T>, descending: bool, key: &mut Vec<u8>, push: impl Fn(T, &mut Vec<u8>)) {
    let Some(value) = value else {
        return key.push(MISSING);
    };
    key.push(PRESENT);
    let start = key.len();
    push(value, key);
    if descending {
        key[start..].iter_mut().for_each(|byte| *byte = !*byte);
    }
}

/// The number that a text counts as in an order: an optional minus, digits, a fraction, an exponent.
fn sort_number(text: &str) -> Option<f64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits
        .as_bytes()
        .first()?
        .is_ascii_digit()
        .then(|| parse_number(text))?
}

fn push_number(value: f64, key: &mut Vec<u8>) {
    key.extend_from_slice(&Bar::place_of_number(value, false).to_be_bytes());
}

/// Runs of a text that is no number. A run of digits begins with the byte `0`, so that it stands where its
/// digits stand among other characters.
fn push_runs(text: &[u8], key: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(first) = rest.first() {
        let is_digit = first.is_ascii_digit();
        let length = rest
            .iter()
            .position(|byte| byte.is_ascii_digit() != is_digit)
            .unwrap_or(rest.len());
        let (run, more) = rest.split_at(length);
        if is_digit {
            key.push(b'0');
            key.extend_from_slice(&(run.len() as u32).to_be_bytes());
            key.extend_from_slice(run);
        } else {
            push_run(run, key);
        }
        rest = more;
    }
    key.push(RUN_END);
}

fn push_run(run: &[u8], key: &mut Vec<u8>) {
    let mut rest = run;
    while let Some(at) = rest.iter().position(|byte| *byte <= ESCAPE) {
        key.extend_from_slice(&rest[..at]);
        key.extend_from_slice(&[ESCAPE, rest[at] + 1]);
        rest = &rest[at + 1..];
    }
    key.extend_from_slice(rest);
    key.push(RUN_END);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::cmp::Ordering;

    fn key(text: Option<&str>, descending: bool) -> Vec<u8> {
        let mut key = Vec::new();
        encode_text(text, descending, &mut key);
        key
    }

    /// The order as its description reads, without bytes.
    fn compare(a: &str, b: &str) -> Ordering {
        match (sort_number(a), sort_number(b)) {
            (Some(x), Some(y)) => x.partial_cmp(&y).unwrap().then_with(|| a.cmp(b)),
            (Some(_), None) => Ordering::Greater,
            (None, Some(_)) => Ordering::Less,
            (None, None) => runs(a).cmp(&runs(b)),
        }
    }

    #[derive(Debug, PartialEq, Eq)]
    enum Run {
        Digits(String),
        Other(String),
    }

    impl PartialOrd for Run {
        fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
            Some(self.cmp(other))
        }
    }

    impl Ord for Run {
        fn cmp(&self, other: &Self) -> Ordering {
            match (self, other) {
                (Self::Digits(a), Self::Digits(b)) => a.len().cmp(&b.len()).then_with(|| a.cmp(b)),
                (Self::Other(a), Self::Other(b)) => a.cmp(b),
                (Self::Digits(_), Self::Other(b)) => '0'.cmp(&b.chars().next().unwrap()),
                (Self::Other(_), Self::Digits(_)) => other.cmp(self).reverse(),
            }
        }
    }

    fn runs(text: &str) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for char in text.chars() {
            match (runs.last_mut(), char.is_ascii_digit()) {
                (Some(Run::Digits(run)), true) | (Some(Run::Other(run)), false) => run.push(char),
                (_, true) => runs.push(Run::Digits(char.into())),
                (_, false) => runs.push(Run::Other(char.into())),
            }
        }
        runs
    }

    #[test]
    fn the_documented_order() {
        let ordered = [
            "!:",
            "#",
            "*%04",
            "0#",
            "5A",
            "111A",
            "2345_",
            "@",
            "@_",
            "A",
            "A9876fghj",
            "a12345hfh",
            "0",
            "01",
            "1",
            "2",
            "3",
        ];
        for pair in ordered.windows(2) {
            assert!(key(Some(pair[0]), false) < key(Some(pair[1]), false), "{pair:?}");
            assert!(
                key(Some(pair[0]), true) > key(Some(pair[1]), true),
                "{pair:?} descending"
            );
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
        }
    }

    #[test]
    fn missing_values_come_last() {
        assert!(key(Some("9"), false) < key(None, false));
        assert!(key(Some("!"), true) < key(None, true));
    }

    #[test]
    fn numbers_and_times() {
        let number = |value: f64, descending| {
            let mut key = Vec::new();
            encode_number(Some(value), descending, &mut key);
            key
        };
        let ordered = [-1e300, -2.5, -1e-9, 0.0, 1e-9, 3.0, 1e300];
        for pair in ordered.windows(2) {
            assert!(number(pair[0], false) < number(pair[1], false));
            assert!(number(pair[0], true) > number(pair[1], true));
        }
        assert_eq!(number(0.0, false), number(-0.0, false));
        let time = |ms: i64| {
            let mut key = Vec::new();
            encode_time(Some(ms), false, &mut key);
            key
        };
        assert!(time(-1) < time(0) && time(0) < time(1));
    }

    proptest! {
        #[test]
        fn bytes_compare_like_values(a in "[0-9a-c.\u{0}-\u{2}\u{e9}-]{0,8}", b in "[0-9a-c.\u{0}-\u{2}\u{e9}-]{0,8}") {
            let expected = compare(&a, &b);
            prop_assert_eq!(key(Some(&a), false).cmp(&key(Some(&b), false)), expected);
            prop_assert_eq!(key(Some(&a), true).cmp(&key(Some(&b), true)), expected.reverse());
        }
    }
}
