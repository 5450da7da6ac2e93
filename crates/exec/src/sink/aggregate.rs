//! `stats`: execution.

use arrow_array::types::TimestampMillisecondType;
use arrow_array::{Array, ArrayRef, UInt32Array, cast::AsArray};
use arrow_select::take::take;
use insq_event::{Cancellation, ColumnType, Reservation, RunContext};
use insq_functions::{Accumulator, AggregateCall, EvalContext};
use insq_plan::{Aggregate, AggregateColumn, Expr, GroupOrder};

use crate::chunk::{Chunk, Layout};
use crate::error::ExecError;
use crate::evaluate::Evaluator;
use crate::group::{Grouper, NewestEvents, bin_by_bin};
use crate::operator::{BoxedOperator, Chunks};
use crate::sink::in_flight::{InFlight, Placed};

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
    in_flight: Option<InFlight>,
    grouper: Grouper,
    order: Order,
    groups: Vec<u32>,
    reservation: Reservation,
    cancellation: Cancellation,
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
            in_flight: InFlight::of(aggregate),
            grouper: Grouper::new(aggregate),
            order,
            groups: Vec::new(),
            reservation: run.memory.reservation("stats"),
            cancellation: run.cancellation.clone(),
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
        let mut moments = None;
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
            moments = Some((time, position));
        }
        if let Some(in_flight) = &mut self.in_flight {
            let moments = moments.as_ref().map(|(time, position)| (time, position));
            in_flight.push(&self.evaluator, chunk, &keys, moments)?;
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
        if let (Some(mine), Some(theirs)) = (&mut self.in_flight, other.in_flight.take()) {
            mine.merge(theirs)?;
        }
        drop(other);
        self.charge()
    }

    pub(crate) fn finish(mut self) -> Result<BoxedOperator, ExecError> {
        let bin = self.in_flight.as_ref().and_then(|in_flight| in_flight.bin());
        let mut placed = self.place_in_flight()?;
        let count = self.grouper.len();
        let mut columns = self.grouper.keys()?;
        let permutation = match (&placed, bin.and_then(|bin| columns.get(bin))) {
            (Some(placed), Some(bins)) => Some(self.bin_order(bins, placed)?),
            _ => self.permutation(&columns),
        };
        for accumulator in &mut self.accumulators {
            accumulator.resize(count);
            columns.push(accumulator.finish(0..count)?);
        }
        columns.extend(placed.iter_mut().flat_map(|placed| placed.columns(count)));
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

    /// Gives bins in which an invocation is in flight their groups, once all rows have been seen.
    fn place_in_flight(&mut self) -> Result<Option<Placed>, ExecError> {
        let Some(in_flight) = self.in_flight.take() else {
            return Ok(None);
        };
        let held = self.states_bytes();
        let is_cancelled = || self.cancellation.is_cancelled();
        let placed = in_flight.place(&mut self.grouper, &mut self.reservation, held, is_cancelled)?;
        let count = self.grouper.len();
        self.accumulators
            .iter_mut()
            .for_each(|accumulator| accumulator.resize(count));
        let bytes = self.states_bytes() + self.grouper.size_bytes() + placed.size_bytes();
        self.reservation.resize(bytes)?;
        Ok(Some(placed))
    }

    /// Bin by bin: bins without an event of their own have their place among the others.
    fn bin_order(&self, bins: &ArrayRef, placed: &Placed) -> Result<UInt32Array, ExecError> {
        let keeps_rising = matches!(self.order, Order::FirstSeen);
        let order = bin_by_bin(bins, placed.own, keeps_rising, |group| match &self.order {
            Order::Newest { events, .. } if group < placed.own => events.of(group),
            Order::Newest { .. } => placed.newest(group),
            Order::KeyDescending | Order::FirstSeen => (None, 0),
        })?;
        Ok(order.into())
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
        let bytes = self.states_bytes()
            + self.grouper.size_bytes()
            + self
                .in_flight
                .as_ref()
                .map_or(0, |in_flight| in_flight.size_bytes());
        Ok(self.reservation.resize(bytes)?)
    }

    /// Bytes of accumulators and of what orders groups.
    fn states_bytes(&self) -> usize {
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
        states + order
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
