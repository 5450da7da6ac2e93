//! `[1, 2]` after `in`, and in round brackets with a remark.

use super::Result;
use super::bracket::Bracket;
use crate::ast::{Expr, Query};
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::items::ItemLimit;
use crate::keywords;
use crate::limits::LIST_ITEMS_MAX;
use crate::reader::Reader;

impl Reader<'_> {
    /// The query in brackets that follows `in`, where there is one.
    pub(super) fn list_query(&mut self) -> Result<Option<Query>> {
        let mark = self.mark();
        if self.eat("(") && self.at_subquery() {
            return Ok(Some(self.subquery()?));
        }
        self.reset(&mark);
        Ok(None)
    }

    /// The list with the height of its highest item.
    pub(super) fn list(&mut self) -> Result<(Vec<Expr>, usize)> {
        if self.eat("[") {
            return self.list_items(Bracket::List);
        }
        let start = self.here();
        if !self.eat("(") {
            return Err(self.no_list().into());
        }
        let list = self.list_items(Bracket::RoundList)?;
        let span = self.span_from(start);
        self.warn(
            span,
            "a list in round brackets is read as one in square brackets; write `in [1, 2]`",
        );
        Ok(list)
    }

    /// True at the first command of a query in brackets. A command's word may also name a field: then an operator,
    /// a comma or the bracket follows, rather than another value.
    fn at_subquery(&mut self) -> bool {
        let Some(command) = self.peek_word().and_then(keywords::find) else {
            return false;
        };
        let is_operator = |reader: &mut Self| {
            ["and", "or", "not", "in", "like"]
                .iter()
                .any(|word| reader.at_keyword(word))
        };
        self.ahead(|reader| {
            reader.eat_keyword(command.name);
            let is_value = reader.at_name() || reader.at("\"") || reader.at("'");
            is_value && !is_operator(reader)
        })
    }

    fn no_list(&mut self) -> SyntaxError {
        let here = self.here();
        match self.ahead(|reader| reader.sum()) {
            Ok(value) => SyntaxError::new(SyntaxErrorKind::InWithoutList, value.expr.span),
            Err(_) if self.at_command_end() => SyntaxError::new(SyntaxErrorKind::InWithoutList, here),
            Err(error) => *error,
        }
    }

    /// The items and the closing bracket; the opening one has been read.
    fn list_items(&mut self, bracket: Bracket) -> Result<(Vec<Expr>, usize)> {
        let open = self.last();
        self.enter()?;
        let limit = ItemLimit {
            what: "values in a list",
            limit: LIST_ITEMS_MAX,
        };
        let items = self.items(
            limit,
            |reader| reader.at(bracket.closing()) || reader.at_command_end(),
            Self::condition,
        )?;
        self.leave();
        self.close(bracket, open)?;
        let height = items.iter().map(|item| item.height).max().unwrap_or_default();
        Ok((items.into_iter().map(|item| *item.expr).collect(), height))
    }
}
