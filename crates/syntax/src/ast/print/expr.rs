//! Canonical text of expressions, with as few brackets as keep their meaning.

use std::fmt::{self, Display, Formatter, Write as _};

use super::command::write_separated;
use super::literal::Quoted;
use crate::ast::{BinaryOperator, Expr, ExprKind, LikePattern, UnaryOperator};

/// How tightly a form holds together, loosest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binding {
    Or,
    And,
    Not,
    Comparison,
    Sum,
    Product,
    Sign,
    Power,
    Value,
}

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write_kind(f, &self.kind)
    }
}

/// A value that needs brackets unless it is a literal, a name or a call.
pub(super) struct Operand<'e>(pub(super) &'e Expr);

impl Display for Operand<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write_within(f, self.0, Binding::Value)
    }
}

/// Brackets where `expr` would otherwise fall apart.
fn write_within(f: &mut Formatter<'_>, expr: &Expr, least: Binding) -> fmt::Result {
    if binding(&expr.kind) >= least {
        write!(f, "{expr}")
    } else {
        write!(f, "({expr})")
    }
}

fn binding(kind: &ExprKind) -> Binding {
    match kind {
        ExprKind::Unary {
            operator: UnaryOperator::Not,
            ..
        } => Binding::Not,
        ExprKind::Unary {
            operator: UnaryOperator::Negate,
            ..
        } => Binding::Sign,
        ExprKind::Binary { operator, .. } => operator_binding(*operator),
        ExprKind::In { .. } | ExprKind::InQuery { .. } | ExprKind::Like { .. } => Binding::Comparison,
        _ => Binding::Value,
    }
}

fn operator_binding(operator: BinaryOperator) -> Binding {
    match operator {
        BinaryOperator::Or => Binding::Or,
        BinaryOperator::And => Binding::And,
        BinaryOperator::Add | BinaryOperator::Subtract => Binding::Sum,
        BinaryOperator::Multiply | BinaryOperator::Divide | BinaryOperator::Remainder => Binding::Product,
        BinaryOperator::Power => Binding::Power,
        _ => Binding::Comparison,
    }
}

fn write_kind(f: &mut Formatter<'_>, kind: &ExprKind) -> fmt::Result {
    match kind {
        ExprKind::Field(name) => write!(f, "{name}"),
        ExprKind::Number(number) => write!(f, "{number}"),
        ExprKind::Text(text) => write!(f, "{}", Quoted(text)),
        ExprKind::Regex(regex) => write!(f, "{regex}"),
        ExprKind::Period(period) => write!(f, "{period}"),
        ExprKind::Bool(value) => write!(f, "{value}"),
        ExprKind::Null => f.write_str("null"),
        ExprKind::Star => f.write_char('*'),
        ExprKind::Unary { operator, operand } => write_unary(f, *operator, operand),
        ExprKind::Binary {
            operator,
            left,
            right,
        } => write_binary(f, *operator, left, right),
        ExprKind::In { value, list, negated } => {
            write_within(f, value, Binding::Sum)?;
            f.write_str(if *negated { " not in [" } else { " in [" })?;
            write_list(f, list)?;
            f.write_char(']')
        }
        ExprKind::InQuery {
            value,
            query,
            negated,
        } => {
            write_within(f, value, Binding::Sum)?;
            f.write_str(if *negated { " not in (" } else { " in (" })?;
            write_separated(f, &query.commands, " | ")?;
            f.write_char(')')
        }
        ExprKind::Path { value, path } => {
            write_within(f, value, Binding::Value)?;
            write_steps(f, &path.text)
        }
        ExprKind::Like {
            value,
            pattern,
            negated,
        } => {
            write_within(f, value, Binding::Sum)?;
            f.write_str(if *negated { " not like " } else { " like " })?;
            match pattern {
                LikePattern::Regex(regex) => write!(f, "{regex}"),
                LikePattern::Text(text) => write_within(f, text, Binding::Sum),
            }
        }
        ExprKind::Call { name, arguments } => {
            write!(f, "{}(", name.text)?;
            write_list(f, arguments)?;
            f.write_char(')')
        }
    }
}

fn write_unary(f: &mut Formatter<'_>, operator: UnaryOperator, operand: &Expr) -> fmt::Result {
    match operator {
        UnaryOperator::Not => {
            f.write_str("not ")?;
            write_within(f, operand, Binding::Not)
        }
        UnaryOperator::Negate => {
            f.write_char('-')?;
            // Two signs in a row would look like a comment of another language.
            write_within(f, operand, Binding::Power)
        }
    }
}

fn write_binary(f: &mut Formatter<'_>, operator: BinaryOperator, left: &Expr, right: &Expr) -> fmt::Result {
    let (least_left, least_right) = match operator_binding(operator) {
        // However the terms are grouped, the meaning is the same.
        own @ (Binding::Or | Binding::And) => (own, own),
        Binding::Sum => (Binding::Sum, Binding::Product),
        Binding::Product => (Binding::Product, Binding::Sign),
        Binding::Power => (Binding::Value, Binding::Sign),
        _ => (Binding::Sum, Binding::Sum),
    };
    write_within(f, left, least_left)?;
    write!(f, " {} ", operator.symbol())?;
    write_within(f, right, least_right)
}

/// `.a.b`, with backticks where the steps are no bare name.
fn write_steps(f: &mut Formatter<'_>, path: &str) -> fmt::Result {
    let is_bare = |step: &str| !step.is_empty() && step.chars().all(crate::lexical::is_name_char);
    if path.split('.').all(is_bare) {
        write!(f, ".{path}")
    } else {
        write!(f, ".`{path}`")
    }
}

fn write_list(f: &mut Formatter<'_>, items: &[Expr]) -> fmt::Result {
    for (idx, item) in items.iter().enumerate() {
        let comma = if idx == 0 { "" } else { ", " };
        write!(f, "{comma}{item}")?;
    }
    Ok(())
}
