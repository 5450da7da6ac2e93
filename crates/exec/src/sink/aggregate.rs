//! `stats`: execution.

use arrow_array::types::TimestampMillisecondType;
use arrow_array::{Array, ArrayRef, UInt32Array, cast::AsArray};
use arrow_select::take::take;
use insq_event::{ColumnType, Reservation, RunContext};
use insq_functions::{Accumulator, AggregateCall, EvalContext};
use insq_plan::{Aggregate, AggregateColumn, Expr, GroupOrder};

use crate::chunk::{Chunk, Layout};
use crate::error::ExecError;
use crate::evaluate::Evaluator;
use crate::group::{Grouper, NewestEvents};
use crate::operator::{BoxedOperator, Chunks};

/// Groups merged at a time. Their state is in memory twice for that long.
const MERGE_GROUPS: usize = 8_192;

/// Gathers rows into groups.
///
/// # Order
/// Groups come out as the plan's [`GroupOrder`] says, whatever the number of workers.
///
/// # Memory
/// Group keys and accumulator states are charged after every chunk.
pub(crate) struct AggregateSink {
    evaluator: Evaluator,
    keys: Vec<Expr>,
    arguments: Vec<Vec<Expr>>,
    accumulators: Vec<Box<dyn Accumulator>>,
    grouper: Grouper,
    order: Order,
    groups: Vec<u32>,
    reservation: Reservation,
}

/// How the groups are ordered at last.
enum Order {
    Newest {
        time: Expr,
        position: Expr,
        events: NewestEvents,
    },
    KeyDescending,
    FirstSeen,
}

impl AggregateSink {
    pub(crate) fn new(
        aggregate: &Aggregate,
        layout: &Layout,
        context: EvalContext,
        run: &RunContext,
    ) -> Result<Self, ExecError> {
        let order = match aggregate.order {
            GroupOrder::Newest { time, position } => Order::Newest {
                time: Expr::Column(time, ColumnType::Time),
                position: Expr::Column(position, ColumnType::Number),
                events: NewestEvents::default(),
            },
            GroupOrder::KeyDescending => Order::KeyDescending,
            GroupOrder::FirstSeen => Order::FirstSeen,
        };
        Ok(Self {
            evaluator: Evaluator::new(layout.clone(), context),
            keys: aggregate.keys.iter().map(|key| key.expr.clone()).collect(),
            arguments: aggregate
                .calls
                .iter()
                .map(|call| call.arguments.clone())
                .collect(),
            accumulators: aggregate
                .calls
                .iter()
                .map(make_accumulator)
                .collect::<Result<_, _>>()?,
            grouper: Grouper::new(aggregate),
            order,
            groups: Vec::new(),
            reservation: run.memory.reservation("stats"),
        })
    }

    pub(crate) fn push(&mut self, chunk: &Chunk) -> Result<(), ExecError> {
        let keys: Vec<ArrayRef> = self
            .keys
            .iter()
            .map(|key| self.evaluator.array(key, chunk))
            .collect::<Result<_, _>>()?;
        self.groups.clear();
        self.grouper.assign(&keys, chunk.rows, &mut self.groups)?;
        let count = self.grouper.len();
        for (accumulator, arguments) in self.accumulators.iter_mut().zip(&self.arguments) {
            let arguments: Vec<ArrayRef> = arguments
                .iter()
                .map(|argument| self.evaluator.array(argument, chunk))
                .collect::<Result<_, _>>()?;
            accumulator.resize(count);
            accumulator.update(&self.groups, &arguments)?;
        }
        if let Order::Newest {
            time,
            position,
            events,
        } = &mut self.order
        {
            events.resize(count);
            let (time, position) = (
                self.evaluator.array(time, chunk)?,
                self.evaluator.array(position, chunk)?,
            );
            events.update(&self.groups, &time, &position)?;
        }
        self.charge()
    }

    pub(crate) fn merge(&mut self, mut other: Self) -> Result<(), ExecError> {
        let mut targets = Vec::with_capacity(other.grouper.len());
        self.grouper
            .assign(&other.grouper.keys()?, other.grouper.len(), &mut targets)?;
        let count = self.grouper.len();
        for (mine, theirs) in self.accumulators.iter_mut().zip(&mut other.accumulators) {
            mine.resize(count);
            theirs.resize(targets.len());
            for start in (0..targets.len()).step_by(MERGE_GROUPS) {
                let range = start..targets.len().min(start + MERGE_GROUPS);
                let state = theirs.take_state(range.clone())?;
                mine.merge(&targets[range], &state)?;
            }
        }
        if let (Order::Newest { events, .. }, Order::Newest { events: theirs, .. }) =
            (&mut self.order, &other.order)
        {
            events.resize(count);
            events.merge(&targets, theirs);
        }
        drop(other);
        self.charge()
    }

    pub(crate) fn finish(mut self) -> Result<BoxedOperator, ExecError> {
        let count = self.grouper.len();
        let mut columns = self.grouper.keys()?;
        let permutation = self.permutation(&columns);
        for accumulator in &mut self.accumulators {
            accumulator.resize(count);
            columns.push(accumulator.finish(0..count)?);
        }
        // The states are spent; what is left is the result.
        self.accumulators.clear();
        if let Some(permutation) = permutation {
            columns = columns
                .iter()
                .map(|column| take(column, &permutation, None))
                .collect::<Result<_, _>>()?;
        }
        let chunk = Chunk { columns, rows: count };
        self.reservation.resize(chunk.size_bytes())?;
        Ok(Box::new(Chunks::new(chunk, self.reservation)))
    }

    /// The order in which groups come out, when it is not that of their numbers.
    fn permutation(&self, keys: &[ArrayRef]) -> Option<UInt32Array> {
        match &self.order {
            Order::FirstSeen => None,
            Order::Newest { events, .. } => Some(events.order().into()),
            Order::KeyDescending => {
                let times = keys.first()?.as_primitive_opt::<TimestampMillisecondType>()?;
                let mut order: Vec<u32> = (0..times.len() as u32).collect();
                // Events without a time come last, as in every order.
                order.sort_unstable_by_key(|&group| {
                    std::cmp::Reverse(
                        times
                            .is_valid(group as usize)
                            .then(|| times.value(group as usize)),
                    )
                });
                Some(order.into())
            }
        }
    }

    fn charge(&mut self) -> Result<(), ExecError> {
        let states: usize = self
            .accumulators
            .iter()
            .map(|accumulator| accumulator.size_bytes())
            .sum();
        let order = if let Order::Newest { events, .. } = &self.order {
            events.size_bytes()
        } else {
            0
        };
        Ok(self
            .reservation
            .resize(states + order + self.grouper.size_bytes())?)
    }
}

fn make_accumulator(call: &AggregateColumn) -> Result<Box<dyn Accumulator>, ExecError> {
    let columns = call.arguments.len() - if call.function.needs_order { 2 } else { 0 };
    let call_facts = AggregateCall {
        argument_types: call.arguments[..columns].iter().map(Expr::column_type).collect(),
        constants: call.constants.clone(),
    };
    Ok((call.function.make)(&call_facts)?)
}
