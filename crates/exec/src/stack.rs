//! Steps behind the cut of a plan, as operators on top of one another.

use insq_event::RunContext;
use insq_functions::{EvalContext, ExactSum};
use insq_plan::{Aggregate, ColumnId, Step};

use crate::chunk::Layout;
use crate::error::ExecError;
use crate::evaluate::Evaluator;
use crate::group::Grouper;
use crate::operator::{
    Accumulate, AppendColumns, AutoRegress, BoxedOperator, Dedup, FillBins, FillDown, Limit, MarkOutliers,
    NumberSessions, Sinking, Stepping, Tail, TotalRow, Transforming, Whole,
};
use crate::sink::Sink;
use crate::transform::Transform;

/// The operator of a step on top of its input, and the layout of what leaves it. `wanted` tells which columns later
/// steps read.
pub(crate) fn stack(
    step: &Step,
    input: BoxedOperator,
    layout: Layout,
    wanted: &dyn Fn(ColumnId) -> bool,
    context: EvalContext,
    run: &RunContext,
) -> Result<(BoxedOperator, Layout), ExecError> {
    if let Some((transform, after)) = Transform::of(step, &layout, wanted, context)? {
        return Ok((Box::new(Transforming::new(input, transform)), after));
    }
    if let Some((sink, after)) = Sink::of(step, &layout, wanted, None, context, run)? {
        return Ok((Box::new(Sinking::Filling(input, Box::new(sink))), after));
    }
    match step {
        Step::Limit(count) => Ok((Box::new(Limit::new(input, *count)), layout)),
        Step::Tail(count) => Ok((Box::new(Tail::new(input, *count)), layout)),
        Step::Dedup(keys) => {
            let keys = positions(keys.iter().copied(), &layout)?;
            Ok((Box::new(Dedup::new(input, keys, run)), layout))
        }
        _ => match stepwise(step, input, layout, context)? {
            Stacked::Operator(operator, after) => Ok((operator, after)),
            Stacked::No(input, layout) => whole(step, input, layout, context, run),
        },
    }
}

/// The outcome of looking for an operator of one kind.
enum Stacked {
    Operator(BoxedOperator, Layout),
    No(BoxedOperator, Layout),
}

/// Steps that read rows in order and remember a little of those before.
fn stepwise(
    step: &Step,
    input: BoxedOperator,
    layout: Layout,
    context: EvalContext,
) -> Result<Stacked, ExecError> {
    let evaluator = || Evaluator::new(layout.clone(), context);
    let (stepping, added): (Box<dyn crate::operator::StepwiseState>, Vec<ColumnId>) = match step {
        Step::Accumulate(sum) => (
            Box::new(Accumulate {
                evaluator: evaluator(),
                source: sum.source.clone(),
                sum: ExactSum::default(),
            }),
            vec![sum.id],
        ),
        Step::AutoRegress(plan) => (
            Box::new(AutoRegress {
                evaluator: evaluator(),
                source: plan.source.clone(),
                lags: plan.lags.iter().map(|(lag, _)| *lag).collect(),
                before: None,
            }),
            plan.lags.iter().map(|(_, id)| *id).collect(),
        ),
        Step::FillDown(fill) => (
            Box::new(FillDown {
                positions: positions(fill.columns.iter().map(|(source, _)| *source), &layout)?,
                last: vec![None; fill.columns.len()],
            }),
            fill.columns.iter().map(|(_, id)| *id).collect(),
        ),
        Step::AppendColumns(append) => {
            let right = append.right.clone();
            let right =
                right.ok_or_else(|| ExecError::Internal("a sub-query has not been run".to_owned()))?;
            (
                Box::new(AppendColumns {
                    right,
                    columns: append.outputs.iter().map(|(column, _)| *column).collect(),
                    row: 0,
                }),
                append.outputs.iter().map(|(_, id)| *id).collect(),
            )
        }
        _ => return Ok(Stacked::No(input, layout)),
    };
    let after = layout.with(added);
    Ok(Stacked::Operator(Box::new(Stepping::new(input, stepping)), after))
}

