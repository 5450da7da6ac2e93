//! `accum`: syntax.
//!
//! `accum = "accum" name ["as" name]`

use super::Result;
use crate::Span;
use crate::ast::Accum;
use crate::reader::Reader;

const EXAMPLE: &str = "accum bytes as total";

impl Reader<'_> {
    pub(super) fn accum(&mut self, start: Span) -> Result<Accum> {
        if self.at_command_end() {
            return Err(self.nothing_after("accum", "a field", EXAMPLE));
        }
        let field = self.name()?;
        let alias = self.alias()?;
        Ok(Accum {
            field,
            alias,
            span: self.span_from(start),
        })
    }
}
