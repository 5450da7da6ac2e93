//! Rows on their way through the operators.

use arrow_array::{Array, ArrayRef, RecordBatch, StringViewArray, cast::AsArray};
use arrow_schema::DataType;
use insq_plan::ColumnId;

/// Rows of the chunks that the merged result is given out in.
pub(crate) const OUTPUT_ROWS: usize = 8_192;

/// Some rows as columns. Which column is which, a [`Layout`] tells.
#[derive(Clone, Debug)]
pub(crate) struct Chunk {
    pub(crate) columns: Vec<ArrayRef>,
    /// Kept beside the columns, since a count needs rows of none.
    pub(crate) rows: usize,
}

impl Chunk {
    pub(crate) fn from_batch(batch: RecordBatch) -> Self {
        let rows = batch.num_rows();
        let (_, columns, _) = batch.into_parts();
        Self { columns, rows }
    }

    /// The columns at `positions`, in that order.
    pub(crate) fn project(&self, positions: &[usize]) -> Self {
        let columns = positions
            .iter()
            .map(|&position| self.columns[position].clone())
            .collect();
        Self {
            columns,
            rows: self.rows,
        }
    }

    /// Rows `offset .. offset + length`.
    pub(crate) fn slice(&self, offset: usize, length: usize) -> Self {
        let columns = self
            .columns
            .iter()
            .map(|column| column.slice(offset, length))
            .collect();
        Self {
            columns,
            rows: length,
        }
    }

    /// The same rows without the parts of the blocks that their texts do not need. Worth its copy where
    /// rows wait: a view of ten bytes keeps a block of a megabyte alive.
    pub(crate) fn compacted(mut self) -> Self {
        for column in &mut self.columns {
            if let Some(compacted) = compacted(column) {
                *column = compacted;
            }
        }
        self
    }

    /// Bytes held, for the memory account. Blocks that several chunks share count in each.
    pub(crate) fn size_bytes(&self) -> usize {
        self.columns
            .iter()
            .map(|column| column.get_array_memory_size())
            .sum()
    }
}

/// Buffers may be this many times larger than what is used of them before they are copied.
const SLACK_FACTOR: usize = 2;

fn compacted(column: &ArrayRef) -> Option<ArrayRef> {
    if column.data_type() != &DataType::Utf8View {
        return None;
    }
    let array: &StringViewArray = column.as_string_view();
    let held: usize = array.data_buffers().iter().map(|buffer| buffer.len()).sum();
    let used = array.total_buffer_bytes_used();
    (held > used.saturating_mul(SLACK_FACTOR)).then(|| std::sync::Arc::new(array.gc()) as ArrayRef)
}

/// Which column of a chunk is which column of the plan.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layout {
    ids: Vec<ColumnId>,
    /// True when columns follow that are none of the plan, and say in which order equal rows come.
    has_ranks: bool,
}

impl Layout {
    pub(crate) fn new(ids: Vec<ColumnId>) -> Self {
        Self {
            ids,
            has_ranks: false,
        }
    }

    /// The same columns, with ranks behind them: numbers, of which the first ones decide, and the smaller come first.
    /// Only a sort may follow, which takes them into its keys, or what asks for no order.
    pub(crate) fn with_ranks(self) -> Self {
        Self {
            has_ranks: true,
            ..self
        }
    }

    pub(crate) fn has_ranks(&self) -> bool {
        self.has_ranks
    }

    /// The ranks among the columns of a chunk.
    pub(crate) fn ranks<'c>(&self, chunk: &'c Chunk) -> &'c [ArrayRef] {
        match chunk.columns.get(self.ids.len()..) {
            Some(ranks) if self.has_ranks => ranks,
            _ => &[],
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(crate) fn position(&self, id: ColumnId) -> Option<usize> {
        self.ids.iter().position(|known| *known == id)
    }

    /// This layout with further columns behind it.
    pub(crate) fn with(&self, added: impl IntoIterator<Item = ColumnId>) -> Self {
        let mut ids = self.ids.clone();
        ids.extend(added);
        Self::new(ids)
    }

    /// The part of this layout that `wanted` selects, and where its columns stand here.
    pub(crate) fn retain(&self, wanted: impl Fn(ColumnId) -> bool) -> (Self, Vec<usize>) {
        let positions: Vec<usize> = (0..self.ids.len())
            .filter(|&position| wanted(self.ids[position]))
            .collect();
        (
            Self::new(positions.iter().map(|&position| self.ids[position]).collect()),
            positions,
        )
    }
}
