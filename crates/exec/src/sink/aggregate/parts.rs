//! States of groups that were put aside: parts by a hash of the keys, each small enough to be merged in a cache.

use arrow_array::UInt32Array;
use arrow_select::take::take;

use super::table::GroupTable;
use crate::chunk::Chunk;
use crate::error::ExecError;
use crate::spill::{Kept, Spiller};

/// A part has the groups whose hash has certain bits here.
const PART_BITS: u32 = 6;
const PARTS: usize = 1 << PART_BITS;

/// How often a part can be divided again: as long as a hash has bits.
pub(super) const LEVELS: u32 = u64::BITS / PART_BITS;

/// States that are taken out of a table at a time, bytes: they are in memory twice for that long.
const TAKEN_BYTES: usize = 4 << 20;
/// The same in groups.
const TAKEN_GROUPS: usize = 1 << 16;

/// States of two groups that make it worth while to merge states before the end.
const STATES_OF_TWO_MIN: usize = 3;

/// True when states that are of so many groups are worth merging.
pub(super) fn is_worth_merging(states: usize, groups: usize) -> bool {
    2 * states >= STATES_OF_TWO_MIN * groups
}

/// States of groups, by parts.
pub(super) struct Parts {
    blocks: Vec<Vec<Kept>>,
    /// How many times the hash has been used before.
    level: u32,
    /// Of the blocks in memory.
    memory_bytes: usize,
    memory_states: usize,
    has_files: bool,
}

impl Parts {
    pub(super) fn new(level: u32) -> Self {
        Self {
            blocks: (0..PARTS).map(|_| Vec::new()).collect(),
            level,
            memory_bytes: 0,
            memory_states: 0,
            has_files: false,
        }
    }

    /// How many times the hash has been used before.
    pub(super) fn level(&self) -> u32 {
        self.level
    }

    /// Bytes of the states in memory.
    pub(super) fn memory_bytes(&self) -> usize {
        self.memory_bytes
    }

    /// States in memory; some may be of the same group.
    pub(super) fn memory_states(&self) -> usize {
        self.memory_states
    }

    /// True when some states are in files.
    pub(super) fn has_files(&self) -> bool {
        self.has_files
    }

    /// Takes the states of all groups out of a table, which is of no use afterwards; into a file, if there is `spiller`.
    pub(super) fn put(
        &mut self,
        table: &mut GroupTable,
        mut spiller: Option<&mut Spiller>,
    ) -> Result<(), ExecError> {
        table.resize();
        let group_bytes = (table.size_bytes() / table.len().max(1)).max(1);
        let step = (TAKEN_BYTES / group_bytes).clamp(1, TAKEN_GROUPS);
        let mut hashes = Vec::new();
        for start in (0..table.len()).step_by(step) {
            let range = start..table.len().min(start + step);
            hashes.clear();
            table.grouper.hashes(range.clone(), &mut hashes);
            let state = table.take_state(range)?;
            self.put_state(&state, &hashes, spiller.as_deref_mut())?;
        }
        Ok(())
    }

    fn put_state(
        &mut self,
        state: &Chunk,
        hashes: &[u64],
        mut spiller: Option<&mut Spiller>,
    ) -> Result<(), ExecError> {
        let part_of = |hash: &u64| (hash >> (self.level * PART_BITS)) as usize % PARTS;
        let mut rows_of: Vec<Vec<u32>> = vec![Vec::new(); PARTS];
        for (row, hash) in hashes.iter().enumerate() {
            rows_of[part_of(hash)].push(row as u32);
        }
        for (part, rows) in rows_of.into_iter().enumerate() {
            if rows.is_empty() {
                continue;
            }
            let rows = UInt32Array::from(rows);
            let columns = state.columns.iter().map(|column| take(column, &rows, None));
            let mut block = Kept::InMemory(Chunk {
                columns: columns.collect::<Result<_, _>>()?,
                rows: rows.len(),
            });
            if let Some(spiller) = &mut spiller {
                block.store(spiller)?;
            }
            self.add(part, block);
        }
        Ok(())
    }

    fn add(&mut self, part: usize, block: Kept) {
        match &block {
            Kept::InMemory(states) => {
                self.memory_bytes += states.size_bytes();
                self.memory_states += states.rows;
            }
            Kept::InFile(_) => self.has_files = true,
        }
        self.blocks[part].push(block);
    }

    /// Puts everything that is in memory into files.
    pub(super) fn store(&mut self, spiller: &mut Spiller) -> Result<(), ExecError> {
        for block in self.blocks.iter_mut().flatten() {
            block.store(spiller)?;
            self.has_files = true;
        }
        (self.memory_bytes, self.memory_states) = (0, 0);
        Ok(())
    }

    /// Takes over the parts of another worker.
    pub(super) fn append(&mut self, other: Self) {
        for (mine, mut theirs) in self.blocks.iter_mut().zip(other.blocks) {
            mine.append(&mut theirs);
        }
        self.memory_bytes += other.memory_bytes;
        self.memory_states += other.memory_states;
        self.has_files |= other.has_files;
    }

    /// The blocks of every part that has some.
    pub(super) fn into_blocks(self) -> impl Iterator<Item = Vec<Kept>> {
        self.blocks.into_iter().filter(|blocks| !blocks.is_empty())
    }

    /// Makes one state of all that are in memory and of the same group, if it shows in a part that there are many such.
    /// `empty` is a table without groups.
    ///
    /// # Errors
    /// [`ExecError::Cancelled`], heard between two parts.
    pub(super) fn condense(&mut self, empty: &GroupTable, spiller: &Spiller) -> Result<(), ExecError> {
        let Some(fullest) = (0..PARTS).max_by_key(|part| self.blocks[*part].len()) else {
            return Ok(());
        };
        let (before, after) = self.condense_part(fullest, empty)?;
        if !is_worth_merging(before, after) {
            return Ok(());
        }
        for part in (0..PARTS).filter(|part| *part != fullest) {
            spiller.check()?;
            self.condense_part(part, empty)?;
        }
        Ok(())
    }

    /// The same for one part: tells how many states there were, and how many there are.
    fn condense_part(&mut self, part: usize, empty: &GroupTable) -> Result<(usize, usize), ExecError> {
        let blocks = std::mem::take(&mut self.blocks[part]);
        let mut table = empty.emptied()?;
        let mut before = 0;
        for block in blocks {
            match block {
                Kept::InFile(_) => self.blocks[part].push(block),
                Kept::InMemory(states) => {
                    before += states.rows;
                    self.memory_bytes -= states.size_bytes();
                    self.memory_states -= states.rows;
                    table.absorb(&states)?;
                }
            }
        }
        let after = table.len();
        if after > 0 {
            table.resize();
            let states = table.take_state(0..after)?;
            self.add(part, Kept::InMemory(states));
        }
        Ok((before, after))
    }
}
