//! Groups of one key of text, of which most are expected to be UUIDs, as request ids are.

use std::hash::BuildHasher;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::builder::StringViewBuilder;
use arrow_array::types::UInt64Type;
use arrow_array::{Array, ArrayRef, BinaryArray, NullArray, StringViewArray, UInt64Array, cast::AsArray};
use foldhash::fast::RandomState;
use insq_event::{ColumnType, uuid_number, uuid_text};

use super::SPREAD;
use super::hashed::Hashed;
use super::id_table::IdTable;
use super::numbering::{Key, Numbering};
use super::seen_views::SeenViews;
use crate::cells::Cells;
use crate::error::ExecError;

/// Rows whose ids are looked up at a time.
const LOOKED_UP: usize = 32;

/// What is known of a row before its group is.
#[derive(Clone, Copy, Default)]
struct Lookup {
    /// The id with its hash, if it is a UUID.
    id: Option<(u128, u64)>,
    /// The group that the id has already.
    group: Option<u32>,
}

/// UUIDs as numbers of 128 bits in one array, and a table that finds the group of one: 16 bytes and a slot instead of
/// text, its length and its hash. Every other text, and a missing one, is in a table of its own.
pub(crate) struct TextIds {
    table: IdTable,
    others: Hashed,
    numbering: Numbering,
    state: RandomState,
}

