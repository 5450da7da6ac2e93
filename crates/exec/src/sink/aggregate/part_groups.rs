//! Groups that were put aside, merged part by part.

use insq_event::Reservation;

use super::groups::Groups;
use super::parts::{LEVELS, Parts};
use super::table::GroupTable;
use crate::chunk::Chunk;
use crate::error::ExecError;
use crate::operator::Operator;
use crate::spill::{Kept, Spiller};

/// Merges one part after another, and gives out its groups with their ranks, in no order.
///
/// # Memory
/// The parts that wait in memory, and the groups of one part. Where that is too much, parts go to files, and one that is
/// too large by itself is divided once more.
pub(super) struct PartGroups {
    /// A table without groups.
    empty: GroupTable,
    waiting: Vec<Part>,
    /// What waits in memory.
    waiting_bytes: usize,
    current: Option<Groups>,
    spiller: Spiller,
    reservation: Reservation,
}

/// A part that waits.
struct Part {
    blocks: Vec<Kept>,
    /// How many times the hash has been used for it.
    level: u32,
}

impl PartGroups {
    /// `reservation` holds what of `parts` is in memory.
    pub(super) fn new(empty: GroupTable, parts: Parts, spiller: Spiller, reservation: Reservation) -> Self {
        let mut groups = Self {
            empty,
            waiting: Vec::new(),
            waiting_bytes: 0,
            current: None,
            spiller,
            reservation,
        };
        groups.add(parts);
        groups
    }

    fn add(&mut self, parts: Parts) {
        let level = parts.level() + 1;
        self.waiting_bytes += parts.memory_bytes();
        self.waiting
            .extend(parts.into_blocks().map(|blocks| Part { blocks, level }));
    }

