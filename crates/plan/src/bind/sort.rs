//! `sort`: binding.

use insq_event::ColumnType;
use insq_syntax::ast;

use super::Binder;
use super::environment::Rows;
use super::expression::bind_value;
use crate::error::PlanError;
use crate::expr::Expr;
use crate::logical::{SortKey, Step};

impl Binder {
    pub(super) fn bind_sort(&mut self, command: &ast::Sort) -> Result<(), PlanError> {
        let mut keys = Vec::with_capacity(command.keys.len() + 2);
        for key in &command.keys {
            let expr = match self.habitual_key(&key.expr) {
                Habit::None => bind_value(&key.expr, &mut Rows(self))?,
                Habit::Bin(column) => column,
                Habit::Gone => continue,
            };
            refuse_structure(&key.expr)?;
            let expr = expr.into_key();
            if let Some(alias) = &key.alias {
                let column = self.as_column(expr.clone(), &alias.text);
                self.scope.name(&alias.text, column);
            }
            keys.push(SortKey {
                expr,
                direction: key.direction,
            });
        }
        // Sorting is stable, and the order it starts from is newest first.
        if !self.is_ordered && self.scope.is_events() {
            for key in self.newest_first() {
                if !keys.iter().any(|known| is_same_column(known, &key)) {
                    keys.push(key);
                }
            }
        }
        if !keys.is_empty() {
            self.steps.push(Step::Sort(keys));
        }
        self.is_ordered = true;
        Ok(())
    }

    /// `sort bin` and `sort @timestamp` behind a `stats` by a bin.
    fn habitual_key(&mut self, expr: &ast::Expr) -> Habit {
        let ast::ExprKind::Field(name) = &expr.kind else {
            return Habit::None;
        };
        if self.scope.is_events() || self.scope.find(&name.text).is_some() {
            return Habit::None;
        }
        let bins: Vec<(String, Expr)> = self
            .scope
            .columns()
            .filter(|(known, (_, ty))| *ty == ColumnType::Time && known.starts_with("bin"))
            .map(|(known, (id, ty))| (known.to_owned(), Expr::Column(id, ty)))
            .collect();
        match (name.text.as_str(), &bins[..]) {
            ("bin", [(known, column)]) => {
                self.warn(
                    name.span,
                    format!("`bin` is read as the column `{known}`; write `sort {known}`"),
                );
                Habit::Bin(column.clone())
            }
            ("@timestamp", [(known, _), ..]) => {
                let message = format!(
                    "`@timestamp` ended at the `stats`, so this orders nothing; write `sort {known}`"
                );
                self.warn(name.span, message);
                Habit::Gone
            }
            _ => Habit::None,
        }
    }
}

/// What people write from habit as the key of a `sort`.
enum Habit {
    /// Nothing of the kind.
    None,
    /// The only time bin.
    Bin(Expr),
    /// A column that is gone.
    Gone,
}

/// Maps and lists have no order.
pub(super) fn refuse_structure(expr: &ast::Expr) -> Result<(), PlanError> {
    let is_structure = |name: &str| {
        ["jsonparse", "split"]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name))
    };
    match &expr.kind {
        ast::ExprKind::Call { name, .. } if is_structure(&name.text) => {
            let kind = crate::PlanErrorKind::StructureAsKey {
                name: name.text.clone(),
            };
            Err(PlanError::new(kind, expr.span))
        }
        _ => Ok(()),
    }
}

fn is_same_column(a: &SortKey, b: &SortKey) -> bool {
    matches!((&a.expr, &b.expr), (Expr::Column(a, _), Expr::Column(b, _)) if a == b)
}
