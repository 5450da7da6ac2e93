//! Columns of texts most of which are missing, as those of many discovered fields are: what is not there costs nothing until
//! the column is made.

use arrow_array::StringViewArray;
use arrow_array::builder::{ArrayBuilder, StringViewBuilder};
use arrow_buffer::{BooleanBufferBuilder, NullBuffer};
use arrow_schema::ArrowError;

/// Takes the cells of a column, row by row.
#[derive(Debug, Default)]
pub(super) struct CellsBuilder {
    rows: Vec<u32>,
    texts: StringViewBuilder,
}

impl CellsBuilder {
    /// A cell of a row, which comes after those of all earlier ones.
    #[inline]
    pub(super) fn put(&mut self, row: usize, text: &str) {
        // Batches are far smaller than what 32 bits count.
        self.rows.push(row as u32);
        self.texts.append_value(text);
    }

    /// The column of so many rows.
    pub(super) fn finish(mut self, rows: usize) -> Cells {
        debug_assert_eq!(self.rows.len(), self.texts.len());
        Cells {
            rows,
            present: self.rows,
            texts: self.texts.finish(),
        }
    }
}

/// A column of texts, of which only those that are there are kept.
#[derive(Debug)]
pub(crate) struct Cells {
    rows: usize,
    /// The rows that have a text, rising.
    present: Vec<u32>,
    /// Their texts.
    texts: StringViewArray,
}

impl Cells {
    /// Values of all rows, those of missing ones being of no account, and which rows are missing. `None` when `read`
    /// refuses a text.
    pub(super) fn read<T: Clone + Default>(
        &self,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<(Vec<T>, Option<NullBuffer>)> {
        let mut values = vec![T::default(); self.rows];
        for (row, text) in self.present.iter().zip(self.texts.iter().flatten()) {
            values[*row as usize] = read(text)?;
        }
        Some((values, self.nulls()))
    }

    /// The whole column.
    ///
    /// # Errors
    /// [`ArrowError`] for views that lead nowhere: a defect.
    pub(crate) fn spread(&self) -> Result<StringViewArray, ArrowError> {
        if self.present.len() == self.rows {
            return Ok(self.texts.clone());
        }
        let mut views = vec![0; self.rows];
        for (row, view) in self.present.iter().zip(self.texts.views()) {
            views[*row as usize] = *view;
        }
        StringViewArray::try_new(views.into(), self.texts.data_buffers().to_vec(), self.nulls())
    }

    fn nulls(&self) -> Option<NullBuffer> {
        if self.present.len() == self.rows {
            return None;
        }
        let mut valid = BooleanBufferBuilder::new(self.rows);
        valid.append_n(self.rows, false);
        for row in &self.present {
            valid.set_bit(*row as usize, true);
        }
        Some(NullBuffer::new(valid.finish()))
    }

    #[cfg(test)]
    pub(super) fn of(cells: &[Option<&str>]) -> Self {
        let mut builder = CellsBuilder::default();
        for (row, cell) in cells.iter().enumerate() {
            if let Some(text) = cell {
                builder.put(row, text);
            }
        }
        builder.finish(cells.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_back_in_their_rows() {
        let long = "longer than what fits into a view";
        for cells in [
            &[][..],
            &[None],
            &[Some("")],
            &[None, Some(long), None, None, Some("b"), None],
            &[Some("a"), Some(long)],
        ] {
            let expected: StringViewArray = cells.iter().copied().collect();
            let made = Cells::of(cells);
            assert_eq!(made.spread().unwrap(), expected, "{cells:?}");
            let (lengths, nulls) = made.read(|text| Some(text.len())).unwrap();
            for (row, cell) in cells.iter().enumerate() {
                let is_there = nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row));
                assert_eq!(is_there.then_some(lengths[row]), cell.map(str::len), "{cells:?}");
            }
        }
        assert!(Cells::of(&[Some("a"), None]).read(|_| None::<u8>).is_none());
    }
}
