//! `stats`: execution.

mod aside;
mod groups;
mod part_groups;
mod parts;
mod shares;
mod table;

use std::sync::Arc;

use arrow_array::ArrayRef;
use insq_event::{Cancellation, ColumnType, Reservation, RunContext};
use insq_functions::EvalContext;
use insq_plan::{Aggregate, Expr, GroupOrder};

use crate::chunk::{Chunk, Layout};
use crate::error::ExecError;
use crate::evaluate::Evaluator;
use crate::group::{Grouper, Ranks, bin_by_bin};
use crate::operator::{BoxedOperator, Chunks, Sinking};
use crate::sink::in_flight::{InFlight, Placed};
use crate::sink::{Sink, SortSink};
use crate::spill::Spiller;
use aside::Aside;
use groups::{Groups, Ordered};
use part_groups::PartGroups;
use parts::Parts;
use table::GroupTable;

/// Groups merged at a time. Their state is in memory twice for that long.
const MERGE_GROUPS: usize = 8_192;

/// What a cell of a finished column takes at most, beside long texts; for a guess of what the result will take.
const CELL_BYTES: usize = 64;

/// Gathers rows into groups.
///
/// # Order
/// Groups come out as the plan's [`GroupOrder`] says, whatever the number of workers and whether they were in files. Where
/// a sort follows, they come out as they are, with ranks that say the same.
///
/// # Memory
/// Group keys and accumulator states are charged after every chunk. Of many groups the states are put aside, divided by a
/// hash of the keys, and merged part by part at the end; when memory is scarce, they go to files. Invocations in flight
/// stay in memory, and so do the groups beside them.
pub(crate) struct AggregateSink {
    evaluator: Evaluator,
    plan: Arc<Aggregate>,
    /// Time and position of the rows, where groups are ordered by them.
    moment: Option<(Expr, Expr)>,
    table: GroupTable,
    in_flight: Option<InFlight>,
    groups: Vec<u32>,
    /// What was put aside, in memory or in files.
    parts: Option<Parts>,
    aside: Aside,
    spiller: Spiller,
    has_ranks: bool,
    layout_after: Layout,
    run: RunContext,
    reservation: Reservation,
    cancellation: Cancellation,
}

impl AggregateSink {
    /// `after` is the layout of what comes out.
    pub(crate) fn new(
        aggregate: &Aggregate,
        layout: &Layout,
        after: &Layout,
        context: EvalContext,
        run: &RunContext,
    ) -> Result<Self, ExecError> {
        let moment = match aggregate.order {
            GroupOrder::Newest { time, position } => Some((
                Expr::Column(time, ColumnType::Time),
                Expr::Column(position, ColumnType::Number),
            )),
            GroupOrder::KeyDescending | GroupOrder::FirstSeen => None,
        };
        let plan = Arc::new(aggregate.clone());
        let table = GroupTable::new(Arc::clone(&plan))?;
        Ok(Self {
            evaluator: Evaluator::new(layout.clone(), context),
            moment,
            aside: Aside::of(&table, run.gathered_rows),
            table,
            in_flight: InFlight::of(aggregate),
            groups: Vec::new(),
            parts: None,
            spiller: Spiller::new(run),
            has_ranks: after.has_ranks(),
            layout_after: after.clone(),
            run: run.clone(),
            reservation: run.memory.reservation("stats"),
            cancellation: run.cancellation.clone(),
            plan,
        })
    }

