//! `limit`: syntax.
//!
//! `limit = "limit" ["any"] integer | ("head" | "tail") integer`

use super::Result;
use crate::Span;
use crate::ast::Limit;
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::keywords::CommandInfo;
use crate::lexical;
use crate::reader::Reader;
use crate::unexpected::shortened;

impl Reader<'_> {
    pub(super) fn limit(&mut self, start: Span, command: &'static CommandInfo) -> Result<Limit> {
        if self.at_command_end() {
            return Err(self.nothing_after(command.name, "a number of rows", command.example));
        }
        let any = command.name == "limit" && self.eat_keyword("any");
        let count = self.row_count()?;
        let span = self.span_from(start);
        match command.name {
            "head" => self.warn(span, format!("`head` is an old word; write `limit {count}`")),
            "tail" => self.warn(
                span,
                format!("`tail` is an old word; write `sort @timestamp asc | limit {count}`"),
            ),
            _ => {}
        }
        Ok(Limit { count, any, span })
    }

    fn row_count(&mut self) -> Result<u64> {
        let start = self.here();
        let digits = self.lexeme(lexical::number);
        let adjacent = self.rest().starts_with(|c| lexical::is_name_char(c) || c == '.');
        let count = digits
            .filter(|_| !adjacent)
            .and_then(|digits| digits.parse().ok());
        if let Some(count) = count.filter(|&count: &u64| count > 0) {
            return Ok(count);
        }
        self.not_a_count(start)
    }

    fn not_a_count(&mut self, start: Span) -> Result<u64> {
        if lexical::number(Span::new(start.start, self.text.len()).of(self.text)).is_err() {
            match self.unexpected_name() {
                SyntaxError {
                    kind: SyntaxErrorKind::ExpectedName { .. },
                    ..
                } => {}
                error => return Err(error),
            }
        }
        let rest = Span::new(start.start, self.text.len()).of(self.text);
        let found = rest
            .split(|c: char| c.is_whitespace() || c == '|')
            .next()
            .unwrap_or_default();
        let span = Span::new(start.start, start.start + found.len());
        Err(SyntaxError::new(
            SyntaxErrorKind::LimitCount {
                found: shortened(found),
            },
            span,
        ))
    }
}
