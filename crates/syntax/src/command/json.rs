//! `json field=`: syntax.
//!
//! `json = "json" "field=" name text "as" name`

use super::Result;
use crate::Span;
use crate::ast::JsonField;
use crate::reader::Reader;

const EXAMPLE: &str = "json field=payload \"user.name\" as name";

impl Reader<'_> {
    pub(super) fn json_field(&mut self, start: Span) -> Result<JsonField> {
        if self.option_key(&["field"]).is_none() {
            return Err(self.expected("json", "`field=` and a field", EXAMPLE));
        }
        let source = self.name()?;
        if !(self.at("\"") || self.at("'")) {
            return Err(self.expected("json", "a path in quotes", EXAMPLE));
        }
        let path = self.text_literal()?;
        if !self.eat_keyword("as") {
            return Err(self.expected("json", "`as` and a name", EXAMPLE));
        }
        let alias = self.name()?;
        Ok(JsonField {
            source,
            path,
            alias,
            span: self.span_from(start),
        })
    }
}
