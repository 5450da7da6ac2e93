//! The logical plan: a scan, the steps that follow it, and the columns that come out.

use std::sync::Arc;

use insq_event::{EventKinds, Literals, TimeRange};
use insq_functions::{AggregateFunction, Scalar};
use insq_syntax::ast::{SortDirection, SourceSelection};

use crate::column::{ColumnId, Columns, ScanBinding};
use crate::concurrency::Concurrency;
use crate::expr::Expr;
use crate::series::{Accumulate, AddTotalRow, AutoRegress, FillDown, FillMissing, Outliers, Sessionize};
use crate::tables::{AppendColumns, Join, Lookup, Subplan, Unnest};

/// A bound query. Steps run in order; each sees the columns of all before it, until an [`Aggregate`]
/// replaces them.
#[derive(Clone, Debug)]
pub struct LogicalPlan {
    /// Names and types of every column below.
    pub columns: Columns,
    /// What is read.
    pub scan: Scan,
    /// What happens to it.
    pub steps: Vec<Step>,
    /// What is shown, in order.
    pub output: Vec<OutputColumn>,
    /// Queries that run before this one, and whose results its steps need.
    pub subplans: Vec<Subplan>,
    /// What `SOURCE` selects; everything when empty.
    pub sources: Vec<SourceSelection>,
    /// True when the bounds of time in the scan are those of a `SOURCE`, which win over all others.
    pub has_own_range: bool,
    /// True when only the size of what would be read is asked for (`estimate`).
    pub is_estimate: bool,
}

impl LogicalPlan {
    /// The same plan over events of `range` only, unless the query itself says which.
    #[must_use]
    pub fn within(mut self, range: TimeRange) -> Self {
        if !self.has_own_range {
            self.scan.time_range = self.scan.time_range.intersect(range);
        }
        for subplan in &mut self.subplans {
            if !subplan.plan.has_own_range {
                subplan.plan.scan.time_range = subplan.plan.scan.time_range.intersect(range);
            }
        }
        self
    }

    /// The same plan with at most `count` rows of result.
    #[must_use]
    pub fn limited(mut self, count: Option<u64>) -> Self {
        self.steps.extend(count.map(Step::Limit));
        self
    }
}

/// What is read from the source.
#[derive(Clone, Debug)]
pub struct Scan {
    /// The columns of the scan.
    pub columns: Vec<ScanBinding>,
    /// Only events of these kinds.
    pub kinds: EventKinds,
    /// Only events of this time.
    pub time_range: TimeRange,
    /// Texts that every event that matters must hold.
    pub literals: Vec<Literals>,
    /// The `@requestId` of every event that matters.
    pub request_id: Option<Arc<str>>,
    /// The `@function` of every event that matters.
    pub function: Option<Arc<str>>,
}

/// One step of a plan.
#[derive(Clone, Debug)]
pub enum Step {
    /// Keeps the rows for which the condition is true.
    Filter(Expr),
    /// Adds columns.
    Compute(Vec<Computed>),
    /// Adds columns cut out of a text (`parse`).
    Extract(Extract),
    /// Replaces rows by one row per group.
    Aggregate(Aggregate),
    /// Orders rows; stable.
    Sort(Vec<SortKey>),
    /// `Sort`, `Dedup` if there is one, and `Limit` in one.
    TopK {
        /// The order.
        keys: Vec<SortKey>,
        /// Rows at most.
        count: u64,
        /// Of every combination of values of these only the first row counts; empty where all rows do.
        distinct: Vec<ColumnId>,
    },
    /// Keeps the first rows.
    Limit(u64),
    /// Keeps the first row of every combination of values.
    Dedup(Vec<ColumnId>),
    /// Keeps so many rows, whichever come first in the input.
    AnyRows {
        /// Rows at most.
        count: u64,
        /// Position of the rows.
        position: ColumnId,
    },
    /// Keeps the last rows.
    Tail(u64),
    /// Makes one row per element of a list.
    Unnest(Unnest),
    /// Adds columns of a table.
    Lookup(Lookup),
    /// Adds columns of the rows of another source.
    Join(Join),
    /// Adds the columns of another query, row by row.
    AppendColumns(AppendColumns),
    /// Adds a running sum.
    Accumulate(Accumulate),
    /// Adds values of earlier rows.
    AutoRegress(AutoRegress),
    /// Repeats the last present value.
    FillDown(FillDown),
    /// Adds rows for empty time bins.
    FillMissing(FillMissing),
    /// Removes, clamps or marks outliers.
    Outliers(Outliers),
    /// Numbers sessions.
    Sessionize(Sessionize),
    /// Adds a row with the sums of columns.
    AddTotalRow(AddTotalRow),
}

