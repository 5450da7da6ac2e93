//! What `=` takes for equal texts, for tables that are searched by hashing.

use crate::coerce::parse_number;
use crate::compare::compare_texts;

/// Bytes that are the same for any two texts which `=` takes for equal: numbers in any spelling, and texts as they are.
///
/// Texts of the same bytes are mostly equal, but not always: integers of many digits differ though they are one double.
/// [`is_equal_text`] tells.
///
/// # Examples
/// ```
/// use insq_functions::equality_key;
///
/// assert_eq!(equality_key("200"), equality_key("2e2"));
/// assert_ne!(equality_key("a"), equality_key("A"));
/// ```
pub fn equality_key(text: &str) -> Vec<u8> {
    match parse_number(text) {
        // Both zeros are one number.
        Some(number) => [&b"n"[..], &(number + 0.0).to_bits().to_le_bytes()].concat(),
        None => [b"t", text.as_bytes()].concat(),
    }
}

/// True when `=` takes the texts for equal.
///
/// # Examples
/// ```
/// use insq_functions::is_equal_text;
///
/// assert!(is_equal_text("200", "2e2"));
/// assert!(!is_equal_text("12345678901234567890", "12345678901234567891"));
/// ```
#[inline]
pub fn is_equal_text(a: &str, b: &str) -> bool {
    a == b || compare_texts(a, b).is_eq()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_have_one_key() {
        let texts = [
            "1",
            "01",
            "1.0",
            "+1",
            "-1",
            "0",
            "-0",
            "",
            "a",
            "A",
            "1e2",
            "100",
            "true",
            "12345678901234567890",
            "12345678901234567891",
            "012345678901234567890",
            "1.2345678901234567e19",
            "12345678901234567000.0",
            "nan",
            "inf",
            "é",
        ];
        let mut n_equal = 0;
        for a in texts {
            for b in texts {
                if is_equal_text(a, b) {
                    assert_eq!(equality_key(a), equality_key(b), "{a} = {b}");
                    n_equal += usize::from(a != b);
                }
            }
        }
        assert!(n_equal > 10, "{n_equal}");
    }
}
