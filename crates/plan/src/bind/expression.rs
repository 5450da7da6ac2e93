//! Expressions: binding.

use std::sync::Arc;

use insq_event::ColumnType;
use insq_functions::{ArithmeticOp, CompareOp, InList, Scalar, compile_regex};
use insq_syntax::Span;
use insq_syntax::ast::{self, BinaryOperator, ExprKind, LikePattern, UnaryOperator};

use super::call::bind_call;
use super::constant;
use super::environment::Environment;
use super::structure::bind_path;
use super::subquery::bind_in_query;
use super::time_text::parse_time_text;
use crate::error::{PlanError, PlanErrorKind};
use crate::expr::Expr;

/// Binds an expression that stands for a value.
pub(super) fn bind_value(expr: &ast::Expr, env: &mut dyn Environment) -> Result<Expr, PlanError> {
    if let Some(known) = env.known(expr) {
        return Ok(known);
    }
    match &expr.kind {
        ExprKind::Field(name) => env.field(name),
        ExprKind::Number(literal) => Ok(constant::number(literal.value)),
        ExprKind::Text(text) => Ok(constant::text(text)),
        ExprKind::Bool(value) => Ok(Expr::Constant(Scalar::Bool(*value), ColumnType::Bool)),
        ExprKind::Null => Ok(Expr::Constant(Scalar::Null, ColumnType::Any)),
        ExprKind::Unary { operator, operand } => bind_unary(*operator, operand, env),
        ExprKind::Binary {
            operator,
            left,
            right,
        } => bind_binary(*operator, left, right, env),
        ExprKind::In { value, list, negated } => Ok(negate_if(*negated, bind_in(value, list, env)?)),
        ExprKind::InQuery {
            value,
            query,
            negated,
        } => Ok(negate_if(*negated, bind_in_query(value, query, env)?)),
        ExprKind::Path { value, path } => bind_path(value, path, env),
        ExprKind::Like {
            value,
            pattern,
            negated,
        } => Ok(negate_if(*negated, bind_like(value, pattern, env)?)),
        ExprKind::Call { name, arguments } => bind_call(name, arguments, expr.span, env),
        ExprKind::Period(period) => Err(PlanError::new(
            PlanErrorKind::PeriodAsValue {
                period: period.to_string(),
            },
            expr.span,
        )),
        // Functions take a pattern as the text that it is.
        ExprKind::Regex(regex) => Ok(constant::text(&regex.pattern)),
        ExprKind::Star => Err(PlanError::new(PlanErrorKind::StarAsValue, expr.span)),
        _ => Err(PlanError::new(
            PlanErrorKind::NotBuiltYet {
                what: format!("`{expr}`"),
            },
            expr.span,
        )),
    }
}

/// Binds an expression that stands for a truth value.
pub(super) fn bind_condition(expr: &ast::Expr, env: &mut dyn Environment) -> Result<Expr, PlanError> {
    Ok(bind_value(expr, env)?.converted(ColumnType::Bool))
}

fn bind_number(expr: &ast::Expr, env: &mut dyn Environment) -> Result<Expr, PlanError> {
    if let ExprKind::Period(period) = expr.kind {
        return Ok(constant::number(constant::period_ms(period, expr.span)?));
    }
    Ok(bind_value(expr, env)?.converted(ColumnType::Number))
}

fn negate_if(negated: bool, expr: Expr) -> Expr {
    if negated { Expr::Not(Box::new(expr)) } else { expr }
}

fn bind_unary(
    operator: UnaryOperator,
    operand: &ast::Expr,
    env: &mut dyn Environment,
) -> Result<Expr, PlanError> {
    match operator {
        UnaryOperator::Not => Ok(Expr::Not(Box::new(bind_condition(operand, env)?))),
        UnaryOperator::Negate => Ok(match bind_number(operand, env)? {
            Expr::Constant(Scalar::Number(value), ty) => Expr::Constant(Scalar::Number(-value), ty),
            number => Expr::Negate(Box::new(number)),
        }),
    }
}

fn bind_binary(
    operator: BinaryOperator,
    left: &ast::Expr,
    right: &ast::Expr,
    env: &mut dyn Environment,
) -> Result<Expr, PlanError> {
    if let Some(op) = comparison(operator) {
        return bind_comparison(op, left, right, env);
    }
    if let Some(op) = arithmetic(operator) {
        return bind_arithmetic(op, left, right, env);
    }
    bind_chain(operator, left, right, env)
}

/// Gathers `a and b and c` into one list, however the parser has grouped it.
fn bind_chain(
    operator: BinaryOperator,
    left: &ast::Expr,
    right: &ast::Expr,
    env: &mut dyn Environment,
) -> Result<Expr, PlanError> {
    let mut terms = Vec::new();
    for side in [left, right] {
        match (operator, bind_condition(side, env)?) {
            (BinaryOperator::And, Expr::And(inner)) | (BinaryOperator::Or, Expr::Or(inner)) => {
                terms.extend(inner)
            }
            (_, term) => terms.push(term),
        }
    }
    Ok(if operator == BinaryOperator::And {
        Expr::And(terms)
    } else {
        Expr::Or(terms)
    })
}

