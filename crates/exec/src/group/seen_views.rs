//! Texts of one array that were met before, told by their views.

use arrow_array::{Array, StringViewArray};

/// Views that are remembered; a power of two. Columns of few texts, as types, levels and names are, have few of them.
const SEEN_VIEWS: usize = 16;

/// The groups of some texts of an array. A view is all of a short text, and the place of a long one; so texts whose views are
/// equal are equal, as long as the array is the same, and nobody has to look at them.
pub(super) struct SeenViews<'a> {
    texts: &'a StringViewArray,
    slots: [Option<(u128, u32)>; SEEN_VIEWS],
    /// The group of missing texts, whose views mean nothing.
    missing: Option<u32>,
}

impl<'a> SeenViews<'a> {
    pub(super) fn new(texts: &'a StringViewArray) -> Self {
        Self {
            texts,
            slots: [None; SEEN_VIEWS],
            missing: None,
        }
    }

    #[inline]
    pub(super) fn group_at(&self, row: usize) -> Option<u32> {
        if self.texts.is_null(row) {
            return self.missing;
        }
        let view = self.texts.views()[row];
        self.slots[slot_of(view)].and_then(|(seen, group)| (seen == view).then_some(group))
    }

    #[inline]
    pub(super) fn put(&mut self, row: usize, group: u32) {
        if self.texts.is_null(row) {
            self.missing = Some(group);
        } else {
            let view = self.texts.views()[row];
            self.slots[slot_of(view)] = Some((view, group));
        }
    }
}

#[inline]
fn slot_of(view: u128) -> usize {
    let folded = view as u64 ^ (view >> 64) as u64;
    // Any odd number with bits all over it.
    (folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - SEEN_VIEWS.trailing_zeros())) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_known_by_their_views() {
        let rows = [
            Some("INFO"),
            None,
            Some(""),
            Some("INFO"),
            Some("a text that is longer than a view"),
            Some("a text that is longer, and another"),
        ];
        let texts = StringViewArray::from(rows.to_vec());
        let mut seen = SeenViews::new(&texts);
        for row in 0..texts.len() {
            let known = seen.group_at(row);
            assert_eq!(known, (row == 3).then_some(0), "{row}");
            seen.put(row, known.unwrap_or(row as u32));
            assert_eq!(seen.group_at(row), Some(if row == 3 { 0 } else { row as u32 }));
        }
        assert_eq!(seen.group_at(1), Some(1));
    }
}
