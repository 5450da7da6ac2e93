//! Late columns: what only the first rows of an order need is made of those alone.

use std::collections::HashSet;

use crate::column::ColumnId;
use crate::logical::{LogicalPlan, Step};

/// So many rows at most are kept with what columns are made of, which may be whole messages, in place of the columns.
const LATE_ROWS_MAX: u64 = 10_000;

/// Moves what makes columns behind the [`Step::TopK`] that follows, as far as neither the order nor what stays reads them.
/// Every row has its columns made of itself alone, so it does not matter which other rows there are.
pub(super) fn apply(plan: &mut LogicalPlan) -> Option<String> {
    let mut moved = 0;
    let mut steps: Vec<Step> = Vec::with_capacity(plan.steps.len());
    for step in plan.steps.drain(..) {
        let late = match &step {
            Step::TopK { count, .. } if *count <= LATE_ROWS_MAX => late_of(&mut steps, &step),
            _ => Vec::new(),
        };
        steps.push(step);
        moved += late.iter().map(|step| step.made().len()).sum::<usize>();
        steps.extend(late);
    }
    plan.steps = steps;
    (moved > 0).then(|| format!("{moved} made of the first rows alone"))
}

/// Takes what can be made later off the end of `steps`, before which `top_k` comes.
fn late_of(steps: &mut Vec<Step>, top_k: &Step) -> Vec<Step> {
    let mut needed = HashSet::new();
    top_k.for_each_read(&mut |id| {
        needed.insert(id);
    });
    let (mut late, mut early) = (Vec::new(), Vec::new());
    while let Some(step) = steps.pop_if(|step| makes_columns_of_each_row(step)) {
        let (stays, moves) = divided(step, &needed);
        if let Some(step) = &stays {
            step.for_each_read(&mut |id| {
                needed.insert(id);
            });
        }
        early.extend(stays);
        late.extend(moves);
    }
    steps.extend(early.into_iter().rev());
    late.reverse();
    late
}

/// True for what makes columns, and one row of one.
fn makes_columns_of_each_row(step: &Step) -> bool {
    match step {
        Step::Compute(_) => true,
        Step::Extract(extract) => !extract.is_multi,
        _ => false,
    }
}

/// What makes columns that are needed, and what makes those that are not.
fn divided(step: Step, needed: &HashSet<ColumnId>) -> (Option<Step>, Option<Step>) {
    match step {
        Step::Compute(made) => {
            let (stay, go): (Vec<_>, Vec<_>) = made.into_iter().partition(|made| needed.contains(&made.id));
            let compute = |made: Vec<_>| (!made.is_empty()).then_some(Step::Compute(made));
            (compute(stay), compute(go))
        }
        // A text is taken apart once, whatever is wanted of it.
        step if step.made().iter().any(|id| needed.contains(id)) => (Some(step), None),
        step => (None, Some(step)),
    }
}
