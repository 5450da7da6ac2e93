//! `sort`: binding.

use insq_syntax::ast;

use super::Binder;
use super::environment::Rows;
use super::expression::bind_value;
use crate::error::PlanError;
use crate::logical::{SortKey, Step};

impl Binder {
    pub(super) fn bind_sort(&mut self, command: &ast::Sort) -> Result<(), PlanError> {
        let mut keys = Vec::with_capacity(command.keys.len() + 2);
        for key in &command.keys {
            let expr = bind_value(&key.expr, &mut Rows(self))?;
            keys.push(SortKey { expr, direction: key.direction });
        }
        // Sorting is stable, and the order it starts from is newest first.
        if !self.is_ordered && self.scope.is_events() {
            keys.extend(self.newest_first());
        }
        self.steps.push(Step::Sort(keys));
        self.is_ordered = true;
        Ok(())
    }
}
