//! `filter` and `where`: binding.

use insq_syntax::Span;
use insq_syntax::ast;

use super::Binder;
use super::environment::Rows;
use super::expression::bind_condition;
use crate::error::PlanError;
use crate::logical::Step;

impl Binder {
    pub(super) fn bind_filter(&mut self, command: &ast::Filter) -> Result<(), PlanError> {
        let condition = bind_condition(&command.condition, &mut Rows(self))?;
        self.steps.push(Step::Filter(condition));
        Ok(())
    }

    /// Files have no field indexes, so every field counts as indexed.
    pub(super) fn bind_filter_index(&mut self, command: &ast::Filter) -> Result<(), PlanError> {
        let word = Span::new(command.span.start, command.span.start + "filterIndex".len());
        self.warn(
            word,
            "files have no field indexes, so this is read as `filter`; the service also leaves out what was logged \
             before the index was made"
                .to_owned(),
        );
        self.bind_filter(command)
    }
}
