//! The optimiser: rules that make a plan cheaper and never change its answer.

mod event_kinds;
mod filters;
mod late;
mod literals;
mod only;
mod presence;
mod projection;
mod regex_literals;
mod spellings;
mod time_range;
mod top_k;

pub(crate) use literals::describe as describe_literals;
pub(crate) use time_range::describe as describe_range;

use crate::logical::LogicalPlan;

/// What a rule did, for explain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Name of the rule.
    pub rule: &'static str,
    /// What it changed, in words.
    pub effect: String,
}

/// A rule changes the plan and says what it did, or leaves it alone.
type Rule = fn(&mut LogicalPlan) -> Option<String>;

/// In this order: later rules build on what earlier ones moved.
const RULES: &[(&str, Rule)] = &[
    ("split filters", filters::split),
    ("push filters down", filters::push_down),
    ("event kinds", event_kinds::apply),
    ("time range", time_range::apply),
    ("literals", literals::apply),
    ("request id", only::request_id),
    ("function", only::function),
    ("top-k", top_k::apply),
    ("late columns", late::apply),
    ("merge filters", filters::merge),
    ("projection", projection::apply),
];

/// Optimises a plan and tells which rules applied.
pub fn optimize(mut plan: LogicalPlan) -> (LogicalPlan, Vec<Applied>) {
    let mut applied = Vec::new();
    for (rule, apply) in RULES {
        if let Some(effect) = apply(&mut plan) {
            applied.push(Applied { rule, effect });
        }
    }
    (plan, applied)
}
