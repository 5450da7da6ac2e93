//! Lengths of time that instants are rounded to.

use std::cell::Cell;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime};

use insq_event::{Zone, offset_ms};

const MS_PER_HOUR: i64 = 3_600_000;

/// A length of time such as `5m` or `1mo`, as written by the query, and where its buckets begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Period {
    /// How time is divided.
    pub step: Step,
    /// By whose clock.
    pub zone: Zone,
}

/// How a period divides time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// Buckets of equal length; one of them starts at `origin_ms`.
    Fixed {
        /// Length of a bucket, at least 1.
        ms: i64,
        /// An instant at which a bucket starts: the epoch, or a Monday for weeks.
        origin_ms: i64,
    },
    /// Calendar months, counted from January 1970, which begin so many milliseconds late; at least 1.
    Months {
        /// How many make a bucket, at least 1.
        count: u32,
        /// How far behind the start of a month a bucket starts.
        shift_ms: i64,
    },
}

impl Period {
    /// A period by the clock of UTC.
    pub fn utc(step: Step) -> Self {
        Self {
            step,
            zone: Zone::Utc,
        }
    }

    /// The start of the bucket that holds the instant `ms`; `None` where no calendar reaches. Instants
    /// before the origin round towards the past.
    ///
    /// In a zone with daylight saving a day of the clock has 23 to 25 hours, and an hour that the clock shows twice is
    /// two buckets of bins that divide an hour. A longer one begins when the clock first shows its start.
    ///
    /// # Examples
    /// ```
    /// use insq_functions::{Period, Step};
    ///
    /// let minute = Period::utc(Step::Fixed { ms: 60_000, origin_ms: 0 });
    /// assert_eq!(minute.floor(90_000), Some(60_000));
    /// assert_eq!(minute.floor(-1), Some(-60_000));
    /// let month = Period::utc(Step::Months { count: 1, shift_ms: 0 });
    /// assert_eq!(month.floor(1_772_582_400_123), Some(1_772_323_200_000));
    /// ```
    #[inline]
    pub fn floor(self, ms: i64) -> Option<i64> {
        match (self.zone, self.step) {
            (Zone::Utc, Step::Fixed { .. }) => self.local_floor(ms),
            (Zone::Utc, Step::Months { .. }) => self.local_floor(ms),
            (zone, _) if !self.divides_hours() => {
                let mut start = self.local_floor_at(ms, zone)?;
                loop {
                    // A clock that was set back may show times before the start of a bucket that has begun.
                    let next = self.local_next(start)?;
                    if zone.instant_of_local(next)? > ms {
                        return zone.instant_of_local(start).filter(|start| *start <= ms);
                    }
                    start = next;
                }
            }
            (zone, _) => {
                let offset = offset_ms(zone.offset_at(ms)?);
                let start = self.local_floor(ms.checked_add(offset)?)?;
                let same_clock = start - offset;
                if zone.offset_at(same_clock).map(offset_ms) == Some(offset) {
                    return Some(same_clock);
                }
                // The clock was changed within the bucket.
                zone.instant_of(local(start)?).filter(|start| *start <= ms)
            }
        }
    }

    /// The start of the first bucket not before `ms`.
    pub fn ceil(self, ms: i64) -> Option<i64> {
        let floor = self.floor(ms)?;
        if floor == ms { Some(ms) } else { self.next(floor) }
    }

    /// The start of the bucket after the one that starts at `start`.
    pub fn next(self, start: i64) -> Option<i64> {
        match self.zone {
            Zone::Utc => self.local_next(start),
            zone if !self.divides_hours() => {
                let mut local = self.local_floor_at(start, zone)?;
                loop {
                    local = self.local_next(local)?;
                    // What lies in a gap altogether is no bucket.
                    let next = zone.instant_of_local(local)?;
                    if next > start {
                        return Some(next);
                    }
                }
            }
            zone => {
                let offset = offset_ms(zone.offset_at(start)?);
                // A bucket whose start lies in a gap begins behind it.
                let next = self.local_next(self.local_floor_at(start, zone)?)?;
                let same_clock = next - offset;
                if zone.offset_at(same_clock).map(offset_ms) == Some(offset) {
                    return Some(same_clock);
                }
                // The clock is changed within the bucket or at its end: one of these is the first start after it.
                let candidates = [
                    self.floor(same_clock),
                    Some(same_clock),
                    zone.instant_of(local(next)?),
                ];
                let is_next = |at: &i64| {
                    *at > start && self.floor(*at) == Some(*at) && self.floor(*at - 1) == Some(start)
                };
                candidates.into_iter().flatten().find(is_next)
            }
        }
    }

