//! What steps read, what they make, and the expressions in them.

use crate::column::ColumnId;
use crate::expr::Expr;
use crate::logical::{Aggregate, GroupOrder, Step};
use crate::tables::LookupCondition;

impl Step {
    /// Calls `visit` with every column that the step reads, whatever later steps read of it.
    pub(crate) fn for_each_read(&self, visit: &mut dyn FnMut(ColumnId)) {
        self.for_each_expr(&mut |expr| expr.for_each_column(visit));
        match self {
            Self::Dedup(ids) | Self::TopK { distinct: ids, .. } => ids.iter().copied().for_each(visit),
            Self::AnyRows { position, .. } => visit(*position),
            Self::Aggregate(aggregate) => {
                if let GroupOrder::Newest { time, position } = aggregate.order {
                    visit(time);
                    visit(position);
                }
            }
            Self::FillDown(fill) => fill.columns.iter().for_each(|(source, _)| visit(*source)),
            Self::FillMissing(fill) => {
                visit(fill.bin);
                fill.keys.iter().copied().for_each(visit);
            }
            Self::Sessionize(sessions) => sessions.identity.iter().copied().for_each(visit),
            _ => {}
        }
    }

    /// The columns that the step makes.
    pub(crate) fn made(&self) -> Vec<ColumnId> {
        match self {
            Self::Compute(made) => made.iter().map(|computed| computed.id).collect(),
            Self::Extract(extract) => extract.captures.iter().map(|capture| capture.id).collect(),
            Self::Aggregate(aggregate) => {
                let keys = aggregate.keys.iter().map(|key| key.id);
                let concurrency = aggregate.concurrency.iter().flat_map(|asked| &asked.calls);
                keys.chain(aggregate.calls.iter().map(|call| call.id))
                    .chain(concurrency.map(|call| call.id))
                    .collect()
            }
            Self::Unnest(unnest) => vec![unnest.id],
            Self::Lookup(lookup) => lookup.outputs.iter().map(|(_, id)| *id).collect(),
            Self::Join(join) => join.outputs.iter().map(|(_, id)| *id).collect(),
            Self::AppendColumns(append) => append.outputs.iter().map(|(_, id)| *id).collect(),
            Self::Accumulate(sum) => vec![sum.id],
            Self::AutoRegress(lags) => lags.lags.iter().map(|(_, id)| *id).collect(),
            Self::FillDown(fill) => fill.columns.iter().map(|(_, id)| *id).collect(),
            Self::Outliers(outliers) => outliers
                .fields
                .iter()
                .flat_map(|field| [field.clamped, field.mark])
                .collect(),
            Self::Sessionize(sessions) => vec![sessions.id],
            Self::Filter(_)
            | Self::Sort(_)
            | Self::TopK { .. }
            | Self::Limit(_)
            | Self::Dedup(_)
            | Self::AnyRows { .. }
            | Self::Tail(_)
            | Self::FillMissing(_)
            | Self::AddTotalRow(_) => Vec::new(),
        }
    }

    /// Calls `visit` with every expression of the step.
    pub(crate) fn for_each_expr(&self, visit: &mut dyn FnMut(&Expr)) {
        match self {
            Self::Filter(condition) => visit(condition),
            Self::Compute(made) => made.iter().for_each(|computed| visit(&computed.expr)),
            Self::Extract(extract) => {
                visit(&extract.source);
                extract
                    .captures
                    .iter()
                    .filter_map(|capture| capture.otherwise.as_ref())
                    .for_each(visit);
            }
            Self::Aggregate(aggregate) => for_each_of_aggregate(aggregate, visit),
            Self::Sort(keys) | Self::TopK { keys, .. } => keys.iter().for_each(|key| visit(&key.expr)),
            Self::Unnest(unnest) => visit(&unnest.source),
            Self::Lookup(lookup) => match &lookup.condition {
                LookupCondition::Equal(pairs) => pairs.iter().for_each(|(_, value)| visit(value)),
                LookupCondition::Network(_, address) => visit(address),
            },
            Self::Join(join) => visit(&join.left_key),
            Self::Accumulate(sum) => visit(&sum.source),
            Self::AutoRegress(lags) => visit(&lags.source),
            Self::FillMissing(fill) => fill.constants.iter().for_each(|(_, value)| visit(value)),
            Self::Outliers(outliers) => outliers.fields.iter().for_each(|field| visit(&field.source)),
            Self::Sessionize(sessions) => visit(&sessions.time),
            Self::Limit(_)
            | Self::Dedup(_)
            | Self::AnyRows { .. }
            | Self::Tail(_)
            | Self::AppendColumns(_)
            | Self::FillDown(_)
            | Self::AddTotalRow(_) => {}
        }
    }

    /// Calls `change` with every expression of the step in which a sub-query can stand: those of filters and of
    /// computed columns, keys and arguments.
    pub(crate) fn for_each_expr_mut(&mut self, change: &mut dyn FnMut(&mut Expr)) {
        match self {
            Self::Filter(condition) => change(condition),
            Self::Compute(made) => made.iter_mut().for_each(|computed| change(&mut computed.expr)),
            Self::Aggregate(aggregate) => {
                aggregate.keys.iter_mut().for_each(|key| change(&mut key.expr));
                aggregate
                    .calls
                    .iter_mut()
                    .flat_map(|call| &mut call.arguments)
                    .for_each(change);
            }
            Self::Sort(keys) | Self::TopK { keys, .. } => {
                keys.iter_mut().for_each(|key| change(&mut key.expr))
            }
            _ => {}
        }
    }
}

fn for_each_of_aggregate(aggregate: &Aggregate, visit: &mut dyn FnMut(&Expr)) {
    aggregate.keys.iter().for_each(|key| visit(&key.expr));
    aggregate
        .calls
        .iter()
        .flat_map(|call| &call.arguments)
        .for_each(&mut *visit);
    if let Some(concurrency) = &aggregate.concurrency {
        concurrency.for_each_expr(visit);
    }
}
