//! Times that say less than an instant: by whose clock they were written, and in which year.

use insq_event::Zone;

/// By which clock the times of logs are read that name no zone, or no year. Times that name theirs are read as they stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct LogClock {
    /// The zone of times that name none. Columns of Parquet and Arrow, and what the service's own interface and command
    /// line give, are UTC in any case.
    pub zone: Zone,
    /// The year of times that name none. Without it, lines that begin with such a time have no time.
    pub year: Option<u16>,
}

/// A time as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WrittenTime {
    /// Milliseconds since the epoch; of a time that names no zone, as if it were UTC.
    pub(crate) ms: i64,
    pub(crate) names_zone: bool,
}

impl LogClock {
    /// What needs no clock.
    pub(crate) const UTC: Self = Self {
        zone: Zone::Utc,
        year: None,
    };

    /// Milliseconds since the epoch; `None` where no calendar reaches.
    #[inline]
    pub(crate) fn instant(self, written: WrittenTime) -> Option<i64> {
        if written.names_zone {
            return Some(written.ms);
        }
        self.zone.instant_of_local(written.ms)
    }

    /// True when times that follow each other as written do so as instants: no clock is set back in between.
    pub(crate) fn keeps_order(self) -> bool {
        self.zone.is_fixed()
    }

    /// In few words, for what tells one way of reading from another.
    pub(crate) fn signature(self) -> String {
        format!("{:?} {:?}", self.zone, self.year)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_times_without_a_zone_are_of_the_clock() {
        let clock = LogClock {
            zone: Zone::parse("+01:30").unwrap(),
            year: None,
        };
        let written = |names_zone| WrittenTime {
            ms: 10_000_000,
            names_zone,
        };
        assert_eq!(clock.instant(written(true)), Some(10_000_000));
        assert_eq!(clock.instant(written(false)), Some(10_000_000 - 5_400_000));
        assert_eq!(LogClock::UTC.instant(written(false)), Some(10_000_000));
        assert_eq!(LogClock::UTC, LogClock::default());
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_keep_the_order() {
        let of = |zone: &str| LogClock {
            zone: Zone::parse(zone).unwrap(),
            year: None,
        };
        assert!(of("UTC").keeps_order() && of("-03:30").keeps_order());
        assert!(!of("Europe/Berlin").keeps_order());
        assert_ne!(of("UTC").signature(), of("+00:30").signature());
    }
}
