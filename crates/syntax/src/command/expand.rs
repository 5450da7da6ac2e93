//! `expand`: syntax.
//!
//! `expand = "expand" name`

use super::Result;
use crate::Span;
use crate::ast::Expand;
use crate::reader::Reader;

impl Reader<'_> {
    pub(super) fn expand(&mut self, start: Span) -> Result<Expand> {
        if self.at_command_end() {
            return Err(self.nothing_after("expand", "a field that holds a JSON array", "expand items"));
        }
        let field = self.name()?;
        Ok(Expand {
            field,
            span: self.span_from(start),
        })
    }
}
