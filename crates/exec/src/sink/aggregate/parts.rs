//! Groups in files: parts by a hash of the keys, each small enough to be merged in memory.

use arrow_array::UInt32Array;
use arrow_select::take::take;
use insq_event::Reservation;

use super::groups::Groups;
use super::table::GroupTable;
use crate::chunk::Chunk;
use crate::error::ExecError;
use crate::operator::Operator;
use crate::spill::{Spiller, Stored};

/// A part has the groups whose hash has certain bits here.
const PART_BITS: u32 = 6;
const PARTS: usize = 1 << PART_BITS;

/// How often a part can be divided again: as long as a hash has bits.
const LEVELS: u32 = u64::BITS / PART_BITS;

/// States that are taken out of a table at a time, bytes: they are in memory twice for that long.
const TAKEN_BYTES: usize = 4 << 20;
/// The same in groups.
const TAKEN_GROUPS: usize = 1 << 16;

/// States of groups in files, by parts.
pub(super) struct Parts {
    blocks: Vec<Vec<Stored>>,
    /// How many times the hash has been used before.
    level: u32,
}

impl Parts {
    pub(super) fn new(level: u32) -> Self {
        Self {
            blocks: (0..PARTS).map(|_| Vec::new()).collect(),
            level,
        }
    }

    /// Takes the states of all groups out of a table, which is of no use afterwards.
    pub(super) fn put(&mut self, table: &mut GroupTable, spiller: &mut Spiller) -> Result<(), ExecError> {
        table.resize();
        let group_bytes = (table.size_bytes() / table.len().max(1)).max(1);
        let step = (TAKEN_BYTES / group_bytes).clamp(1, TAKEN_GROUPS);
        let mut hashes = Vec::new();
        for start in (0..table.len()).step_by(step) {
            let range = start..table.len().min(start + step);
            hashes.clear();
            table.grouper.hashes(range.clone(), &mut hashes);
            let state = table.take_state(range)?;
            self.put_state(&state, &hashes, spiller)?;
        }
        Ok(())
    }

    fn put_state(&mut self, state: &Chunk, hashes: &[u64], spiller: &mut Spiller) -> Result<(), ExecError> {
        let part_of = |hash: &u64| (hash >> (self.level * PART_BITS)) as usize % PARTS;
        let mut rows_of: Vec<Vec<u32>> = vec![Vec::new(); PARTS];
        for (row, hash) in hashes.iter().enumerate() {
            rows_of[part_of(hash)].push(row as u32);
        }
        for (blocks, rows) in self.blocks.iter_mut().zip(rows_of) {
            if rows.is_empty() {
                continue;
            }
            let rows = UInt32Array::from(rows);
            let columns = state.columns.iter().map(|column| take(column, &rows, None));
            let part = Chunk {
                columns: columns.collect::<Result<_, _>>()?,
                rows: rows.len(),
            };
            blocks.push(spiller.store(&part)?);
        }
        Ok(())
    }

    /// Takes over the parts of another worker.
    pub(super) fn append(&mut self, other: Self) {
        for (mine, mut theirs) in self.blocks.iter_mut().zip(other.blocks) {
            mine.append(&mut theirs);
        }
    }
}

/// Merges one part after another, and gives out its groups with their ranks, in no order.
///
/// # Memory
/// The groups of one part. A part that is too large is divided once more.
pub(super) struct PartGroups {
    /// A table without groups.
    empty: GroupTable,
    waiting: Vec<Part>,
    current: Option<Groups>,
    spiller: Spiller,
    reservation: Reservation,
}

/// A part that waits.
struct Part {
    blocks: Vec<Stored>,
    /// How many times the hash has been used for it.
    level: u32,
}

impl PartGroups {
    pub(super) fn new(empty: GroupTable, parts: Parts, spiller: Spiller, reservation: Reservation) -> Self {
        let mut groups = Self {
            empty,
            waiting: Vec::new(),
            current: None,
            spiller,
            reservation,
        };
        groups.add(parts);
        groups
    }

    fn add(&mut self, parts: Parts) {
        let level = parts.level + 1;
        let parts = parts.blocks.into_iter().filter(|blocks| !blocks.is_empty());
        self.waiting.extend(parts.map(|blocks| Part { blocks, level }));
    }

    /// The groups of a part; `None` when it has been divided.
    fn merged(&mut self, part: Part) -> Result<Option<Groups>, ExecError> {
        let mut table = self.empty.emptied()?;
        let mut blocks = part.blocks.into_iter();
        while let Some(block) = blocks.next() {
            self.spiller.check()?;
            table.absorb(&block.load()?)?;
            let held = self.reservation.resize(table.size_bytes() + block.size_bytes());
            let Err(refusal) = held else {
                continue;
            };
            // One group can't be divided.
            if part.level >= LEVELS || table.len() == 1 {
                return Err(refusal.into());
            }
            self.divide(table, blocks, part.level)?;
            return Ok(None);
        }
        Ok(Some(Groups::new(table, None)))
    }

    fn divide(
        &mut self,
        mut table: GroupTable,
        blocks: impl Iterator<Item = Stored>,
        level: u32,
    ) -> Result<(), ExecError> {
        let mut parts = Parts::new(level);
        parts.put(&mut table, &mut self.spiller)?;
        drop(table);
        self.reservation.resize(0)?;
        for block in blocks {
            let mut table = self.empty.emptied()?;
            table.absorb(&block.load()?)?;
            parts.put(&mut table, &mut self.spiller)?;
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
            self.reservation.resize(0)?;
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
    use insq_plan::{Aggregate, BindOptions, Step, bind};

    use crate::operator::Operator;

    fn aggregate() -> Arc<Aggregate> {
        let query = insq_syntax::parse("sort @timestamp | stats count(*) as n by @requestId")
            .unwrap()
            .query;
        let steps = bind(&query, &BindOptions::default()).unwrap().plan.steps;
        let aggregate = steps.into_iter().find_map(|step| match step {
            Step::Aggregate(aggregate) => Some(aggregate),
            _ => None,
        });
        Arc::new(aggregate.unwrap())
    }

    fn context(limit_bytes: usize) -> RunContext {
        let mut run = RunContext::new(MemoryBudget::new(limit_bytes));
        run.spill = Some(Spill::to(std::env::temp_dir()));
        run
    }

    /// Twice each of some groups, in files.
    fn parts(groups: usize, empty: &GroupTable, spiller: &mut Spiller) -> Parts {
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
            parts.put(&mut table, spiller).unwrap();
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
        let empty = GroupTable::new(aggregate()).unwrap();
        let result = |limit_bytes: usize| {
            let run = context(limit_bytes);
            let mut spiller = Spiller::new(&run);
            let parts = parts(GROUPS, &empty, &mut spiller);
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
}
