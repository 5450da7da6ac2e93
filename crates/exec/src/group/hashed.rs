//! Groups of any keys, by hash.

use std::hash::BuildHasher;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::builder::{BooleanBuilder, Float64Builder, StringViewBuilder, TimestampMillisecondBuilder};
use arrow_array::{ArrayRef, BinaryArray};
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use insq_event::ColumnType;

use super::GROUP_COUNT_MAX;
use crate::cells::{Cells, read_length};
use crate::error::ExecError;

/// Groups of the first table.
const FIRST_CAPACITY: usize = 448;

/// Before a cell of a key: it is missing, or its value follows.
const NULL: u8 = 0;
const VALUE: u8 = 1;

/// Keys as bytes in one arena, and a table that finds the group of a key. The hash is seeded anew in every
/// process, since those who write log lines choose the keys.
pub(crate) struct Hashed {
    types: Vec<ColumnType>,
    table: HashTable<u32>,
    arena: Vec<u8>,
    /// End of the key of every group in the arena.
    ends: Vec<usize>,
    state: RandomState,
    key: Vec<u8>,
    /// The group of the cell that was met last.
    last: Option<u32>,
}

impl Hashed {
    pub(super) fn new(types: Vec<ColumnType>) -> Self {
        Self {
            types,
            table: HashTable::new(),
            arena: Vec::new(),
            ends: Vec::new(),
            state: RandomState::default(),
            key: Vec::new(),
            last: None,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn assign(
        &mut self,
        keys: &[ArrayRef],
        rows: usize,
        groups: &mut Vec<u32>,
    ) -> Result<(), ExecError> {
        let cells: Vec<Cells<'_>> = keys.iter().map(Cells::of).collect::<Result<_, _>>()?;
        groups.reserve(rows);
        let mut previous: Option<u32> = None;
        let mut key = std::mem::take(&mut self.key);
        for row in 0..rows {
            key.clear();
            cells.iter().for_each(|cells| append_cell(cells, row, &mut key));
            // Neighbours share their key often enough to look before hashing.
            let group = match previous {
                Some(group) if self.key_of(group) == key => group,
                _ => self.group_of(&key)?,
            };
            previous = Some(group);
            groups.push(group);
        }
        self.key = key;
        Ok(())
    }

    /// The group of one cell, which is the whole key.
    pub(super) fn assign_cell(&mut self, cells: &Cells<'_>, row: usize) -> Result<u32, ExecError> {
        let mut key = std::mem::take(&mut self.key);
        key.clear();
        append_cell(cells, row, &mut key);
        // Neighbours share their key often enough to look before hashing.
        let group = match self.last {
            Some(last) if self.key_of(last) == key => last,
            _ => self.group_of(&key)?,
        };
        self.key = key;
        self.last = Some(group);
        Ok(group)
    }

    pub(super) fn key_of(&self, group: u32) -> &[u8] {
        key_in(&self.arena, &self.ends, group)
    }

    pub(super) fn keys(&self, range: Range<usize>) -> Result<Vec<ArrayRef>, ExecError> {
        let mut columns: Vec<KeyBuilder> = self.types.iter().map(|ty| KeyBuilder::of(*ty)).collect();
        for group in range {
            let mut key = self.key_of(group as u32);
            for column in &mut columns {
                key = column
                    .read(key)
                    .ok_or_else(|| ExecError::Internal("a group key is cut".to_owned()))?;
            }
        }
        Ok(columns.into_iter().map(KeyBuilder::finish).collect())
    }

    /// The keys of some groups as bytes, for a grouper of the same types.
    pub(super) fn state(&self, range: Range<usize>) -> BinaryArray {
        BinaryArray::from_iter_values(range.map(|group| self.key_of(group as u32)))
    }

    /// The group of a key out of [`Hashed::state`].
    pub(super) fn group_of(&mut self, key: &[u8]) -> Result<u32, ExecError> {
        let hash = self.state.hash_one(key);
        let (arena, ends) = (&self.arena, &self.ends);
        let found = self.table.find(hash, |&group| key_in(arena, ends, group) == key);
        if let Some(&group) = found {
            return Ok(group);
        }
        let group = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
        if group > GROUP_COUNT_MAX {
            return Err(ExecError::TooManyGroups {
                limit: GROUP_COUNT_MAX,
            });
        }
        if self.table.len() == self.table.capacity() {
            self.grow();
        }
        self.arena.extend_from_slice(key);
        self.ends.push(self.arena.len());
        let (arena, ends, state) = (&self.arena, &self.ends, &self.state);
        self.table
            .insert_unique(hash, group, |&group| state.hash_one(key_in(arena, ends, group)));
        Ok(group)
    }

    /// Makes the table anew, twice as large, of the groups that are in it. The old one is given back before: their keys are
    /// all that is needed, and they are read in their order, so no hash has to be kept for them.
    fn grow(&mut self) {
        let capacity = (self.table.capacity() * 2).max(FIRST_CAPACITY);
        self.table = HashTable::new();
        self.table = HashTable::with_capacity(capacity);
        let (arena, ends, state) = (&self.arena, &self.ends, &self.state);
        let hash_of = |&group: &u32| state.hash_one(key_in(arena, ends, group));
        for group in 0..ends.len() as u32 {
            self.table.insert_unique(hash_of(&group), group, hash_of);
        }
    }

    pub(super) fn size_bytes(&self) -> usize {
        self.arena.capacity() + self.ends.capacity() * size_of::<usize>() + self.table.allocation_size()
    }
}

fn key_in<'a>(arena: &'a [u8], ends: &[usize], group: u32) -> &'a [u8] {
    let group = group as usize;
    let start = if group == 0 { 0 } else { ends[group - 1] };
    &arena[start..ends[group]]
}

