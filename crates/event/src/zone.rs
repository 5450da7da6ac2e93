//! Time zones: UTC, a fixed offset, or a place of the IANA database with its daylight saving.

use chrono::{FixedOffset, MappedLocalTime, NaiveDateTime, Offset, TimeZone, Utc};

/// A time zone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Zone {
    /// Coordinated universal time.
    #[default]
    Utc,
    /// The same offset at all times.
    Fixed(FixedOffset),
    /// A place, with its rules of daylight saving.
    Named(chrono_tz::Tz),
}

impl Zone {
    /// The zone of a text: `UTC`, `+02:00`, `Europe/Berlin`; `None` when there is no such zone.
    ///
    /// ```
    /// use insq_event::Zone;
    ///
    /// assert_eq!(Zone::parse("utc"), Some(Zone::Utc));
    /// assert!(Zone::parse("Europe/Berlin").is_some());
    /// assert!(Zone::parse("-03:30").is_some());
    /// assert_eq!(Zone::parse("Mars/Olympus"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        if ["utc", "z", "gmt"]
            .iter()
            .any(|name| name.eq_ignore_ascii_case(text))
        {
            return Some(Self::Utc);
        }
        if text.starts_with(['+', '-']) {
            return offset(text).map(Self::Fixed);
        }
        chrono_tz::Tz::from_str_insensitive(text).ok().map(Self::Named)
    }

    /// The offset from UTC at an instant; `None` where no calendar reaches.
    pub fn offset_at(self, ms: i64) -> Option<FixedOffset> {
        let instant = chrono::DateTime::<Utc>::from_timestamp_millis(ms)?;
        Some(match self {
            Self::Utc => Utc.fix(),
            Self::Fixed(offset) => offset,
            Self::Named(zone) => zone.offset_from_utc_datetime(&instant.naive_utc()).fix(),
        })
    }

    /// Milliseconds since the epoch of a local time: the earlier one where the clock shows it twice, and the first
    /// instant after the gap where it never does.
    pub fn instant_of(self, local: NaiveDateTime) -> Option<i64> {
        match self {
            Self::Utc => Some(local.and_utc().timestamp_millis()),
            Self::Fixed(offset) => Some(local.and_utc().timestamp_millis() - offset_ms(offset)),
            Self::Named(zone) => match zone.from_local_datetime(&local) {
                MappedLocalTime::Single(time) | MappedLocalTime::Ambiguous(time, _) => {
                    Some(time.timestamp_millis())
                }
                MappedLocalTime::None => self.after_gap(local),
            },
        }
    }

    /// As [`Zone::instant_of`], for a local time told as the milliseconds that it would be of in UTC; `None` where no
    /// calendar reaches.
    ///
    /// ```
    /// use insq_event::Zone;
    ///
    /// let zone = Zone::parse("+02:00").unwrap();
    /// assert_eq!(zone.instant_of_local(7_200_000), Some(0));
    /// ```
    pub fn instant_of_local(self, local_ms: i64) -> Option<i64> {
        match self {
            Self::Utc => Some(local_ms),
            Self::Fixed(offset) => local_ms.checked_sub(offset_ms(offset)),
            Self::Named(_) => {
                let local = chrono::DateTime::<Utc>::from_timestamp_millis(local_ms)?;
                self.instant_of(local.naive_utc())
            }
        }
    }

    /// True when every instant has the same offset from UTC, so that local times are in the order of instants.
    pub fn is_fixed(self) -> bool {
        !matches!(self, Self::Named(_))
    }

    /// In a gap, the local time by the offset before the gap is an instant after it, by as much as it lies in the gap.
    fn after_gap(self, local: NaiveDateTime) -> Option<i64> {
        let as_utc = local.and_utc().timestamp_millis();
        // No zone is further from UTC than a day, so a day before lies before the gap, and no two changes are so near.
        let before = self.offset_at(as_utc - DAY_MS)?;
        let after = self.offset_at(as_utc + DAY_MS)?;
        let later = as_utc - offset_ms(before);
        let into_gap = offset_ms(after) - offset_ms(before);
        // The gap begins where the offset changes: search the change between the two readings of the clock.
        let (mut low, mut high) = (later - into_gap.max(0), later);
        while low + 1 < high {
            let middle = low + (high - low) / 2;
            if self.offset_at(middle)? == before {
                low = middle;
            } else {
                high = middle;
            }
        }
        Some(high)
    }
}

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// Milliseconds east of UTC.
pub fn offset_ms(offset: FixedOffset) -> i64 {
    i64::from(offset.local_minus_utc()) * 1_000
}

/// `+02:00`, `-0330`
fn offset(text: &str) -> Option<FixedOffset> {
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits: String = text.get(1..)?.chars().filter(|c| *c != ':').collect();
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes) = (digits[..2].parse::<i32>().ok()?, digits[2..].parse::<i32>().ok()?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    FixedOffset::east_opt(sign * (hours * 3_600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    fn local(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
    }

    fn utc(text: &str) -> i64 {
        local(text).and_utc().timestamp_millis()
    }

    #[test]
    fn names_and_offsets() {
        for (text, known) in [
            ("Europe/Berlin", true),
            ("europe/berlin", true),
            ("+05:30", true),
            ("-0330", true),
            ("+24:00", false),
            ("+23:60", false),
            ("+5", false),
            ("Berlin", false),
            ("", false),
        ] {
            assert_eq!(Zone::parse(text).is_some(), known, "{text}");
        }
    }

    #[test]
    fn the_clock_in_spring_and_autumn() {
        let berlin = Zone::parse("Europe/Berlin").unwrap();
        assert_eq!(
            berlin.instant_of(local("2026-03-29 01:59")),
            Some(utc("2026-03-29 00:59"))
        );
        // From 02:00 to 03:00 the clock shows nothing.
        assert_eq!(
            berlin.instant_of(local("2026-03-29 02:30")),
            Some(utc("2026-03-29 01:00"))
        );
        assert_eq!(
            berlin.instant_of(local("2026-03-29 03:00")),
            Some(utc("2026-03-29 01:00"))
        );
        // From 02:00 to 03:00 it shows everything twice.
        assert_eq!(
            berlin.instant_of(local("2026-10-25 02:30")),
            Some(utc("2026-10-25 00:30"))
        );
        assert_eq!(
            berlin.instant_of(local("2026-10-25 03:00")),
            Some(utc("2026-10-25 02:00"))
        );
    }

    #[test]
    fn a_midnight_that_never_was() {
        let zone = Zone::parse("America/Sao_Paulo").unwrap();
        let day = NaiveDate::from_ymd_opt(2018, 11, 4)
            .unwrap()
            .and_hms_opt(0, 0, 0)
            .unwrap();
        assert_eq!(zone.instant_of(day), Some(utc("2018-11-04 03:00")));
    }
}
