//! `filldown`: syntax.
//!
//! `filldown = "filldown" {name-or-pattern}`, separated by blanks

use super::Result;
use crate::Span;
use crate::ast::{FillDown, Name};
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::lexical;
use crate::limits::ITEMS_MAX;
use crate::reader::Reader;

const EXAMPLE: &str = "filldown level cpu*";

impl Reader<'_> {
    pub(super) fn fill_down(&mut self, start: Span) -> Result<FillDown> {
        let mut patterns = Vec::new();
        while !self.at_command_end() {
            if patterns.len() == ITEMS_MAX {
                let kind = SyntaxErrorKind::TooMany {
                    what: "items in one command",
                    limit: ITEMS_MAX,
                };
                return Err(SyntaxError::new(kind, self.here()));
            }
            patterns.push(self.name_pattern()?);
            if self.eat(",") {
                let comma = self.last();
                self.warn(
                    comma,
                    "the names of `filldown` are separated by blanks; take the comma out",
                );
            }
        }
        Ok(FillDown {
            patterns,
            span: self.span_from(start),
        })
    }

    /// `cpu*`, or any name.
    fn name_pattern(&mut self) -> Result<Name> {
        if self.at("`") || self.at("@`") {
            return self.name();
        }
        let start = self.here();
        let rest = self.rest();
        let is_part = |c: char| lexical::is_name_char(c) || matches!(c, '*' | '.');
        let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let is_name = rest.starts_with(|c| lexical::is_name_start(c) || c == '*');
        if length == 0 || !is_name {
            return Err(self.expected(
                "filldown",
                "names of fields, in which `*` stands for any text",
                EXAMPLE,
            ));
        }
        let text = rest[..length].to_owned();
        self.advance(length);
        Ok(Name {
            text,
            span: self.span_from(start),
        })
    }
}
