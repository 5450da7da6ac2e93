//! Dates and times of the day as text.

use insq_event::date_of_day;

/// `2026-03-04`, of a day since the epoch.
pub(crate) fn date_text(days: i64) -> String {
    let (year, month, day) = date_of_day(days);
    format!("{year:04}-{month:02}-{day:02}")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times_of_the_day() {
        assert_eq!(date_text(20_516), "2026-03-04");
        assert_eq!(date_text(-1), "1969-12-31");
        assert_eq!(clock_text(45_296, 1), "12:34:56");
        assert_eq!(clock_text(45_296_007, 1_000), "12:34:56.007");
    }
}
