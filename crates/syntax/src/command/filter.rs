//! `filter`: syntax.
//!
//! `filter = ("filter" | "where") expr`

use super::Result;
use crate::Span;
use crate::ast::Filter;
use crate::keywords::CommandInfo;
use crate::reader::Reader;

impl Reader<'_> {
    pub(super) fn filter(&mut self, start: Span, command: &'static CommandInfo) -> Result<Filter> {
        if self.at_command_end() {
            return Err(self.nothing_after(command.name, "a condition", command.example));
        }
        let condition = self.expression()?;
        Ok(Filter {
            condition,
            span: self.span_from(start),
        })
    }
}
