//! Chunks that were put aside: in memory, or in a file.

use super::Spiller;
use super::file::Stored;
use crate::chunk::Chunk;
use crate::error::ExecError;

/// A chunk that waits to be merged.
pub(crate) enum Kept {
    InMemory(Chunk),
    InFile(Stored),
}

impl Kept {
    pub(crate) fn is_in_file(&self) -> bool {
        matches!(self, Self::InFile(_))
    }

    /// Bytes that it takes here as long as it waits.
    pub(crate) fn waiting_bytes(&self) -> usize {
        match self {
            Self::InMemory(chunk) => chunk.size_bytes(),
            Self::InFile(_) => 0,
        }
    }

    /// Bytes that it takes once it is loaded.
    pub(crate) fn size_bytes(&self) -> usize {
        match self {
            Self::InMemory(chunk) => chunk.size_bytes(),
            Self::InFile(stored) => stored.size_bytes(),
        }
    }

    pub(crate) fn load(self) -> Result<Chunk, ExecError> {
        match self {
            Self::InMemory(chunk) => Ok(chunk),
            Self::InFile(stored) => stored.load(),
        }
    }

    /// Puts it into a file, unless it is in one.
    pub(crate) fn store(&mut self, spiller: &mut Spiller) -> Result<(), ExecError> {
        if let Self::InMemory(chunk) = self {
            *self = Self::InFile(spiller.store(chunk)?);
        }
        Ok(())
    }
}
