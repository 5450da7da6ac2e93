//! Putting the results of sub-queries into the plan that needs them.

use std::sync::Arc;

use insq_event::Relation;
use insq_functions::{InList, Scalar};

use crate::expr::Expr;
use crate::logical::{LogicalPlan, Step};

impl LogicalPlan {
    /// The plan with the results of its sub-queries in their places: one per sub-plan, in order.
    ///
    /// `values` makes the constants of `in (…)` from the first column of a result.
    #[must_use]
    pub fn with_results(
        mut self,
        results: &[Arc<Relation>],
        values: &dyn Fn(&Relation) -> Vec<Scalar>,
    ) -> Self {
        for step in &mut self.steps {
            match step {
                Step::Join(join) => join.right = results.get(join.subplan).cloned(),
                Step::AppendColumns(append) => append.right = results.get(append.subplan).cloned(),
                _ => {}
            }
            step.for_each_expr_mut(&mut |expr| replace(expr, results, values));
        }
        self.subplans.clear();
        self
    }
}

/// Recurses no deeper than the expression is high.
fn replace(expr: &mut Expr, results: &[Arc<Relation>], values: &dyn Fn(&Relation) -> Vec<Scalar>) {
    for child in expr.children_mut() {
        replace(child, results, values);
    }
    if let Expr::InSubquery(value, number) = expr
        && let Some(result) = results.get(*number)
    {
        let value = std::mem::replace(&mut **value, Expr::And(Vec::new()));
        *expr = Expr::In(Box::new(value), Arc::new(InList::new(values(result))));
    }
}
