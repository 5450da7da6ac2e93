//! The request id that all events of an answer have: readers that know where it is leave the rest unread. The filter
//! stays and decides.

use std::sync::Arc;

use insq_event::{ScanField, SystemField};
use insq_functions::{CompareOp, Scalar};

use crate::expr::Expr;
use crate::logical::{LogicalPlan, Scan, Step};

pub(super) fn apply(plan: &mut LogicalPlan) -> Option<String> {
    let mut conditions = plan.steps.iter().map_while(|step| match step {
        Step::Filter(condition) => Some(condition),
        _ => None,
    });
    let found = conditions.find_map(|condition| request_id(condition, &plan.scan))?;
    let effect = format!("only {found:?}");
    plan.scan.request_id = Some(found);
    Some(effect)
}

fn request_id(condition: &Expr, scan: &Scan) -> Option<Arc<str>> {
    match condition {
        Expr::And(terms) => terms.iter().find_map(|term| request_id(term, scan)),
        Expr::Compare(CompareOp::Equal, a, b) => match (&**a, &**b) {
            (column, Expr::Constant(Scalar::Text(text), _))
            | (Expr::Constant(Scalar::Text(text), _), column)
                // Numbers are equal in many spellings.
                if is_request_id(column, scan) && text.parse::<f64>().is_err() =>
            {
                Some(Arc::clone(text))
            }
            _ => None,
        },
        _ => None,
    }
}

fn is_request_id(expr: &Expr, scan: &Scan) -> bool {
    match expr {
        Expr::Column(id, _) => scan
            .columns
            .iter()
            .any(|binding| binding.id == *id && binding.field == ScanField::System(SystemField::RequestId)),
        Expr::Convert(inner, ty) if ty.is_textual() => is_request_id(inner, scan),
        _ => false,
    }
}
