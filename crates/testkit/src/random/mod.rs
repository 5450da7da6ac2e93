//! Random logs and random queries that make sense on them, for tests that compare two answers.

mod events;
mod expressions;
mod maps;
mod queries;
mod tables;

pub use events::{random_events, random_instant};
pub use queries::random_query;
pub use tables::{NETWORKS, NETWORKS_NAME, TABLE, TABLE_NAME};
