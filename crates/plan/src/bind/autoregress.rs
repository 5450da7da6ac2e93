//! `autoregress`: binding.

use insq_syntax::ast;

use super::Binder;
use crate::error::PlanError;
use crate::logical::Step;
use crate::series::AutoRegress;

impl Binder {
    pub(super) fn bind_auto_regress(&mut self, command: &ast::AutoRegress) -> Result<(), PlanError> {
        self.fix_order();
        let source = self.resolve(&command.field).into_key();
        let ty = source.column_type();
        let mut lags = Vec::new();
        let mut made = Vec::new();
        for lag in command.first..=command.last {
            let name = match &command.alias {
                Some(alias) => alias.text.clone(),
                None => format!("{}_p{lag}", command.field.text),
            };
            let id = self.columns.add(&name, Some(ty));
            lags.push((lag as usize, id));
            made.push((name, id));
        }
        self.steps.push(Step::AutoRegress(AutoRegress { source, lags }));
        for (name, id) in made {
            self.show_made(&name, (id, ty));
        }
        Ok(())
    }
}
