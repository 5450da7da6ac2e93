//! `dedup`: syntax.
//!
//! `dedup = "dedup" name {"," name}`

use super::Result;
use super::select::COLUMNS;
use crate::Span;
use crate::ast::Dedup;
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::reader::Reader;

impl Reader<'_> {
    pub(super) fn dedup(&mut self, start: Span) -> Result<Dedup> {
        self.no_by()?;
        let fields = self.items(COLUMNS, Self::at_command_end, Self::name)?;
        if fields.is_empty() {
            return Err(self.nothing_after("dedup", "at least one field", "dedup @requestId"));
        }
        Ok(Dedup {
            fields,
            span: self.span_from(start),
        })
    }

    /// `dedup by a`; a field may be called `by`, though.
    fn no_by(&mut self) -> Result<()> {
        let mark = self.mark();
        if self.eat_keyword("by") {
            let by = self.last();
            if self.at_name() && !self.at_command_word() {
                return Err(SyntaxError::new(SyntaxErrorKind::DedupBy, by));
            }
        }
        self.reset(&mark);
        Ok(())
    }

    fn at_command_word(&mut self) -> bool {
        self.peek_word()
            .is_some_and(|word| crate::keywords::find(word).is_some())
    }
}
