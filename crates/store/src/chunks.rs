//! An object from its first byte to its last, a chunk at a time.

use std::io::{self, Read};

use crate::object::Object;

/// Bytes asked for at a time: large enough that the way there and back does not show, small enough that every thread
/// can hold a chunk.
pub const CHUNK_BYTES: u64 = 8 << 20;

/// Reads an object. Holds one chunk.
#[derive(Debug)]
pub(crate) struct Chunks {
    object: Object,
    chunk: Vec<u8>,
    /// Bytes of the chunk that are given.
    given: usize,
    /// Where the next chunk begins.
    next: u64,
}

impl Chunks {
    /// Asks for the first chunk, so that what can't be read is known at once.
    pub(crate) fn open(object: Object) -> io::Result<Self> {
        let mut chunks = Self {
            object,
            chunk: Vec::new(),
            given: 0,
            next: 0,
        };
        chunks.refill()?;
        Ok(chunks)
    }

    fn refill(&mut self) -> io::Result<()> {
        // The old chunk goes before the new one comes.
        self.chunk = Vec::new();
        self.given = 0;
        let end = self.object.meta.size.min(self.next.saturating_add(CHUNK_BYTES));
        self.chunk = self.object.bytes(self.next..end)?;
        self.next = end;
        Ok(())
    }
}

impl Read for Chunks {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        if self.given == self.chunk.len() && self.next < self.object.meta.size {
            self.refill()?;
        }
        let mut rest = self.chunk.get(self.given..).unwrap_or_default();
        let count = rest.read(target)?;
        self.given += count;
        Ok(count)
    }
}
