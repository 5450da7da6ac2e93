//! Runs insq plans: columnar operators, partial and final states, memory budget, cancellation.
//!
//! [`PhysicalPlan`] cuts a logical plan at its first gathering step; [`execute`] runs it over any
//! [`insq_event::EventSource`], and [`execute_shared`] runs many of them in one pass. This crate knows no formats and
//! prints nothing.

mod cells;
mod chunk;
mod error;
mod evaluate;
mod gathered;
mod group;
mod key_rows;
mod operator;
mod physical;
mod queue;
mod run;
mod shared_scan;
mod sink;
mod spill;
mod stack;
mod stream;
mod transform;

pub use error::ExecError;
pub use gathered::Gathered;
pub use physical::{BATCH_ROWS_DEFAULT, PhysicalPlan};
pub use run::{execute, execute_shared};
pub use shared_scan::shared_groups;
pub use stream::ResultStream;
