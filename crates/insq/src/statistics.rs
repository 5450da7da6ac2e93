//! What a run did.

use std::time::Duration;

use insq_event::ProgressSnapshot;

/// What a run read, found and used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Files, bytes and events.
    pub counters: ProgressSnapshot,
    /// Rows of the result.
    pub rows: u64,
    /// Wall time from the start of the run to its last row. For a query of [`crate::Engine::run_many`], the time of
    /// all threads that was spent on it alone.
    pub elapsed: Duration,
    /// The most memory that was reserved at once, bytes.
    pub peak_memory_bytes: usize,
}
