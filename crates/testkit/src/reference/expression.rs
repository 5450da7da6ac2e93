//! Expressions over one row.

use std::cmp::Ordering;

use insq_syntax::ast::{BinaryOperator, Expr, ExprKind, LikePattern, UnaryOperator};
use regex::Regex;

use super::kind::{Kind, Kinds};
use super::value::compare_texts;
use super::{Row, Unsupported, Value, functions, maps, unsupported};

/// What an expression may ask of: a row or a group.
pub(super) trait Context {
    fn field(&self, name: &str) -> Result<Value, Unsupported>;

    /// The value of an expression that is known as a whole: an aggregate or a group key.
    fn whole(&self, expr: &Expr) -> Option<Result<Value, Unsupported>>;

    /// The JSON of a field of the log, also of a map or list.
    fn structure(&self, name: &str) -> Option<String>;
}

impl Context for Row {
    fn field(&self, name: &str) -> Result<Value, Unsupported> {
        Ok(self.get(name))
    }

    fn whole(&self, _: &Expr) -> Option<Result<Value, Unsupported>> {
        None
    }

    fn structure(&self, name: &str) -> Option<String> {
        self.structures.get(name).cloned()
    }
}

/// The value of an expression.
pub(super) fn evaluate(expr: &Expr, context: &dyn Context, kinds: &Kinds) -> Result<Value, Unsupported> {
    if let Some(value) = context.whole(expr) {
        return value;
    }
    let of = |expr: &Expr| evaluate(expr, context, kinds);
    Ok(match &expr.kind {
        ExprKind::Field(name) => context.field(&name.text)?,
        ExprKind::Number(literal) => Value::Number(literal.value),
        ExprKind::Text(text) => Value::Text(text.clone()),
        ExprKind::Bool(value) => Value::Bool(*value),
        ExprKind::Null => Value::Null,
        ExprKind::Unary {
            operator: UnaryOperator::Negate,
            operand,
        } => number(of(operand)?.number().map(|n| -n)),
        ExprKind::Unary {
            operator: UnaryOperator::Not,
            operand,
        } => truth(of(operand)?.truth().map(|value| !value)),
        ExprKind::Binary {
            operator,
            left,
            right,
        } => {
            let (a, b) = (of(left)?, of(right)?);
            if operator.is_comparison() {
                let (kind_a, kind_b) = (kinds.of(left), kinds.of(right));
                let (a, kind_a) = exact(left, kind_b).unwrap_or((a, kind_a));
                let (b, kind_b) = exact(right, kind_a).unwrap_or((b, kind_b));
                match a.is_structure() || b.is_structure() {
                    // Maps and lists are neither equal to anything nor different.
                    true => Value::Bool(false),
                    false => truth(compare(&a, &b, kind_a, kind_b).map(|order| holds(*operator, order))),
                }
            } else if operator.is_logical() {
                truth(logic(*operator, a.truth(), b.truth()))
            } else {
                number(
                    a.number()
                        .zip(b.number())
                        .map(|(a, b)| arithmetic(*operator, a, b)),
                )
            }
        }
        ExprKind::In { value, list, negated } => {
            let found = of(value)?;
            let mut is_listed = false;
            for item in list {
                let kind = kinds.of(value);
                let (item, item_kind) = exact(item, kind).unwrap_or((of(item)?, kinds.of(item)));
                let order = compare(&found, &item, kind, item_kind);
                is_listed |= order == Some(Ordering::Equal);
            }
            truth((!found.is_null()).then_some(is_listed != *negated))
        }
        ExprKind::InQuery { value, negated, .. } => {
            let (found, kind) = (of(value)?, kinds.of(value));
            let Some((item_kind, items)) = kinds.subqueries.get(&expr.canonical_text()) else {
                return unsupported("a sub-query here");
            };
            let is_equal = |item| compare(&found, item, kind, *item_kind) == Some(Ordering::Equal);
            truth((!found.is_null()).then(|| items.iter().any(is_equal) != *negated))
        }
        ExprKind::Path { value, path } => maps::walk(&of(value)?, &path.text),
        ExprKind::Like {
            value,
            pattern,
            negated,
        } => {
            let value = of(value)?.text();
            let found = match pattern {
                LikePattern::Text(part) => value
                    .zip(of(part)?.text())
                    .map(|(value, part)| value.contains(&part)),
                LikePattern::Regex(literal) => {
                    let Ok(regex) = Regex::new(&literal.pattern) else {
                        return unsupported(&literal.pattern);
                    };
                    value.map(|value| regex.is_match(&value))
                }
            };
            truth(found.map(|found| found != *negated))
        }
        ExprKind::Call { name, arguments } if maps::is_function(&name.text) => {
            maps::call(&name.text.to_lowercase(), arguments, context, kinds)?
        }
        ExprKind::Call { name, arguments } => {
            functions::call(&name.text.to_lowercase(), arguments, &of, kinds)?
        }
        other => return unsupported(format!("{other:?}")),
    })
}

pub(super) fn number(value: Option<f64>) -> Value {
    value
        .filter(|value| value.is_finite())
        .map_or(Value::Null, Value::Number)
}

pub(super) fn truth(value: Option<bool>) -> Value {
    value.map_or(Value::Null, Value::Bool)
}

pub(super) fn text(value: Option<String>) -> Value {
    value.map_or(Value::Null, Value::Text)
}

/// An integer that a number would round is the text of its digits beside text.
fn exact(expr: &Expr, other: Kind) -> Option<(Value, Kind)> {
    match &expr.kind {
        ExprKind::Number(literal) if other == Kind::Text && literal.text.len() > 15 => {
            Some((Value::Text(literal.text.clone()), Kind::Text))
        }
        _ => None,
    }
}

/// As numbers where one side is one by its type, else as texts do.
fn compare(a: &Value, b: &Value, kind_a: Kind, kind_b: Kind) -> Option<Ordering> {
    let is_numeric = |kind: Kind| matches!(kind, Kind::Number | Kind::Time | Kind::Bool);
    if is_numeric(kind_a) || is_numeric(kind_b) {
        return a.number()?.partial_cmp(&b.number()?);
    }
    Some(compare_texts(&a.text()?, &b.text()?))
}

fn holds(operator: BinaryOperator, order: Ordering) -> bool {
    match operator {
        BinaryOperator::Equal => order.is_eq(),
        BinaryOperator::NotEqual => order.is_ne(),
        BinaryOperator::Less => order.is_lt(),
        BinaryOperator::LessOrEqual => order.is_le(),
        BinaryOperator::Greater => order.is_gt(),
        _ => order.is_ge(),
    }
}

fn logic(operator: BinaryOperator, a: Option<bool>, b: Option<bool>) -> Option<bool> {
    let decides = operator == BinaryOperator::Or;
    match (a, b) {
        (Some(a), _) if a == decides => Some(decides),
        (_, Some(b)) if b == decides => Some(decides),
        (Some(_), Some(_)) => Some(!decides),
        _ => None,
    }
}

fn arithmetic(operator: BinaryOperator, a: f64, b: f64) -> f64 {
    match operator {
        BinaryOperator::Add => a + b,
        BinaryOperator::Subtract => a - b,
        BinaryOperator::Multiply => a * b,
        BinaryOperator::Divide => a / b,
        BinaryOperator::Remainder => a % b,
        _ => a.powf(b),
    }
}
