//! `join`: syntax.
//!
//! `join = "join" {"type=" ("inner" | "left") | "left=" name | "right=" name} "where" name "=" name "(" source ")"`

use super::Result;
use crate::Span;
use crate::ast::{Command, Join, JoinKind, Name};
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::reader::Reader;

const EXAMPLE: &str = "join type=left left=l right=r where l.id = r.id (SOURCE \"b\")";

impl Reader<'_> {
    pub(super) fn join(&mut self, start: Span) -> Result<Join> {
        let (mut kind, mut left, mut right) = (JoinKind::Inner, None, None);
        while let Some(key) = self.option_key(&["type", "left", "right"]) {
            self.eat(",");
            match key {
                "type" => kind = self.join_kind()?,
                "left" => left = Some(self.name()?),
                _ => right = Some(self.name()?),
            }
            self.eat(",");
        }
        let (Some(left), Some(right)) = (left, right) else {
            return Err(self.expected("join", "`left=` and `right=` with a name each", EXAMPLE));
        };
        if !self.eat_keyword("where") && !self.eat_keyword("on") {
            return Err(self.expected("join", "`where` and the fields that are equal", EXAMPLE));
        }
        let (left_key, right_key) = self.join_keys(&left, &right)?;
        let sources = self.join_sources()?;
        Ok(Join {
            kind,
            left,
            right,
            left_key,
            right_key,
            sources,
            span: self.span_from(start),
        })
    }

    fn join_kind(&mut self) -> Result<JoinKind> {
        if self.eat_keyword("inner") {
            return Ok(JoinKind::Inner);
        }
        if self.eat_keyword("left") {
            return Ok(JoinKind::Left);
        }
        Err(self.expected("join", "`inner` or `left`", EXAMPLE))
    }

    /// `l.id = r.id`, in either order; a name without an alias is of the side on which it stands.
    fn join_keys(&mut self, left: &Name, right: &Name) -> Result<(Name, Name)> {
        let first = self.name()?;
        if !self.eat("==") && !self.eat("=") {
            return Err(self.expected("join", "`=` between two fields", EXAMPLE));
        }
        let second = self.name()?;
        if self.at_keyword("and") || self.at_keyword("or") {
            return Err(self.expected("join", "one equality", EXAMPLE));
        }
        let of = |name: &Name, side: &Name| Name {
            text: name
                .text
                .strip_prefix(side.text.as_str())
                .and_then(|rest| rest.strip_prefix('.'))
                .unwrap_or(&name.text)
                .to_owned(),
            span: name.span,
        };
        let is_of = |name: &Name, side: &Name| of(name, side).text != name.text;
        if is_of(&first, right) || is_of(&second, left) {
            if is_of(&first, left) || is_of(&second, right) {
                let kind = SyntaxErrorKind::Expected {
                    command: "join",
                    expected: "a field of each side",
                    found: Some(second.text.clone()),
                    example: EXAMPLE,
                };
                return Err(SyntaxError::new(kind, second.span));
            }
            return Ok((of(&second, left), of(&first, right)));
        }
        Ok((of(&first, left), of(&second, right)))
    }

    fn join_sources(&mut self) -> Result<Vec<crate::ast::Source>> {
        if !self.eat("(") {
            return Err(self.expected("join", "`(SOURCE …)`", EXAMPLE));
        }
        let query = self.subquery()?;
        let mut sources = Vec::with_capacity(query.commands.len());
        for command in query.commands {
            match command {
                Command::Source(source) => sources.push(source),
                other => {
                    let kind = SyntaxErrorKind::Expected {
                        command: "join",
                        expected: "only `SOURCE` in the brackets",
                        found: Some(crate::unexpected::shortened(other.span().of(self.text))),
                        example: EXAMPLE,
                    };
                    return Err(SyntaxError::new(kind, other.span()));
                }
            }
        }
        if sources.is_empty() {
            return Err(self.expected("join", "`(SOURCE …)`", EXAMPLE));
        }
        Ok(sources)
    }
}
