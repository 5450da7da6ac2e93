//! `name(arguments)`, with the calls that are read as another.

use super::bracket::Bracket;
use super::{Built, Result, refuse};
use crate::Span;
use crate::ast::{Expr, ExprKind, Name, NumberLiteral};
use crate::error::SyntaxErrorKind;
use crate::limits::LIST_ITEMS_MAX;
use crate::reader::Reader;
use crate::unexpected::shortened;

impl Reader<'_> {
    /// The call of `name`, whose opening bracket comes next.
    pub(super) fn call(&mut self, name: Name) -> Result<Built> {
        let (arguments, height) = self.arguments()?;
        let span = self.span_from(name.span);
        let (name, arguments) = self.as_meant(name, arguments, span)?;
        let call = Built::above(ExprKind::Call { name, arguments }, span, height)?;
        self.path_after_call(call)
    }

    fn arguments(&mut self) -> Result<(Vec<Expr>, usize)> {
        self.eat("(");
        let open = self.last();
        self.enter()?;
        let mut arguments = Vec::new();
        let mut height = 0;
        if !self.at(")") {
            loop {
                if arguments.len() == LIST_ITEMS_MAX {
                    let kind = SyntaxErrorKind::TooMany {
                        what: "arguments",
                        limit: LIST_ITEMS_MAX,
                    };
                    return refuse(kind, self.here());
                }
                if self.at_command_end() {
                    break;
                }
                let argument = self.argument()?;
                height = height.max(argument.height);
                arguments.push(*argument.expr);
                if !self.eat(",") {
                    break;
                }
            }
        }
        self.leave();
        self.close(Bracket::Call, open)?;
        Ok((arguments, height))
    }

    fn argument(&mut self) -> Result<Built> {
        if let Some(star) = self.lone_star() {
            return Ok(star);
        }
        if self.at_regex() {
            let regex = self.regex_literal()?;
            let span = regex.span;
            return Ok(Built::leaf(ExprKind::Regex(regex), span));
        }
        self.condition()
    }

    /// The star of `count(*)`.
    fn lone_star(&mut self) -> Option<Built> {
        let mark = self.mark();
        if self.eat("*") {
            let star = self.last();
            if self.at(")") {
                return Some(Built::leaf(ExprKind::Star, star));
            }
        }
        self.reset(&mark);
        None
    }

    /// `jsonParse(x).a.b[1]`: the steps behind a call.
    fn path_after_call(&mut self, call: Built) -> Result<Built> {
        let start = Span::new(self.last().end, self.last().end);
        let Some(path) = self.steps(start).map_err(Box::new)? else {
            return Ok(call);
        };
        let span = self.span_from(call.expr.span);
        let below = call.height;
        Built::above(
            ExprKind::Path {
                value: call.expr,
                path,
            },
            span,
            below,
        )
    }

    fn as_meant(&mut self, name: Name, mut arguments: Vec<Expr>, span: Span) -> Result<(Name, Vec<Expr>)> {
        match (name.text.to_ascii_lowercase().as_str(), arguments.len()) {
            ("bin", 2) => self.bin_of_timestamp(&mut arguments, span)?,
            ("median", 1) => return Ok(self.median(name, arguments, span)),
            ("count", 1) => self.count_of_condition(&arguments, span),
            _ => {}
        }
        Ok((name, arguments))
    }

    /// `bin(@timestamp, 5m)`
    fn bin_of_timestamp(&mut self, arguments: &mut Vec<Expr>, span: Span) -> Result<()> {
        let ExprKind::Period(period) = arguments[1].kind else {
            return Ok(());
        };
        if !matches!(&arguments[0].kind, ExprKind::Field(name) if name.text == "@timestamp") {
            let field = shortened(arguments[0].span.of(self.text));
            return refuse(SyntaxErrorKind::BinOfField { field }, arguments[0].span);
        }
        arguments.remove(0);
        self.warn(
            span,
            format!("`bin` always reads `@timestamp`; write `bin({period})`"),
        );
        Ok(())
    }

    fn median(&mut self, name: Name, mut arguments: Vec<Expr>, span: Span) -> (Name, Vec<Expr>) {
        let value = arguments
            .first()
            .map(|argument| argument.span.of(self.text))
            .unwrap_or_default();
        self.warn(
            span,
            format!(
                "`median` is read as the 50th percentile; write `pct({}, 50)`",
                shortened(value)
            ),
        );
        let middle = NumberLiteral {
            value: 50.0,
            text: "50".to_owned(),
        };
        arguments.push(Expr {
            kind: ExprKind::Number(middle),
            span,
        });
        (
            Name {
                text: "pct".to_owned(),
                span: name.span,
            },
            arguments,
        )
    }

    /// `count(a > 5)` counts where the comparison has a value at all, which few expect.
    fn count_of_condition(&mut self, arguments: &[Expr], span: Span) {
        let condition = &arguments[0];
        if condition.is_condition() {
            let condition = shortened(condition.span.of(self.text));
            let message = format!(
                "`count` counts the events where the condition is true or false; for those where it is true write \
                 `sum({condition})`"
            );
            self.warn(span, message);
        }
    }
}
