//! `sessionize`: syntax.
//!
//! `sessionize = "sessionize" name {"," name} ["maxspan" period] ["as" name]`

use super::Result;
use super::select::COLUMNS;
use crate::Span;
use crate::ast::Sessionize;
use crate::reader::Reader;

const EXAMPLE: &str = "sessionize user maxspan 30m as visit";

impl Reader<'_> {
    pub(super) fn sessionize(&mut self, start: Span) -> Result<Sessionize> {
        self.eat_keyword("by");
        let fields = self.items(COLUMNS, Self::at_command_end, Self::name)?;
        if fields.is_empty() {
            return Err(self.nothing_after("sessionize", "at least one field", EXAMPLE));
        }
        let (mut max_span, mut alias) = (None, None);
        loop {
            if max_span.is_none() && self.eat_keyword("maxspan") {
                self.eat("=");
                max_span = Some(self.period_literal()?);
            } else if alias.is_none() && self.at_keyword("as") {
                alias = self.alias()?;
            } else {
                break;
            }
        }
        Ok(Sessionize {
            fields,
            max_span,
            alias,
            span: self.span_from(start),
        })
    }
}
