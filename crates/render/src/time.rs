//! Times as text.

use std::fmt::Write;
use std::ops::RangeInclusive;

const MS_PER_DAY: i64 = 86_400_000;
/// Days of 400 Gregorian years.
const DAYS_PER_ERA: i64 = 146_097;
/// From 0000-03-01, where eras begin, to 1970-01-01.
const DAYS_TO_EPOCH: i64 = 719_468;

/// The years that are shown as dates, -262143 to 262142, are those that the language can calculate with.
const CALENDAR_MS: RangeInclusive<i64> = -8_334_601_228_800_000..=8_210_266_876_799_999;

/// Appends `YYYY-MM-DD HH:MM:SS.mmm`, UTC, for milliseconds since the epoch.
///
/// Years of more digits and years before 0 have a sign. Instants that no calendar reaches are milliseconds.
///
/// ```
/// let mut text = String::new();
/// insq_render::write_time(&mut text, 1_700_000_123_456);
/// assert_eq!(text, "2023-11-14 22:15:23.456");
/// ```
pub fn write_time(out: &mut String, time_ms: i64) {
    if !CALENDAR_MS.contains(&time_ms) {
        // Writing to a String cannot fail.
        let _ = write!(out, "{time_ms}");
        return;
    }
    let (year, month, day) = civil_date(time_ms.div_euclid(MS_PER_DAY));
    let ms = time_ms.rem_euclid(MS_PER_DAY);
    let (hour, minute, second, ms) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000);
    let sign = match year {
        ..0 => "-",
        0..=9999 => "",
        _ => "+",
    };
    let year = year.abs();
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "{sign}{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{ms:03}"
    );
}

/// Year, month and day of a day number, in the proleptic Gregorian calendar.
///
/// Counting from the first of March puts the leap day at the end of a year, where it disturbs nothing.
fn civil_date(days_since_epoch: i64) -> (i64, i64, i64) {
    let days = days_since_epoch + DAYS_TO_EPOCH;
    let era = days.div_euclid(DAYS_PER_ERA);
    let day_of_era = days.rem_euclid(DAYS_PER_ERA);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(time_ms: i64) -> String {
        let mut text = String::new();
        write_time(&mut text, time_ms);
        text
    }

    #[test]
    fn times_are_utc_with_milliseconds() {
        for (time_ms, expected) in [
            (0, "1970-01-01 00:00:00.000"),
            (-1, "1969-12-31 23:59:59.999"),
            (951_782_400_000, "2000-02-29 00:00:00.000"),
            (1_709_164_800_001, "2024-02-29 00:00:00.001"),
            (4_107_542_399_999, "2100-02-28 23:59:59.999"),
            (4_107_542_400_000, "2100-03-01 00:00:00.000"),
            (253_402_300_800_000, "+10000-01-01 00:00:00.000"),
            (-62_198_755_200_000, "-0001-01-01 00:00:00.000"),
            (*CALENDAR_MS.end(), "+262142-12-31 23:59:59.999"),
            (*CALENDAR_MS.end() + 1, "8210266876800000"),
            (*CALENDAR_MS.start(), "-262143-01-01 00:00:00.000"),
            (*CALENDAR_MS.start() - 1, "-8334601228800001"),
        ] {
            assert_eq!(text_of(time_ms), expected, "{time_ms}");
        }
    }

    #[test]
    fn days_follow_each_other_for_eight_centuries() {
        let mut previous = text_of(-400 * 366 * MS_PER_DAY);
        for day in -400 * 366 + 1..400 * 366 {
            let text = text_of(day * MS_PER_DAY);
            assert!(text > previous, "{previous} comes before {text}");
            previous = text;
        }
    }
}
