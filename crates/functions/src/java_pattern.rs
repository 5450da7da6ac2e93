//! Patterns of Java's date formatter, as far as logs use them.

use chrono::{NaiveDate, NaiveTime, format};

use crate::FunctionError;

/// A pattern made ready to read texts.
pub(crate) struct JavaPattern {
    strftime: String,
}

/// Letters of the pattern, longest first, and what they are called elsewhere.
const LETTERS: &[(&str, &str)] = &[
    ("yyyy", "%Y"),
    ("uuuu", "%Y"),
    ("yy", "%y"),
    ("MMMM", "%B"),
    ("MMM", "%b"),
    ("MM", "%m"),
    ("M", "%m"),
    ("dd", "%d"),
    ("d", "%d"),
    ("HH", "%H"),
    ("H", "%H"),
    ("hh", "%I"),
    ("h", "%I"),
    ("mm", "%M"),
    ("ss", "%S"),
    ("SSSSSSSSS", "%9f"),
    ("SSSSSS", "%6f"),
    ("SSS", "%3f"),
    ("EEEE", "%A"),
    ("EEE", "%a"),
    ("a", "%p"),
    ("XXX", "%:z"),
    ("X", "%#z"),
    ("Z", "%z"),
];

/// Translates a pattern such as `yyyy-MM-dd'T'HH:mm:ss`.
///
/// # Errors
/// [`FunctionError::Argument`] for a letter that is not known.
pub(crate) fn parse_java(pattern: &str) -> Result<JavaPattern, FunctionError> {
    let mut strftime = String::new();
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            let inside = &rest[1..];
            let end = inside.find('\'').ok_or_else(|| {
                FunctionError::Argument(format!("the quote in the pattern `{pattern}` is never closed"))
            })?;
            strftime.push_str(if end == 0 { "'" } else { &inside[..end] });
            rest = &inside[end + 1..];
        } else if let Some((letters, there)) = LETTERS.iter().find(|(letters, _)| rest.starts_with(letters)) {
            strftime.push_str(there);
            rest = &rest[letters.len()..];
        } else if first.is_ascii_alphabetic() {
            return Err(FunctionError::Argument(format!(
                "`{first}` in the pattern `{pattern}` is not known"
            )));
        } else {
            strftime.push_str(if first == '%' {
                "%%"
            } else {
                &rest[..first.len_utf8()]
            });
            rest = &rest[first.len_utf8()..];
        }
    }
    Ok(JavaPattern { strftime })
}

impl JavaPattern {
    /// Milliseconds since the epoch; what the pattern leaves out is the start of the day. `offset_ms` counts
    /// where the text itself has no zone.
    pub(crate) fn parse(&self, text: &str, offset_ms: i64) -> Option<i64> {
        let mut parsed = format::Parsed::new();
        format::parse(&mut parsed, text, format::StrftimeItems::new(&self.strftime)).ok()?;
        let date: NaiveDate = parsed.to_naive_date().ok()?;
        let time = parsed.to_naive_time().unwrap_or(NaiveTime::MIN);
        let offset_ms = parsed
            .offset()
            .map_or(offset_ms, |seconds| i64::from(seconds) * 1_000);
        Some(date.and_time(time).and_utc().timestamp_millis() - offset_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        let check = |pattern: &str, text: &str, expected: Option<i64>| {
            assert_eq!(
                parse_java(pattern).unwrap().parse(text, 0),
                expected,
                "{pattern} of {text}"
            );
        };
        check("yyyy-MM-dd", "1970-01-02", Some(86_400_000));
        check("yyyy-MM-dd HH:mm:ss", "1970-01-01 00:00:01", Some(1_000));
        check(
            "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
            "1970-01-01T01:00:01.250+01:00",
            Some(1_250),
        );
        check(
            "dd/MMM/yyyy:HH:mm:ss Z",
            "01/Jan/1970:00:00:01 +0000",
            Some(1_000),
        );
        check("yyyy-MM-dd", "tomorrow", None);
        assert!(parse_java("yyyy-QQ").is_err());
        assert!(parse_java("yyyy'T").is_err());
    }
}
