//! Runs insq plans: columnar operators, partial and final states, memory budget, cancellation.
//!
//! [`PhysicalPlan`] cuts a logical plan at its first gathering step; [`execute`] runs it over any
//! [`insq_event::EventSource`]. This crate knows no formats and prints nothing.

mod cells;
mod chunk;
mod error;
mod evaluate;
mod group;
mod key_rows;
mod operator;
mod physical;
mod run;
mod sink;
mod stack;
mod stream;
mod transform;

pub use error::ExecError;
pub use physical::{BATCH_ROWS_DEFAULT, PhysicalPlan};
pub use run::execute;
pub use stream::ResultStream;