/// A column and the expression that makes it.
#[derive(Clone, Debug)]
pub struct Computed {
    /// The column.
    pub id: ColumnId,
    /// Its value.
    pub expr: Expr,
}

/// Columns cut out of a text.
#[derive(Clone, Debug)]
pub struct Extract {
    /// The text; of a textual type.
    pub source: Expr,
    /// How it is taken apart.
    pub pattern: ExtractPattern,
    /// The captures that are wanted.
    pub captures: Vec<Capture>,
    /// True when every match of the pattern makes a row.
    pub is_multi: bool,
}

/// One column of an [`Extract`].
#[derive(Clone, Debug)]
pub struct Capture {
    /// Number of the capture in the pattern: the n-th star, or the group of the expression.
    pub group: usize,
    /// The column it fills.
    pub id: ColumnId,
    /// What the column holds where the pattern does not match; missing when `None`.
    pub otherwise: Option<Expr>,
}

/// How a text is taken apart.
#[derive(Clone, Debug)]
pub enum ExtractPattern {
    /// The literal texts between the stars: `n` captures have `n + 1` literals. With no star, one capture
    /// that is empty text where the only literal occurs.
    Glob(Arc<[String]>),
    /// A regular expression.
    Regex(Arc<insq_functions::CompiledRegex>),
    /// The values of one line of a CSV file; the n-th capture is the n-th value.
    Csv,
}

/// Rows gathered into groups.
#[derive(Clone, Debug)]
pub struct Aggregate {
    /// The group keys; without any there is exactly one group.
    pub keys: Vec<Computed>,
    /// The aggregate calls.
    pub calls: Vec<AggregateColumn>,
    /// How many invocations were in flight, where that is asked. Bins in which one was are groups too.
    pub concurrency: Option<Concurrency>,
    /// In which order the groups come out.
    pub order: GroupOrder,
}

/// A column filled by an aggregate call.
#[derive(Clone, Debug)]
pub struct AggregateColumn {
    /// The column.
    pub id: ColumnId,
    /// The function.
    pub function: &'static AggregateFunction,
    /// The arguments that are columns, converted to what the function takes; for functions that need
    /// order, followed by the time and the position of the row.
    pub arguments: Vec<Expr>,
    /// The arguments that are constants.
    pub constants: Vec<Scalar>,
}

/// The order in which groups come out of an [`Aggregate`].
#[derive(Clone, Debug)]
pub enum GroupOrder {
    /// By the newest event of each group, newest first; ties by position.
    Newest {
        /// Time of the rows.
        time: ColumnId,
        /// Position of the rows.
        position: ColumnId,
    },
    /// The only key is a time bin: largest first. Says the same as `Newest`, without looking at rows.
    KeyDescending,
    /// As the first row of each group arrives.
    FirstSeen,
}

/// A sort key.
#[derive(Clone, Debug)]
pub struct SortKey {
    /// What is compared.
    pub expr: Expr,
    /// In which direction.
    pub direction: SortDirection,
}

/// A column of the result.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputColumn {
    /// Its name in the result.
    pub name: String,
    /// Where it comes from.
    pub id: ColumnId,
}
