//! Patterns of Java's date formatter, as far as logs use them.

use chrono::{NaiveDate, NaiveTime, format};

use crate::FunctionError;
use insq_event::Zone;

/// A pattern made ready to read texts.
pub(crate) struct JavaPattern {
    strftime: String,
}

/// Fields of the pattern and what they are called elsewhere.
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
    let refusal =
        |what: &str| FunctionError::Argument(format!("`{what}` in the pattern `{pattern}` is not known"));
    let mut strftime = String::new();
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        let (taken, there) = if first == '\'' {
            let inside = &rest[1..];
            let end = inside.find('\'').ok_or_else(|| {
                FunctionError::Argument(format!("the quote in the pattern `{pattern}` is never closed"))
            })?;
            (
                end + 2,
                if end == 0 {
                    "'".to_owned()
                } else {
                    inside[..end].replace('%', "%%")
                },
            )
        } else if first.is_ascii_alphabetic() {
            // As many of one letter as there are make one field.
            let letters = &rest[..rest.len() - rest.trim_start_matches(first).len()];
            let known = LETTERS.iter().find(|(known, _)| *known == letters);
            let (_, there) = known.ok_or_else(|| refusal(letters))?;
            (letters.len(), (*there).to_owned())
        } else if matches!(first, '[' | ']' | '{' | '}' | '#') {
            // Optional parts and what Java keeps for later.
            return Err(refusal(&first.to_string()));
        } else {
            (
                first.len_utf8(),
                if first == '%' {
                    "%%".to_owned()
                } else {
                    first.to_string()
                },
            )
        };
        strftime.push_str(&there);
        rest = &rest[taken..];
    }
    Ok(JavaPattern { strftime })
}

impl JavaPattern {
    /// Milliseconds since the epoch; what the pattern leaves out is the start of the day. `zone` counts
    /// where the text itself has none.
    pub(crate) fn parse(&self, text: &str, zone: Zone) -> Option<i64> {
        let mut parsed = format::Parsed::new();
        format::parse(&mut parsed, text, format::StrftimeItems::new(&self.strftime)).ok()?;
        let date: NaiveDate = parsed.to_naive_date().ok()?;
        let time = time_of(&mut parsed)?;
        let local = date.and_time(time);
        match parsed.offset() {
            Some(seconds) => Some(local.and_utc().timestamp_millis() - i64::from(seconds) * 1_000),
            None => zone.instant_of(local),
        }
    }
}

/// The time of day; midnight where the pattern has none, the full hour where it has no minutes.
fn time_of(parsed: &mut format::Parsed) -> Option<NaiveTime> {
    let has_hour = parsed.hour_mod_12().is_some() || parsed.hour_div_12().is_some();
    if !has_hour && parsed.minute().is_none() && parsed.second().is_none() && parsed.nanosecond().is_none() {
        return Some(NaiveTime::MIN);
    }
    if parsed.minute().is_none() {
        parsed.set_minute(0).ok()?;
    }
    parsed.to_naive_time().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        let check = |pattern: &str, text: &str, expected: Option<i64>| {
            assert_eq!(
                parse_java(pattern).unwrap().parse(text, Zone::Utc),
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
        check("yyyy-MM-dd HH", "1970-01-01 02", Some(7_200_000));
        check("yyyy-MM-dd hh:mm a", "1970-01-01 01:30 PM", Some(48_600_000));
        // Half past one of the night or of the day.
        check("yyyy-MM-dd hh:mm", "1970-01-01 01:30", None);
        check("yyyyMMddHHmm", "197001010001", Some(60_000));
        check("yyyy-MM-dd'%'", "1970-01-02%", Some(86_400_000));
        check("yyyy-MM-dd", "1970-01-02 and more", None);
        check("yyyy-MM-dd", "1970-02-30", None);
        for unknown in ["yyyy-QQ", "yyyyy", "yyyy-ddd", "yyyy[-MM]"] {
            assert!(parse_java(unknown).is_err(), "{unknown}");
        }
        assert!(parse_java("yyyy'T").is_err());
    }
}
