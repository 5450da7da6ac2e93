//! Units of time, and how it is cut.

/// Microseconds of a tick, the unit that invocations are kept in. Two let a 32-bit number reach beyond two
/// hours, and are finer than the 10 microseconds of a REPORT line.
pub(crate) const TICK_US: i64 = 2;

/// Microseconds of a slice of time, which is swept by itself: an hour.
pub(crate) const SLICE_US: i64 = 3_600_000_000;

/// Ticks of a slice.
pub(crate) const SLICE_TICKS: u32 = (SLICE_US / TICK_US) as u32;

/// Microseconds of a millisecond.
pub(crate) const MS_US: i64 = 1_000;

/// Microseconds of a second.
pub(crate) const SECOND_US: i64 = 1_000_000;

/// The longest that an invocation counts as busy, milliseconds: two hours. No function may run for longer than
/// a quarter of an hour, no newer kind for longer than an hour and a half; a log that says more is wrong.
pub const BUSY_MAX_MS: f64 = 7_200_000.0;

/// Times further from the epoch than this, milliseconds, are none: about 127,000 years.
pub(crate) const TIME_MAX_MS: i64 = 4_000_000_000_000_000;