fn bind_arithmetic(
    op: ArithmeticOp,
    left: &ast::Expr,
    right: &ast::Expr,
    env: &mut dyn Environment,
) -> Result<Expr, PlanError> {
    let is_shift = matches!(op, ArithmeticOp::Add | ArithmeticOp::Subtract)
        && matches!(right.kind, ExprKind::Period(_))
        && !matches!(left.kind, ExprKind::Period(_));
    let base = if is_shift {
        Some(bind_value(left, env)?.column_type())
    } else {
        None
    };
    let sum = Expr::Arithmetic(
        op,
        Box::new(bind_number(left, env)?),
        Box::new(bind_number(right, env)?),
    );
    // A time moved by a length of time is a time.
    Ok(if base == Some(ColumnType::Time) {
        sum.converted(ColumnType::Time)
    } else {
        sum
    })
}

fn bind_comparison(
    op: CompareOp,
    left: &ast::Expr,
    right: &ast::Expr,
    env: &mut dyn Environment,
) -> Result<Expr, PlanError> {
    let bound_left = bind_value(left, env)?;
    let bound_right = bind_value(right, env)?;
    let new_left = comparable(bound_left.clone(), left, &bound_right, env)?;
    let new_right = comparable(bound_right, right, &bound_left, env)?;
    Ok(Expr::Compare(op, Box::new(new_left), Box::new(new_right)))
}

/// One side of a comparison, given the other: texts beside times are times, and integers that a double
/// would round keep their digits beside text.
fn comparable(
    side: Expr,
    source: &ast::Expr,
    other: &Expr,
    env: &mut dyn Environment,
) -> Result<Expr, PlanError> {
    match (&side, other.column_type(), &source.kind) {
        (Expr::Constant(Scalar::Text(text), _), ColumnType::Time, _) => time_constant(text, source.span, env),
        (Expr::Constant(Scalar::Number(_), _), ty, ExprKind::Number(literal))
            if ty.is_textual() && constant::is_beyond_doubles(literal) =>
        {
            Ok(constant::text(&literal.text))
        }
        _ => Ok(side),
    }
}

fn time_constant(text: &str, span: Span, env: &mut dyn Environment) -> Result<Expr, PlanError> {
    let Some(ms) = parse_time_text(text) else {
        return Err(PlanError::new(
            PlanErrorKind::NotATime {
                text: text.to_owned(),
            },
            span,
        ));
    };
    let message = format!(
        "the service compares no time with text and finds nothing; the sure form is `toMillis(…)` beside `{ms}`"
    );
    env.binder().warn(span, message);
    Ok(Expr::Constant(Scalar::Time(ms), ColumnType::Time))
}

fn bind_in(value: &ast::Expr, list: &[ast::Expr], env: &mut dyn Environment) -> Result<Expr, PlanError> {
    let bound = bind_value(value, env)?;
    let mut constants = Vec::with_capacity(list.len());
    let mut others = Vec::new();
    for item in list {
        let item_bound = bind_value(item, env)?;
        match comparable(item_bound, item, &bound, env)? {
            Expr::Constant(scalar, _) => constants.push(scalar),
            expr => others.push(Expr::Compare(
                CompareOp::Equal,
                Box::new(bound.clone()),
                Box::new(expr),
            )),
        }
    }
    let listed = Expr::In(Box::new(bound), Arc::new(InList::new(constants)));
    if others.is_empty() {
        return Ok(listed);
    }
    others.insert(0, listed);
    Ok(Expr::Or(others))
}

fn bind_like(value: &ast::Expr, pattern: &LikePattern, env: &mut dyn Environment) -> Result<Expr, PlanError> {
    match pattern {
        LikePattern::Text(text) => {
            if let ExprKind::Text(constant) = &text.kind {
                env.binder().hint_wildcards(constant, text.span);
            }
        }
        LikePattern::Regex(regex) => env.binder().hint_class(&regex.pattern, regex.span),
    }
    let value = Box::new(bind_value(value, env)?.converted(ColumnType::Text));
    Ok(match pattern {
        LikePattern::Text(text) => Expr::Contains(
            value,
            Box::new(bind_value(text, env)?.converted(ColumnType::Text)),
        ),
        LikePattern::Regex(regex) => Expr::Matches(value, Arc::new(compile(&regex.pattern, regex.span)?)),
    })
}

/// Compiles a regular expression of the query.
pub(super) fn compile(pattern: &str, span: Span) -> Result<insq_functions::CompiledRegex, PlanError> {
    compile_regex(pattern).map_err(|reason| PlanError::new(PlanErrorKind::BadRegex { reason }, span))
}

fn comparison(operator: BinaryOperator) -> Option<CompareOp> {
    Some(match operator {
        BinaryOperator::Equal => CompareOp::Equal,
        BinaryOperator::NotEqual => CompareOp::NotEqual,
        BinaryOperator::Less => CompareOp::Less,
        BinaryOperator::LessOrEqual => CompareOp::LessOrEqual,
        BinaryOperator::Greater => CompareOp::Greater,
        BinaryOperator::GreaterOrEqual => CompareOp::GreaterOrEqual,
        _ => return None,
    })
}

fn arithmetic(operator: BinaryOperator) -> Option<ArithmeticOp> {
    Some(match operator {
        BinaryOperator::Add => ArithmeticOp::Add,
        BinaryOperator::Subtract => ArithmeticOp::Subtract,
        BinaryOperator::Multiply => ArithmeticOp::Multiply,
        BinaryOperator::Divide => ArithmeticOp::Divide,
        BinaryOperator::Remainder => ArithmeticOp::Remainder,
        BinaryOperator::Power => ArithmeticOp::Power,
        _ => return None,
    })
}
