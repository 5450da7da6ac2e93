//! Operators over the merged result: each pulls chunks from the one below it.

mod accumulate;
mod append_columns;
mod auto_regress;
mod chunks;
mod dedup;
mod dedup_rest;
mod fill_down;
mod fill_missing;
mod gather;
mod limit;
mod outliers;
mod sessionize;
mod sink;
mod stepping;
mod tail;
mod total_row;
mod transform;
mod whole;

use crate::chunk::Chunk;
use crate::error::ExecError;

pub(crate) use accumulate::Accumulate;
pub(crate) use append_columns::AppendColumns;
pub(crate) use auto_regress::AutoRegress;
pub(crate) use chunks::Chunks;
pub(crate) use dedup::Dedup;
pub(crate) use fill_down::FillDown;
pub(crate) use fill_missing::FillBins;
pub(crate) use gather::{Gather, gather};
pub(crate) use limit::Limit;
pub(crate) use outliers::MarkOutliers;
pub(crate) use sessionize::NumberSessions;
pub(crate) use sink::Sinking;
pub(crate) use stepping::{Stepping, StepwiseState};
pub(crate) use tail::Tail;
pub(crate) use total_row::TotalRow;
pub(crate) use transform::Transforming;
pub(crate) use whole::{RewriteRows, Whole};

/// Gives out chunks, one after another.
pub(crate) trait Operator: Send {
    /// The next chunk, never empty, or `None` at the end.
    fn next_chunk(&mut self) -> Result<Option<Chunk>, ExecError>;
}

pub(crate) type BoxedOperator = Box<dyn Operator>;
