//! Texts of pairs `key=value`, as `parse … logfmt` reads them.

use std::borrow::Cow;

use crate::structure::push_quoted;

/// The pairs of a text as the JSON text of a map; `None` where there is no pair at all. A key without a value is true.
///
/// A value goes to the next blank, or stands in double quotes, in which a backslash takes the next sign as it is.
pub(crate) fn parse_logfmt(text: &str) -> Option<String> {
    // Most lines of a log have no pair, and show it here.
    if !text.contains('=') {
        return None;
    }
    let mut map = String::with_capacity(2 * text.len());
    map.push('{');
    let mut has_pair = false;
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| c == '=' || c == '"' || c.is_whitespace())
            .unwrap_or(rest.len());
        let (key, after) = rest.split_at(end);
        let (value, after) = match after.strip_prefix('=') {
            Some(after) => {
                let (value, after) = value(after);
                (Some(value), after)
            }
            // A quote that follows no key is part of no pair.
            None => (None, after.strip_prefix('"').unwrap_or(after)),
        };
        if !key.is_empty() {
            has_pair |= value.is_some();
            if map.len() > 1 {
                map.push(',');
            }
            push_quoted(&mut map, key);
            map.push(':');
            match value {
                Some(value) => push_quoted(&mut map, &value),
                None => map.push_str("true"),
            }
        }
        rest = after.trim_start();
    }
    map.push('}');
    has_pair.then_some(map)
}

/// The value at the front of a text, and what follows it.
fn value(text: &str) -> (Cow<'_, str>, &str) {
    let Some(inner) = text.strip_prefix('"') else {
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        return (text[..end].into(), &text[end..]);
    };
    let mut value = String::new();
    let mut signs = inner.char_indices();
    while let Some((at, sign)) = signs.next() {
        match sign {
            '"' => return (value.into(), &inner[at + 1..]),
            '\\' => match signs.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, 't')) => value.push('\t'),
                Some((_, escaped)) => value.push(escaped),
                None => value.push('\\'),
            },
            _ => value.push(sign),
        }
    }
    (value.into(), "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs() {
        for (text, expected) in [
            ("level=error msg=late", Some(r#"{"level":"error","msg":"late"}"#)),
            (
                r#"msg="not \"on\" time" n=3"#,
                Some(r#"{"msg":"not \"on\" time","n":"3"}"#),
            ),
            ("a= b=1", Some(r#"{"a":"","b":"1"}"#)),
            ("debug a=1", Some(r#"{"debug":true,"a":"1"}"#)),
            ("url=x?y=z", Some(r#"{"url":"x?y=z"}"#)),
            (r#"a="open"#, Some(r#"{"a":"open"}"#)),
            ("=1 a=2", Some(r#"{"a":"2"}"#)),
            ("plain text", None),
            ("", None),
            (r#""quoted" a=1"#, Some(r#"{"quoted":true,"a":"1"}"#)),
        ] {
            assert_eq!(parse_logfmt(text).as_deref(), expected, "{text}");
        }
    }
}
