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
