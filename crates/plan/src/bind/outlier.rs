//! `outlier`: binding.

use insq_event::ColumnType;
use insq_syntax::ast::{self, OutlierAction};

use super::Binder;
use crate::error::PlanError;
use crate::logical::Step;
use crate::series::{OutlierField, Outliers};

/// How many interquartile ranges a value may lie beyond the quartiles, unless the query says otherwise.
const PARAM_DEFAULT: f64 = 2.5;

impl Binder {
    pub(super) fn bind_outlier(&mut self, command: &ast::Outlier) -> Result<(), PlanError> {
        self.fix_order();
        let mut fields = Vec::with_capacity(command.fields.len());
        let mut made = Vec::new();
        let removes = command.action == OutlierAction::Remove;
        for name in &command.fields {
            let source = self.resolve(name).converted(ColumnType::Number);
            let clamped = self.columns.add(&name.text, Some(ColumnType::Number));
            let mark_name = format!("{}_outlier", name.text);
            let mark = self.columns.add(&mark_name, Some(ColumnType::Bool));
            if !removes {
                made.push((name.text.clone(), (clamped, ColumnType::Number)));
            }
            if command.mark {
                made.push((mark_name, (mark, ColumnType::Bool)));
            }
            fields.push(OutlierField {
                source,
                clamped,
                mark,
            });
        }
        self.steps.push(Step::Outliers(Outliers {
            fields,
            param: command.param.as_ref().map_or(PARAM_DEFAULT, |param| param.value),
            use_lower: command.use_lower,
            removes,
        }));
        for (name, column) in made {
            self.show_made(&name, column);
        }
        Ok(())
    }
}