/// Appends one cell of a key.
fn append_cell(cells: &Cells<'_>, row: usize, key: &mut Vec<u8>) {
    if cells.is_null(row) {
        return key.push(NULL);
    }
    key.push(VALUE);
    cells.append_identity(row, key);
}

/// Builds a key column from the bytes of keys.
enum KeyBuilder {
    Number(Float64Builder),
    Time(TimestampMillisecondBuilder),
    Bool(BooleanBuilder),
    Text(StringViewBuilder),
}

impl KeyBuilder {
    fn of(ty: ColumnType) -> Self {
        match ty {
            ColumnType::Number => Self::Number(Float64Builder::new()),
            ColumnType::Time => Self::Time(TimestampMillisecondBuilder::new()),
            ColumnType::Bool => Self::Bool(BooleanBuilder::new()),
            ColumnType::Text | ColumnType::Any | ColumnType::Json => Self::Text(StringViewBuilder::new()),
        }
    }

    /// Reads one cell off the front of `key`; the rest is left.
    fn read<'k>(&mut self, key: &'k [u8]) -> Option<&'k [u8]> {
        let (&tag, key) = key.split_first()?;
        if tag == NULL {
            match self {
                Self::Number(cells) => cells.append_null(),
                Self::Time(cells) => cells.append_null(),
                Self::Bool(cells) => cells.append_null(),
                Self::Text(cells) => cells.append_null(),
            }
            return Some(key);
        }
        match self {
            Self::Number(cells) => {
                let (bytes, rest) = key.split_first_chunk::<8>()?;
                cells.append_value(f64::from_bits(u64::from_le_bytes(*bytes)));
                Some(rest)
            }
            Self::Time(cells) => {
                let (bytes, rest) = key.split_first_chunk::<8>()?;
                cells.append_value(i64::from_le_bytes(*bytes));
                Some(rest)
            }
            Self::Bool(cells) => {
                let (byte, rest) = key.split_first()?;
                cells.append_value(*byte == 1);
                Some(rest)
            }
            Self::Text(cells) => {
                let (length, rest) = read_length(key)?;
                let (text, rest) = rest.split_at_checked(length)?;
                cells.append_value(std::str::from_utf8(text).ok()?);
                Some(rest)
            }
        }
    }

    fn finish(self) -> ArrayRef {
        match self {
            Self::Number(mut cells) => Arc::new(cells.finish()),
            Self::Time(mut cells) => Arc::new(cells.finish()),
            Self::Bool(mut cells) => Arc::new(cells.finish()),
            Self::Text(mut cells) => Arc::new(cells.finish()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::types::Float64Type;
    use arrow_array::{Float64Array, StringViewArray, cast::AsArray};

    #[test]
    fn keys_come_back_as_they_went_in() {
        let mut hashed = Hashed::new(vec![ColumnType::Text, ColumnType::Number]);
        let text: ArrayRef = Arc::new(StringViewArray::from(vec![Some("a"), None, Some("a"), Some("")]));
        let number: ArrayRef = Arc::new(Float64Array::from(vec![Some(0.0), Some(1.5), Some(-0.0), None]));
        let mut groups = Vec::new();
        hashed.assign(&[text, number], 4, &mut groups).unwrap();
        assert_eq!(groups, [0, 1, 0, 2]);
        let keys = hashed.keys(0..3).unwrap();
        let texts: Vec<Option<&str>> = keys[0].as_string_view().iter().collect();
        let numbers: Vec<Option<f64>> = keys[1].as_primitive::<Float64Type>().iter().collect();
        assert_eq!(texts, [Some("a"), None, Some("")]);
        assert_eq!(numbers, [Some(0.0), Some(1.5), None]);
    }

    #[test]
    fn cells_do_not_run_into_each_other() {
        let mut hashed = Hashed::new(vec![ColumnType::Text, ColumnType::Text]);
        let left: ArrayRef = Arc::new(StringViewArray::from(vec!["ab", "a"]));
        let right: ArrayRef = Arc::new(StringViewArray::from(vec!["c", "bc"]));
        let mut groups = Vec::new();
        hashed.assign(&[left, right], 2, &mut groups).unwrap();
        assert_eq!(groups, [0, 1]);
    }
}
