//! `dedup`: binding.

use insq_syntax::ast;

use super::Binder;
use crate::error::PlanError;
use crate::logical::Step;

impl Binder {
    pub(super) fn bind_dedup(&mut self, command: &ast::Dedup) -> Result<(), PlanError> {
        let mut keys = Vec::with_capacity(command.fields.len());
        for field in &command.fields {
            let expr = self.resolve(field).into_key();
            let (id, _) = self.as_column(expr, &field.text);
            // A repeated name adds nothing to the key.
            if !keys.contains(&id) {
                keys.push(id);
            }
        }
        // Without a `sort`, the newest event of each key stays.
        self.fix_order();
        self.steps.push(Step::Dedup(keys));
        Ok(())
    }
}
