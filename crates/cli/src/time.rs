//! Times as users write them for `--since`, `--until` and `--now`.

use chrono::{DateTime, NaiveDate, NaiveDateTime};

/// Whole numbers from here on are milliseconds since the epoch, below seconds: as seconds it is the year 5138.
const EPOCH_MS_MIN: i64 = 100_000_000_000;
/// Smaller numbers are refused: `2024` and `20240301` look like dates and would silently mean 1970.
const EPOCH_SECONDS_MIN: i64 = 100_000_000;

/// How times can be written, for messages.
const FORMS: &str =
    "a time such as 2024-03-01T12:00:00Z, `2024-03-01 12:00`, 2024-03-01, 1709294400, 1h or 2d";

/// A point in time, perhaps counted back from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimeArg {
    /// Milliseconds since the epoch, UTC.
    Absolute(i64),
    /// Milliseconds before now.
    Ago(i64),
}

impl TimeArg {
    /// Milliseconds since the epoch, or `None` when the calendar ends before.
    pub(crate) fn resolve(self, now_ms: i64) -> Option<i64> {
        match self {
            Self::Absolute(time_ms) => Some(time_ms),
            Self::Ago(ms) => now_ms.checked_sub(ms),
        }
    }
}

/// What `--now` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NowArg {
    /// Milliseconds since the epoch, UTC.
    Absolute(i64),
    /// The newest event of the input.
    NewestEvent,
}

/// RFC 3339, a date, a date and time of day (UTC), epoch seconds or milliseconds, `now`, or a period
/// before now such as `90s`, `1h`, `2d`, `1h30m`.
///
/// # Errors
/// A sentence for the user.
pub(crate) fn parse_time(text: &str) -> Result<TimeArg, String> {
    if text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty() {
        return parse_epoch(text).map(TimeArg::Absolute);
    }
    if text == "now" {
        return Ok(TimeArg::Ago(0));
    }
    if let Some(ms) = parse_period(text) {
        return Ok(TimeArg::Ago(ms));
    }
    match parse_calendar(text) {
        Some(time_ms) => Ok(TimeArg::Absolute(time_ms)),
        None => Err(format!("`{text}` is not {FORMS}")),
    }
}

/// An absolute time as in [`parse_time`], or `last`.
///
/// # Errors
/// A sentence for the user.
pub(crate) fn parse_now(text: &str) -> Result<NowArg, String> {
    match text {
        "last" => Ok(NowArg::NewestEvent),
        _ => match parse_time(text) {
            Ok(TimeArg::Absolute(time_ms)) => Ok(NowArg::Absolute(time_ms)),
            _ => Err(format!(
                "`{text}` is neither `last` nor an absolute time such as 2024-03-01T12:00:00Z"
            )),
        },
    }
}

fn parse_epoch(text: &str) -> Result<i64, String> {
    let number: i64 = text
        .parse()
        .map_err(|_| format!("`{text}` is too large for a time"))?;
    match number {
        EPOCH_MS_MIN.. => Ok(number),
        EPOCH_SECONDS_MIN.. => Ok(number * 1000),
        _ => Err(format!(
            "`{text}` would be a moment near 1970 as seconds since the epoch; write {FORMS}, or 1970-01-01 if you mean it"
        )),
    }
}

/// Milliseconds of `1h`, `1h30m` …; `None` when it is no such thing or too long to count.
pub(crate) fn parse_period(text: &str) -> Option<i64> {
    let mut rest = text;
    let mut total_ms = 0_i64;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let unit_end = rest[digits..]
            .find(|c: char| c.is_ascii_digit())
            .map_or(rest.len(), |len| digits + len);
        let count: i64 = rest[..digits].parse().ok()?;
        let unit_ms = match &rest[digits..unit_end] {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            "w" => 604_800_000,
            _ => return None,
        };
        total_ms = total_ms.checked_add(count.checked_mul(unit_ms)?)?;
        rest = &rest[unit_end..];
    }
    (!text.is_empty()).then_some(total_ms)
}

