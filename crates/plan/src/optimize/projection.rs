//! Projection: nothing is read or computed that the result does not need.

use std::collections::HashSet;

use crate::column::ColumnId;
use crate::logical::{Aggregate, LogicalPlan, Step};

pub(super) fn apply(plan: &mut LogicalPlan) -> Option<String> {
    let mut needed: HashSet<ColumnId> = plan.output.iter().map(|column| column.id).collect();
    let mut removed = 0;
    let mut kept = Vec::with_capacity(plan.steps.len());
    for mut step in plan.steps.drain(..).rev() {
        removed += prune(&mut step, &needed);
        require(&step, &mut needed);
        if !is_empty(&step) {
            kept.push(step);
        }
    }
    kept.reverse();
    plan.steps = kept;
    let before = plan.scan.columns.len();
    plan.scan.columns.retain(|binding| needed.contains(&binding.id));
    removed += before - plan.scan.columns.len();
    let names: Vec<&str> = plan
        .scan
        .columns
        .iter()
        .map(|binding| plan.columns.name(binding.id))
        .collect();
    let read = if names.is_empty() {
        "no fields".to_owned()
    } else {
        names.join(", ")
    };
    Some(format!("reads {read}; {removed} columns dropped"))
}

impl LogicalPlan {
    /// The columns that the steps after number `step_idx` and the output read.
    pub fn needed_after(&self, step_idx: usize) -> HashSet<ColumnId> {
        let mut needed = self.output.iter().map(|column| column.id).collect();
        for step in self.steps[step_idx + 1..].iter().rev() {
            require(step, &mut needed);
        }
        needed
    }
}

/// Removes what `step` makes and nobody reads; returns how much that was.
fn prune(step: &mut Step, needed: &HashSet<ColumnId>) -> usize {
    match step {
        Step::Compute(made) => retain(made, |computed| needed.contains(&computed.id)),
        Step::Extract(extract) => retain(&mut extract.captures, |capture| needed.contains(&capture.id)),
        Step::Aggregate(aggregate) => prune_aggregate(aggregate, needed),
        Step::Lookup(lookup) => retain(&mut lookup.outputs, |(_, id)| needed.contains(id)),
        Step::Join(join) => retain(&mut join.outputs, |(_, id)| needed.contains(id)),
        Step::AutoRegress(lags) => retain(&mut lags.lags, |(_, id)| needed.contains(id)),
        Step::FillDown(fill) => retain(&mut fill.columns, |(_, id)| needed.contains(id)),
        Step::FillMissing(fill) => retain(&mut fill.constants, |(id, _)| needed.contains(id)),
        Step::AddTotalRow(totals) => retain(&mut totals.columns, |id| needed.contains(id)),
        _ => 0,
    }
}

/// Of concurrency the bins stay, read or not: they are groups.
fn prune_aggregate(aggregate: &mut Aggregate, needed: &HashSet<ColumnId>) -> usize {
    let asked = match &mut aggregate.concurrency {
        Some(concurrency) => retain(&mut concurrency.calls, |call| needed.contains(&call.id)),
        None => 0,
    };
    asked + retain(&mut aggregate.calls, |call| needed.contains(&call.id))
}

fn retain<T>(items: &mut Vec<T>, is_needed: impl FnMut(&T) -> bool) -> usize {
    let before = items.len();
    items.retain(is_needed);
    before - items.len()
}

/// True for a step that changes nothing any more.
fn is_empty(step: &Step) -> bool {
    match step {
        Step::Compute(made) => made.is_empty(),
        // With no capture left, one row per match is still one.
        Step::Extract(extract) => extract.captures.is_empty() && !extract.is_multi,
        Step::Lookup(lookup) => lookup.outputs.is_empty(),
        Step::AutoRegress(lags) => lags.lags.is_empty(),
        Step::FillDown(fill) => fill.columns.is_empty(),
        _ => false,
    }
}

fn require(step: &Step, needed: &mut HashSet<ColumnId>) {
    // A step that goes takes along what it read.
    if !is_empty(step) {
        step.for_each_read(&mut |id| {
            needed.insert(id);
        });
    }
}
