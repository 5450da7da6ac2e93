//! Days of the proleptic Gregorian calendar, and times as text.

use std::fmt::Write;
use std::ops::RangeInclusive;

/// Milliseconds of a day.
pub const MS_PER_DAY: i64 = 86_400_000;
/// Days of 400 Gregorian years.
const DAYS_PER_ERA: i64 = 146_097;
/// From 0000-03-01, where eras begin, to 1970-01-01.
const DAYS_TO_EPOCH: i64 = 719_468;

/// The years that are shown as dates, -262143 to 262142, are those that the language can calculate with.
const CALENDAR_MS: RangeInclusive<i64> = -8_334_601_228_800_000..=8_210_266_876_799_999;

/// Year, month and day of a day, which is counted from 1970-01-01.
///
/// ```
/// assert_eq!(insq_event::date_of_day(20_516), (2026, 3, 4));
/// assert_eq!(insq_event::date_of_day(-1), (1969, 12, 31));
/// ```
pub fn date_of_day(day: i64) -> (i64, u32, u32) {
    // Counting from the first of March puts the leap day at the end of a year, where it disturbs nothing.
    let days = day + DAYS_TO_EPOCH;
    let (era, day_of_era) = (days.div_euclid(DAYS_PER_ERA), days.rem_euclid(DAYS_PER_ERA));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month as u32, day as u32)
}

/// The day of a date, counted from 1970-01-01; `None` when there is no such date.
///
/// ```
/// assert_eq!(insq_event::day_of_date(2026, 3, 4), Some(20_516));
/// assert_eq!(insq_event::day_of_date(2026, 2, 29), None);
/// ```
pub fn day_of_date(year: i64, month: u32, day: u32) -> Option<i64> {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if day == 0 || day > length {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let month_from_march = i64::from((month + 9) % 12);
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * DAYS_PER_ERA + day_of_era - DAYS_TO_EPOCH)
}

/// Appends `YYYY-MM-DD HH:MM:SS.mmm`, UTC, for milliseconds since the epoch.
///
/// Years of more digits and years before 0 have a sign. Instants that no calendar reaches are milliseconds.
///
/// ```
/// let mut text = String::new();
/// insq_event::write_time(&mut text, 1_700_000_123_456);
/// assert_eq!(text, "2023-11-14 22:15:23.456");
/// ```
pub fn write_time(out: &mut String, time_ms: i64) {
    if !CALENDAR_MS.contains(&time_ms) {
        // Writing to a String cannot fail.
        let _ = write!(out, "{time_ms}");
        return;
    }
    let (year, month, day) = date_of_day(time_ms.div_euclid(MS_PER_DAY));
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

    #[test]
    fn days_and_dates_are_each_other() {
        let mut previous = (-9999, 1, 1);
        for day in -2_000_000..2_000_000 {
            let (year, month, number) = date_of_day(day);
            assert_eq!(day_of_date(year, month, number), Some(day));
            assert!((year, month, number) > previous);
            previous = (year, month, number);
        }
        for (year, month, day) in [
            (2025, 2, 29),
            (2026, 0, 1),
            (2026, 13, 1),
            (2026, 4, 31),
            (2026, 1, 32),
            (2026, 1, 0),
            (1900, 2, 29),
        ] {
            assert_eq!(day_of_date(year, month, day), None, "{year}-{month}-{day}");
        }
    }

    #[test]
    fn dates_agree_with_counting() {
        let mut days = 0;
        for year in 1970..2110 {
            for month in 1..=12 {
                for day in 1..=31 {
                    if let Some(found) = day_of_date(year, month, day) {
                        assert_eq!(found, days, "{year}-{month}-{day}");
                        days += 1;
                    }
                }
            }
        }
    }
}
