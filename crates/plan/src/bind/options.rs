//! What a query is bound with beside its text.

use std::sync::Arc;

use insq_event::Zone;
use insq_event::{NoTables, Tables, TimeRange};

/// What belongs to a query beside its text.
#[derive(Clone)]
pub struct BindOptions {
    /// Where `lookup` finds its tables.
    pub tables: Arc<dyn Tables + Send + Sync>,
    /// The instant of the query, milliseconds since the epoch: relative bounds of `SOURCE` count from it.
    pub now_ms: i64,
    /// The time range that the query is given from outside.
    pub time_range: TimeRange,
    /// The clock by which `bin`, `datefloor` and `dateceil` divide time.
    pub zone: Zone,
    /// Whether the limits and quirks of the service hold.
    pub service: ServiceRules,
    /// True when the last `stats` by a time bin gets rows for its empty bins, with 0 for counts.
    pub fill_bins: bool,
}

/// What is made of the limits and quirks of the service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ServiceRules {
    /// They do not hold.
    #[default]
    Ignored,
    /// They do not hold, and every one that the query meets is a warning.
    Remarked,
    /// They hold: what the service refuses is refused, and what it cuts is cut.
    Enforced,
}

impl Default for BindOptions {
    fn default() -> Self {
        Self {
            tables: Arc::new(NoTables),
            now_ms: 0,
            time_range: TimeRange::ALL,
            zone: Zone::Utc,
            service: ServiceRules::Ignored,
            fill_bins: false,
        }
    }
}

impl std::fmt::Debug for BindOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BindOptions")
            .field("now_ms", &self.now_ms)
            .field("time_range", &self.time_range)
            .field("zone", &self.zone)
            .field("service", &self.service)
            .field("fill_bins", &self.fill_bins)
            .finish_non_exhaustive()
    }
}
