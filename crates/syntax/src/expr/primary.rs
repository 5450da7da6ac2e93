//! Values: literals, fields, calls, brackets.

use super::bracket::Bracket;
use super::{Built, Result, refuse};
use crate::Span;
use crate::ast::ExprKind;
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::lexical;
use crate::reader::Reader;

/// Words that join values. Where a value must come they are names, unless another value follows.
const JOINING_WORDS: &[&str] = &["and", "or", "like", "in", "as", "by"];

impl Reader<'_> {
    /// True when a value surely begins here, rather than an operator or the end.
    pub(crate) fn at_operand(&mut self) -> bool {
        let Some(c) = self.peek() else { return false };
        if matches!(c, '"' | '\'' | '`' | '(' | '{' | '$') || c.is_numeric() || c == '@' {
            return true;
        }
        if c == '!' {
            return !self.at("!=") && !self.at("!~");
        }
        lexical::is_name_start(c) && !self.at_joining_word()
    }

    fn at_joining_word(&mut self) -> bool {
        self.peek_word().is_some_and(|word| {
            JOINING_WORDS
                .iter()
                .chain(&["not", "asc", "desc"])
                .any(|joining| joining.eq_ignore_ascii_case(word))
        })
    }

    pub(super) fn primary(&mut self) -> Result<Built> {
        let start = self.here();
        let built = self.value(start)?;
        self.operand_from(start);
        Ok(built)
    }

    fn value(&mut self, start: Span) -> Result<Built> {
        match self.peek() {
            Some('(') => self.group(),
            Some('"' | '\'') => {
                let text = self.text_literal()?;
                Ok(Built::leaf(ExprKind::Text(text), self.span_from(start)))
            }
            Some(c) if c.is_ascii_digit() || c == '.' => {
                let kind = self.number_or_period()?;
                Ok(Built::leaf(kind, self.span_from(start)))
            }
            Some('`') => self.field(),
            Some(c) if lexical::is_name_start(c) => self.word_or_field(start),
            Some('/') => Err(self.misplaced_regex().into()),
            Some('*') if !self.at("**") => refuse(SyntaxErrorKind::StarMisplaced, start),
            Some('[') => refuse(SyntaxErrorKind::ListMisplaced, start),
            _ => Err(self.unexpected_value().into()),
        }
    }

    fn field(&mut self) -> Result<Built> {
        let name = self.path()?;
        let span = name.span;
        Ok(Built::leaf(ExprKind::Field(name), span))
    }

    fn word_or_field(&mut self, start: Span) -> Result<Built> {
        let word = self.peek_word();
        let is_call = word.is_some_and(|word| {
            self.ahead(|reader| {
                reader.advance(word.len());
                reader.at("(")
            })
        });
        if let Some(word) = word {
            if let (false, Some(kind)) = (is_call, constant(word)) {
                self.advance(word.len());
                return Ok(Built::leaf(kind, self.span_from(start)));
            }
            self.check_word(word)?;
        }
        let is_bare = !self.at("`");
        let name = self.path()?;
        if is_bare && self.at("(") {
            return self.call(name);
        }
        let span = name.span;
        Ok(Built::leaf(ExprKind::Field(name), span))
    }

    /// Refuses `or` where its left side is missing, and `case when`.
    fn check_word(&mut self, word: &str) -> Result<()> {
        let is_joining = JOINING_WORDS
            .iter()
            .any(|joining| joining.eq_ignore_ascii_case(word));
        if !(is_joining || word.eq_ignore_ascii_case("case")) {
            return Ok(());
        }
        let (at_operand, at_when) = self.ahead(|reader| {
            reader.advance(word.len());
            (reader.at_operand(), reader.at_keyword("when"))
        });
        if is_joining && at_operand {
            return Err(self.unexpected_value().into());
        }
        if at_when {
            let start = self.here();
            let span = self.ahead(|reader| {
                reader.advance(word.len());
                reader.eat_keyword("when");
                reader.span_from(start)
            });
            return refuse(SyntaxErrorKind::CaseWhen, span);
        }
        Ok(())
    }

    /// `(a)`
    fn group(&mut self) -> Result<Built> {
        self.eat("(");
        let open = self.last();
        self.enter()?;
        let mut inner = self.condition()?;
        self.leave();
        if self.at(",") {
            let comma = self.here();
            return refuse(SyntaxErrorKind::ListInBrackets, open.to(comma));
        }
        self.close_group(open)?;
        inner.expr.span = self.span_from(open);
        Ok(inner)
    }

    /// A bracket may be left open at a pipe, where it can be closed in one way only.
    fn close_group(&mut self, open: Span) -> Result<()> {
        if self.at("|") && !self.at_double_pipe() {
            self.warn(
                open,
                "the `(` that opens here is read as closed at the pipe; write the `)`",
            );
            return Ok(());
        }
        self.close(Bracket::Group, open)
    }

    fn misplaced_regex(&mut self) -> SyntaxError {
        match self.ahead(|reader| reader.lexeme(lexical::regex).map(|_| reader.last())) {
            Some(span) => SyntaxError::new(SyntaxErrorKind::RegexMisplaced, span),
            None => self.unexpected_value(),
        }
    }
}

fn constant(word: &str) -> Option<ExprKind> {
    match word.to_ascii_lowercase().as_str() {
        "true" => Some(ExprKind::Bool(true)),
        "false" => Some(ExprKind::Bool(false)),
        "null" => Some(ExprKind::Null),
        _ => None,
    }
}
