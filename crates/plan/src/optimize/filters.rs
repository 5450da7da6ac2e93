//! Filters: one condition each, as early as possible, and at last together again.

use crate::column::ColumnId;
use crate::expr::Expr;
use crate::logical::{LogicalPlan, Step};

/// Splits `a and b` into two filters, so that each can move by itself.
pub(super) fn split(plan: &mut LogicalPlan) -> Option<String> {
    let mut count = 0;
    let mut steps = Vec::with_capacity(plan.steps.len());
    for step in plan.steps.drain(..) {
        match step {
            Step::Filter(Expr::And(terms)) => {
                count += terms.len();
                steps.extend(terms.into_iter().map(Step::Filter));
            }
            other => steps.push(other),
        }
    }
    plan.steps = steps;
    (count > 0).then(|| format!("{count} conditions"))
}

/// Moves filters before the steps whose columns they do not read.
pub(super) fn push_down(plan: &mut LogicalPlan) -> Option<String> {
    let mut moved = 0;
    for idx in 1..plan.steps.len() {
        let target = target_of(&plan.steps, idx);
        if target < idx {
            plan.steps[target..=idx].rotate_right(1);
            moved += 1;
        }
    }
    (moved > 0).then(|| format!("{moved} moved"))
}

/// How far the filter at `idx` can go. It passes other filters only on its way past something else.
fn target_of(steps: &[Step], idx: usize) -> usize {
    let mut target = idx;
    for before in (0..idx).rev() {
        match &steps[before] {
            Step::Filter(_) => {}
            step if can_swap(step, &steps[idx]) => target = before,
            _ => break,
        }
    }
    target
}

fn can_swap(before: &Step, filter: &Step) -> bool {
    let Step::Filter(condition) = filter else {
        return false;
    };
    match before {
        // What makes columns, or several rows of one, does so for each row by itself.
        Step::Compute(_) | Step::Extract(_) | Step::Unnest(_) | Step::Lookup(_) | Step::Join(_) => {
            !reads_any(condition, before.made())
        }
        // A filter that keeps rows in their order may run before or after they are ordered.
        Step::Sort(_) => true,
        // These look at other rows, which the filter would take away.
        _ => false,
    }
}

fn reads_any(condition: &Expr, made: impl IntoIterator<Item = ColumnId>) -> bool {
    let mut read = Vec::new();
    condition.for_each_column(&mut |id| read.push(id));
    made.into_iter().any(|id| read.contains(&id))
}

/// Joins neighbouring filters, so that rows are filtered once.
pub(super) fn merge(plan: &mut LogicalPlan) -> Option<String> {
    let before = plan.steps.len();
    let mut steps: Vec<Step> = Vec::with_capacity(before);
    for step in plan.steps.drain(..) {
        match (steps.last_mut(), step) {
            (Some(Step::Filter(Expr::And(terms))), Step::Filter(next)) => terms.push(next),
            (Some(Step::Filter(first)), Step::Filter(next)) => {
                let first = std::mem::replace(first, Expr::Or(Vec::new()));
                if let Some(last) = steps.last_mut() {
                    *last = Step::Filter(Expr::And(vec![first, next]));
                }
            }
            (_, other) => steps.push(other),
        }
    }
    plan.steps = steps;
    (plan.steps.len() < before).then(|| format!("{before} steps became {}", plan.steps.len()))
}