    /// The groups of a part; `None` when it has been divided.
    fn merged(&mut self, mut part: Part) -> Result<Option<Groups>, ExecError> {
        let mut table = self.empty.emptied()?;
        part.blocks.reverse();
        while let Some(block) = part.blocks.pop() {
            self.spiller.check()?;
            self.waiting_bytes -= block.waiting_bytes();
            let block_bytes = block.size_bytes();
            table.absorb(&block.load()?)?;
            // One group can't be divided.
            let can_divide = part.level < LEVELS && table.len() > 1 && self.spiller.is_possible();
            match self.hold(table.size_bytes() + block_bytes, &mut part.blocks) {
                Ok(()) => {}
                Err(ExecError::Memory(_)) if can_divide => {
                    self.divide(table, part)?;
                    return Ok(None);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(Some(Groups::new(table, None)))
    }

    /// Charges `bytes` beside what waits, which goes to files if it has to. `others` wait, too.
    fn hold(&mut self, bytes: usize, others: &mut [Kept]) -> Result<(), ExecError> {
        let held = self.reservation.resize(self.waiting_bytes + bytes);
        if held.is_ok() || self.waiting_bytes == 0 || !self.spiller.is_possible() {
            return Ok(held?);
        }
        let waiting = self.waiting.iter_mut().flat_map(|part| &mut part.blocks);
        for block in waiting.chain(others) {
            block.store(&mut self.spiller)?;
        }
        self.waiting_bytes = 0;
        Ok(self.reservation.resize(bytes)?)
    }

    fn divide(&mut self, mut table: GroupTable, part: Part) -> Result<(), ExecError> {
        let mut parts = Parts::new(part.level);
        parts.put(&mut table, Some(&mut self.spiller))?;
        drop(table);
        self.reservation.resize(self.waiting_bytes)?;
        for block in part.blocks.into_iter().rev() {
            self.waiting_bytes -= block.waiting_bytes();
            let mut table = self.empty.emptied()?;
            table.absorb(&block.load()?)?;
            parts.put(&mut table, Some(&mut self.spiller))?;
        }
        self.add(parts);
        Ok(())
    }
}

impl Operator for PartGroups {
    fn next_chunk(&mut self) -> Result<Option<Chunk>, ExecError> {
        loop {
            if let Some(groups) = &mut self.current
                && let Some(chunk) = groups.next_chunk()?
            {
                return Ok(Some(chunk));
            }
            self.current = None;
            self.reservation.resize(self.waiting_bytes)?;
            let Some(part) = self.waiting.pop() else {
                return Ok(None);
            };
            self.current = self.merged(part)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use arrow_array::types::Float64Type;
    use arrow_array::{ArrayRef, StringViewArray, cast::AsArray};
    use insq_event::{MemoryBudget, RunContext, Spill};

    use super::super::table::tests::aggregate_of;

    const QUERY: &str = "sort @timestamp | stats count(*) as n by @requestId";

    fn context(limit_bytes: usize) -> RunContext {
        let mut run = RunContext::new(MemoryBudget::new(limit_bytes));
        run.spill = Some(Spill::to(std::env::temp_dir()));
        run
    }

    /// Twice each of some groups, in files if there is `spiller`.
    fn parts(groups: usize, empty: &GroupTable, mut spiller: Option<&mut Spiller>) -> Parts {
        let mut parts = Parts::new(0);
        for _ in 0..2 {
            let mut table = empty.emptied().unwrap();
            let key: ArrayRef = Arc::new(StringViewArray::from_iter_values(
                (0..groups).map(|n| format!("id {n}")),
            ));
            let mut rows = Vec::new();
            table.grouper.assign(&[key], groups, &mut rows).unwrap();
            table.resize();
            table.accumulators[0].update(&rows, &[]).unwrap();
            parts.put(&mut table, spiller.as_deref_mut()).unwrap();
        }
        parts
    }

    fn counts(mut groups: PartGroups) -> Result<BTreeMap<String, f64>, ExecError> {
        let mut counts = BTreeMap::new();
        while let Some(chunk) = groups.next_chunk()? {
            let (ids, numbers) = (
                chunk.columns[0].as_string_view(),
                chunk.columns[1].as_primitive::<Float64Type>(),
            );
            for row in 0..chunk.rows {
                assert!(
                    counts
                        .insert(ids.value(row).to_owned(), numbers.value(row))
                        .is_none()
                );
            }
        }
        Ok(counts)
    }

    #[test]
    fn a_part_that_is_too_large_is_divided() {
        const GROUPS: usize = 20_000;
        let empty = GroupTable::new(aggregate_of(QUERY)).unwrap();
        let result = |limit_bytes: usize| {
            let run = context(limit_bytes);
            let mut spiller = Spiller::new(&run);
            let parts = parts(GROUPS, &empty, Some(&mut spiller));
            let before = run.progress.snapshot().bytes_spilled;
            let groups = PartGroups::new(
                empty.emptied().unwrap(),
                parts,
                spiller,
                run.memory.reservation("stats"),
            );
            (counts(groups), run.progress.snapshot().bytes_spilled - before)
        };
        let expected: BTreeMap<String, f64> = (0..GROUPS).map(|n| (format!("id {n}"), 2.0)).collect();
        let (roomy, again) = result(1 << 20);
        assert_eq!((roomy.unwrap(), again), (expected.clone(), 0));
        let (tight, again) = result(24 << 10);
        assert_eq!(tight.unwrap(), expected);
        assert!(again > 0);
        // Not even one group and its block.
        assert!(matches!(result(100).0, Err(ExecError::Memory(refusal)) if refusal.operator == "stats"));
    }

    #[test]
    fn parts_that_wait_in_memory_go_to_files_when_it_is_scarce() {
        const GROUPS: usize = 20_000;
        let empty = GroupTable::new(aggregate_of(QUERY)).unwrap();
        let expected: BTreeMap<String, f64> = (0..GROUPS).map(|n| (format!("id {n}"), 2.0)).collect();
        let result = |spare_bytes: usize, spills: bool| {
            let parts = parts(GROUPS, &empty, None);
            assert_eq!((parts.memory_states(), parts.has_files()), (2 * GROUPS, false));
            let mut run = context(parts.memory_bytes() + spare_bytes);
            run.spill = run.spill.filter(|_| spills);
            let mut reservation = run.memory.reservation("stats");
            reservation.resize(parts.memory_bytes()).unwrap();
            let groups = PartGroups::new(empty.emptied().unwrap(), parts, Spiller::new(&run), reservation);
            (counts(groups), run.progress.snapshot().bytes_spilled)
        };
        for spills in [false, true] {
            let (roomy, spilled) = result(1 << 20, spills);
            assert_eq!((roomy.unwrap(), spilled), (expected.clone(), 0));
        }
        // A file that can't be made is told, and not taken for a want of memory.
        let parts = parts(GROUPS, &empty, None);
        let mut run = context(parts.memory_bytes());
        run.spill = Some(Spill::to(std::path::Path::new("/no/such/folder")));
        let mut reservation = run.memory.reservation("stats");
        reservation.resize(parts.memory_bytes()).unwrap();
        let groups = PartGroups::new(empty.emptied().unwrap(), parts, Spiller::new(&run), reservation);
        assert!(matches!(counts(groups), Err(ExecError::Spill { .. })));
        let (tight, spilled) = result(0, true);
        assert_eq!(tight.unwrap(), expected);
        assert!(spilled > 0);
        assert!(matches!(result(0, false).0, Err(ExecError::Memory(_))));
    }
}
