//! `sort`: binding.

use insq_syntax::ast;

use super::Binder;
use super::environment::Rows;
use super::expression::bind_value;
use crate::error::PlanError;
use crate::expr::Expr;
use crate::logical::{SortKey, Step};

impl Binder {
    pub(super) fn bind_sort(&mut self, command: &ast::Sort) -> Result<(), PlanError> {
        let mut keys = Vec::with_capacity(command.keys.len() + 2);
        for key in &command.keys {
            let expr = bind_value(&key.expr, &mut Rows(self))?;
            keys.push(SortKey {
                expr,
                direction: key.direction,
            });
        }
        // Sorting is stable, and the order it starts from is newest first.
        if !self.is_ordered && self.scope.is_events() {
            for key in self.newest_first() {
                if !keys.iter().any(|known| is_same_column(known, &key)) {
                    keys.push(key);
                }
            }
        }
        self.steps.push(Step::Sort(keys));
        self.is_ordered = true;
        Ok(())
    }
}

fn is_same_column(a: &SortKey, b: &SortKey) -> bool {
    matches!((&a.expr, &b.expr), (Expr::Column(a, _), Expr::Column(b, _)) if a == b)
}
