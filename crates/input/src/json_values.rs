//! The extent of JSON values, found without reading them.

use memchr::{memchr2, memchr3};

/// The byte behind the value that starts at `at`, which is not a blank; `None` when its end is not in
/// `bytes`. Brackets are counted and strings skipped; whether the value is valid JSON is for others.
pub(crate) fn value_end(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at)? {
        b'"' => string_end(bytes, at),
        b'{' | b'[' => container_end(bytes, at),
        // A number or a word ends where something else begins.
        _ => bytes[at..]
            .iter()
            .position(|byte| matches!(byte, b',' | b'}' | b']') || byte.is_ascii_whitespace())
            .map(|length| at + length),
    }
}

/// The byte behind the string that starts at `at`.
pub(crate) fn string_end(bytes: &[u8], at: usize) -> Option<usize> {
    let mut here = at + 1;
    loop {
        here += memchr2(b'"', b'\\', bytes.get(here..)?)?;
        if bytes[here] == b'"' {
            return Some(here + 1);
        }
        here += 2;
    }
}

fn container_end(bytes: &[u8], at: usize) -> Option<usize> {
    // Only brackets of the kind that opened count: in valid JSON the others are balanced between them.
    let (open, close) = if bytes[at] == b'{' {
        (b'{', b'}')
    } else {
        (b'[', b']')
    };
    let mut depth = 0usize;
    let mut here = at;
    loop {
        here += memchr3(b'"', open, close, bytes.get(here..)?)?;
        match bytes[here] {
            b'"' => {
                here = string_end(bytes, here)?;
                continue;
            }
            byte if byte == open => depth += 1,
            _ => depth -= 1,
        }
        here += 1;
        if depth == 0 {
            return Some(here);
        }
    }
}

/// The first byte at or after `at` that is no blank; `None` when there is none.
pub(crate) fn skip_blanks(bytes: &[u8], at: usize) -> Option<usize> {
    bytes
        .get(at..)?
        .iter()
        .position(|byte| !byte.is_ascii_whitespace())
        .map(|blanks| at + blanks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extents() {
        for (text, expected) in [
            (r#"{"a":[1,{"b":"}]"}]} x"#, Some(20)),
            (r#""a\"b" x"#, Some(6)),
            (r#""a\\" x"#, Some(5)),
            ("12.5,", Some(4)),
            ("[[],[]]", Some(7)),
            ("{", None),
            (r#"{"a":"}"#, None),
            (r#""a\"#, None),
            ("12", None),
        ] {
            assert_eq!(value_end(text.as_bytes(), 0), expected, "{text}");
        }
    }
}
