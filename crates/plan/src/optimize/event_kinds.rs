//! Event kinds: a filter that only some kinds of events can pass lets the reader skip all others.

use insq_event::{EventKind, EventKinds, ScanField, SystemField};
use insq_functions::{CompareOp, Scalar};

use crate::column::ColumnId;
use crate::expr::Expr;
use crate::logical::{LogicalPlan, Scan, Step};

pub(super) fn apply(plan: &mut LogicalPlan) -> Option<String> {
    let mut kinds = plan.scan.kinds;
    let mut idx = 0;
    while let Some(Step::Filter(condition)) = plan.steps.get(idx) {
        kinds = kinds.intersect(possible_kinds(condition, &plan.scan));
        idx += 1;
    }
    if kinds == plan.scan.kinds {
        return None;
    }
    plan.scan.kinds = kinds;
    let scan = &plan.scan;
    let mut idx = 0;
    // The scan is bound by its kinds, so a filter that says no more is done.
    plan.steps.retain(|step| {
        let leading = matches!(step, Step::Filter(_)) && idx == 0;
        idx += usize::from(!leading);
        !(leading && matches!(step, Step::Filter(condition) if says_only(condition, kinds, scan)))
    });
    Some(format!("only {kinds}"))
}

/// The kinds of events for which `condition` can be true; a superset.
fn possible_kinds(condition: &Expr, scan: &Scan) -> EventKinds {
    if let Some(kinds) = exact_kinds(condition, scan) {
        return kinds;
    }
    match condition {
        Expr::And(terms) => terms.iter().fold(EventKinds::ALL, |all, term| {
            all.intersect(possible_kinds(term, scan))
        }),
        Expr::Or(terms) => terms.iter().fold(EventKinds::NONE, |all, term| {
            all.union(possible_kinds(term, scan))
        }),
        Expr::Call {
            function, arguments, ..
        } if function.name == "ispresent" => required_kinds(&arguments[0], scan),
        other => required_kinds(other, scan),
    }
}

/// The kinds that a condition on `@type` alone selects.
fn exact_kinds(condition: &Expr, scan: &Scan) -> Option<EventKinds> {
    let is_type = |expr: &Expr| matches!(expr, Expr::Column(id, _) if system_field(*id, scan) == Some(SystemField::Type));
    match condition {
        Expr::Compare(CompareOp::Equal, a, b) => match (&**a, &**b) {
            (column, Expr::Constant(Scalar::Text(name), _))
            | (Expr::Constant(Scalar::Text(name), _), column)
                if is_type(column) =>
            {
                Some(kinds_named(name))
            }
            _ => None,
        },
        Expr::In(value, list) if is_type(value) => {
            let texts: Option<Vec<_>> = list
                .constants()
                .iter()
                .map(|item| {
                    if let Scalar::Text(name) = item {
                        Some(kinds_named(name))
                    } else {
                        None
                    }
                })
                .collect();
            Some(texts?.into_iter().fold(EventKinds::NONE, EventKinds::union))
        }
        _ => None,
    }
}

fn kinds_named(name: &str) -> EventKinds {
    EventKind::from_type_name(name).map_or(EventKinds::NONE, EventKinds::only)
}

/// The kinds that carry every column without which `expr` is missing.
fn required_kinds(expr: &Expr, scan: &Scan) -> EventKinds {
    let mut kinds = EventKinds::ALL;
    for_each_required(expr, &mut |id| {
        if let Some(field) = system_field(id, scan) {
            kinds = kinds.intersect(field.kinds());
        }
    });
    kinds
}

/// Visits columns that make `expr` missing where they are missing.
fn for_each_required(expr: &Expr, visit: &mut dyn FnMut(ColumnId)) {
    match expr {
        Expr::Column(id, _) => visit(*id),
        Expr::Arithmetic(_, a, b) | Expr::Compare(_, a, b) | Expr::Contains(a, b) => {
            for_each_required(a, visit);
            for_each_required(b, visit);
        }
        Expr::Negate(a)
        | Expr::Convert(a, _)
        | Expr::In(a, _)
        | Expr::InSubquery(a, _)
        | Expr::Matches(a, _)
        | Expr::Not(a) => {
            for_each_required(a, visit);
        }
        // What these make of a missing value is their own affair.
        Expr::And(_) | Expr::Or(_) | Expr::Call { .. } | Expr::Constant(..) => {}
    }
}

fn system_field(id: ColumnId, scan: &Scan) -> Option<SystemField> {
    scan.columns
        .iter()
        .find(|binding| binding.id == id)
        .and_then(|binding| match binding.field {
            ScanField::System(field) => Some(field),
            _ => None,
        })
}

fn says_only(condition: &Expr, kinds: EventKinds, scan: &Scan) -> bool {
    exact_kinds(condition, scan).is_some_and(|selected| selected.intersect(kinds) == kinds)
}
