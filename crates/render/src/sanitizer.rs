//! What keeps log content from commanding a terminal or hiding in a text.
//!
//! These characters are *harmful* and are shown as visible escapes:
//!
//! - C0 controls, DEL and C1 controls: `\x1b`. Line feed and tab depend on the place, see [`Place`].
//! - Characters that turn the direction of text (U+061C, U+200E, U+200F, U+202A–202E, U+2066–2069),
//!   break lines (U+2028, U+2029), or are invisible (U+00AD, U+180E, U+200B, U+2060–2065, U+206A–206F,
//!   U+FEFF, U+FFF9–FFFB, tags U+E0000–E007F): `\u{202e}`.
//!
//! The two joiners U+200C and U+200D stay: Persian, the scripts of India and emoji need them.
//! A backslash stays as it is, so the escapes are for eyes, not for programs.

use std::borrow::Cow;
use std::fmt::Write;

/// Where a text will be shown, which decides what becomes of line feeds and tabs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// One line, such as a heading or a message: line feed is `⏎`, tab a space.
    Line,
    /// A cell of several lines: line feed stays, CR LF becomes one, tab becomes spaces.
    Cell,
    /// A text that has quoting of its own, such as CSV: line feed and tab stay.
    Quoted,
}

/// What a tab becomes in a cell: REPORT lines are full of them, and a full tab stop tears tables apart.
const TAB_IN_CELL: &str = "  ";

/// The text with every harmful character made visible. Borrows when there is none.
///
/// ```
/// use insq_render::sanitizer::{Place, sanitize};
///
/// assert_eq!(sanitize("\x1b[2Jgone?\n", Place::Line), r"\x1b[2Jgone?⏎");
/// assert_eq!(sanitize("plain", Place::Line), "plain");
/// ```
pub fn sanitize(text: &str, place: Place) -> Cow<'_, str> {
    match text.char_indices().find(|(_, c)| is_harmful(*c)) {
        None => Cow::Borrowed(text),
        Some((clean, _)) => {
            let mut shown = String::with_capacity(text.len() + 16);
            shown.push_str(&text[..clean]);
            push_sanitized(&mut shown, &text[clean..], place);
            Cow::Owned(shown)
        }
    }
}

/// The JSON text `json` with every harmful character as an escape of JSON, so that programs read what was there. Such
/// characters stand in strings only, and line feeds and tabs in none, so those between values stay.
///
/// ```
/// use insq_render::sanitizer::escape_json;
///
/// assert_eq!(escape_json("[\"a\u{7f}\u{e0041}\"]\n"), "[\"a\\u007f\\udb40\\udc41\"]\n");
/// ```
pub fn escape_json(json: &str) -> Cow<'_, str> {
    let is_escaped = |c: char| is_harmful(c) && !matches!(c, '\n' | '\r' | '\t');
    if !json.contains(is_escaped) {
        return Cow::Borrowed(json);
    }
    let mut escaped = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if is_escaped(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        } else {
            escaped.push(c);
        }
    }
    Cow::Owned(escaped)
}

/// True for characters that [`sanitize`] replaces, among them line feed and tab.
///
/// ```
/// use insq_render::sanitizer::is_harmful;
///
/// assert!(is_harmful('\u{9b}') && is_harmful('\u{202e}'));
/// assert!(!is_harmful('é') && !is_harmful('\u{200d}'));
/// ```
pub const fn is_harmful(c: char) -> bool {
    matches!(c,
        '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{180e}'
        | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn push_sanitized(shown: &mut String, text: &str, place: Place) {
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match (c, place) {
            ('\r', Place::Cell) if rest.peek() == Some(&'\n') => {}
            ('\n', Place::Line) => shown.push('⏎'),
            ('\n', Place::Cell) | ('\n' | '\t', Place::Quoted) => shown.push(c),
            ('\t', Place::Line) => shown.push(' '),
            ('\t', Place::Cell) => shown.push_str(TAB_IN_CELL),
            _ if is_harmful(c) => push_escape(shown, c),
            _ => shown.push(c),
        }
    }
}

fn push_escape(shown: &mut String, c: char) {
    let code = u32::from(c);
    // Writing to a String cannot fail.
    let _ = if code <= 0xff {
        write!(shown, "\\x{code:02x}")
    } else {
        write!(shown, "\\u{{{code:x}}}")
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, place: Place, expected: &str) {
        assert_eq!(sanitize(text, place), expected, "{text:?} in {place:?}");
    }

    #[test]
    fn harmful_characters_become_visible() {
        check("\x1b]0;title\x07", Place::Cell, r"\x1b]0;title\x07");
        check("\u{9b}31m \x7f\0", Place::Cell, r"\x9b31m \x7f\x00");
        check(
            "a\u{202e}b\u{2066}c\u{feff}",
            Place::Cell,
            r"a\u{202e}b\u{2066}c\u{feff}",
        );
        check("tag\u{e0041}", Place::Line, r"tag\u{e0041}");
    }

    #[test]
    fn line_ends_and_tabs_depend_on_the_place() {
        check("a\r\nb\rc\td", Place::Line, "a\\x0d⏎b\\x0dc d");
        check("a\r\nb\rc\td", Place::Cell, "a\nb\\x0dc  d");
        check("a\r\nb\rc\td", Place::Quoted, "a\\x0d\nb\\x0dc\td");
    }

    #[test]
    fn ordinary_text_is_borrowed() {
        for text in ["", "plain", "naïve 日本語 👩‍💻", "می‌خواهم", r"C:\x1b"] {
            assert!(matches!(sanitize(text, Place::Cell), Cow::Borrowed(same) if same == text));
        }
    }

    proptest! {
        #[test]
        fn nothing_harmful_is_left(text in ".{0,40}|[\\x00-\\u{a0}\\u{2000}-\\u{2070}]{0,40}") {
            for (place, kept) in [(Place::Line, ""), (Place::Cell, "\n"), (Place::Quoted, "\n\t")] {
                let shown = sanitize(&text, place);
                prop_assert!(shown.chars().all(|c| !is_harmful(c) || kept.contains(c)), "{shown:?}");
            }
        }
    }
}
