//! `appendcols`: binding.

use insq_event::ColumnType;
use insq_functions::scalar_function;
use insq_syntax::ast;

use super::Binder;
use super::subquery::column_type;
use crate::error::PlanError;
use crate::expr::Expr;
use crate::logical::Step;
use crate::tables::AppendColumns;

/// Rows of the sub-query at most, unless the query says otherwise.
const MAX_DEFAULT: u64 = 10_000;

impl Binder {
    pub(super) fn bind_append_cols(&mut self, command: &ast::AppendCols) -> Result<(), PlanError> {
        self.fix_order();
        self.list_defaults();
        let max = command.max.unwrap_or(MAX_DEFAULT);
        self.check_rows(max, command.span)?;
        let plan = self.bind_inner(&command.query)?.limited(Some(max));
        let (mut outputs, mut made) = (Vec::new(), Vec::new());
        for (idx, column) in plan.output.iter().enumerate() {
            let ty = column_type(&plan, idx);
            let id = self.columns.add(&column.name, Some(ty));
            outputs.push((idx, id));
            made.push((column.name.clone(), Expr::Column(id, ty)));
        }
        let subplan = self.add_subplan(plan, "appendcols");
        self.steps.push(Step::AppendColumns(AppendColumns {
            subplan,
            outputs,
            right: None,
        }));
        for (name, added) in made {
            let existing = self
                .output
                .listed
                .iter()
                .find(|column| column.name == name)
                .and_then(|column| Some(Expr::Column(column.id, self.columns.info(column.id).column_type?)));
            let value = match (existing, command.replace) {
                (Some(existing), false) => first_present(existing, added),
                (Some(existing), true) => first_present(added, existing),
                (None, _) => added,
            };
            let column = self.as_column(value, &name);
            self.show_made(&name, column);
        }
        Ok(())
    }
}

/// The first value, and the second where the first is missing.
pub(super) fn first_present(first: Expr, second: Expr) -> Expr {
    let ty = match (first.column_type(), second.column_type()) {
        (a, b) if a == b => a,
        (ColumnType::Json, _) | (_, ColumnType::Json) => ColumnType::Json,
        _ => ColumnType::Any,
    };
    match scalar_function("coalesce") {
        Some(function) => Expr::Call {
            function,
            arguments: vec![first.converted(ty), second.converted(ty)],
            column_type: ty,
        },
        None => first,
    }
}
