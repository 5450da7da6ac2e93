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

mod invocation;
mod levels;
mod littles_law;
mod sweep;

pub use invocation::Invocation;
pub use levels::{Level, WindowLevels, levels};
pub use littles_law::estimate;
pub use sweep::{ConcurrencyBin, concurrency_by_bin, peak};
