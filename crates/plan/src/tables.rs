//! Steps that bring columns from elsewhere, or make several rows of one.

use std::sync::Arc;

use insq_event::Relation;

use crate::column::ColumnId;
use crate::expr::Expr;
use crate::logical::LogicalPlan;

/// One row per element of a list (`unnest`, `expand`).
#[derive(Clone, Debug)]
pub struct Unnest {
    /// The list, of type json.
    pub source: Expr,
    /// The column that holds one element.
    pub id: ColumnId,
    /// What becomes of a row whose value is no list: true to keep the value as the only element, as a list of one
    /// has it too.
    pub parses_text: bool,
}

/// Columns of a table, for the first of its rows that matches (`lookup`, `cidrlookup`).
#[derive(Clone, Debug)]
pub struct Lookup {
    /// The table.
    pub table: Arc<Relation>,
    /// Its name, for explain.
    pub name: String,
    /// How rows match.
    pub condition: LookupCondition,
    /// Columns of the table by position, and the columns that they fill.
    pub outputs: Vec<(usize, ColumnId)>,
}

/// How a row of an event finds a row of a table.
#[derive(Clone, Debug)]
pub enum LookupCondition {
    /// All of these columns of the table equal these values, of type any.
    Equal(Vec<(usize, Expr)>),
    /// The network in this column holds the address, of type text; the longest prefix wins.
    Network(usize, Expr),
}

/// Pairs of rows that have a key in common (`join`).
#[derive(Clone, Debug)]
pub struct Join {
    /// The key of the rows so far, of type any.
    pub left_key: Expr,
    /// True when rows without a partner stay.
    pub keeps_left: bool,
    /// Number of the sub-query that gives the other rows; the key is its first column.
    pub subplan: usize,
    /// Columns of the sub-query by position, and the columns that they fill.
    pub outputs: Vec<(usize, ColumnId)>,
    /// The other rows, once they are known.
    pub right: Option<Arc<Relation>>,
}

/// The columns of another query beside the rows of the same number (`appendcols`).
#[derive(Clone, Debug)]
pub struct AppendColumns {
    /// Number of the sub-query.
    pub subplan: usize,
    /// Columns of the sub-query by position, and the columns that they fill.
    pub outputs: Vec<(usize, ColumnId)>,
    /// The rows of the other query, once they are known.
    pub right: Option<Arc<Relation>>,
}

/// A query that runs before the one that needs its result.
#[derive(Clone, Debug)]
pub struct Subplan {
    /// The query.
    pub plan: LogicalPlan,
    /// What it is for, for explain and messages.
    pub purpose: &'static str,
}