/// Steps that must see all rows.
fn whole(
    step: &Step,
    input: BoxedOperator,
    layout: Layout,
    context: EvalContext,
    run: &RunContext,
) -> Result<(BoxedOperator, Layout), ExecError> {
    let position = |id: ColumnId| positions([id], &layout).map(|found| found[0]);
    let evaluator = || Evaluator::new(layout.clone(), context);
    let (rewrite, command, added): (Box<dyn crate::operator::RewriteRows>, &'static str, Vec<ColumnId>) =
        match step {
            Step::FillMissing(fill) => {
                let constants = fill
                    .constants
                    .iter()
                    .filter_map(|(id, value)| Some((layout.position(*id)?, value.clone())))
                    .collect();
                let rewrite = FillBins {
                    bin: position(fill.bin)?,
                    period: fill.period,
                    keys: positions(fill.keys.iter().copied(), &layout)?,
                    constants,
                    context,
                };
                (Box::new(rewrite), "fillmissing", Vec::new())
            }
            Step::Outliers(plan) => {
                let rewrite = MarkOutliers {
                    evaluator: evaluator(),
                    plan: plan.clone(),
                };
                let added = plan.fields.iter().flat_map(|field| [field.clamped, field.mark]);
                (Box::new(rewrite), "outlier", added.collect())
            }
            Step::Sessionize(plan) => {
                let rewrite = NumberSessions {
                    evaluator: evaluator(),
                    time: plan.time.clone(),
                    identity: positions(plan.identity.iter().copied(), &layout)?,
                    max_gap_ms: plan.max_gap_ms,
                };
                (Box::new(rewrite), "sessionize", vec![plan.id])
            }
            Step::AddTotalRow(totals) => {
                let rewrite = TotalRow {
                    positions: totals
                        .columns
                        .iter()
                        .filter_map(|id| layout.position(*id))
                        .collect(),
                };
                (Box::new(rewrite), "addtotals", Vec::new())
            }
            other => {
                return Err(ExecError::Internal(format!(
                    "no operator for {}",
                    step_word(other)
                )));
            }
        };
    let after = layout.with(added);
    let reservation = run.memory.reservation(command);
    Ok((Box::new(Whole::new(input, rewrite, reservation)), after))
}

fn positions(ids: impl IntoIterator<Item = ColumnId>, layout: &Layout) -> Result<Vec<usize>, ExecError> {
    ids.into_iter()
        .map(|id| {
            layout
                .position(id)
                .ok_or_else(|| ExecError::Internal(format!("column {id:?} is not in {layout:?}")))
        })
        .collect()
}

pub(crate) fn step_word(step: &Step) -> String {
    match step {
        Step::Filter(_) => "Filter".to_owned(),
        Step::Compute(made) => format!("Compute {} columns", made.len()),
        Step::Extract(_) => "Parse".to_owned(),
        Step::Aggregate(aggregate) => describe_aggregate(aggregate),
        Step::Sort(_) => "Sort".to_owned(),
        Step::TopK { count, .. } => format!("TopK {count}"),
        Step::Limit(count) => format!("Limit {count}"),
        Step::Dedup(_) => "Dedup".to_owned(),
        Step::AnyRows { count, .. } => format!("AnyRows {count}"),
        Step::Tail(count) => format!("Tail {count}"),
        Step::Unnest(_) => "Unnest".to_owned(),
        Step::Lookup(lookup) => format!("Lookup in {}", lookup.name),
        Step::Join(_) => "Join".to_owned(),
        Step::AppendColumns(_) => "AppendColumns".to_owned(),
        Step::Accumulate(_) => "Accumulate".to_owned(),
        Step::AutoRegress(_) => "AutoRegress".to_owned(),
        Step::FillDown(_) => "FillDown".to_owned(),
        Step::FillMissing(_) => "FillMissing".to_owned(),
        Step::Outliers(_) => "Outliers".to_owned(),
        Step::Sessionize(_) => "Sessionize".to_owned(),
        Step::AddTotalRow(_) => "AddTotalRow".to_owned(),
    }
}

fn describe_aggregate(aggregate: &Aggregate) -> String {
    let in_flight = if aggregate.concurrency.is_some() {
        ", invocations in flight"
    } else {
        ""
    };
    format!(
        "Aggregate by {} ({} calls{in_flight})",
        Grouper::describe(aggregate),
        aggregate.calls.len()
    )
}