    /// True for buckets of which an hour has a whole number, so that clocks are changed between two of them.
    fn divides_hours(self) -> bool {
        match self.step {
            Step::Fixed { ms, origin_ms } => MS_PER_HOUR % ms.max(1) == 0 && origin_ms % ms.max(1) == 0,
            Step::Months { .. } => false,
        }
    }

    /// What the clock of a zone shows at the start of the bucket that it shows at an instant.
    fn local_floor_at(self, ms: i64, zone: Zone) -> Option<i64> {
        self.local_floor(ms.checked_add(offset_ms(zone.offset_at(ms)?))?)
    }

    fn local_floor(self, ms: i64) -> Option<i64> {
        match self.step {
            Step::Fixed {
                ms: length,
                origin_ms,
            } => {
                let into = ms.checked_sub(origin_ms)?.rem_euclid(length.max(1));
                ms.checked_sub(into)
            }
            Step::Months { count, shift_ms } => {
                let number = month_number(ms.checked_sub(shift_ms)?)?;
                let start = start_of_month(number - number.rem_euclid(i64::from(count.max(1))))?;
                start.checked_add(shift_ms)
            }
        }
    }

    fn local_next(self, start: i64) -> Option<i64> {
        match self.step {
            Step::Fixed { ms, .. } => start.checked_add(ms.max(1)),
            Step::Months { count, shift_ms } => {
                let number = month_number(start.checked_sub(shift_ms)?)?;
                start_of_month(number + i64::from(count.max(1)))?.checked_add(shift_ms)
            }
        }
    }
}

/// Rounds instants that come roughly in order: neighbours are of one bucket, as a rule, which is not looked up again.
pub(crate) struct Rounding {
    period: Period,
    /// Where the bucket of the last instant starts, and a time before which all from there on is known to be of it.
    known: Cell<(i64, i64)>,
    /// The start of a bucket and of the one after it.
    next: Cell<Option<(i64, i64)>>,
}

impl Rounding {
    pub(crate) fn new(period: Period) -> Self {
        Self {
            period,
            known: Cell::new((0, 0)),
            next: Cell::new(None),
        }
    }

    /// As [`Period::floor`].
    #[inline]
    pub(crate) fn floor(&self, ms: i64) -> Option<i64> {
        let (start, before) = self.known.get();
        if start <= ms && ms < before {
            return Some(start);
        }
        let floor = self.period.floor(ms)?;
        self.known.set((floor, self.known_before(floor, ms, start)));
        Some(floor)
    }

    /// As [`Period::ceil`].
    pub(crate) fn ceil(&self, ms: i64) -> Option<i64> {
        let floor = self.floor(ms)?;
        if floor == ms {
            return Some(ms);
        }
        if let Some((start, next)) = self.next.get()
            && start == floor
        {
            return Some(next);
        }
        let next = self.period.next(floor)?;
        self.next.set(Some((floor, next)));
        Some(next)
    }

    /// How far the bucket of `ms` is known to reach, which starts at `floor`.
    fn known_before(&self, floor: i64, ms: i64, last_floor: i64) -> i64 {
        match (self.period.zone, self.period.step) {
            (Zone::Utc, Step::Fixed { ms: length, .. }) => floor.saturating_add(length),
            // By a clock or a calendar the end costs several times as much as the start, too much for one event or two.
            _ if floor == last_floor => self.period.next(floor).unwrap_or(floor),
            _ => ms.saturating_add(1),
        }
    }
}

fn local(ms: i64) -> Option<NaiveDateTime> {
    Some(DateTime::from_timestamp_millis(ms)?.naive_utc())
}

/// Months since January 1970.
fn month_number(ms: i64) -> Option<i64> {
    let date = DateTime::from_timestamp_millis(ms)?.date_naive();
    Some((i64::from(date.year()) - 1970) * 12 + i64::from(date.month0()))
}

