//! `countFrequent`: syntax.
//!
//! `countFrequent = ("countFrequent" | "count_frequent") name {"," name}`

use super::Result;
use crate::Span;
use crate::ast::CountFrequent;
use crate::reader::Reader;

impl Reader<'_> {
    pub(super) fn count_frequent(&mut self, start: Span) -> Result<CountFrequent> {
        let fields = self.names("countFrequent", "countFrequent path, status")?;
        Ok(CountFrequent {
            fields,
            span: self.span_from(start),
        })
    }
}
