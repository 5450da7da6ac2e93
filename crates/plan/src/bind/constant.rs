//! Constants of the query text.

use insq_event::ColumnType;
use insq_event::Zone;
use insq_functions::{Period, Scalar, Step};
use insq_syntax::Span;
use insq_syntax::ast::{self, PeriodUnit};

use crate::error::{PlanError, PlanErrorKind};
use crate::expr::Expr;

/// A Monday: weeks start on Mondays, as in ISO 8601.
const MONDAY_MS: i64 = 4 * 86_400_000;

/// A text constant.
pub(super) fn text(value: &str) -> Expr {
    Expr::Constant(Scalar::Text(value.into()), ColumnType::Text)
}

/// A number constant.
pub(super) fn number(value: f64) -> Expr {
    Expr::Constant(Scalar::Number(value), ColumnType::Number)
}

/// Digits that every integer of so many digits has exactly in a double.
const EXACT_DIGITS_MAX: usize = 15;

/// An integer that a double may round: compared by its digits.
pub(super) fn is_beyond_doubles(literal: &ast::NumberLiteral) -> bool {
    literal.text.len() > EXACT_DIGITS_MAX && literal.text.bytes().all(|b| b.is_ascii_digit())
}

/// How `period` divides time.
///
/// `shift_ms` moves the bounds.
pub(super) fn period(period: ast::Period, zone: Zone, shift_ms: i64) -> Period {
    let count = i64::from(period.count);
    let fixed = |ms: i64, origin_ms: i64| Step::Fixed {
        ms,
        // Whole periods move nothing.
        origin_ms: origin_ms + shift_ms % ms.max(1),
    };
    let months = |count: u32| Step::Months { count, shift_ms };
    let step = match (period.unit, period.fixed_ms()) {
        (PeriodUnit::Week, Some(ms)) => fixed(ms, MONDAY_MS),
        (_, Some(ms)) => fixed(ms, 0),
        (PeriodUnit::Quarter, None) => months(3 * clamp(count)),
        (PeriodUnit::Year, None) => months(12 * clamp(count)),
        (_, None) => months(clamp(count)),
    };
    Period { step, zone }
}

/// Longer than any calendar reaches, and safe to multiply.
fn clamp(count: i64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX).min(1_000_000)
}

/// Milliseconds of a period that stands as an operand, as in `@timestamp - 2d`.
pub(super) fn period_ms(period: ast::Period, span: Span) -> Result<f64, PlanError> {
    match period.fixed_ms() {
        Some(ms) => Ok(ms as f64),
        None => Err(PlanError::new(
            PlanErrorKind::PeriodAsValue {
                period: period.to_string(),
            },
            span,
        )),
    }
}
