//! The text of explain.

use insq_event::EventSource;
use insq_exec::PhysicalPlan;
use insq_plan::Applied;

/// What was noted while a query was planned.
pub(crate) struct Explanation {
    /// The plan as bound.
    pub(crate) bound: String,
    /// What each rule did.
    pub(crate) applied: Vec<Applied>,
    /// The plan as optimised.
    pub(crate) optimized: String,
}

impl Explanation {
    pub(crate) fn render(&self, plan: &PhysicalPlan, source: &dyn EventSource) -> String {
        let mut text = format!("Logical plan, as written\n{}\nOptimiser\n", indented(&self.bound));
        for applied in &self.applied {
            text.push_str(&format!("  {}: {}\n", applied.rule, applied.effect));
        }
        text.push_str(&format!(
            "\nLogical plan, optimised\n{}\n",
            indented(&self.optimized)
        ));
        text.push_str(&format!(
            "Physical plan over {}\n{}",
            source.describe(),
            indented(&plan.explain())
        ));
        text
    }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}
