//! `limit`: binding.

use insq_syntax::ast;

use super::Binder;
use crate::error::PlanError;
use crate::logical::Step;

impl Binder {
    /// Cuts the rows in their current order; events that nobody has ordered come newest first.
    pub(super) fn bind_limit(&mut self, command: &ast::Limit) -> Result<(), PlanError> {
        self.fix_order();
        self.steps.push(Step::Limit(command.count));
        Ok(())
    }
}
