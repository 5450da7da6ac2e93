//! Times of JSON documents: texts of ISO 8601, and numbers since the epoch.

use crate::clock::LogClock;
use crate::json_event::text;
use crate::timestamp::{EXPORT_TIME_BYTES, ExportTimes, read_iso, read_written};

/// Reads the times of documents.
pub(crate) struct DocumentTimes {
    pub(crate) clock: LogClock,
    /// Neighbours mostly share the minute.
    usual: ExportTimes,
}

impl DocumentTimes {
    pub(crate) fn new(clock: LogClock) -> Self {
        Self {
            clock,
            usual: ExportTimes::new(),
        }
    }

    /// A time as text of ISO 8601, or as seconds or milliseconds since the epoch.
    pub(crate) fn read(&mut self, raw: &[u8]) -> Option<i64> {
        self.read_usual(raw).or_else(|| time_ms(raw, self.clock))
    }

    /// A time that is written as exports write theirs, which names its zone.
    #[inline]
    fn read_usual(&mut self, raw: &[u8]) -> Option<i64> {
        let text = raw.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        self.usual.read(text).filter(|_| text.len() == EXPORT_TIME_BYTES)
    }
}

/// Numbers below this are seconds, not milliseconds: as milliseconds they would lie before March 1973.
const SECONDS_MAX: f64 = 1e11;

/// A time in any of the shapes of [`DocumentTimes::read`].
fn time_ms(raw: &[u8], clock: LogClock) -> Option<i64> {
    if let Some(text) = text(raw) {
        let (written, end) = read_written(text.as_bytes())?;
        return clock.instant(written).filter(|_| end == text.len());
    }
    std::str::from_utf8(raw).ok()?.parse().ok().map(epoch_ms)
}

/// A time that is a text of ISO 8601 and nothing else; of UTC where it names no zone.
pub(crate) fn iso_ms(text: &str) -> Option<i64> {
    read_iso(text.as_bytes())
        .filter(|(_, end)| *end == text.len())
        .map(|(ms, _)| ms)
}

/// Numbers from here on are microseconds: as milliseconds they would lie after the year 5138.
const MICROSECONDS_MIN: f64 = 1e14;

/// Numbers from here on are nanoseconds.
const NANOSECONDS_MIN: f64 = 1e17;

/// A time as seconds, milliseconds, microseconds or nanoseconds since the epoch, by its size.
pub(crate) fn epoch_ms(number: f64) -> i64 {
    let size = number.abs();
    let ms = if size < SECONDS_MAX {
        number * 1e3
    } else if size < MICROSECONDS_MIN {
        number
    } else if size < NANOSECONDS_MIN {
        number / 1e3
    } else {
        number / 1e6
    };
    ms.round() as i64
}

#[cfg(test)]
mod tests {
    use insq_event::Zone;

    use super::*;

    #[test]
    fn epochs_are_told_by_their_size() {
        for (number, expected) in [
            (1_772_582_400.5, 1_772_582_400_500),
            (SECONDS_MAX - 1.0, 99_999_999_999_000),
            (SECONDS_MAX, 100_000_000_000),
            (1_772_582_400_123.0, 1_772_582_400_123),
            (MICROSECONDS_MIN - 1.0, 99_999_999_999_999),
            (MICROSECONDS_MIN, 100_000_000_000),
            (1_772_582_400_123_456.0, 1_772_582_400_123),
            (NANOSECONDS_MIN, 100_000_000_000),
            (1_772_582_400_123_456_789.0, 1_772_582_400_123),
        ] {
            assert_eq!(epoch_ms(number), expected, "{number}");
        }
    }

    /// What is remembered of the document before changes no time, and neither does the short way.
    #[test]
    fn times_do_not_depend_on_what_was_read_before() {
        let clock = LogClock {
            zone: Zone::parse("+01:30").unwrap(),
            year: None,
        };
        let mut times = DocumentTimes::new(clock);
        let usual = "2026-03-04T00:00:07.123Z";
        let mut raws = Vec::new();
        for at in 0..=usual.len() {
            let (before, after) = usual.split_at(at);
            for byte in ["", " ", "0", "6", "Z", ".", "\\n", "é"] {
                raws.push(format!("\"{before}{byte}{after}\""));
                raws.push(format!(
                    "\"{before}{byte}{}\"",
                    after.get(1..).unwrap_or_default()
                ));
            }
        }
        raws.extend(["1772582400123", "null", "\"\"", "{}"].map(str::to_owned));
        let mut told = 0;
        for raw in &raws {
            let found = times.read(raw.as_bytes());
            assert_eq!(found, time_ms(raw.as_bytes(), clock), "{raw}");
            told += usize::from(found.is_some());
        }
        assert!(told > 20, "{told}");
        assert_eq!(
            times.read(b"\"2026-03-04T00:00:07.123\""),
            Some(1_772_582_407_123 - 5_400_000)
        );
    }
}
