//! Texts alone, as in `"late" and not "ferry"`: read as a `filter` of `@message`.

use super::Result;
use crate::Span;
use crate::ast::{Command, Expr, ExprKind, Filter, LikePattern, Name};
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::reader::Reader;

impl Reader<'_> {
    pub(super) fn search(&mut self, start: Span) -> Result<Command> {
        let condition = self.expression()?;
        let span = self.span_from(start);
        let Some(condition) = as_filter(condition) else {
            let found = crate::unexpected::shortened(span.of(self.text));
            return Err(SyntaxError::new(SyntaxErrorKind::MissingCommand { found }, span));
        };
        self.warn(
            span,
            "text without a command is read as a search; write `filter @message like \"…\"`",
        );
        Ok(Command::Filter(Filter { condition, span }))
    }
}

/// Every text becomes `@message like text`. None when there is more than texts, `and`, `or` and `not`. The depth of
/// the recursion is that of the tree, which is bounded.
fn as_filter(expr: Expr) -> Option<Expr> {
    let span = expr.span;
    let kind = match expr.kind {
        ExprKind::Text(_) => {
            let message = Name {
                text: "@message".to_owned(),
                span,
            };
            let value = Box::new(Expr {
                kind: ExprKind::Field(message),
                span,
            });
            ExprKind::Like {
                value,
                pattern: LikePattern::Text(Box::new(expr)),
                negated: false,
            }
        }
        ExprKind::Unary { operator, operand } if operator == crate::ast::UnaryOperator::Not => {
            ExprKind::Unary {
                operator,
                operand: Box::new(as_filter(*operand)?),
            }
        }
        ExprKind::Binary {
            operator,
            left,
            right,
        } if operator.is_logical() => ExprKind::Binary {
            operator,
            left: Box::new(as_filter(*left)?),
            right: Box::new(as_filter(*right)?),
        },
        _ => return None,
    };
    Some(Expr { kind, span })
}
