//! `addtotals`: binding.

use insq_event::ColumnType;
use insq_functions::InternalFunction;
use insq_syntax::ast;

use super::Binder;
use crate::column::ColumnId;
use crate::error::PlanError;
use crate::expr::Expr;
use crate::logical::Step;
use crate::series::AddTotalRow;

/// The field of the sums of rows, unless the query says otherwise.
const NAME_DEFAULT: &str = "Total";

impl Binder {
    pub(super) fn bind_add_totals(&mut self, command: &ast::AddTotals) -> Result<(), PlanError> {
        self.fix_order();
        self.list_defaults();
        let mut summed = self.summed_columns(command);
        if summed.is_empty() {
            let message = "there is no column of numbers to sum; name the fields".to_owned();
            self.warn(command.span, message);
        }
        if command.row {
            let name = command.name.as_ref().map_or(NAME_DEFAULT, |name| &name.text);
            let numbers = summed
                .iter()
                .map(|(_, id, ty)| Expr::Column(*id, *ty).converted(ColumnType::Number))
                .collect();
            let total = Expr::internal(InternalFunction::Total, numbers);
            let (id, ty) = self.as_column(total, name);
            self.show_made(name, (id, ty));
            summed.push((name.to_owned(), id, ty));
        }
        if command.col {
            let columns = summed
                .into_iter()
                .map(|(name, id, ty)| self.column_above_total(&name, id, ty))
                .collect();
            self.steps.push(Step::AddTotalRow(AddTotalRow { columns }));
        }
        Ok(())
    }

    /// The fields that are named, or else the columns of the result that can hold numbers.
    fn summed_columns(&mut self, command: &ast::AddTotals) -> Vec<(String, ColumnId, ColumnType)> {
        if command.fields.is_empty() {
            let can_be_summed =
                |ty: &ColumnType| matches!(ty, ColumnType::Number | ColumnType::Any | ColumnType::Json);
            return self
                .output
                .listed
                .iter()
                .filter_map(|column| {
                    let ty = self.columns.info(column.id).column_type?;
                    can_be_summed(&ty).then(|| (column.name.clone(), column.id, ty))
                })
                .collect();
        }
        command
            .fields
            .iter()
            .map(|field| {
                let shown = self.output.listed.iter().find(|column| column.name == field.text);
                let expr = match shown
                    .and_then(|column| Some((column.id, self.columns.info(column.id).column_type?)))
                {
                    Some((id, ty)) => Expr::Column(id, ty),
                    None => self.resolve(field),
                };
                let (id, ty) = self.as_column(expr, &field.text);
                (field.text.clone(), id, ty)
            })
            .collect()
    }

    /// The column that a total stands below, shown: the row of sums is one of numbers, so a column of other values becomes
    /// one of texts that holds them.
    fn column_above_total(&mut self, name: &str, id: ColumnId, ty: ColumnType) -> ColumnId {
        let column = match ty {
            ColumnType::Number | ColumnType::Any => self.copied_column(name, (id, ty)),
            ColumnType::Json => {
                let shown = Expr::internal(InternalFunction::Shown, vec![Expr::Column(id, ty)]);
                self.as_column(shown, name)
            }
            _ => self.as_column(Expr::Column(id, ty).converted(ColumnType::Any), name),
        };
        self.show_made(name, column);
        column.0
    }
}
