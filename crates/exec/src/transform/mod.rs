//! Transforms: operators that make of every chunk a chunk, whatever came before.

mod compute;
mod csv;
mod extract;
mod filter;
mod join;
mod lookup;
mod matches;
mod unnest;
mod views;

use insq_functions::EvalContext;
use insq_plan::{ColumnId, Expr, Extract, Join, Lookup, Step, Unnest};

use crate::chunk::{Chunk, Layout};
use crate::error::ExecError;
use crate::evaluate::Evaluator;

pub(crate) use extract::Cutter;
use join::{Partners, partners};
use lookup::TableIndex;

/// A step that needs no memory of earlier rows.
#[derive(Clone, Debug)]
pub(crate) enum Transform {
    /// Keeps rows, and of them the columns that later steps read.
    Filter {
        /// Over the columns that arrive.
        evaluator: Evaluator,
        /// Which rows stay.
        condition: Expr,
        /// Which columns stay.
        keep: Vec<usize>,
    },
    /// Adds columns.
    Compute {
        /// Over the columns that arrive.
        evaluator: Evaluator,
        /// The new columns.
        exprs: Vec<Expr>,
    },
    /// Adds columns cut out of a text.
    Extract {
        /// Over the columns that arrive.
        evaluator: Evaluator,
        /// What is cut how.
        extract: Extract,
        /// The pattern, made ready.
        cutter: Cutter,
    },
    /// Makes one row per element of a list.
    Unnest {
        /// Over the columns that arrive.
        evaluator: Evaluator,
        /// The list.
        unnest: Unnest,
    },
    /// Adds columns of a table.
    Lookup {
        /// Over the columns that arrive.
        evaluator: Evaluator,
        /// What is looked up.
        lookup: Lookup,
        /// The table, made ready.
        index: TableIndex,
    },
    /// Adds columns of the rows of another source.
    Join {
        /// Over the columns that arrive.
        evaluator: Evaluator,
        /// What is joined.
        join: Join,
        /// The other side, made ready.
        partners: Partners,
    },
}

impl Transform {
    /// True when a row comes out for each that goes in.
    pub(crate) fn keeps_rows(&self) -> bool {
        matches!(self, Self::Compute { .. })
    }

    /// The transform for `step`, and the layout of what leaves it; `None` for steps that are none.
    /// `wanted` tells which columns later steps read.
    pub(crate) fn of(
        step: &Step,
        layout: &Layout,
        wanted: impl Fn(ColumnId) -> bool,
        context: EvalContext,
    ) -> Result<Option<(Self, Layout)>, ExecError> {
        let evaluator = Evaluator::new(layout.clone(), context);
        Ok(match step {
            Step::Filter(condition) => {
                let (kept, keep) = layout.retain(wanted);
                Some((
                    Self::Filter {
                        evaluator,
                        condition: condition.clone(),
                        keep,
                    },
                    kept,
                ))
            }
            Step::Compute(made) => {
                let exprs = made.iter().map(|computed| computed.expr.clone()).collect();
                Some((
                    Self::Compute { evaluator, exprs },
                    layout.with(made.iter().map(|computed| computed.id)),
                ))
            }
            Step::Extract(extract) => {
                let cutter = Cutter::new(&extract.pattern);
                let after = layout.with(extract.captures.iter().map(|capture| capture.id));
                Some((
                    Self::Extract {
                        evaluator,
                        extract: extract.clone(),
                        cutter,
                    },
                    after,
                ))
            }
            Step::Unnest(unnest) => Some((
                Self::Unnest {
                    evaluator,
                    unnest: unnest.clone(),
                },
                layout.with([unnest.id]),
            )),
            Step::Lookup(lookup) => Some((
                Self::Lookup {
                    evaluator,
                    index: TableIndex::new(lookup),
                    lookup: lookup.clone(),
                },
                layout.with(lookup.outputs.iter().map(|(_, id)| *id)),
            )),
            Step::Join(join) => Some((
                Self::Join {
                    evaluator,
                    partners: partners(join)?,
                    join: join.clone(),
                },
                layout.with(join.outputs.iter().map(|(_, id)| *id)),
            )),
            _ => None,
        })
    }

    /// Applies the transform; `None` when no row is left.
    pub(crate) fn apply(&self, chunk: Chunk) -> Result<Option<Chunk>, ExecError> {
        match self {
            Self::Filter {
                evaluator,
                condition,
                keep,
            } => filter::filter(evaluator, condition, keep, &chunk),
            Self::Compute { evaluator, exprs } => compute::compute(evaluator, exprs, chunk).map(Some),
            Self::Extract {
                evaluator,
                extract,
                cutter,
            } => match cutter {
                Cutter::Regex(regex) if extract.is_multi => {
                    matches::extract_matches(evaluator, extract, regex, &chunk).map(Some)
                }
                Cutter::Csv => csv::extract_csv(evaluator, extract, chunk).map(Some),
                cutter => extract::extract(evaluator, extract, cutter, chunk).map(Some),
            },
            Self::Unnest { evaluator, unnest } => unnest::unnest(evaluator, unnest, &chunk),
            Self::Lookup {
                evaluator,
                lookup,
                index,
            } => lookup::lookup(evaluator, lookup, index, chunk).map(Some),
            Self::Join {
                evaluator,
                join,
                partners,
            } => join::join(evaluator, join, partners, &chunk),
        }
    }
}
