//! Analyses of Lambda logs that go beyond a query, over the inputs of an engine.

mod load;
mod read;
mod rows;
mod rule_rows;
mod spike_rows;
mod spikes;

pub use load::{LoadOptions, LoadRead};
pub use rows::{ALL_FUNCTIONS, UNRESERVED_FUNCTIONS, bin_rows, bin_schema, scope_rows, scope_schema};
pub use rule_rows::{rule_rows, rule_schema};
pub use spike_rows::{hunt_rows, hunt_schema, spike_rows, spike_schema};
