//! Sinks over the merged result: a second `stats`, a `sort` after it.

use super::{BoxedOperator, Operator};
use crate::chunk::Chunk;
use crate::error::ExecError;
use crate::sink::Sink;

/// Fills a sink from its input, then gives out what comes of it.
pub(crate) enum Sinking {
    /// Nothing has been asked for yet.
    Filling(BoxedOperator, Box<Sink>),
    /// The input is spent.
    Giving(BoxedOperator),
    /// An error ended it.
    Ended,
}

impl Operator for Sinking {
    fn next_chunk(&mut self) -> Result<Option<Chunk>, ExecError> {
        if matches!(self, Self::Filling(..))
            && let Self::Filling(mut input, mut sink) = std::mem::replace(self, Self::Ended)
        {
            while let Some(chunk) = input.next_chunk()? {
                sink.push(&chunk)?;
            }
            *self = Self::Giving(sink.finish()?);
        }
        match self {
            Self::Giving(output) => output.next_chunk(),
            Self::Filling(..) | Self::Ended => Ok(None),
        }
    }
}