fn parse_calendar(text: &str) -> Option<i64> {
    // A year of two digits or a month of one would be a guess.
    if !has_shape(text, "dddd-dd-dd") {
        return None;
    }
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.timestamp_millis());
    }
    if text.len() == "dddd-dd-dd".len() {
        let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
        return Some(date.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis());
    }
    let time_of_day = &text["dddd-dd-dd".len()..];
    let forms: &[&str] = if has_shape(time_of_day, " dd:dd") {
        &["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S%.f"]
    } else if has_shape(time_of_day, "Tdd:dd") {
        &["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S%.f"]
    } else {
        return None;
    };
    let text = text.strip_suffix('Z').unwrap_or(text);
    let time = forms
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())?;
    Some(time.and_utc().timestamp_millis())
}

/// True when `text` begins with `shape`, where `d` stands for a digit.
fn has_shape(text: &str, shape: &str) -> bool {
    text.len() >= shape.len()
        && text
            .bytes()
            .zip(shape.bytes())
            .all(|(b, s)| if s == b'd' { b.is_ascii_digit() } else { b == s })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: i64 = 1_709_294_400_000;

    fn check(text: &str, expected: TimeArg) {
        assert_eq!(parse_time(text), Ok(expected), "{text}");
    }

    #[test]
    fn calendar_times_are_utc_unless_they_say_otherwise() {
        for text in [
            "2024-03-01T12:00:00Z",
            "2024-03-01T12:00:00.000Z",
            "2024-03-01T13:00:00+01:00",
            "2024-03-01 12:00:00Z",
            "2024-03-01 12:00",
            "2024-03-01 12:00:00",
            "2024-03-01 12:00:00.000",
            "2024-03-01T12:00",
            "2024-03-01T12:00Z",
            "1709294400",
            "1709294400000",
        ] {
            check(text, TimeArg::Absolute(NOON));
        }
        check("2024-03-01", TimeArg::Absolute(NOON - 43_200_000));
        check("1970-01-01", TimeArg::Absolute(0));
        check("2024-03-01 12:00:00.5", TimeArg::Absolute(NOON + 500));
        check("2024-03-01 12:00:00.123456", TimeArg::Absolute(NOON + 123));
    }

    #[test]
    fn periods_count_back_from_now() {
        check("now", TimeArg::Ago(0));
        check("250ms", TimeArg::Ago(250));
        check("90s", TimeArg::Ago(90_000));
        check("5m", TimeArg::Ago(300_000));
        check("1h30m", TimeArg::Ago(5_400_000));
        check("2d", TimeArg::Ago(172_800_000));
        check("1w", TimeArg::Ago(604_800_000));
        assert_eq!(TimeArg::Ago(500).resolve(2000), Some(1500));
        assert_eq!(TimeArg::Ago(500).resolve(i64::MIN), None);
        assert_eq!(TimeArg::Absolute(7).resolve(2000), Some(7));
    }

    #[test]
    fn seconds_become_milliseconds_at_a_known_number() {
        check("99999999999", TimeArg::Absolute(99_999_999_999_000));
        check("100000000000", TimeArg::Absolute(100_000_000_000));
        check("100000000", TimeArg::Absolute(100_000_000_000));
        assert!(parse_time("99999999").is_err());
        assert!(parse_time("99999999999999999999").is_err());
    }

    #[test]
    fn what_could_mean_several_things_is_refused() {
        for text in [
            "",
            "2024",
            "20240301",
            "yesterday",
            "1",
            "1y",
            "1mo",
            "h",
            "1h ",
            "-1h",
            "1.5h",
            "2024-3-1",
            "24-03-01",
            "2024-02-30",
            "2024-03-01 25:00",
            "2024-03-01 12",
            "2024-03-01x",
            "2024-03-01T12:00:00+25:00",
            "99999999999999999w",
            "１h",
            "01/03/2024",
        ] {
            let error = parse_time(text).unwrap_err();
            assert!(error.starts_with(&format!("`{text}` ")), "{error}");
        }
    }

    #[test]
    fn now_is_absolute_or_the_newest_event() {
        assert_eq!(parse_now("last"), Ok(NowArg::NewestEvent));
        assert_eq!(parse_now("2024-03-01T12:00:00Z"), Ok(NowArg::Absolute(NOON)));
        for text in ["1h", "now", "first", ""] {
            assert!(parse_now(text).is_err(), "{text}");
        }
    }
}
