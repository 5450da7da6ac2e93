//! The request id, and the function, that all events of an answer have: readers that know where they are leave the rest
//! unread. The filter stays and decides.

use std::sync::Arc;

use insq_event::{ScanField, SystemField};
use insq_functions::{CompareOp, Scalar};

use crate::expr::Expr;
use crate::logical::{LogicalPlan, Scan, Step};

pub(super) fn request_id(plan: &mut LogicalPlan) -> Option<String> {
    let found = only(plan, SystemField::RequestId)?;
    let effect = format!("only {found:?}");
    plan.scan.request_id = Some(found);
    Some(effect)
}

pub(super) fn function(plan: &mut LogicalPlan) -> Option<String> {
    let found = only(plan, SystemField::Function)?;
    let effect = format!("only {found:?}");
    plan.scan.function = Some(found);
    Some(effect)
}

/// The text that `field` has in all events of the answer.
fn only(plan: &LogicalPlan, field: SystemField) -> Option<Arc<str>> {
    let mut conditions = plan.steps.iter().map_while(|step| match step {
        Step::Filter(condition) => Some(condition),
        _ => None,
    });
    conditions.find_map(|condition| equal_to(condition, field, &plan.scan))
}

fn equal_to(condition: &Expr, field: SystemField, scan: &Scan) -> Option<Arc<str>> {
    match condition {
        Expr::And(terms) => terms.iter().find_map(|term| equal_to(term, field, scan)),
        Expr::Compare(CompareOp::Equal, a, b) => match (&**a, &**b) {
            (column, Expr::Constant(Scalar::Text(text), _))
            | (Expr::Constant(Scalar::Text(text), _), column)
                // Numbers are equal in many spellings.
                if is_field(column, field, scan) && text.parse::<f64>().is_err() =>
            {
                Some(Arc::clone(text))
            }
            _ => None,
        },
        _ => None,
    }
}

fn is_field(expr: &Expr, field: SystemField, scan: &Scan) -> bool {
    match expr {
        Expr::Column(id, _) => scan
            .columns
            .iter()
            .any(|binding| binding.id == *id && binding.field == ScanField::System(field)),
        Expr::Convert(inner, ty) if ty.is_textual() => is_field(inner, field, scan),
        _ => false,
    }
}
