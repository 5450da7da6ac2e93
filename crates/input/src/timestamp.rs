//! Times at the start of lines: found, checked and read without a general parser.

use insq_event::{MS_PER_DAY, day_of_date};

use crate::clock::WrittenTime;

/// Length of `2026-03-04T00:00:00.123Z`.
pub(crate) const EXPORT_TIME_BYTES: usize = 24;

/// Length of the part that lines of the same minute share: `2026-03-04T00:00:`.
const MINUTE_BYTES: usize = 17;

/// Reads the times of export lines. Remembers the last minute, since neighbours nearly always share it.
#[derive(Clone, Debug)]
pub(crate) struct ExportTimes {
    minute: [u8; MINUTE_BYTES],
    minute_ms: i64,
}

impl ExportTimes {
    pub(crate) fn new() -> Self {
        Self {
            minute: [0; MINUTE_BYTES],
            minute_ms: 0,
        }
    }

    /// The time at the start of `line`, milliseconds since the epoch, when the line starts with the time of
    /// an export, followed by a blank, a line end or nothing.
    #[inline]
    pub(crate) fn read(&mut self, line: &[u8]) -> Option<i64> {
        let time = line.first_chunk::<EXPORT_TIME_BYTES>()?;
        if !matches!(line.get(EXPORT_TIME_BYTES), None | Some(b' ' | b'\n' | b'\r')) {
            return None;
        }
        let in_minute = seconds_ms(*time.last_chunk()?)?;
        let minute = time.first_chunk()?;
        if *minute != self.minute {
            self.minute_ms = minute_ms(time)?;
            self.minute = *minute;
        }
        Some(self.minute_ms + in_minute)
    }
}

/// Milliseconds that `:01.234Z` tells. Its bytes are looked at together.
#[inline]
fn seconds_ms(text: [u8; 8]) -> Option<i64> {
    const SHAPE: u64 = u64::from_le_bytes(*b":00.000Z");
    const SIGNS: u64 = u64::from_le_bytes([0xff, 0, 0, 0xff, 0, 0, 0, 0xff]);
    // Digits become their values, signs zero.
    let values = u64::from_le_bytes(text) ^ SHAPE;
    // More than nine has its highest bit set, or gets it by this sum; so does what a carry comes from.
    let above_nine = (values | values.wrapping_add(EACH_BYTE * (0x80 - 10))) & (EACH_BYTE * 0x80);
    if values & SIGNS | above_nine != 0 {
        return None;
    }
    let [_, ten_seconds, seconds, _, hundreds, tens, ones, _] = values.to_le_bytes().map(i64::from);
    let second = ten_seconds * 10 + seconds;
    // 60 is a leap second; the service writes none, other writers do.
    (second <= 60).then_some(second * 1_000 + hundreds * 100 + tens * 10 + ones)
}

const EACH_BYTE: u64 = 0x0101_0101_0101_0101;

#[inline]
fn digit(byte: u8) -> Option<u32> {
    let value = byte.wrapping_sub(b'0');
    (value < 10).then_some(u32::from(value))
}

#[inline]
fn two(tens: u8, ones: u8) -> Option<u32> {
    Some(digit(tens)? * 10 + digit(ones)?)
}

/// Milliseconds at the start of the minute that `2026-03-04T00:00:` names, checked against the calendar.
fn minute_ms(time: &[u8]) -> Option<i64> {
    if time[4] != b'-' || time[7] != b'-' || time[10] != b'T' || time[13] != b':' || time[16] != b':' {
        return None;
    }
    let year = two(time[0], time[1])? * 100 + two(time[2], time[3])?;
    let (month, day) = (two(time[5], time[6])?, two(time[8], time[9])?);
    let (hour, minute) = (two(time[11], time[12])?, two(time[14], time[15])?);
    if hour > 23 || minute > 59 {
        return None;
    }
    let days = day_of_date(i64::from(year), month, day)?;
    Some(days * MS_PER_DAY + i64::from(hour) * 3_600_000 + i64::from(minute) * 60_000)
}

/// As [`read_written`], where a time that names no zone is of UTC. Returns milliseconds and the bytes read.
pub(crate) fn read_iso(text: &[u8]) -> Option<(i64, usize)> {
    read_written(text).map(|(written, end)| (written.ms, end))
}

