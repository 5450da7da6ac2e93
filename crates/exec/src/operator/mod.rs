//! Operators over the merged result: each pulls chunks from the one below it.

mod chunks;
mod dedup;
mod gather;
mod limit;
mod sink;
mod transform;

use crate::chunk::Chunk;
use crate::error::ExecError;

pub(crate) use chunks::Chunks;
pub(crate) use dedup::Dedup;
pub(crate) use gather::{Gather, gather};
pub(crate) use limit::Limit;
pub(crate) use sink::Sinking;
pub(crate) use transform::Transforming;

/// Gives out chunks, one after another.
pub(crate) trait Operator: Send {
    /// The next chunk, never empty, or `None` at the end.
    fn next_chunk(&mut self) -> Result<Option<Chunk>, ExecError>;
}

pub(crate) type BoxedOperator = Box<dyn Operator>;
