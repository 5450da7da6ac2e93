//! `fields` and `display`: syntax.
//!
//! `fields = ("fields" | "display") expr ["as" name] {"," expr ["as" name]}`

use super::Result;
use crate::Span;
use crate::ast::{Display, Fields};
use crate::reader::Reader;

impl Reader<'_> {
    pub(super) fn fields(&mut self, start: Span) -> Result<Fields> {
        let items = self.columns("fields", "fields @timestamp, @message")?;
        Ok(Fields {
            items,
            span: self.span_from(start),
        })
    }

    pub(super) fn display(&mut self, start: Span) -> Result<Display> {
        let items = self.columns("display", "display @timestamp, @message")?;
        Ok(Display {
            items,
            span: self.span_from(start),
        })
    }
}
