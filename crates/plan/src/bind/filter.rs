//! `filter` and `where`: binding.

use insq_syntax::ast;

use super::Binder;
use super::environment::Rows;
use super::expression::bind_condition;
use crate::error::PlanError;
use crate::logical::Step;

impl Binder {
    pub(super) fn bind_filter(&mut self, command: &ast::Filter) -> Result<(), PlanError> {
        let condition = bind_condition(&command.condition, &mut Rows(self))?;
        self.steps.push(Step::Filter(condition));
        Ok(())
    }
}
