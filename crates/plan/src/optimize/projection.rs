//! Projection: nothing is read or computed that the result does not need.

use std::collections::HashSet;

use crate::column::ColumnId;
use crate::expr::Expr;
use crate::logical::{Aggregate, GroupOrder, LogicalPlan, Step};

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
        Step::Compute(made) => {
            let before = made.len();
            made.retain(|computed| needed.contains(&computed.id));
            before - made.len()
        }
        Step::Extract(extract) => {
            let before = extract.captures.len();
            extract.captures.retain(|capture| needed.contains(&capture.id));
            before - extract.captures.len()
        }
        Step::Aggregate(aggregate) => {
            let before = aggregate.calls.len();
            aggregate.calls.retain(|call| needed.contains(&call.id));
            before - aggregate.calls.len()
        }
        _ => 0,
    }
}

fn is_empty(step: &Step) -> bool {
    match step {
        Step::Compute(made) => made.is_empty(),
        Step::Extract(extract) => extract.captures.is_empty(),
        _ => false,
    }
}

fn require(step: &Step, needed: &mut HashSet<ColumnId>) {
    let mut read = |expr: &Expr| {
        expr.for_each_column(&mut |id| {
            needed.insert(id);
        });
    };
    match step {
        Step::Filter(condition) => read(condition),
        Step::Compute(made) => made.iter().for_each(|computed| read(&computed.expr)),
        Step::Extract(extract) => {
            // With no capture left the step goes, and with it what it read.
            if !extract.captures.is_empty() {
                read(&extract.source);
                extract
                    .captures
                    .iter()
                    .filter_map(|capture| capture.otherwise.as_ref())
                    .for_each(read);
            }
        }
        Step::Aggregate(aggregate) => require_aggregate(aggregate, needed),
        Step::Sort(keys) | Step::TopK { keys, .. } => keys.iter().for_each(|key| read(&key.expr)),
        Step::Dedup(ids) => needed.extend(ids),
        Step::Limit(_) => {}
    }
}

fn require_aggregate(aggregate: &Aggregate, needed: &mut HashSet<ColumnId>) {
    let mut read = |expr: &Expr| {
        expr.for_each_column(&mut |id| {
            needed.insert(id);
        });
    };
    aggregate.keys.iter().for_each(|key| read(&key.expr));
    aggregate
        .calls
        .iter()
        .flat_map(|call| &call.arguments)
        .for_each(&mut read);
    if let GroupOrder::Newest { time, position } = aggregate.order {
        needed.extend([time, position]);
    }
}
