//! Names: bare, dotted, with positions, in backticks.

use crate::Span;
use crate::ast::Name;
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::lexical;
use crate::reader::Reader;
use crate::unexpected::shortened;

impl Reader<'_> {
    /// True when a name may begin here.
    pub(crate) fn at_name(&mut self) -> bool {
        self.peek().is_some_and(|c| lexical::is_name_start(c) || c == '`')
    }

    /// A name where only a name can stand: after `as`, in `dedup`.
    pub(crate) fn name(&mut self) -> Result<Name, SyntaxError> {
        if self.at_name() {
            return self.path();
        }
        let start = self.here();
        if start.of(self.text).starts_with(|c: char| c.is_numeric()) {
            self.lexeme(lexical::later_step);
            let span = self.span_from(start);
            let found = shortened(span.of(self.text));
            return Err(SyntaxError::new(
                SyntaxErrorKind::NameStartsWithDigit { found },
                span,
            ));
        }
        Err(self.unexpected_name())
    }

    /// A name, dots and positions included; [`Reader::at_name`] has been asked.
    pub(crate) fn path(&mut self) -> Result<Name, SyntaxError> {
        let start = self.here();
        let mut text = String::new();
        match self.lexeme(lexical::first_step) {
            Some("@") if self.rest().starts_with('`') => {
                text.push('@');
                self.backticked_step(&mut text)?;
            }
            Some(step) => text.push_str(step),
            None => self.backticked_step(&mut text)?,
        }
        while self.next_step(&mut text, start)? {}
        Ok(Name {
            text,
            span: self.span_from(start),
        })
    }

    /// Steps behind a value that is no name: `.a.b[1]` as `a.b.1`; none when neither dot nor bracket follows at once.
    pub(crate) fn steps(&mut self, start: Span) -> Result<Option<Name>, SyntaxError> {
        let mut text = String::new();
        while self.next_step(&mut text, start)? {}
        if text.is_empty() {
            return Ok(None);
        }
        text.remove(0);
        Ok(Some(Name {
            text,
            span: self.span_from(start),
        }))
    }

    /// Adds `.step` or `[0]` to `text`. A dot that no step follows is not part of the name.
    fn next_step(&mut self, text: &mut String, start: Span) -> Result<bool, SyntaxError> {
        let rest = self.rest();
        let following = rest.chars().nth(1);
        if rest.starts_with('.') && following.is_some_and(|c| lexical::is_name_char(c) || c == '`') {
            self.advance(1);
            text.push('.');
            match self.lexeme(lexical::later_step) {
                Some("@") if self.rest().starts_with('`') => {
                    text.push('@');
                    self.backticked_step(text)?;
                }
                Some(step) => text.push_str(step),
                None => self.backticked_step(text)?,
            }
            return Ok(true);
        }
        if rest.starts_with('[') {
            self.position(text, start)?;
            return Ok(true);
        }
        Ok(false)
    }

    fn backticked_step(&mut self, text: &mut String) -> Result<(), SyntaxError> {
        let start = self.here();
        match self.lexeme(lexical::backticked) {
            None => Err(SyntaxError::new(
                SyntaxErrorKind::UnclosedName,
                self.rest_of_line(start),
            )),
            Some("") => Err(SyntaxError::new(SyntaxErrorKind::EmptyName, self.last())),
            Some(_) if self.rest().starts_with('`') => {
                let end = self.last().end;
                Err(SyntaxError::new(
                    SyntaxErrorKind::BacktickInName,
                    Span::new(end - 1, end + 1),
                ))
            }
            Some(step) => {
                text.push_str(step);
                Ok(())
            }
        }
    }

    /// `[0]`
    fn position(&mut self, text: &mut String, start: Span) -> Result<(), SyntaxError> {
        let name = self.span_from(start);
        let bracket = self.advance(1);
        let rest = self.rest();
        let Some(end) = rest.find(']') else {
            return Err(SyntaxError::new(
                SyntaxErrorKind::UnclosedBracket { bracket: '[' },
                bracket,
            ));
        };
        let step = rest[..end].trim();
        if step.is_empty() || !step.bytes().all(|byte| byte.is_ascii_digit()) {
            let quoted = step
                .strip_prefix(['"', '\''])
                .and_then(|inner| inner.strip_suffix(['"', '\'']));
            let kind = SyntaxErrorKind::BracketStep {
                name: shortened(name.of(self.text)),
                step: quoted
                    .filter(|step| !step.is_empty() && !step.contains('`'))
                    .map(shortened),
            };
            return Err(SyntaxError::new(
                kind,
                Span::new(bracket.start, bracket.end + end + 1),
            ));
        }
        self.advance(end + 1);
        text.push('.');
        text.push_str(step);
        Ok(())
    }
}
