//! `accum`: binding.

use insq_event::ColumnType;
use insq_syntax::ast;

use super::Binder;
use crate::error::PlanError;
use crate::logical::Step;
use crate::series::Accumulate;

impl Binder {
    pub(super) fn bind_accum(&mut self, command: &ast::Accum) -> Result<(), PlanError> {
        self.fix_order();
        let source = self.resolve(&command.field).converted(ColumnType::Number);
        let name = &command.alias.as_ref().unwrap_or(&command.field).text;
        let id = self.columns.add(name, Some(ColumnType::Number));
        self.steps.push(Step::Accumulate(Accumulate { source, id }));
        self.show_made(name, (id, ColumnType::Number));
        Ok(())
    }
}