/// A time in one of the shapes of ISO 8601 that logs use: date, `T` or a blank, time, an optional fraction,
/// and `Z`, an offset, or nothing. Returns the time and the bytes read.
pub(crate) fn read_written(text: &[u8]) -> Option<(WrittenTime, usize)> {
    let told = |ms, end| {
        let names_zone = true;
        Some((WrittenTime { ms, names_zone }, end))
    };
    let head = text.get(..19)?;
    let mut canonical = [0; MINUTE_BYTES];
    canonical.copy_from_slice(&head[..MINUTE_BYTES]);
    if canonical[10] == b' ' {
        canonical[10] = b'T';
    }
    let second = two(head[17], head[18])?;
    let mut ms = minute_ms(&canonical)? + i64::from(second) * 1_000;
    let mut at = 19;
    if second > 60 {
        return None;
    }
    if let Some(b'.' | b',') = text.get(at) {
        let digits = text[at + 1..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let mut fraction = 0;
        for place in 0..3 {
            fraction = fraction * 10
                + i64::from(
                    text.get(at + 1 + place)
                        .filter(|_| place < digits)
                        .map_or(0, |b| b - b'0'),
                );
        }
        ms += fraction;
        at += 1 + digits;
    }
    match text.get(at) {
        Some(b'Z') => told(ms, at + 1),
        Some(sign @ (b'+' | b'-')) => {
            let hours = two(*text.get(at + 1)?, *text.get(at + 2)?)?;
            let colon = usize::from(text.get(at + 3) == Some(&b':'));
            let minutes = two(*text.get(at + 3 + colon)?, *text.get(at + 4 + colon)?)?;
            let offset = i64::from(hours * 60 + minutes) * 60_000;
            told(
                if *sign == b'+' { ms - offset } else { ms + offset },
                at + 5 + colon,
            )
        }
        _ => {
            let names_zone = false;
            Some((WrittenTime { ms, names_zone }, at))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn export_times() {
        let mut times = ExportTimes::new();
        let mut check =
            |line: &str, expected: Option<i64>| assert_eq!(times.read(line.as_bytes()), expected, "{line}");
        check("1970-01-01T00:00:01.250Z hello", Some(1_250));
        check("1970-01-01T00:00:02.000Z", Some(2_000));
        check("2026-03-04T00:00:00.123Z x", Some(1_772_582_400_123));
        check("2024-02-29T23:59:59.999Z x", Some(1_709_251_199_999));
        check("2023-02-29T23:59:59.999Z x", None);
        check("2026-03-04T24:00:00.123Z x", None);
        check("2026-03-04T00:00:00.123Zx", None);
        check("2026-03-04T00:00:00.12Z x", None);
        check("2026-03-04 00:00:00.123Z x", None);
        check("2026-03-04T00:00:0a.123Z x", None);
        check("2026-03-04T00:00:00.123Z\tx", None);
        check("", None);
    }

    /// The bytes that are read together mean what they mean one by one.
    #[test]
    fn every_byte_in_every_place_of_a_minute() {
        let one_by_one = |text: [u8; 8]| {
            let [colon, tens, ones, point, a, b, c, zone] = text;
            let second = two(tens, ones).filter(|second| *second <= 60)?;
            let milli = digit(a)? * 100 + two(b, c)?;
            let has_signs = (colon, point, zone) == (b':', b'.', b'Z');
            has_signs.then_some(i64::from(second * 1_000 + milli))
        };
        let mut times = 0;
        for text in [
            *b":07.250Z",
            *b":59.999Z",
            *b":60.000Z",
            *b":61.000Z",
            *b":99.000Z",
        ] {
            for place in 0..8 {
                for byte in 0..=u8::MAX {
                    for last in [text[7], b'0', 0xff] {
                        let mut text = text;
                        text[7] = last;
                        text[place] = byte;
                        assert_eq!(seconds_ms(text), one_by_one(text), "{text:?}");
                        times += usize::from(seconds_ms(text).is_some());
                    }
                }
            }
        }
        assert!(times > 100, "{times}");
    }

    #[test]
    fn iso_times() {
        let check = |text: &str, expected: Option<(i64, usize)>| {
            assert_eq!(read_iso(text.as_bytes()), expected, "{text}")
        };
        check("1970-01-01T00:00:01Z", Some((1_000, 20)));
        check("1970-01-01T00:00:01.25Z x", Some((1_250, 23)));
        check("1970-01-01 00:00:01,250999", Some((1_250, 26)));
        check("1970-01-01T01:00:01.000001+01:00 s", Some((1_000, 32)));
        check("1970-01-01T00:00:01-0130", Some((5_401_000, 24)));
        check("1970-01-01T00:00:01", Some((1_000, 19)));
        check("1970-01-32T00:00:01", None);
        check("short", None);
    }
}
