//! `json field=`: binding.

use insq_event::ColumnType;
use insq_functions::scalar_function;
use insq_syntax::ast::{self, ExprKind};

use super::Binder;
use super::environment::Rows;
use super::structure::{bind_json_text, check_steps};
use crate::error::PlanError;
use crate::expr::Expr;

impl Binder {
    pub(super) fn bind_json_field(&mut self, command: &ast::JsonField) -> Result<(), PlanError> {
        check_steps(&command.path, command.span)?;
        let field = ast::Expr {
            kind: ExprKind::Field(command.source.clone()),
            span: command.source.span,
        };
        let text = bind_json_text(&field, &mut Rows(self))?;
        let parsed = match scalar_function("jsonParse") {
            Some(function) => Expr::Call {
                function,
                arguments: vec![text],
                column_type: ColumnType::Json,
            },
            None => text,
        };
        let name = &command.alias.text;
        let column = self.as_column(Expr::path(parsed, &as_path(&command.path)), name);
        self.name_made(name, column);
        Ok(())
    }
}

/// `$.a[0].b` as `a.0.b`: people write paths as other tools have them.
fn as_path(written: &str) -> String {
    let path = written.strip_prefix("$.").unwrap_or(written);
    path.replace('[', ".").replace(']', "")
}