impl TextIds {
    pub(super) fn new(ty: ColumnType) -> Self {
        Self {
            table: IdTable::default(),
            others: Hashed::new(vec![ty]),
            numbering: Numbering::default(),
            state: RandomState::default(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.numbering.len()
    }

    pub(super) fn assign(&mut self, key: &ArrayRef, groups: &mut Vec<u32>) -> Result<(), ExecError> {
        let Some(texts) = key.as_string_view_opt() else {
            return Err(ExecError::Internal(format!("texts of type {}", key.data_type())));
        };
        let cells = Cells::Text(texts);
        let mut seen = SeenViews::new(texts);
        groups.reserve(texts.len());
        for start in (0..texts.len()).step_by(LOOKED_UP) {
            let rows = start..texts.len().min(start + LOOKED_UP);
            let found = self.look_up(rows.clone(), |row| uuid_at(texts, row));
            for (row, lookup) in rows.zip(found) {
                groups.push(if lookup.id.is_some() {
                    self.group_of_found(lookup)?
                } else if let Some(group) = seen.group_at(row) {
                    group
                } else {
                    let group = self.group_of_other(&cells, row)?;
                    seen.put(row, group);
                    group
                });
            }
        }
        Ok(())
    }

    /// Looks for the ids of some rows. Nothing in here waits for the row before, so that the processor fetches what it
    /// needs for many rows at a time: most of them lie somewhere in a table that no cache holds.
    fn look_up(&self, rows: Range<usize>, id_at: impl Fn(usize) -> Option<u128>) -> [Lookup; LOOKED_UP] {
        let mut found = [Lookup::default(); LOOKED_UP];
        for (row, lookup) in rows.zip(&mut found) {
            lookup.id = id_at(row).map(|id| (id, self.state.hash_one(id)));
        }
        for lookup in &mut found {
            lookup.group = lookup.id.and_then(|(_, hash)| self.table.candidate(hash));
        }
        let ids = self.numbering.ids();
        for lookup in &mut found {
            let id = lookup.id.map(|(id, _)| id);
            lookup.group = lookup
                .group
                .filter(|group| ids.get(*group as usize).copied() == id);
        }
        found
    }

    /// The group of an id that was looked up, a new one where it still has none.
    fn group_of_found(&mut self, lookup: Lookup) -> Result<u32, ExecError> {
        match (lookup.group, lookup.id) {
            (Some(group), _) => Ok(group),
            (None, Some((id, hash))) => self.group_of_id(id, hash),
            (None, None) => Err(ExecError::Internal("no id was looked up".to_owned())),
        }
    }

    fn group_of_id(&mut self, id: u128, hash: u64) -> Result<u32, ExecError> {
        let ids = self.numbering.ids();
        if let Some(group) = self.table.find(hash, |group| ids[group as usize] == id) {
            return Ok(group);
        }
        if self.table.is_full() {
            self.grow();
        }
        let group = self.numbering.add_id(id)?;
        self.table.insert(hash, group);
        Ok(group)
    }

    fn grow(&mut self) {
        let keys = (0..).zip(self.numbering.keys(0..self.numbering.len()));
        let state = &self.state;
        self.table.grow(keys.filter_map(|(group, key)| match key {
            Key::Id(id) => Some((group, state.hash_one(id))),
            Key::Other(_) => None,
        }));
    }

    fn group_of_other(&mut self, cells: &Cells<'_>, row: usize) -> Result<u32, ExecError> {
        let number = self.others.assign_cell(cells, row)?;
        self.numbering.group_of_other(number)
    }

    /// The keys of some groups, for another grouper of texts: both halves of the UUIDs, and the bytes of other keys. Where
    /// there are none of the one kind or the other, its columns hold nothing.
    pub(super) fn state(&self, range: Range<usize>) -> Vec<ArrayRef> {
        let rows = range.len();
        let keys = || self.numbering.keys(range.clone());
        let others = self.numbering.numbers(range.clone()).len();
        let nothing = || -> ArrayRef { Arc::new(NullArray::new(rows)) };
        let half = |shift: u32| -> ArrayRef {
            Arc::new(UInt64Array::from_iter_values(keys().map(|key| match key {
                Key::Id(id) => (id >> shift) as u64,
                Key::Other(_) => 0,
            })))
        };
        let other_keys = || -> ArrayRef {
            Arc::new(BinaryArray::from_iter(keys().map(|key| match key {
                Key::Id(_) => None,
                Key::Other(number) => Some(self.others.key_of(number)),
            })))
        };
        let [high, low] = if others < rows {
            [half(64), half(0)]
        } else {
            [nothing(), nothing()]
        };
        vec![high, low, if others > 0 { other_keys() } else { nothing() }]
    }

    /// Appends the groups of keys out of [`TextIds::state`].
    pub(super) fn absorb(&mut self, state: &[ArrayRef], targets: &mut Vec<u32>) -> Result<(), ExecError> {
        let keys = Keys::of(state).ok_or_else(|| ExecError::Internal("keys that are no texts".to_owned()))?;
        targets.reserve(keys.rows);
        for start in (0..keys.rows).step_by(LOOKED_UP) {
            let rows = start..keys.rows.min(start + LOOKED_UP);
            let found = self.look_up(rows.clone(), |row| keys.id(row));
            for (row, lookup) in rows.zip(found) {
                targets.push(if lookup.id.is_some() {
                    self.group_of_found(lookup)?
                } else {
                    let number = self.others.group_of(keys.other(row))?;
                    self.numbering.group_of_other(number)?
                });
            }
        }
        Ok(())
    }

    pub(super) fn hashes(&self, range: Range<usize>, hashes: &mut Vec<u64>) {
        hashes.extend(self.numbering.keys(range).map(|key| match key {
            Key::Id(id) => SPREAD.hash_one(id),
            Key::Other(number) => SPREAD.hash_one(self.others.key_of(number)),
        }));
    }

    pub(super) fn keys(&self, range: Range<usize>) -> Result<ArrayRef, ExecError> {
        let other_keys = self.others.keys(self.numbering.numbers(range.clone()))?;
        let mut other_keys = other_keys
            .iter()
            .filter_map(|keys| keys.as_string_view_opt())
            .flatten();
        let mut keys = StringViewBuilder::with_capacity(range.len());
        for key in self.numbering.keys(range) {
            match key {
                Key::Other(_) => keys.append_option(other_keys.next().flatten()),
                Key::Id(id) => {
                    let text = uuid_text(id);
                    let text =
                        std::str::from_utf8(&text).map_err(|cause| ExecError::Internal(cause.to_string()))?;
                    keys.append_value(text);
                }
            }
        }
        Ok(Arc::new(keys.finish()))
    }

    pub(super) fn size_bytes(&self) -> usize {
        self.table.size_bytes() + self.numbering.size_bytes() + self.others.size_bytes()
    }
}

/// Keys out of [`TextIds::state`].
struct Keys<'a> {
    rows: usize,
    /// Upper and lower halves of the UUIDs, if there are any.
    ids: Option<(&'a [u64], &'a [u64])>,
    /// The bytes of other keys, if there are any.
    others: Option<&'a BinaryArray>,
}

impl<'a> Keys<'a> {
    fn of(state: &'a [ArrayRef]) -> Option<Self> {
        let [high, low, others] = state else {
            return None;
        };
        let half = |half: &'a ArrayRef| {
            let half = half.as_primitive_opt::<UInt64Type>()?;
            Some(&half.values()[..])
        };
        let keys = Self {
            rows: others.len(),
            ids: half(high).zip(half(low)),
            others: others.as_binary_opt::<i32>(),
        };
        (keys.ids.is_some() || keys.others.is_some() || keys.rows == 0).then_some(keys)
    }

