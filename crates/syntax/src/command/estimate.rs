//! `estimate`: syntax.
//!
//! `estimate = "estimate"`

use super::Result;
use crate::Span;
use crate::ast::Estimate;
use crate::reader::Reader;

impl Reader<'_> {
    pub(super) fn estimate(&mut self, start: Span) -> Result<Estimate> {
        if self.at_command_end() {
            return Ok(Estimate {
                span: self.span_from(start),
            });
        }
        Err(self.expected("estimate", "nothing behind it", "estimate"))
    }
}
