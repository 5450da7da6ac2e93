//! Analyses of AWS Lambda logs that go beyond a query: exact concurrency from the intervals during which
//! execution environments were busy.
//!
//! # Examples
//! ```
//! use insq_lambda::{Invocation, concurrency_by_bin};
//!
//! // Two invocations that overlap for half a second, and one alone.
//! let invocations = [
//!     Invocation::ending_at(1_000, 1_000.0),
//!     Invocation::ending_at(1_500, 1_000.0),
//!     Invocation::ending_at(5_000, 100.0),
//! ];
//! let bins = concurrency_by_bin(&invocations, 1_000);
//! assert_eq!((bins[0].start_ms, bins[0].max), (0, 2));
//! assert_eq!(bins[0].mean, 1.5);
//! ```

mod attribution;
mod concurrency;
pub mod detect;
mod digits;
mod evidence;
mod hunt;
mod intervals;
mod invocation;
mod levels;
mod littles_law;
mod load;
mod overview;
mod quota;
mod rank;
mod spikes;
mod sweep;
mod time;
mod window;

pub use attribution::{Attribution, Cause, FunctionRise, Parts};
pub use concurrency::{
    BinEstimate, Concurrency, ConcurrencyOptions, Edge, EnvironmentCounts, EstimateGap, LogEdges,
    QUOTA_SHARES, QuotaShare, Scaling, ScopeConcurrency,
};
pub use digits::sort_instants;
pub use evidence::{EVIDENCE_AFTER_US, Evidence, RETRY_WINDOW_US, SIGN_TEXTS, Sign, SignCount, sign_of};
pub use hunt::{HUNT_WINDOW_MS, Hunt, HuntMinute, HuntedFunction, MINUTES_AFTER, MINUTES_BEFORE, hunt};
pub use intervals::{ConcurrencyBin, concurrency_by_bin, peak};
pub use invocation::Invocation;
pub use levels::{Level, WindowLevels, levels};
pub use littles_law::estimate;
pub use load::{Environment, FunctionId, LeftOut, Load, LoadRecorder, Report, ReportSource};
pub use overview::{Overview, OverviewColumn};
pub use quota::{
    QUOTA_DEFAULT, QuotaError, Quotas, REQUESTS_PER_UNIT, SCALING_MAX, SCALING_WINDOW_S, UNRESERVED_MIN,
};
pub use spikes::{Detection, QuotaBreach, Spike, SpikeScope, SpikeSeries, SpikesOptions, spikes};
pub use sweep::{BIN_MAX_MS, BIN_MIN_MS, Bin, LevelTimes, ScopeSweep, SliceSweep, SweepOptions, sweep};
pub use time::BUSY_MAX_MS;
pub use window::WindowStats;
