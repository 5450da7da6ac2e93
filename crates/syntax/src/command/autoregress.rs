//! `autoregress`: syntax.
//!
//! `autoregress = "autoregress" name ["as" name] ["p=" integer ["-" integer]]`

use super::Result;
use crate::Span;
use crate::ast::AutoRegress;
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::limits::LAGS_MAX;
use crate::reader::Reader;

const EXAMPLE: &str = "autoregress n p=1-3";

impl Reader<'_> {
    pub(super) fn auto_regress(&mut self, start: Span) -> Result<AutoRegress> {
        if self.at_command_end() {
            return Err(self.nothing_after("autoregress", "a field", EXAMPLE));
        }
        let field = self.name()?;
        let mut alias = self.alias()?;
        let lags = self.lags()?;
        if alias.is_none() {
            alias = self.alias()?;
        }
        let (first, last) = lags;
        if let (true, Some(alias)) = (last > first, &alias) {
            let kind = SyntaxErrorKind::Expected {
                command: "autoregress",
                expected: "a name only beside a single lag",
                found: Some(alias.text.clone()),
                example: "autoregress n as before p=2",
            };
            return Err(SyntaxError::new(kind, alias.span));
        }
        Ok(AutoRegress {
            field,
            alias,
            first,
            last,
            span: self.span_from(start),
        })
    }

    fn lags(&mut self) -> Result<(u32, u32)> {
        if self.option_key(&["p"]).is_none() {
            return Ok((1, 1));
        }
        let start = self.here();
        let first = self.lag()?;
        let last = if self.eat("-") { self.lag()? } else { first };
        if first >= 1 && first <= last && last <= LAGS_MAX {
            return Ok((first, last));
        }
        let span = self.span_from(start);
        let kind = SyntaxErrorKind::Expected {
            command: "autoregress",
            expected: "lags from 1 to 1000, the smaller first",
            found: Some(span.of(self.text).to_owned()),
            example: EXAMPLE,
        };
        Err(SyntaxError::new(kind, span))
    }

    fn lag(&mut self) -> Result<u32> {
        self.option_whole("autoregress", EXAMPLE)
    }
}
