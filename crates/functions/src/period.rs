//! Lengths of time that instants are rounded to.

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
