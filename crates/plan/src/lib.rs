//! Binds an insq query to columns and types, optimises it, and explains it.
//!
//! The way is `bind` → `optimize` → `explain`. A [`LogicalPlan`] is data: a scan, a list of steps, and the
//! columns that come out. This crate reads no files and runs nothing.

mod bind;
mod column;
mod error;
mod explain;
mod expr;
mod logical;
mod optimize;

pub use bind::{Bound, PlanWarning, bind};
pub use column::{ColumnId, ColumnInfo, Columns, ScanBinding};
pub use error::{PlanError, PlanErrorKind};
pub use explain::{explain, explain_expr, explain_scan};
pub use expr::Expr;
pub use insq_syntax::ast::SortDirection;
pub use logical::{
    Aggregate, AggregateColumn, Capture, Computed, Extract, ExtractPattern, GroupOrder, LogicalPlan,
    OutputColumn, Scan, SortKey, Step,
};
pub use optimize::{Applied, optimize};
