//! Top-k: a sort that only its first rows outlive keeps no more than those, also where only the first of several equal rows
//! counts.

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
                steps.push(Step::TopK {
                    keys,
                    count,
                    distinct: Vec::new(),
                });
            }
            (Some(Step::Dedup(distinct)), Step::Limit(count)) if count <= TOP_K_MAX => {
                match steps.pop_if(|step| matches!(step, Step::Sort(_))) {
                    Some(Step::Sort(keys)) => {
                        effects.push(format!("first {count} distinct rows"));
                        steps.push(Step::TopK {
                            keys,
                            count,
                            distinct,
                        });
                    }
                    _ => steps.extend([Step::Dedup(distinct), Step::Limit(count)]),
                }
            }
            (Some(Step::Limit(a)), Step::Limit(b)) => steps.push(Step::Limit(a.min(b))),
            (
                Some(Step::TopK {
                    keys,
                    count,
                    distinct,
                }),
                Step::Limit(limit),
            ) => {
                steps.push(Step::TopK {
                    keys,
                    count: count.min(limit),
                    distinct,
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
