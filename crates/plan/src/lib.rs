//! Binds an insq query to columns and types, optimises it, and explains it.
//!
//! The way is `bind` → `optimize` → `explain`. A [`LogicalPlan`] is data: a scan, a list of steps, and the
//! columns that come out. This crate reads no files and runs nothing.

mod bind;
mod column;
mod concurrency;
mod error;
mod explain;
mod expr;
mod logical;
mod optimize;
mod series;
mod step_columns;
mod subquery;
mod tables;

pub use bind::{
    BindOptions, Bound, PlanWarning, SERVICE_CASE_PAIRS_MAX, SERVICE_QUERY_CHARS_MAX, SERVICE_ROWS_DEFAULT,
    SERVICE_ROWS_MAX, SERVICE_STATS_MAX, ServiceRules, bind, selects_log,
};
pub use column::{ColumnId, ColumnInfo, Columns, ScanBinding};
pub use concurrency::{Concurrency, ConcurrencyColumn};
pub use error::{PlanError, PlanErrorKind};
pub use explain::{explain, explain_expr, explain_scan};
pub use expr::Expr;
pub use insq_syntax::ast::SortDirection;
pub use logical::{
    Aggregate, AggregateColumn, Capture, Computed, Extract, ExtractPattern, GroupOrder, LogicalPlan,
    OutputColumn, Scan, SortKey, Step,
};
pub use optimize::{Applied, optimize};
pub use series::{
    Accumulate, AddTotalRow, AutoRegress, FillDown, FillMissing, OutlierField, Outliers, Sessionize,
};
pub use tables::{AppendColumns, Join, Lookup, LookupCondition, Subplan, Unnest};
