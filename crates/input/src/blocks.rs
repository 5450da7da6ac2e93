//! The bytes of a log in blocks: what one block leaves unfinished begins the next.

use std::io::{ErrorKind, Read};

use insq_event::{Reservation, SourceError};

use crate::decompress::{ByteStream, damage_of};
use crate::error::DamageNotes;

/// An event longer than this is left out: the service itself accepts one mebibyte.
pub const EVENT_BYTES_MAX: usize = 16 << 20;

/// A window on a stream: some bytes, and how far into the stream they begin.
pub(crate) struct Blocks {
    stream: ByteStream,
    /// The window and, behind `filled`, room for more.
    window: Vec<u8>,
    filled: usize,
    /// A buffer that came back, to be used again.
    spare: Vec<u8>,
    /// Offset in the stream of the first byte of the window.
    offset: u64,
    block_bytes: usize,
    is_at_end: bool,
    is_cut: bool,
    notes: DamageNotes,
    reservation: Reservation,
}

impl Blocks {
    /// `offset` tells how far into the file `stream` begins.
    pub(crate) fn new(stream: ByteStream, offset: u64, block_bytes: usize, notes: DamageNotes) -> Self {
        let reservation = notes.run.memory.reservation("reading");
        Self {
            stream,
            window: Vec::new(),
            filled: 0,
            spare: Vec::new(),
            offset,
            block_bytes: block_bytes.max(1),
            is_at_end: false,
            is_cut: false,
            notes,
            reservation,
        }
    }

    /// The window.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.window[..self.filled]
    }

    /// Offset in the stream of the first byte of the window.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// True when the stream holds nothing behind the window.
    pub(crate) fn is_at_end(&self) -> bool {
        self.is_at_end
    }

    /// True when the stream ended with an error: its last line may be cut.
    pub(crate) fn is_cut(&self) -> bool {
        self.is_cut
    }

    pub(crate) fn notes(&self) -> &DamageNotes {
        &self.notes
    }

    /// Reads one more block behind the window. Does nothing at the end.
    ///
    /// # Errors
    /// [`SourceError`] when memory is refused, or for damage in a strict run.
    pub(crate) fn more(&mut self) -> Result<(), SourceError> {
        if self.is_at_end || self.notes.run.cancellation.is_cancelled() {
            self.is_at_end = true;
            return Ok(());
        }
        let goal = self.filled + self.block_bytes;
        self.reservation.resize(goal.max(self.window.len()))?;
        if self.window.len() < goal {
            self.window.resize(goal, 0);
        }
        let before = self.filled;
        while self.filled < goal {
            match self.stream.read(&mut self.window[self.filled..goal]) {
                Ok(0) => {
                    self.is_at_end = true;
                    break;
                }
                Ok(read) => self.filled += read,
                Err(cause) if cause.kind() == ErrorKind::Interrupted => {}
                Err(cause) => {
                    self.end_damaged(&cause)?;
                    break;
                }
            }
        }
        self.notes.run.progress.add_scanned((self.filled - before) as u64);
        Ok(())
    }

    /// Hands the first `consumed` bytes of the window over; the rest stays.
    pub(crate) fn take(&mut self, consumed: usize) -> Vec<u8> {
        let mut next = std::mem::take(&mut self.spare);
        let rest = self.filled - consumed;
        if next.len() < rest {
            next.resize(rest, 0);
        }
        next[..rest].copy_from_slice(&self.window[consumed..self.filled]);
        self.filled = rest;
        self.offset += consumed as u64;
        std::mem::replace(&mut self.window, next)
    }

    /// Gives a buffer back that [`Blocks::take`] handed over.
    pub(crate) fn recycle(&mut self, buffer: Vec<u8>) {
        self.spare = buffer;
    }

    /// Drops the first `consumed` bytes of the window.
    pub(crate) fn skip(&mut self, consumed: usize) {
        self.window.copy_within(consumed..self.filled, 0);
        self.filled -= consumed;
        self.offset += consumed as u64;
    }

    /// Drops the last `count` bytes of the window.
    pub(crate) fn drop_tail(&mut self, count: usize) {
        self.filled -= count;
    }

    fn end_damaged(&mut self, cause: &std::io::Error) -> Result<(), SourceError> {
        self.is_at_end = true;
        self.is_cut = true;
        let kind = damage_of(cause);
        self.notes
            .note(kind, self.offset + self.filled as u64, Some(cause.to_string()))
    }
}
