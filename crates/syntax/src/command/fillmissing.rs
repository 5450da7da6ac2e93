//! `fillmissing`: syntax.
//!
//! `fillmissing = "fillmissing" ["with" value "for" name {"," ["with"] value "for" name}]`

use super::Result;
use super::select::COLUMNS;
use crate::Span;
use crate::ast::{Expr, FillMissing, Name};
use crate::reader::Reader;

const EXAMPLE: &str = "fillmissing with 0 for n";

impl Reader<'_> {
    pub(super) fn fill_missing(&mut self, start: Span) -> Result<FillMissing> {
        let mut values = Vec::new();
        if !self.at_command_end() {
            if !self.at_keyword("with") {
                return Err(self.expected("fillmissing", "`with`, a value, `for` and a field", EXAMPLE));
            }
            values = self.items(COLUMNS, Self::at_command_end, Self::fill_value)?;
        }
        Ok(FillMissing {
            values,
            span: self.span_from(start),
        })
    }

    /// `0 for n`; the word `with` may be repeated.
    fn fill_value(&mut self) -> Result<(Expr, Name)> {
        self.eat_keyword("with");
        let value = self.expression()?;
        if !self.eat_keyword("for") {
            return Err(self.expected("fillmissing", "`for` and a field", EXAMPLE));
        }
        Ok((value, self.name()?))
    }
}
