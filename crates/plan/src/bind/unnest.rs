//! `unnest` and `expand`: binding.

use insq_event::ColumnType;
use insq_syntax::ast::{self, ExprKind};

use super::Binder;
use super::environment::Rows;
use super::structure::bind_structure;
use crate::error::PlanError;
use crate::expr::Expr;
use crate::logical::Step;
use crate::tables::Unnest;

impl Binder {
    pub(super) fn bind_unnest(&mut self, command: &ast::Unnest) -> Result<(), PlanError> {
        let source = bind_structure(&command.source, &mut Rows(self))?;
        self.add_unnest(source, &command.name.text, false);
        Ok(())
    }

    pub(super) fn bind_expand(&mut self, command: &ast::Expand) -> Result<(), PlanError> {
        let field = ast::Expr {
            kind: ExprKind::Field(command.field.clone()),
            span: command.field.span,
        };
        let source = bind_structure(&field, &mut Rows(self))?;
        self.add_unnest(source, &command.field.text, true);
        Ok(())
    }

    fn add_unnest(&mut self, source: Expr, name: &str, parses_text: bool) {
        let id = self.columns.add(name, Some(ColumnType::Json));
        self.steps.push(Step::Unnest(Unnest {
            source,
            id,
            parses_text,
        }));
        self.name_made(name, (id, ColumnType::Json));
    }
}
