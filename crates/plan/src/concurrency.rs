//! Invocations in flight, beside the groups of a `stats`.

use insq_event::TimeRange;
use insq_functions::{ConcurrencyMeasure, Period};

use crate::column::ColumnId;
use crate::expr::Expr;

/// How many invocations were in flight, as one `stats` asks for it.
#[derive(Clone, Debug)]
pub struct Concurrency {
    /// When the invocation of a row ended, a time.
    pub end: Expr,
    /// How long it ran, a number of milliseconds; rows without it are no invocations.
    pub duration: Expr,
    /// How long its environment took to be made ready, milliseconds: the first that is there counts.
    pub preparations: Vec<Expr>,
    /// The group key that is a time bin, by its number, and how its bins divide time. An invocation counts in every
    /// bin in which it is in flight; all other keys are those of its row.
    pub bin: Option<(usize, Period)>,
    /// The queried time: nothing is said of what lies outside of it.
    pub range: TimeRange,
    /// What is asked.
    pub calls: Vec<ConcurrencyColumn>,
}

/// A column that says how many invocations were in flight.
#[derive(Clone, Debug)]
pub struct ConcurrencyColumn {
    /// The column.
    pub id: ColumnId,
    /// What it holds.
    pub measure: ConcurrencyMeasure,
}

impl Concurrency {
    pub(crate) fn for_each_expr(&self, visit: &mut dyn FnMut(&Expr)) {
        visit(&self.end);
        visit(&self.duration);
        self.preparations.iter().for_each(visit);
    }
}
