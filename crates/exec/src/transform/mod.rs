//! Transforms: operators that make of every chunk a chunk, whatever came before.

mod compute;
mod extract;
mod filter;
mod views;

use insq_functions::EvalContext;
use insq_plan::{ColumnId, Expr, Extract, Step};

use crate::chunk::{Chunk, Layout};
use crate::error::ExecError;
use crate::evaluate::Evaluator;

pub(crate) use extract::Cutter;

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
}

impl Transform {
    /// The transform for `step`, and the layout of what leaves it; `None` for steps that are none.
    /// `wanted` tells which columns later steps read.
    pub(crate) fn of(
        step: &Step,
        layout: &Layout,
        wanted: impl Fn(ColumnId) -> bool,
        context: EvalContext,
    ) -> Option<(Self, Layout)> {
        let evaluator = Evaluator::new(layout.clone(), context);
        match step {
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
            _ => None,
        }
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
            } => extract::extract(evaluator, extract, cutter, chunk).map(Some),
        }
    }
}
