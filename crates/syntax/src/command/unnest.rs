//! `unnest`: syntax.
//!
//! `unnest = "unnest" value "into" name`

use super::Result;
use crate::Span;
use crate::ast::Unnest;
use crate::reader::Reader;

const EXAMPLE: &str = "unnest m.items into item";

impl Reader<'_> {
    pub(super) fn unnest(&mut self, start: Span) -> Result<Unnest> {
        if self.at_command_end() {
            return Err(self.nothing_after("unnest", "a list", EXAMPLE));
        }
        let source = self.operand()?;
        if !self.eat_keyword("into") {
            return Err(self.expected("unnest", "`into` and a name", EXAMPLE));
        }
        let name = self.name()?;
        Ok(Unnest {
            source,
            name,
            span: self.span_from(start),
        })
    }
}