    pub(crate) fn push(&mut self, chunk: &Chunk) -> Result<(), ExecError> {
        let keys: Vec<ArrayRef> = self
            .plan
            .keys
            .iter()
            .map(|key| self.evaluator.array(&key.expr, chunk))
            .collect::<Result<_, _>>()?;
        self.groups.clear();
        self.table.grouper.assign(&keys, chunk.rows, &mut self.groups)?;
        self.table.resize();
        let evaluator = &self.evaluator;
        self.table
            .update(&self.groups, |argument| evaluator.array(argument, chunk))?;
        let moments = match &self.moment {
            Some((time, position)) => Some((
                self.evaluator.array(time, chunk)?,
                self.evaluator.array(position, chunk)?,
            )),
            None => None,
        };
        if let (Ranks::Newest(events), Some((time, position))) = (&mut self.table.ranks, &moments) {
            events.update(&self.groups, time, position)?;
        }
        if let Some(in_flight) = &mut self.in_flight {
            let moments = moments.as_ref().map(|(time, position)| (time, position));
            in_flight.push(&self.evaluator, chunk, &keys, moments)?;
        }
        self.charge()
    }

    pub(crate) fn merge(&mut self, mut other: Self) -> Result<(), ExecError> {
        if self.parts.is_some() || other.parts.is_some() {
            let has_files = |sink: &Self| sink.parts.as_ref().is_some_and(Parts::has_files);
            let in_files = has_files(self) || has_files(&other);
            for sink in [&mut *self, &mut other] {
                if in_files { sink.spill() } else { sink.put_aside() }?;
            }
            self.take_parts(&mut other);
            drop(other);
            return self.charge();
        }
        other.table.resize();
        let count = other.table.len();
        for start in (0..count).step_by(MERGE_GROUPS) {
            let range = start..count.min(start + MERGE_GROUPS);
            self.table.absorb_groups(&mut other.table, range)?;
            self.charge()?;
        }
        if let (Some(mine), Some(theirs)) = (&mut self.in_flight, other.in_flight.take()) {
            mine.merge(theirs)?;
        }
        drop(other);
        self.charge()
    }

    fn take_parts(&mut self, other: &mut Self) {
        if let Some(parts) = other.parts.take() {
            match &mut self.parts {
                Some(mine) => mine.append(parts),
                None => self.parts = Some(parts),
            }
        }
    }

    /// True when groups can be put aside: there are several, and nothing beside them.
    fn can_divide(&self) -> bool {
        self.in_flight.is_none() && !matches!(self.table.grouper, Grouper::Single)
    }

    /// True when groups can go to files.
    fn can_spill(&self) -> bool {
        self.spiller.is_possible() && self.can_divide()
    }

    /// Puts all groups of the table aside, in memory.
    fn put_aside(&mut self) -> Result<(), ExecError> {
        let parts = self.parts.get_or_insert_with(|| Parts::new(0));
        parts.put(&mut self.table, None)?;
        self.table = self.table.emptied()?;
        self.aside.review(parts, &self.table, &self.spiller)
    }

    /// Puts all groups into files.
    fn spill(&mut self) -> Result<(), ExecError> {
        let parts = self.parts.get_or_insert_with(|| Parts::new(0));
        parts.store(&mut self.spiller)?;
        parts.put(&mut self.table, Some(&mut self.spiller))?;
        self.table = self.table.emptied()?;
        Ok(self.reservation.resize(0)?)
    }

    pub(crate) fn finish(mut self) -> Result<BoxedOperator, ExecError> {
        if self.in_flight.is_some() {
            return self.finish_in_flight();
        }
        self.table.resize();
        let in_files = self.parts.as_ref().map(Parts::has_files);
        match in_files {
            Some(false) => self.put_aside()?,
            None if self.has_ranks || !self.is_result_too_large() => {}
            _ => self.spill()?,
        }
        if let Some(parts) = self.parts.take() {
            let groups = PartGroups::new(self.table, parts, self.spiller, self.reservation);
            if self.has_ranks {
                return Ok(Box::new(groups));
            }
            let ranked = self.layout_after.with_ranks();
            let sort = SortSink::by_rank(&ranked, self.evaluator.context, &self.run);
            return Ok(Box::new(Sinking::Filling(
                Box::new(groups),
                Box::new(Sink::Sort(sort)),
            )));
        }
        if self.has_ranks {
            return Ok(Box::new(Groups::new(self.table, Some(self.reservation))));
        }
        let rows = self.table.len();
        let chunk = self.table.rows(0..rows, false)?;
        let order = self.table.ranks.order(&chunk.columns)?;
        self.give(chunk, order)
    }

