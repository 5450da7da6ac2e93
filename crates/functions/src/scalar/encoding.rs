//! Functions between text and its encodings. What cannot be decoded is missing.

use std::borrow::Cow;

use base64::Engine;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, general_purpose};
use insq_event::ColumnType::{self, Number, Text};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::{Kernel, ScalarFunction};
use crate::argument::{Numbers, Texts};
use crate::kernel::{map_text, numbers, texts};
use crate::{Family, Param, ResultType, Signature};

pub(super) fn functions() -> Vec<ScalarFunction> {
    let text: &'static [Param] = &[Param::Text];
    let function = |name, params, result: ColumnType, summary, example, kernel: Kernel| ScalarFunction {
        name,
        aliases: &[],
        family: Family::String,
        signature: Signature {
            params,
            required: 1,
            variadic: &[],
        },
        result: ResultType::Fixed(result),
        summary,
        example,
        kernel,
    };
    vec![
        function(
            "urlencode",
            text,
            Text,
            "The text as a part of a URL; a space becomes `%20`.",
            ("urlencode(\"a b/c\")", "a%20b%2Fc"),
            |a, rows, _| {
                map_text(a, rows, |text| {
                    Some(utf8_percent_encode(text, OUTSIDE_FORMS).to_string())
                })
            },
        ),
        function(
            "urldecode",
            text,
            Text,
            "The text that a part of a URL stands for; `+` is a space.",
            ("urldecode(\"a%20b%2Fc+d\")", "a b/c d"),
            |a, rows, _| map_text(a, rows, url_decode),
        ),
        function(
            "base64encode",
            text,
            Text,
            "The UTF-8 bytes of the text in Base64.",
            ("base64encode(\"Hello\")", "SGVsbG8="),
            |a, rows, _| map_text(a, rows, |text| Some(general_purpose::STANDARD.encode(text))),
        ),
        function(
            "base64decode",
            text,
            Text,
            "The text of UTF-8 bytes in Base64, with or without padding.",
            ("base64decode(\"SGVsbG8=\")", "Hello"),
            |a, rows, _| map_text(a, rows, |text| String::from_utf8(LENIENT.decode(text).ok()?).ok()),
        ),
        function(
            "hexToAscii",
            text,
            Text,
            "The ASCII characters of hexadecimal pairs.",
            ("hexToAscii(\"48656c6c6f\")", "Hello"),
            |a, rows, _| map_text(a, rows, hex_to_ascii),
        ),
        function(
            "hexToDec",
            text,
            Number,
            "The number of hexadecimal digits, with or without `0x`.",
            ("hexToDec(\"0xff\")", "255"),
            |a, rows, _| {
                let text = Texts::of(&a[0])?;
                Ok(numbers(rows, |row| hex_to_number(text.get(row)?)))
            },
        ),
        function(
            "decToHex",
            &[Param::Number],
            Text,
            "The whole part of the number in hexadecimal digits after `0x`.",
            ("decToHex(-255.9)", "-0xff"),
            |a, rows, _| {
                let number = Numbers::of(&a[0])?;
                Ok(texts(rows, |row| number_to_hex(number.get(row)?)))
            },
        ),
    ]
}

/// What a form may not send as it is.
const OUTSIDE_FORMS: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'*')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_');

/// The usual alphabet. Tokens in logs often come without their padding.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Missing for a percent sign that two hexadecimal digits do not follow, and for bytes that are no UTF-8.
fn url_decode(text: &str) -> Option<String> {
    let is_escape = |rest: &str| {
        rest.as_bytes()
            .get(..2)
            .is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit))
    };
    if !text.split('%').skip(1).all(is_escape) {
        return None;
    }
    let spaced: Cow<'_, str> = if text.contains('+') {
        text.replace('+', " ").into()
    } else {
        text.into()
    };
    percent_decode_str(&spaced)
        .decode_utf8()
        .ok()
        .map(Cow::into_owned)
}

/// Hexadecimal digits without the `0x` before them; missing where anything else follows, or nothing.
fn hex_digits(text: &str) -> Option<&str> {
    let digits = text
        .strip_prefix("0x")
        .or_else(|| text.strip_prefix("0X"))
        .unwrap_or(text);
    digits
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit())
        .then_some(digits)
}

fn hex_to_ascii(text: &str) -> Option<String> {
    let digits = hex_digits(text)?;
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    // Digits are ASCII, so that every pair lies on character boundaries.
    let char = |start| {
        u8::from_str_radix(&digits[start..start + 2], 16)
            .ok()
            .filter(u8::is_ascii)
            .map(char::from)
    };
    (0..digits.len()).step_by(2).map(char).collect()
}

fn hex_to_number(text: &str) -> Option<f64> {
    let (is_negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let value = u64::from_str_radix(hex_digits(rest)?, 16).ok()? as f64;
    Some(if is_negative { -value } else { value })
}

/// Numbers from here on do not fit 64 bits.
const HEX_END: f64 = 18_446_744_073_709_551_616.0;

fn number_to_hex(value: f64) -> Option<String> {
    let whole = value.trunc();
    if whole.abs() >= HEX_END {
        return None;
    }
    let sign = if whole < 0.0 { "-" } else { "" };
    Some(format!("{sign}{:#x}", whole.abs() as u64))
}
