//! Random logs and random queries that make sense on them, for tests that compare two answers.

mod events;
mod expressions;
mod queries;

pub use events::{random_events, random_instant};
pub use queries::random_query;
