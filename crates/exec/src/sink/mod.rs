//! Sinks: the first step of a plan that must see many rows before it can say anything. Every worker fills
//! a sink of its own; the sinks are merged, and what comes out goes on through the rest of the plan.

mod aggregate;
mod in_flight;
mod sort;
mod top_k;

use std::sync::Arc;

use insq_event::{Bar, ColumnType, RunContext};
use insq_functions::EvalContext;
use insq_plan::{ColumnId, Expr, SortDirection, SortKey, Step};

use crate::chunk::{Chunk, Layout};
use crate::error::ExecError;
use crate::operator::BoxedOperator;

pub(crate) use aggregate::AggregateSink;
pub(crate) use sort::SortSink;
pub(crate) use top_k::TopKSink;

/// The state of one worker, and after merging that of the run.
pub(crate) enum Sink {
    /// Groups and their aggregates.
    Aggregate(Box<AggregateSink>),
    /// All rows.
    Sort(SortSink),
    /// The first rows of an order.
    TopK(TopKSink),
}

impl Sink {
    /// The sink for `step`, and the layout of what leaves it; `None` for steps that are none. `next` is the step that follows,
    /// if that is known.
    pub(crate) fn of(
        step: &Step,
        layout: &Layout,
        wanted: impl Fn(ColumnId) -> bool,
        next: Option<&Step>,
        context: EvalContext,
        run: &RunContext,
    ) -> Result<Option<(Self, Layout)>, ExecError> {
        Ok(match step {
            Step::Aggregate(aggregate) => {
                let concurrency = aggregate.concurrency.iter().flat_map(|asked| &asked.calls);
                let ids = aggregate
                    .keys
                    .iter()
                    .map(|key| key.id)
                    .chain(aggregate.calls.iter().map(|call| call.id))
                    .chain(concurrency.map(|call| call.id));
                let mut after = Layout::new(ids.collect());
                if next.is_some_and(takes_any_order) && aggregate.concurrency.is_none() {
                    after = after.with_ranks();
                }
                let sink = AggregateSink::new(aggregate, layout, &after, context, run)?;
                Some((Self::Aggregate(Box::new(sink)), after))
            }
            Step::Sort(keys) => {
                let (kept, keep) = layout.retain(wanted);
                let sink = match next {
                    Some(Step::Dedup(distinct)) => {
                        let distinct = distinct.iter().filter_map(|id| kept.position(*id)).collect();
                        let sink = TopKSink::new(keys, u64::MAX, layout, keep, context, run);
                        Self::TopK(sink.of_all(distinct))
                    }
                    _ => Self::Sort(SortSink::new(keys, layout, keep, context, run)),
                };
                Some((sink, kept))
            }
            Step::TopK {
                keys,
                count,
                distinct,
            } => {
                let (kept, keep) = layout.retain(|id| wanted(id) || distinct.contains(&id));
                let distinct = distinct.iter().filter_map(|id| kept.position(*id)).collect();
                let sink = TopKSink::new(keys, *count, layout, keep, context, run);
                Some((Self::TopK(sink.distinct(distinct)), kept))
            }
            // Of the rows that arrive, those that came first in the input: the same ones however the work is divided.
            Step::AnyRows { count, position } => {
                let (kept, keep) = layout.retain(wanted);
                let keys = [SortKey {
                    expr: Expr::Column(*position, ColumnType::Number),
                    direction: SortDirection::Ascending,
                }];
                Some((
                    Self::TopK(TopKSink::new(&keys, *count, layout, keep, context, run)),
                    kept,
                ))
            }
            _ => None,
        })
    }

    /// Says to `bar` what rows must pass, as it becomes known.
    pub(crate) fn tell(&mut self, bar: Arc<Bar>) {
        if let Self::TopK(sink) = self {
            sink.tell(bar);
        }
    }

    /// Takes rows in.
    pub(crate) fn push(&mut self, chunk: &Chunk) -> Result<(), ExecError> {
        match self {
            Self::Aggregate(sink) => sink.push(chunk),
            Self::Sort(sink) => sink.push(chunk),
            Self::TopK(sink) => sink.push(chunk),
        }
    }

    /// Takes over what another worker gathered.
    pub(crate) fn merge(&mut self, other: Self) -> Result<(), ExecError> {
        match (self, other) {
            (Self::Aggregate(sink), Self::Aggregate(other)) => sink.merge(*other),
            (Self::Sort(sink), Self::Sort(other)) => sink.merge(other),
            (Self::TopK(sink), Self::TopK(other)) => sink.merge(other),
            _ => Err(ExecError::Internal("sinks of different steps".to_owned())),
        }
    }

    /// The rows that come out.
    pub(crate) fn finish(self) -> Result<BoxedOperator, ExecError> {
        match self {
            Self::Aggregate(sink) => sink.finish(),
            Self::Sort(sink) => sink.finish(),
            Self::TopK(sink) => sink.finish(),
        }
    }
}

/// True when the groups before a step may come in any order.
fn takes_any_order(step: &Step) -> bool {
    match step {
        Step::Sort(_) | Step::TopK { .. } => true,
        // One group of everything, by functions that ask for no order.
        Step::Aggregate(aggregate) => {
            let has_order = aggregate.calls.iter().any(|call| call.function.needs_order);
            aggregate.keys.is_empty() && aggregate.concurrency.is_none() && !has_order
        }
        _ => false,
    }
}