    /// The UUID that is a key.
    #[inline]
    fn id(&self, row: usize) -> Option<u128> {
        let (high, low) = self.ids?;
        if self.others.is_some_and(|others| others.is_valid(row)) {
            return None;
        }
        Some(u128::from(high[row]) << 64 | u128::from(low[row]))
    }

    /// The bytes of a key that is no UUID.
    fn other(&self, row: usize) -> &'a [u8] {
        self.others.map_or(&[], |others| others.value(row))
    }
}

#[inline]
fn uuid_at(texts: &StringViewArray, row: usize) -> Option<u128> {
    if texts.is_null(row) {
        return None;
    }
    uuid_number(texts.value(row).as_bytes())
}

#[cfg(test)]
mod tests {
    use arrow_schema::DataType;

    use super::*;

    const A: &str = "4facf443-808c-467a-a878-b91a88a33686";
    const UPPER: &str = "4FACF443-808C-467A-A878-B91A88A33686";
    const B: &str = "00000000-0000-0000-0000-000000000000";

    fn texts(keys: &ArrayRef) -> Vec<Option<&str>> {
        keys.as_string_view().iter().collect()
    }

    #[test]
    fn uuids_and_other_texts_are_numbered_as_they_come() {
        let mut ids = TextIds::new(ColumnType::Text);
        let rows = [
            Some(A),
            None,
            Some(UPPER),
            Some(B),
            Some(""),
            Some(UPPER),
            None,
            Some(A),
            Some(B),
        ];
        let key: ArrayRef = Arc::new(StringViewArray::from(rows.to_vec()));
        let mut groups = Vec::new();
        ids.assign(&key, &mut groups).unwrap();
        assert_eq!(groups, [0, 1, 2, 3, 4, 2, 1, 0, 3]);
        assert_eq!(
            texts(&ids.keys(0..5).unwrap()),
            [Some(A), None, Some(UPPER), Some(B), Some("")]
        );
        assert_eq!(texts(&ids.keys(2..4).unwrap()), [Some(UPPER), Some(B)]);

        let mut merged = TextIds::new(ColumnType::Text);
        merged
            .assign(
                &(Arc::new(StringViewArray::from(vec![B, "x"])) as ArrayRef),
                &mut groups,
            )
            .unwrap();
        let mut targets = Vec::new();
        merged.absorb(&ids.state(0..3), &mut targets).unwrap();
        // No other text, then no UUID.
        assert_eq!(*ids.state(3..4)[2].data_type(), DataType::Null);
        assert_eq!(*ids.state(4..5)[0].data_type(), DataType::Null);
        merged.absorb(&ids.state(3..4), &mut targets).unwrap();
        merged.absorb(&ids.state(4..5), &mut targets).unwrap();
        assert_eq!(targets, [2, 3, 4, 0, 5]);
        let all = [Some(B), Some("x"), Some(A), None, Some(UPPER), Some("")];
        assert_eq!(texts(&merged.keys(0..6).unwrap()), all);
    }

    #[test]
    fn many_ids_are_found_again() {
        let id = |n: u64| {
            let text = uuid_text(u128::from(n) << 100 | u128::from(n));
            String::from_utf8(text.to_vec()).unwrap()
        };
        let rows: Vec<String> = (0..3_000)
            .map(|n| if n % 7 == 0 { format!("job-{n}") } else { id(n) })
            .collect();
        let key: ArrayRef = Arc::new(StringViewArray::from_iter_values(&rows));
        let mut ids = TextIds::new(ColumnType::Any);
        let mut groups = Vec::new();
        ids.assign(&key, &mut groups).unwrap();
        ids.assign(&key, &mut groups).unwrap();
        let expected: Vec<u32> = (0..3_000).chain(0..3_000).collect();
        assert_eq!(groups, expected);
        let shown: Vec<Option<&str>> = rows.iter().map(|row| Some(&**row)).collect();
        assert_eq!(texts(&ids.keys(0..3_000).unwrap()), shown);
    }
}
