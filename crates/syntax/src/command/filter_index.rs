//! `filterIndex`: syntax.
//!
//! `filterIndex = "filterIndex" (name "=" value | name "in" list) {"and" …}`

use super::Result;
use crate::Span;
use crate::ast::{BinaryOperator, Expr, ExprKind, Filter};
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::keywords::CommandInfo;
use crate::reader::Reader;
use crate::unexpected::shortened;

impl Reader<'_> {
    pub(super) fn filter_index(&mut self, start: Span, command: &'static CommandInfo) -> Result<Filter> {
        let filter = self.filter(start, command)?;
        match other_than_equalities(&filter.condition) {
            None => Ok(filter),
            Some(span) => {
                let kind = SyntaxErrorKind::Expected {
                    command: command.name,
                    expected: "fields beside `=` or `in`, joined by `and`",
                    found: Some(shortened(span.of(self.text))),
                    example: command.example,
                };
                Err(SyntaxError::new(kind, span))
            }
        }
    }
}

/// The first part that an index cannot answer. The depth of the recursion is that of the tree, which is bounded.
fn other_than_equalities(condition: &Expr) -> Option<Span> {
    let is_field = |expr: &Expr| matches!(expr.kind, ExprKind::Field(_));
    match &condition.kind {
        ExprKind::Binary {
            operator: BinaryOperator::And,
            left,
            right,
        } => other_than_equalities(left).or_else(|| other_than_equalities(right)),
        ExprKind::Binary {
            operator: BinaryOperator::Equal,
            left,
            ..
        } if is_field(left) => None,
        ExprKind::In {
            value,
            negated: false,
            ..
        } if is_field(value) => None,
        _ => Some(condition.span),
    }
}
