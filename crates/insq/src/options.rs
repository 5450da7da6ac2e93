//! What a caller can ask of a query and of a run.

use std::sync::Arc;

use insq_event::Zone;
use insq_event::{Cancellation, Progress, TimeRange};
use insq_plan::ServiceRules;

/// The memory limit when none is given: enough for a week of one-second bins, little enough for a laptop.
pub const MEMORY_LIMIT_DEFAULT_BYTES: usize = 2 << 30;

/// What belongs to a query beside its text.
///
/// # Examples
/// ```
/// use insq::{QueryOptions, TimeRange};
///
/// let last_minute = QueryOptions {
///     time_range: TimeRange { start_ms: Some(1_772_582_400_000), end_ms: None },
///     limit: Some(100),
///     ..QueryOptions::default()
/// };
/// assert!(!last_minute.strict);
/// ```
#[derive(Clone, Debug)]
pub struct QueryOptions {
    /// Only events of this time.
    pub time_range: TimeRange,
    /// Rows of the result at most, beside what the query itself says.
    pub limit: Option<u64>,
    /// The instant that `now()` stands for, milliseconds since the epoch.
    pub now_ms: i64,
    /// True when damaged input is to end the run, and warnings about the query are to refuse it.
    pub strict: bool,
    /// The clock by which `bin`, `datefloor` and `dateceil` divide time.
    pub zone: Zone,
    /// What is made of the limits and quirks of the service.
    pub service: ServiceRules,
    /// True when the last `stats` by a time bin gets rows for its empty bins, with 0 for counts.
    pub fill_bins: bool,
    /// Rows of a batch at most, inside the engine. A setting for tests: it never changes an answer.
    pub batch_rows: usize,
    /// False to run the plan as it was bound. A setting for tests: it never changes an answer.
    pub optimize: bool,
}

impl Default for QueryOptions {
    /// All times, all rows, `now()` at the epoch, damage tolerated.
    fn default() -> Self {
        Self {
            time_range: TimeRange::ALL,
            limit: None,
            now_ms: 0,
            strict: false,
            zone: Zone::Utc,
            service: ServiceRules::Ignored,
            fill_bins: false,
            batch_rows: insq_exec::BATCH_ROWS_DEFAULT,
            optimize: true,
        }
    }
}

/// How a caller follows and stops a run. Clones share both.
#[derive(Clone, Debug, Default)]
pub struct RunControl {
    /// Stops the run soon after it is cancelled.
    pub cancellation: Cancellation,
    /// Counts while the run goes on; read it from another thread.
    pub progress: Arc<Progress>,
}
