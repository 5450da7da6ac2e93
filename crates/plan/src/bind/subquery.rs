//! Queries in brackets: binding.

use insq_event::ColumnType;
use insq_syntax::ast::{self, ExprKind, Query};

use super::Binder;
use super::environment::Environment;
use super::expression::bind_value;
use crate::error::{PlanError, PlanErrorKind};
use crate::expr::Expr;
use crate::logical::LogicalPlan;
use crate::tables::Subplan;

/// Binds `value in (query)`.
pub(super) fn bind_in_query(
    value: &ast::Expr,
    query: &Query,
    env: &mut dyn Environment,
) -> Result<Expr, PlanError> {
    let bound = bind_value(value, env)?;
    // The column of several is the one that is called like the field.
    let wanted = match &value.kind {
        ExprKind::Field(name) => name.text.clone(),
        _ => value.to_string(),
    };
    let binder = env.binder();
    let mut plan = binder.bind_inner(query)?;
    let column = match &plan.output[..] {
        [only] => only.clone(),
        several => match several.iter().find(|column| column.name == wanted) {
            Some(column) => column.clone(),
            None => {
                let kind = PlanErrorKind::SubqueryColumns {
                    found: several.iter().map(|column| column.name.clone()).collect(),
                    wanted,
                };
                return Err(PlanError::new(kind, query.span));
            }
        },
    };
    plan.output = vec![column];
    let number = binder.add_subplan(plan, "in (…)");
    Ok(Expr::InSubquery(Box::new(bound), number))
}

impl Binder {
    /// Binds a query in brackets by itself: it sees nothing of the query around it.
    pub(super) fn bind_inner(&mut self, query: &Query) -> Result<LogicalPlan, PlanError> {
        let mut inner = Self::new(self.options.clone());
        inner.bind_commands(query)?;
        let bound = inner.finish()?;
        self.warnings.extend(bound.warnings);
        Ok(bound.plan)
    }

    pub(super) fn add_subplan(&mut self, plan: LogicalPlan, purpose: &'static str) -> usize {
        self.subplans.push(Subplan { plan, purpose });
        self.subplans.len() - 1
    }
}

/// The type that a column of a sub-query has in the query around it.
pub(super) fn column_type(plan: &LogicalPlan, idx: usize) -> ColumnType {
    plan.output
        .get(idx)
        .and_then(|column| plan.columns.info(column.id).column_type)
        .unwrap_or(ColumnType::Any)
}
