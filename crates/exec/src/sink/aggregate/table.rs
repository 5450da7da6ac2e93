//! Groups, their states and what orders them.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_schema::DataType;
use insq_functions::Accumulator;
use insq_plan::{Aggregate, Expr};

use super::shares::Shares;
use crate::chunk::Chunk;
use crate::error::ExecError;
use crate::group::{Grouper, Ranks};

/// The groups of one worker, or of a part of all of them.
pub(super) struct GroupTable {
    plan: Arc<Aggregate>,
    pub(super) grouper: Grouper,
    pub(super) accumulators: Vec<Box<dyn Accumulator>>,
    shares: Arc<Shares>,
    pub(super) ranks: Ranks,
}

impl GroupTable {
    pub(super) fn new(plan: Arc<Aggregate>) -> Result<Self, ExecError> {
        let shares = Arc::new(Shares::of(&plan.calls));
        Ok(Self {
            grouper: Grouper::new(&plan),
            accumulators: shares.accumulators(&plan.calls)?,
            shares,
            ranks: Ranks::new(&plan.order),
            plan,
        })
    }

    /// A table for other groups of the same kind.
    pub(super) fn emptied(&self) -> Result<Self, ExecError> {
        Ok(Self {
            plan: Arc::clone(&self.plan),
            grouper: Grouper::new(&self.plan),
            accumulators: self.shares.accumulators(&self.plan.calls)?,
            shares: Arc::clone(&self.shares),
            ranks: self.ranks.emptied(),
        })
    }

    pub(super) fn len(&self) -> usize {
        self.grouper.len()
    }

    /// True when the states of all groups are as large, and small.
    pub(super) fn has_numbers_alone(&self) -> bool {
        let mut types = self
            .accumulators
            .iter()
            .flat_map(|accumulator| accumulator.state_types());
        types.all(|ty| ty.is_primitive() || ty == DataType::Boolean)
    }

    /// Adds rows to the states of their groups; `value` gives the values of an argument.
    pub(super) fn update(
        &mut self,
        groups: &[u32],
        value: impl Fn(&Expr) -> Result<ArrayRef, ExecError>,
    ) -> Result<(), ExecError> {
        for (accumulator, call) in self.accumulators.iter_mut().zip(self.shares.firsts()) {
            let arguments = self.plan.calls[call].arguments.iter().map(&value);
            accumulator.update(groups, &arguments.collect::<Result<Vec<_>, _>>()?)?;
        }
        Ok(())
    }

    /// Makes room in every state for the groups that there are.
    pub(super) fn resize(&mut self) {
        let count = self.grouper.len();
        self.accumulators
            .iter_mut()
            .for_each(|accumulator| accumulator.resize(count));
        self.ranks.resize(count);
    }

    /// Takes the states of some groups out, with their keys and what orders them.
    pub(super) fn take_state(&mut self, range: Range<usize>) -> Result<Chunk, ExecError> {
        let rows = range.len();
        let mut columns = self.grouper.state(range.clone());
        columns.extend(self.ranks.state(range.clone()));
        for accumulator in &mut self.accumulators {
            columns.extend(accumulator.take_state(range.clone())?);
        }
        Ok(Chunk { columns, rows })
    }

    /// Takes over what [`GroupTable::take_state`] gave of other groups.
    pub(super) fn absorb(&mut self, state: &Chunk) -> Result<(), ExecError> {
        let mut targets = Vec::with_capacity(state.rows);
        let (keys, rest) = cut(&state.columns, self.grouper.state_columns())?;
        self.grouper.absorb(keys, state.rows, &mut targets)?;
        let count = self.grouper.len();
        let (ranks, mut rest) = cut(rest, self.ranks.state_columns())?;
        self.ranks.merge(&targets, ranks, count)?;
        for accumulator in &mut self.accumulators {
            let own;
            (own, rest) = cut(rest, accumulator.state_types().len())?;
            accumulator.resize(count);
            accumulator.merge(&targets, own)?;
        }
        Ok(())
    }

    /// Takes over some groups of another table of the same kind, which are empty there afterwards.
    pub(super) fn absorb_groups(&mut self, other: &mut Self, range: Range<usize>) -> Result<(), ExecError> {
        let mut targets = Vec::with_capacity(range.len());
        let keys = other.grouper.state(range.clone());
        self.grouper.absorb(&keys, range.len(), &mut targets)?;
        let count = self.grouper.len();
        self.ranks
            .merge(&targets, &other.ranks.state(range.clone()), count)?;
        for (mine, theirs) in self.accumulators.iter_mut().zip(&mut other.accumulators) {
            mine.resize(count);
            mine.absorb(&targets, theirs.as_mut(), range.clone())?;
        }
        Ok(())
    }

    /// The finished rows of some groups, each of which is asked for once.
    pub(super) fn rows(&mut self, range: Range<usize>, has_ranks: bool) -> Result<Chunk, ExecError> {
        let rows = range.len();
        let mut columns = self.grouper.keys(range.clone())?;
        let ranks = if has_ranks {
            self.ranks.columns(range.clone(), &columns)?
        } else {
            Vec::new()
        };
        let results = self.accumulators.iter_mut();
        let results = results.map(|accumulator| accumulator.finish_all(range.clone()));
        columns.extend(self.shares.in_order(results.collect::<Result<_, _>>()?)?);
        columns.extend(ranks);
        Ok(Chunk { columns, rows })
    }

    /// Bytes held, for the memory account.
    pub(super) fn size_bytes(&self) -> usize {
        self.grouper.size_bytes() + self.states_bytes()
    }

    /// Bytes of accumulators and of what orders groups.
    pub(super) fn states_bytes(&self) -> usize {
        let states: usize = self
            .accumulators
            .iter()
            .map(|accumulator| accumulator.size_bytes())
            .sum();
        states + self.ranks.size_bytes()
    }
}

fn cut(columns: &[ArrayRef], count: usize) -> Result<(&[ArrayRef], &[ArrayRef]), ExecError> {
    columns
        .split_at_checked(count)
        .ok_or_else(|| ExecError::Internal("a state lacks columns".to_owned()))
}

#[cfg(test)]
pub(super) mod tests {
    use insq_plan::{BindOptions, Step, bind};

    use super::*;

    /// The `stats` of a query.
    pub(in super::super) fn aggregate_of(query: &str) -> Arc<Aggregate> {
        let query = insq_syntax::parse(query).unwrap().query;
        let steps = bind(&query, &BindOptions::default()).unwrap().plan.steps;
        let aggregate = steps.into_iter().find_map(|step| match step {
            Step::Aggregate(aggregate) => Some(aggregate),
            _ => None,
        });
        Arc::new(aggregate.unwrap())
    }
}
