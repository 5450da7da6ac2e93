//! Days of the calendar, and times of the day.

/// Milliseconds of a day.
pub(crate) const MS_PER_DAY: i64 = 86_400_000;

/// `2026-03-04`, of a day since the epoch.
pub(crate) fn date_text(days: i64) -> String {
    let (year, month, day) = civil(days);
    format!("{year:04}-{month:02}-{day:02}")
}

/// `2026-03-04 00:00:00.123`, the form in which times are shown.
pub(super) fn time_text(ms: i64) -> String {
    let (days, rest) = (ms.div_euclid(MS_PER_DAY), ms.rem_euclid(MS_PER_DAY));
    let (seconds, millis) = (rest / 1_000, rest % 1_000);
    format!(
        "{} {:02}:{:02}:{:02}.{millis:03}",
        date_text(days),
        seconds / 3_600,
        seconds / 60 % 60,
        seconds % 60
    )
}

/// `12:34:56.007`, of a count of fractions of a second since midnight, with as many digits as the fractions have.
pub(super) fn clock_text(value: i64, per_second: i64) -> String {
    let (seconds, fraction) = (value.div_euclid(per_second), value.rem_euclid(per_second));
    let whole = format!(
        "{:02}:{:02}:{:02}",
        seconds / 3_600,
        seconds / 60 % 60,
        seconds % 60
    );
    match per_second.ilog10() as usize {
        0 => whole,
        digits => format!("{whole}.{fraction:0digits$}"),
    }
}

/// Year, month and day of a day since the epoch, by eras of 400 years that begin in March.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_the_calendar() {
        for (days, expected) in [
            (0, (1970, 1, 1)),
            (-1, (1969, 12, 31)),
            (11_016, (2000, 2, 29)),
            (20_516, (2026, 3, 4)),
        ] {
            assert_eq!(civil(days), expected);
        }
    }
}
