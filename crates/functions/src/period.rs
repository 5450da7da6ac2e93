//! Lengths of time that instants are rounded to.

use chrono::{DateTime, Datelike, NaiveDate};

/// A length of time such as `5m` or `1mo`, as written by the query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Period {
    /// How time is divided.
    pub step: Step,
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
    /// Calendar months in UTC, counted from January 1970; at least 1.
    Months(u32),
}

impl Period {
    /// The start of the bucket that holds the instant `ms`; `None` where no calendar reaches. Instants
    /// before the origin round towards the past.
    ///
    /// # Examples
    /// ```
    /// use insq_functions::{Period, Step};
    ///
    /// let minute = Period { step: Step::Fixed { ms: 60_000, origin_ms: 0 } };
    /// assert_eq!(minute.floor(90_000), Some(60_000));
    /// assert_eq!(minute.floor(-1), Some(-60_000));
    /// let month = Period { step: Step::Months(1) };
    /// assert_eq!(month.floor(1_772_582_400_123), Some(1_772_323_200_000));
    /// ```
    #[inline]
    pub fn floor(self, ms: i64) -> Option<i64> {
        match self.step {
            Step::Fixed {
                ms: length,
                origin_ms,
            } => {
                let into = ms.checked_sub(origin_ms)?.rem_euclid(length.max(1));
                ms.checked_sub(into)
            }
            Step::Months(months) => {
                let number = month_number(ms)?;
                start_of_month(number - number.rem_euclid(i64::from(months.max(1))))
            }
        }
    }

    /// The start of the first bucket not before `ms`.
    pub fn ceil(self, ms: i64) -> Option<i64> {
        let floor = self.floor(ms)?;
        if floor == ms {
            return Some(ms);
        }
        match self.step {
            Step::Fixed { ms: length, .. } => floor.checked_add(length.max(1)),
            Step::Months(months) => start_of_month(month_number(floor)? + i64::from(months.max(1))),
        }
    }
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