    /// True when the finished columns would not fit beside the states that they are made of.
    fn is_result_too_large(&mut self) -> bool {
        if !self.can_spill() {
            return false;
        }
        let columns = self.plan.keys.len() + self.plan.calls.len();
        let (held, result) = (self.reservation.bytes(), self.table.len() * columns * CELL_BYTES);
        let fits = self.reservation.grow(result).is_ok() && !self.spiller.is_due(held + result);
        !fits
    }

    /// Gives out finished columns. The states are spent; what is left is the result.
    fn give(mut self, chunk: Chunk, order: Option<Vec<u32>>) -> Result<BoxedOperator, ExecError> {
        drop(self.table);
        let bytes = chunk.size_bytes();
        Ok(match order {
            Some(order) => {
                self.reservation
                    .resize(bytes + order.capacity() * size_of::<u32>())?;
                Box::new(Ordered::new(chunk, order, self.reservation))
            }
            None => {
                self.reservation.resize(bytes)?;
                Box::new(Chunks::new(chunk, self.reservation))
            }
        })
    }

    fn finish_in_flight(mut self) -> Result<BoxedOperator, ExecError> {
        let bin = self.in_flight.as_ref().and_then(|in_flight| in_flight.bin());
        let mut placed = self.place_in_flight()?;
        let count = self.table.len();
        let mut chunk = self.table.rows(0..count, false)?;
        let order = match (&placed, bin.and_then(|bin| chunk.columns.get(bin))) {
            (Some(placed), Some(bins)) => Some(self.bin_order(bins, placed)?),
            _ => self.table.ranks.order(&chunk.columns)?,
        };
        chunk
            .columns
            .extend(placed.iter_mut().flat_map(|placed| placed.columns(count)));
        self.give(chunk, order)
    }

    /// Gives bins in which an invocation is in flight their groups, once all rows have been seen.
    fn place_in_flight(&mut self) -> Result<Option<Placed>, ExecError> {
        let Some(in_flight) = self.in_flight.take() else {
            return Ok(None);
        };
        let held = self.table.states_bytes();
        let is_cancelled = || self.cancellation.is_cancelled();
        let placed = in_flight.place(&mut self.table.grouper, &mut self.reservation, held, is_cancelled)?;
        self.table.resize();
        self.reservation
            .resize(self.table.size_bytes() + placed.size_bytes())?;
        Ok(Some(placed))
    }

    /// Bin by bin: bins without an event of their own have their place among the others.
    fn bin_order(&self, bins: &ArrayRef, placed: &Placed) -> Result<Vec<u32>, ExecError> {
        let keeps_rising = matches!(self.table.ranks, Ranks::FirstSeen { .. });
        bin_by_bin(bins, placed.own, keeps_rising, |group| match &self.table.ranks {
            Ranks::Newest(events) if group < placed.own => events.of(group),
            Ranks::Newest(_) => placed.newest(group),
            Ranks::KeyDescending | Ranks::FirstSeen { .. } => (None, 0),
        })
    }

    fn charge(&mut self) -> Result<(), ExecError> {
        if self.can_divide() && self.aside.is_due(self.table.len()) {
            if self.spiller.is_due_soon() {
                return self.spill();
            }
            self.put_aside()?;
        }
        let aside = self.parts.as_ref().map_or(0, Parts::memory_bytes);
        let in_flight = self.in_flight.as_ref();
        let bytes = self.table.size_bytes() + aside + in_flight.map_or(0, |in_flight| in_flight.size_bytes());
        let fits = self.reservation.resize(bytes);
        if self.can_spill() && (fits.is_err() || self.spiller.is_due(bytes)) {
            return self.spill();
        }
        Ok(fits?)
    }
}
