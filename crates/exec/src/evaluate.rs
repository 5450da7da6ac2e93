//! Expressions over chunks.

use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, cast::AsArray};
use insq_event::ColumnType;
use insq_functions::{
    EvalContext, Operand, and, arithmetic, coerce, compare, contains, matches, negate, not, or,
};
use insq_plan::Expr;

use crate::chunk::{Chunk, Layout};
use crate::error::ExecError;

/// Evaluates expressions over chunks of one layout.
#[derive(Clone, Debug)]
pub(crate) struct Evaluator {
    pub(crate) layout: Layout,
    pub(crate) context: EvalContext,
}

impl Evaluator {
    pub(crate) fn new(layout: Layout, context: EvalContext) -> Self {
        Self { layout, context }
    }

    /// The value of `expr` in every row.
    pub(crate) fn array(&self, expr: &Expr, chunk: &Chunk) -> Result<ArrayRef, ExecError> {
        match self.operand(expr, chunk)? {
            Operand::Column(array, _) => Ok(array),
            constant => Ok(coerce(&constant, expr.column_type(), chunk.rows)?),
        }
    }

    /// The rows for which `condition` is true, false or, as null, neither.
    pub(crate) fn condition(&self, condition: &Expr, chunk: &Chunk) -> Result<BooleanArray, ExecError> {
        let array = self.array(condition, chunk)?;
        match array.as_boolean_opt() {
            Some(booleans) => Ok(booleans.clone()),
            None => Err(ExecError::Internal(format!(
                "a condition of type {}",
                array.data_type()
            ))),
        }
    }

    fn operand(&self, expr: &Expr, chunk: &Chunk) -> Result<Operand, ExecError> {
        let rows = chunk.rows;
        let boolean = |array: BooleanArray| Operand::Column(Arc::new(array), ColumnType::Bool);
        Ok(match expr {
            Expr::Column(id, ty) => match self.layout.position(*id) {
                Some(position) => Operand::Column(chunk.columns[position].clone(), *ty),
                None => {
                    return Err(ExecError::Internal(format!(
                        "column {id:?} is not in {:?}",
                        self.layout
                    )));
                }
            },
            Expr::Constant(scalar, _) => Operand::Constant(scalar.clone()),
            Expr::Arithmetic(op, a, b) => {
                let result = arithmetic(*op, &self.operand(a, chunk)?, &self.operand(b, chunk)?, rows)?;
                Operand::Column(Arc::new(result), ColumnType::Number)
            }
            Expr::Negate(a) => Operand::Column(
                Arc::new(negate(&self.operand(a, chunk)?, rows)?),
                ColumnType::Number,
            ),
            Expr::Compare(op, a, b) => boolean(compare(
                *op,
                &self.operand(a, chunk)?,
                &self.operand(b, chunk)?,
                rows,
            )?),
            Expr::And(terms) => boolean(self.fold(terms, chunk, and)?),
            Expr::Or(terms) => boolean(self.fold(terms, chunk, or)?),
            Expr::Not(a) => boolean(not(&self.condition(a, chunk)?)),
            Expr::In(a, list) => boolean(list.holds(&self.operand(a, chunk)?, rows)?),
            Expr::InSubquery(..) => {
                return Err(ExecError::Internal("a sub-query has not been run".to_owned()));
            }
            Expr::Contains(a, b) => boolean(contains(
                &self.operand(a, chunk)?,
                &self.operand(b, chunk)?,
                rows,
            )?),
            Expr::Matches(a, regex) => boolean(matches(&self.operand(a, chunk)?, regex, rows)?),
            Expr::Call {
                function,
                arguments,
                column_type,
            } => {
                let arguments: Vec<Operand> = arguments
                    .iter()
                    .map(|argument| self.operand(argument, chunk))
                    .collect::<Result<_, _>>()?;
                Operand::Column((function.kernel)(&arguments, rows, &self.context)?, *column_type)
            }
            Expr::Convert(a, ty) => Operand::Column(coerce(&self.operand(a, chunk)?, *ty, rows)?, *ty),
        })
    }

    fn fold(
        &self,
        terms: &[Expr],
        chunk: &Chunk,
        join: fn(&BooleanArray, &BooleanArray) -> BooleanArray,
    ) -> Result<BooleanArray, ExecError> {
        let mut terms = terms.iter();
        let Some(first) = terms.next() else {
            return Err(ExecError::Internal("a conjunction of nothing".to_owned()));
        };
        let mut result = self.condition(first, chunk)?;
        for term in terms {
            result = join(&result, &self.condition(term, chunk)?);
        }
        Ok(result)
    }
}
