//! Numbers as text.

use std::fmt::Write;

/// Whole numbers below this have no decimal point and no exponent: every one of them is exact in a double.
const PLAIN_MAX: f64 = 1e15;
/// Fractions below this are written with an exponent.
const PLAIN_MIN: f64 = 1e-7;

/// Appends the shortest text that reads back as `value`, in a form that is also a JSON number.
///
/// Whole numbers below 10^15 have no decimal point; very large and very small ones have an exponent.
/// Negative zero is zero. Values that are not finite become `NaN`, `inf` or `-inf`, which JSON does not know.
///
/// ```
/// let mut text = String::new();
/// insq_render::write_number(&mut text, 128_000_000.0);
/// assert_eq!(text, "128000000");
/// ```
pub fn write_number(out: &mut String, value: f64) {
    // Writing to a String cannot fail.
    let _ = match value {
        0.0 => out.write_str("0"),
        v if !v.is_finite() => write!(out, "{v}"),
        v if (PLAIN_MIN..PLAIN_MAX).contains(&v.abs()) => write!(out, "{v}"),
        v => write!(out, "{v:E}"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text_of(value: f64) -> String {
        let mut text = String::new();
        write_number(&mut text, value);
        text
    }

    #[test]
    fn numbers_are_short_and_plain() {
        for (value, expected) in [
            (0.0, "0"),
            (-0.0, "0"),
            (3.0, "3"),
            (-3.5, "-3.5"),
            (0.1 + 0.2, "0.30000000000000004"),
            (0.000_000_1, "0.0000001"),
            (0.000_000_09, "9E-8"),
            (999_999_999_999_999.0, "999999999999999"),
            (1e15, "1E15"),
            (1.5e300, "1.5E300"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(text_of(value), expected);
        }
    }

    proptest! {
        #[test]
        fn text_reads_back_as_the_same_number(value in proptest::num::f64::NORMAL) {
            prop_assert_eq!(text_of(value).parse::<f64>().unwrap(), value);
            prop_assert!(serde_json::from_str::<serde_json::Number>(&text_of(value)).is_ok());
        }
    }
}
