//! `[1, 2]` after `in`, and in round brackets with a remark.

use super::Result;
use crate::Span;
use crate::ast::Expr;
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::items::ItemLimit;
use crate::limits::LIST_ITEMS_MAX;
use crate::reader::Reader;

impl Reader<'_> {
    /// The list with the height of its highest item.
    pub(super) fn list(&mut self) -> Result<(Vec<Expr>, usize)> {
        if self.eat("[") {
            return self.list_items('[', "]");
        }
        let start = self.here();
        if !self.eat("(") {
            return Err(self.no_list());
        }
        if self.at_subquery() {
            let kind = SyntaxErrorKind::FormNotBuilt {
                form: "in (SOURCE …)",
                instead: None,
            };
            return Err(SyntaxError::new(kind, start.to(self.here())));
        }
        let list = self.list_items('(', ")")?;
        let span = self.span_from(start);
        self.warn(
            span,
            "a list in round brackets is read as one in square brackets; write `in [1, 2]`",
        );
        Ok(list)
    }

    fn at_subquery(&mut self) -> bool {
        self.at_keyword("source")
            && self.ahead(|reader| {
                reader.eat_keyword("source");
                reader.at("\"") || reader.at("'") || reader.at("`") || reader.at_keyword("loggroups")
            })
    }

    fn no_list(&mut self) -> SyntaxError {
        let here = self.here();
        match self.ahead(|reader| reader.sum()) {
            Ok(value) => SyntaxError::new(SyntaxErrorKind::InWithoutList, value.expr.span),
            Err(_) if self.at_command_end() => SyntaxError::new(SyntaxErrorKind::InWithoutList, here),
            Err(error) => error,
        }
    }

    /// The items and the closing bracket; the opening one has been read.
    fn list_items(&mut self, bracket: char, closing: &str) -> Result<(Vec<Expr>, usize)> {
        let open = self.last();
        self.enter()?;
        let limit = ItemLimit {
            what: "values in a list",
            limit: LIST_ITEMS_MAX,
        };
        let items = self.items(
            limit,
            |reader| reader.at(closing) || reader.at_command_end(),
            Self::alternatives,
        )?;
        self.leave();
        self.close(closing, bracket, open)?;
        let height = items.iter().map(|item| item.height).max().unwrap_or_default();
        Ok((items.into_iter().map(|item| item.expr).collect(), height))
    }

    /// The closing bracket, or what is wrong instead.
    pub(super) fn close(&mut self, closing: &str, bracket: char, open: Span) -> Result<()> {
        if self.eat(closing) {
            return Ok(());
        }
        if self.at_command_end() && !self.at_double_pipe() {
            return Err(SyntaxError::new(
                SyntaxErrorKind::UnclosedBracket { bracket },
                open,
            ));
        }
        Err(self.unexpected_in_brackets(bracket, open))
    }

    fn unexpected_in_brackets(&mut self, bracket: char, open: Span) -> SyntaxError {
        let error = self.unexpected_text();
        match &error.kind {
            // A new command begins while the bracket is open: the bracket is what was forgotten.
            SyntaxErrorKind::MissingPipe { .. } | SyntaxErrorKind::NothingOpen { .. } => {
                SyntaxError::new(SyntaxErrorKind::UnclosedBracket { bracket }, open)
            }
            _ => error,
        }
    }
}
