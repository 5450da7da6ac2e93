//! Times that a query writes as text.

use chrono::{DateTime, NaiveDate, NaiveDateTime};

/// Milliseconds since the epoch of a time written as RFC 3339 or as results show it; UTC unless it says
/// otherwise.
pub(super) fn parse_time_text(text: &str) -> Option<i64> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.timestamp_millis());
    }
    for format in [
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M",
        "%Y-%m-%dT%H:%M",
    ] {
        if let Ok(time) = NaiveDateTime::parse_from_str(text, format) {
            return Some(time.and_utc().timestamp_millis());
        }
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(day.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis())
}

#[cfg(test)]
mod tests {
    use super::parse_time_text;

    #[test]
    fn the_shapes_that_people_write() {
        for (text, expected) in [
            ("1970-01-01T00:00:01Z", Some(1_000)),
            ("1970-01-01T01:00:01.250+01:00", Some(1_250)),
            ("1970-01-01 00:00:01.250", Some(1_250)),
            ("1970-01-01 00:01", Some(60_000)),
            ("1970-01-02", Some(86_400_000)),
            ("yesterday", None),
            ("1970-13-01", None),
        ] {
            assert_eq!(parse_time_text(text), expected, "{text}");
        }
    }
}
