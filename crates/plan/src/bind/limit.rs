//! `limit`, `limit any`, `head` and `tail`: binding.

use insq_event::ScanField;
use insq_syntax::ast;

use super::Binder;
use crate::error::PlanError;
use crate::logical::Step;

impl Binder {
    /// Cuts the rows in their current order; events that nobody has ordered come newest first.
    pub(super) fn bind_limit(&mut self, command: &ast::Limit) -> Result<(), PlanError> {
        self.check_rows(command.count, command.span)?;
        if command.any && !self.is_ordered && self.scope.is_events() {
            let position = self.scan_column(ScanField::Position);
            self.steps.push(Step::AnyRows {
                count: command.count,
                position,
            });
            self.is_ordered = true;
            return Ok(());
        }
        self.fix_order();
        self.steps.push(Step::Limit(command.count));
        Ok(())
    }

    /// Keeps the last rows of the current order: of events that nobody has ordered, the oldest.
    pub(super) fn bind_tail(&mut self, command: &ast::Limit) -> Result<(), PlanError> {
        self.check_rows(command.count, command.span)?;
        self.fix_order();
        self.steps.push(Step::Tail(command.count));
        Ok(())
    }
}
