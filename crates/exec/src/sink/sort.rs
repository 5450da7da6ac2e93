//! `sort`: execution.

use insq_event::RunContext;
use insq_functions::EvalContext;
use insq_plan::SortKey;

use crate::chunk::{Chunk, Layout};
use crate::error::ExecError;
use crate::key_rows::KeyMaker;
use crate::operator::BoxedOperator;
use crate::spill::Sorter;

/// Keeps all rows and gives them out in order.
///
/// # Memory
/// Every row and its key, charged before the next chunk is taken; many of them in sorted runs, and in files when memory is
/// scarce.
pub(crate) struct SortSink {
    keys: KeyMaker,
    keep: Vec<usize>,
    sorter: Sorter,
}

impl SortSink {
    pub(crate) fn new(
        keys: &[SortKey],
        layout: &Layout,
        keep: Vec<usize>,
        context: EvalContext,
        run: &RunContext,
    ) -> Self {
        Self {
            keys: KeyMaker::new(keys, layout, context),
            keep,
            sorter: Sorter::new("sort", run),
        }
    }

    /// Orders groups by nothing but their ranks, for `stats`.
    pub(crate) fn by_rank(layout: &Layout, context: EvalContext, run: &RunContext) -> Self {
        let keep = (0..layout.len()).collect();
        Self {
            sorter: Sorter::new("stats", run),
            ..Self::new(&[], layout, keep, context, run)
        }
    }

    pub(crate) fn push(&mut self, chunk: &Chunk) -> Result<(), ExecError> {
        let sorter = &mut self.sorter;
        let (rows, idx) = (&mut sorter.rows, sorter.chunks.len());
        self.keys
            .for_each(chunk, None, |row, key| rows.push(key, idx, row))?;
        sorter.keep(chunk.project(&self.keep).compacted());
        sorter.charge_in_runs()
    }

    pub(crate) fn merge(&mut self, other: Self) -> Result<(), ExecError> {
        self.sorter.append(other.sorter)
    }

    pub(crate) fn finish(self) -> Result<BoxedOperator, ExecError> {
        self.sorter.finish()
    }
}