fn start_of_month(number: i64) -> Option<i64> {
    let year = i32::try_from(1970 + number.div_euclid(12)).ok()?;
    let month = u32::try_from(number.rem_euclid(12)).ok()? + 1;
    Some(
        NaiveDate::from_ymd_opt(year, month, 1)?
            .and_hms_opt(0, 0, 0)?
            .and_utc()
            .timestamp_millis(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HOUR: i64 = 3_600_000;

    fn at(text: &str) -> i64 {
        DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis()
    }

    fn bins(ms: i64) -> Period {
        Period {
            step: Step::Fixed { ms, origin_ms: 0 },
            zone: Zone::parse("Europe/Berlin").unwrap(),
        }
    }

    #[test]
    fn days_of_23_and_25_hours() {
        let day = bins(24 * HOUR);
        let spring = at("2026-03-29T00:00:00+01:00");
        assert_eq!(day.floor(at("2026-03-29T23:59:59+02:00")), Some(spring));
        assert_eq!(day.next(spring), Some(spring + 23 * HOUR));
        let autumn = at("2026-10-25T00:00:00+02:00");
        assert_eq!(day.floor(at("2026-10-25T23:59:59+01:00")), Some(autumn));
        assert_eq!(day.next(autumn), Some(autumn + 25 * HOUR));
    }

    #[test]
    fn a_day_begins_when_its_first_hour_first_comes() {
        let day = Period {
            zone: Zone::parse("America/Havana").unwrap(),
            ..bins(24 * HOUR)
        };
        // The clock is set back from 1:00 to 0:00.
        let start = at("2026-11-01T00:00:00-04:00");
        for away in [0, HOUR - 1, HOUR, 2 * HOUR, 25 * HOUR - 1] {
            assert_eq!(day.floor(start + away), Some(start), "{away}");
        }
        assert_eq!(day.next(start), Some(start + 25 * HOUR));
    }

    #[test]
    fn a_bin_that_begins_in_a_gap_has_its_usual_end() {
        let hour = Period {
            zone: Zone::parse("Australia/Lord_Howe").unwrap(),
            ..bins(HOUR)
        };
        // The clock goes on from 2:00 to 2:30.
        let start = at("2026-10-04T02:30:00+11:00");
        assert_eq!(hour.floor(start + 1), Some(start));
        assert_eq!(hour.next(start), Some(start + HOUR / 2));
    }

    #[test]
    fn an_hour_that_comes_twice_is_two_bins() {
        let hour = bins(HOUR);
        let first = at("2026-10-25T02:00:00+02:00");
        assert_eq!(hour.floor(first + 1), Some(first));
        assert_eq!(hour.floor(first + HOUR + 1), Some(first + HOUR));
        assert_eq!(hour.next(first), Some(first + HOUR));
        assert_eq!(hour.next(first + HOUR), Some(first + 2 * HOUR));
    }

    const ZONES: [&str; 7] = [
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "Asia/Kolkata",
        "Australia/Lord_Howe",
        "America/Havana",
        "+05:45",
    ];

    /// Half of the instants lie near a change of the clock in one of the zones.
    fn any_second() -> impl Strategy<Value = i64> {
        let changes = vec![
            1_774_746_000_i64,
            1_792_890_000,
            1_772_953_200,
            1_793_512_800,
            1_775_314_800,
            1_791_039_600,
            1_793_509_200,
            1_772_946_000,
        ];
        prop_oneof![
            1_700_000_000_i64..1_830_000_000,
            (prop::sample::select(changes), -200_000_i64..200_000).prop_map(|(change, away)| change + away),
        ]
    }

    fn any_period() -> impl Strategy<Value = Period> {
        let lengths = vec![
            1_000,
            60_000,
            420_000,
            1_800_000,
            HOUR,
            6 * HOUR,
            24 * HOUR,
            168 * HOUR,
        ];
        let fixed = (
            prop::sample::select(lengths),
            prop::sample::select(vec![0, 0, 1_000, 1_800_000, HOUR, 90 * 60_000]),
        );
        let months = (
            1_u32..13,
            prop::sample::select(vec![0, 1_000, HOUR, 40 * 24 * HOUR]),
        );
        let step = prop_oneof![
            fixed.prop_map(|(ms, origin_ms)| Step::Fixed { ms, origin_ms }),
            months.prop_map(|(count, shift_ms)| Step::Months { count, shift_ms }),
        ];
        (step, prop::sample::select(ZONES.to_vec())).prop_map(|(step, zone)| Period {
            step,
            zone: Zone::parse(zone).unwrap(),
        })
    }

    proptest! {
        #[test]
        fn buckets_follow_each_other(seconds in any_second(), period in any_period()) {
            let ms = seconds * 1_000 + 7;
            let start = period.floor(ms).unwrap();
            let next = period.next(start).unwrap();
            prop_assert!(start <= ms && ms < next, "{start} {ms} {next}");
            prop_assert_eq!(period.floor(start), Some(start));
            prop_assert_eq!(period.floor(next - 1), Some(start));
            prop_assert_eq!(period.floor(next), Some(next));
            prop_assert_eq!(period.ceil(ms), Some(if start == ms { start } else { next }));
        }

        #[test]
        fn what_is_remembered_changes_no_bucket(
            seconds in any_second(),
            period in any_period(),
            // Near each other, so that many are of one bucket, on both sides of its ends.
            spread in prop::sample::select(vec![2_000_i64, 400_000, 4 * HOUR, 400 * HOUR]),
            places in prop::collection::vec(-1.0_f64..1.0, 1..40),
        ) {
            let rounding = Rounding::new(period);
            for place in places {
                let ms = seconds * 1_000 + (place * spread as f64) as i64;
                prop_assert_eq!(rounding.floor(ms), period.floor(ms), "{}", ms);
                prop_assert_eq!(rounding.ceil(ms), period.ceil(ms), "{}", ms);
            }
        }
    }
}
