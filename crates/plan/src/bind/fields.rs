//! `fields` and `display`: binding.

use insq_event::ColumnType;
use insq_syntax::ast;

use super::Binder;
use super::environment::Rows;
use super::expression::bind_value;
use crate::column::ColumnId;
use crate::error::PlanError;
use crate::expr::Expr;
use crate::logical::{Computed, OutputColumn, Step};

impl Binder {
    /// Several `fields` add up, in order of first mention.
    pub(super) fn bind_fields(&mut self, command: &ast::Fields) -> Result<(), PlanError> {
        for item in &command.items {
            let column = self.bind_item(item)?;
            let is_listed = self.output.listed.iter().any(|listed| listed.name == column.name);
            if is_listed || !self.output.is_display {
                self.output.show(column);
            }
        }
        Ok(())
    }

    /// The last `display` decides alone which names are shown; a name means what it was made last.
    pub(super) fn bind_display(&mut self, command: &ast::Display) -> Result<(), PlanError> {
        let mut listed = super::Output {
            listed: Vec::new(),
            is_display: true,
        };
        for item in &command.items {
            let column = self.bind_item(item)?;
            listed.show(column);
        }
        self.output = listed;
        Ok(())
    }

    /// Binds one item; a later item of the same command sees its alias.
    fn bind_item(&mut self, item: &ast::SelectItem) -> Result<OutputColumn, PlanError> {
        let expr = bind_value(&item.expr, &mut Rows(self))?;
        let name = item
            .alias
            .as_ref()
            .map_or(item.text.as_str(), |alias| alias.text.as_str());
        let (id, ty) = self.as_column(expr, name);
        match &item.alias {
            Some(alias) => {
                self.scope.name(&alias.text, (id, ty));
                self.made_here.push(id);
            }
            // A plain field keeps its own meaning; anything else is known by its text.
            None if matches!(item.expr.kind, ast::ExprKind::Field(_)) => {}
            None => self.scope.unnamed(name, &item.expr, (id, ty)),
        }
        Ok(OutputColumn {
            name: name.to_owned(),
            id,
        })
    }

    /// The column that holds `expr`, computed unless it is one already.
    pub(super) fn as_column(&mut self, expr: Expr, name: &str) -> (ColumnId, ColumnType) {
        if let Expr::Column(id, ty) = expr {
            return (id, ty);
        }
        let ty = expr.column_type();
        let id = self.columns.add(name, Some(ty));
        self.steps.push(Step::Compute(vec![Computed { id, expr }]));
        (id, ty)
    }

    /// A column of the same values under `name`, for a command that adds values of its own: other names of the column keep
    /// theirs.
    pub(super) fn copied_column(
        &mut self,
        name: &str,
        (id, ty): (ColumnId, ColumnType),
    ) -> (ColumnId, ColumnType) {
        let expr = Expr::Column(id, ty);
        let id = self.columns.add(name, Some(ty));
        self.steps.push(Step::Compute(vec![Computed { id, expr }]));
        (id, ty)
    }
}

impl Binder {
    /// Names a column that a command other than `fields` has made. Groups show it, events only when they show that
    /// name already.
    pub(super) fn name_made(&mut self, name: &str, column: (ColumnId, ColumnType)) {
        self.scope.name(name, column);
        let is_listed = self.output.listed.iter().any(|listed| listed.name == name);
        if is_listed || (!self.scope.is_events() && !self.output.is_display) {
            self.output.show(OutputColumn {
                name: name.to_owned(),
                id: column.0,
            });
        }
    }

    /// Names a column that a command adds to the result, and shows it.
    pub(super) fn show_made(&mut self, name: &str, column: (ColumnId, ColumnType)) {
        self.list_defaults();
        self.scope.name(name, column);
        self.output.show(OutputColumn {
            name: name.to_owned(),
            id: column.0,
        });
    }
}

impl super::Output {
    /// Adds a column, or gives a name that is listed already its new value.
    pub(super) fn show(&mut self, column: OutputColumn) {
        match self.listed.iter_mut().find(|listed| listed.name == column.name) {
            Some(listed) => listed.id = column.id,
            None => self.listed.push(column),
        }
    }
}
