//! Top-k: a sort that only its first rows outlive keeps no more than those.

use crate::logical::{LogicalPlan, Step};

/// Beyond this many rows a full sort is no worse.
const TOP_K_MAX: u64 = 1_000_000;

pub(super) fn apply(plan: &mut LogicalPlan) -> Option<String> {
    let mut effects = Vec::new();
    let mut steps: Vec<Step> = Vec::with_capacity(plan.steps.len());
    for step in plan.steps.drain(..) {
        match (steps.pop(), step) {
            (Some(Step::Sort(keys)), Step::Limit(count)) if count <= TOP_K_MAX => {
                effects.push(format!("first {count} rows"));
                steps.push(Step::TopK { keys, count });
            }
            (Some(Step::Limit(a)), Step::Limit(b)) => steps.push(Step::Limit(a.min(b))),
            (Some(Step::TopK { keys, count }), Step::Limit(limit)) => {
                steps.push(Step::TopK {
                    keys,
                    count: count.min(limit),
                });
            }
            (before, step) => {
                steps.extend(before);
                steps.push(step);
            }
        }
    }
    plan.steps = steps;
    (!effects.is_empty()).then(|| effects.join(", "))
}
