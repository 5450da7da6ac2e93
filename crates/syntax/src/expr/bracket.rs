//! Brackets of expressions, and what is wrong where one is not closed.

use super::{Result, refuse};
use crate::Span;
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::reader::Reader;

/// What a bracket opened.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Bracket {
    /// `[1, 2]`
    List,
    /// `in (1, 2)`
    RoundList,
    /// `f(1, 2)`
    Call,
    /// `(1)`
    Group,
}

impl Bracket {
    pub(super) fn closing(self) -> &'static str {
        if self == Self::List { "]" } else { ")" }
    }

    fn opening(self) -> char {
        if self == Self::List { '[' } else { '(' }
    }
}

impl Reader<'_> {
    /// The closing bracket, or what is wrong instead. `open` is where the opening one stands.
    pub(super) fn close(&mut self, bracket: Bracket, open: Span) -> Result<()> {
        if self.eat(bracket.closing()) {
            return Ok(());
        }
        let unclosed = SyntaxErrorKind::UnclosedBracket {
            bracket: bracket.opening(),
        };
        if self.at_command_end() && !self.at_double_pipe() {
            return refuse(unclosed, open);
        }
        let at_value = self.at_operand();
        let SyntaxError { kind, span } = self.unexpected_text();
        let error = match kind {
            // A new command begins while the bracket is open, or another is closed: this one was forgotten.
            SyntaxErrorKind::MissingPipe { .. } | SyntaxErrorKind::NothingOpen { .. } => {
                SyntaxError::new(unclosed, open)
            }
            SyntaxErrorKind::UnexpectedText { found } if at_value && bracket != Bracket::Group => {
                SyntaxError::new(SyntaxErrorKind::MissingComma { found }, span)
            }
            kind => SyntaxError::new(kind, span),
        };
        Err(error.into())
    }
}
