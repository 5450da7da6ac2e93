//! `outlier`: syntax.
//!
//! `outlier = "outlier" {"action=" word | "param=" number | "uselower=" bool | "mark=" bool} name {name}`

use super::Result;
use crate::Span;
use crate::ast::{NumberLiteral, Outlier, OutlierAction};
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::limits::ITEMS_MAX;
use crate::reader::Reader;

const EXAMPLE: &str = "outlier action=remove param=1.5 n";

impl Reader<'_> {
    pub(super) fn outlier(&mut self, start: Span) -> Result<Outlier> {
        let (mut action, mut param) = (OutlierAction::Transform, None);
        let (mut use_lower, mut mark) = (false, false);
        let mut fields = Vec::new();
        while !self.at_command_end() {
            match self.option_key(&["action", "param", "uselower", "mark"]) {
                Some("action") => action = self.outlier_action()?,
                Some("param") => param = Some(self.outlier_param()?),
                Some("uselower") => use_lower = self.option_bool("outlier", EXAMPLE)?,
                Some(_) => mark = self.option_bool("outlier", EXAMPLE)?,
                None if fields.len() < ITEMS_MAX => {
                    fields.push(self.name()?);
                    if self.eat(",") {
                        let comma = self.last();
                        self.warn(
                            comma,
                            "the fields of `outlier` are separated by blanks; take the comma out",
                        );
                    }
                }
                None => {
                    let kind = SyntaxErrorKind::TooMany {
                        what: "items in one command",
                        limit: ITEMS_MAX,
                    };
                    return Err(SyntaxError::new(kind, self.here()));
                }
            }
        }
        if fields.is_empty() {
            return Err(self.nothing_after("outlier", "at least one field", EXAMPLE));
        }
        Ok(Outlier {
            action,
            param,
            use_lower,
            mark,
            fields,
            span: self.span_from(start),
        })
    }

    fn outlier_action(&mut self) -> Result<OutlierAction> {
        if self.eat_keyword("remove") {
            return Ok(OutlierAction::Remove);
        }
        if self.eat_keyword("transform") {
            return Ok(OutlierAction::Transform);
        }
        Err(self.expected("outlier", "`remove` or `transform`", EXAMPLE))
    }

    fn outlier_param(&mut self) -> Result<NumberLiteral> {
        self.plain_number()
            .map_err(|_| self.expected("outlier", "a number of interquartile ranges", EXAMPLE))
    }
}
