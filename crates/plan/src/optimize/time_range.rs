//! Time range: comparisons of `@timestamp` with constants bound the scan. The filters stay, since they are
//! cheap and the scan's bounds are whole milliseconds.

use insq_event::{ScanField, SystemField, TimeRange};
use insq_functions::{CompareOp, Scalar};

use crate::expr::Expr;
use crate::logical::{LogicalPlan, Scan, Step};

pub(super) fn apply(plan: &mut LogicalPlan) -> Option<String> {
    let mut range = plan.scan.time_range;
    for step in &plan.steps {
        let Step::Filter(condition) = step else { break };
        range = range.intersect(range_of(condition, &plan.scan));
    }
    if range == plan.scan.time_range {
        return None;
    }
    plan.scan.time_range = range;
    Some(describe(range))
}

fn range_of(condition: &Expr, scan: &Scan) -> TimeRange {
    match condition {
        Expr::Compare(op, left, right) => match (
            is_time(left, scan),
            instant(right),
            instant(left),
            is_time(right, scan),
        ) {
            (true, Some(ms), ..) => bound(*op, ms),
            (_, _, Some(ms), true) => bound(mirrored(*op), ms),
            _ => TimeRange::ALL,
        },
        Expr::And(terms) => terms
            .iter()
            .fold(TimeRange::ALL, |all, term| all.intersect(range_of(term, scan))),
        _ => TimeRange::ALL,
    }
}

/// `@timestamp`, also as its milliseconds.
fn is_time(expr: &Expr, scan: &Scan) -> bool {
    match expr {
        Expr::Column(id, _) => scan
            .columns
            .iter()
            .any(|binding| binding.id == *id && binding.field == ScanField::System(SystemField::Timestamp)),
        Expr::Convert(inner, _) => is_time(inner, scan),
        Expr::Call {
            function, arguments, ..
        } => function.name == "toMillis" && is_time(&arguments[0], scan),
        _ => false,
    }
}

/// Instants further out than this are left to the filter itself.
const INSTANT_MAX: f64 = 1e15;

fn instant(expr: &Expr) -> Option<f64> {
    match expr {
        Expr::Constant(Scalar::Time(ms), _) => Some(*ms as f64),
        Expr::Constant(Scalar::Number(ms), _) => Some(*ms),
        _ => None,
    }
    .filter(|ms| ms.abs() <= INSTANT_MAX)
}

/// The whole milliseconds that satisfy `@timestamp op ms`.
fn bound(op: CompareOp, ms: f64) -> TimeRange {
    let (floor, ceil) = (ms.floor() as i64, ms.ceil() as i64);
    let from = |start| TimeRange {
        start_ms: Some(start),
        end_ms: None,
    };
    let until = |end| TimeRange {
        start_ms: None,
        end_ms: Some(end),
    };
    match op {
        CompareOp::GreaterOrEqual => from(ceil),
        CompareOp::Greater => from(floor + 1),
        CompareOp::Less => until(ceil),
        CompareOp::LessOrEqual => until(floor + 1),
        CompareOp::Equal => from(ceil).intersect(until(floor + 1)),
        CompareOp::NotEqual => TimeRange::ALL,
    }
}

fn mirrored(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Less => CompareOp::Greater,
        CompareOp::LessOrEqual => CompareOp::GreaterOrEqual,
        CompareOp::Greater => CompareOp::Less,
        CompareOp::GreaterOrEqual => CompareOp::LessOrEqual,
        same => same,
    }
}

/// A range for explain.
pub(crate) fn describe(range: TimeRange) -> String {
    let side = |ms: Option<i64>| ms.map_or("…".to_owned(), insq_functions::format_time);
    format!("{} up to {}", side(range.start_ms), side(range.end_ms))
}
