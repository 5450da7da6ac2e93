//! The bytes of a log in blocks: what one block leaves unfinished begins the next.

use std::io::{self, ErrorKind, Read};

use insq_event::{Reservation, SourceError};

use crate::decompress::{ByteStream, damage_of};
use crate::error::DamageNotes;
use crate::framed::{Block, Lent};
use crate::gzip_whole::Content;
use crate::mapped_part::MappedPart;

/// An event longer than this is left out: the service itself accepts one mebibyte.
pub const EVENT_BYTES_MAX: usize = 16 << 20;

/// Where the bytes come from.
enum Source {
    /// They are read into a window of our own.
    Stream(ByteStream),
    /// They are there; the window begins at this byte.
    Mapped(MappedPart, usize),
    /// They are there until the last of them has been taken; the window begins at this byte.
    Decoded(Content, usize),
}

/// A window on a stream: some bytes, and how far into the stream they begin.
pub(crate) struct Blocks {
    source: Source,
    /// The window and, behind `filled`, room for more; empty where the bytes are there already.
    window: Vec<u8>,
    /// Bytes of the window.
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
        Self::of(Source::Stream(stream), offset, block_bytes, notes)
    }

    /// `offset` tells how far into the file `part` begins.
    pub(crate) fn mapped(part: MappedPart, offset: u64, block_bytes: usize, notes: DamageNotes) -> Self {
        Self::of(Source::Mapped(part, 0), offset, block_bytes, notes)
    }

    /// All that a file decompresses to.
    pub(crate) fn decoded(content: Content, block_bytes: usize, notes: DamageNotes) -> Self {
        Self::of(Source::Decoded(content, 0), 0, block_bytes, notes)
    }

    fn of(source: Source, offset: u64, block_bytes: usize, notes: DamageNotes) -> Self {
        let reservation = notes.run.memory.reservation("reading");
        Self {
            source,
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
        match &self.source {
            Source::Stream(_) => &self.window[..self.filled],
            Source::Mapped(part, start) => &part.bytes()[*start..*start + self.filled],
            Source::Decoded(content, start) => &content.whole()[*start..*start + self.filled],
        }
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
        let before = self.filled;
        let outcome = match &mut self.source {
            Source::Stream(stream) => {
                let goal = self.filled + self.block_bytes;
                self.reservation.resize(goal.max(self.window.len()))?;
                if self.window.len() < goal {
                    self.window.resize(goal, 0);
                }
                fill(stream, &mut self.window[..goal], &mut self.filled)
            }
            Source::Mapped(part, start) => {
                self.reservation.resize(self.filled + self.block_bytes)?;
                let from = *start + self.filled;
                let count = self.block_bytes.min(part.bytes().len() - from);
                self.filled += count;
                self.notes.run.progress.add_read(count as u64);
                if count < self.block_bytes {
                    part.end().map(|()| true)
                } else {
                    Ok(false)
                }
            }
            Source::Decoded(content, start) => {
                let left = content.whole().len() - *start - self.filled;
                self.filled += self.block_bytes.min(left);
                Ok(self.block_bytes > left)
            }
        };
        match outcome {
            Ok(is_at_end) => self.is_at_end = is_at_end,
            Err(cause) => self.end_damaged(&cause)?,
        }
        self.notes.run.progress.add_scanned((self.filled - before) as u64);
        Ok(())
    }

    /// Hands the first `consumed` bytes of the window over; the rest stays.
    pub(crate) fn take(&mut self, consumed: usize) -> Block {
        let rest = self.filled - consumed;
        self.offset += consumed as u64;
        let block = match &mut self.source {
            Source::Stream(_) => {
                let mut next = std::mem::take(&mut self.spare);
                if next.len() < rest {
                    next.resize(rest, 0);
                }
                next[..rest].copy_from_slice(&self.window[consumed..self.filled]);
                Block {
                    owned: std::mem::replace(&mut self.window, next),
                    lent: None,
                }
            }
            Source::Mapped(part, start) => {
                let block = part.bytes().slice_with_length(*start, consumed);
                *start += consumed;
                Block {
                    owned: Vec::new(),
                    lent: Some(Lent::Mapped(block)),
                }
            }
            Source::Decoded(content, start) => {
                let block = content.whole().slice_with_length(*start, consumed);
                *start += consumed;
                Block {
                    owned: Vec::new(),
                    lent: Some(Lent::Decoded(block)),
                }
            }
        };
        self.filled = rest;
        block
    }

    /// Gives a buffer back that [`Blocks::take`] handed over.
    pub(crate) fn recycle(&mut self, buffer: Vec<u8>) {
        self.spare = buffer;
    }

    /// Drops the first `consumed` bytes of the window.
    pub(crate) fn skip(&mut self, consumed: usize) {
        match &mut self.source {
            Source::Stream(_) => self.window.copy_within(consumed..self.filled, 0),
            Source::Mapped(_, start) | Source::Decoded(_, start) => *start += consumed,
        }
        self.filled -= consumed;
        self.offset += consumed as u64;
    }

    /// Drops the last `count` bytes of the window.
    pub(crate) fn drop_tail(&mut self, count: usize) {
        self.filled -= count;
    }

    fn end_damaged(&mut self, cause: &io::Error) -> Result<(), SourceError> {
        self.is_at_end = true;
        self.is_cut = true;
        let kind = damage_of(cause);
        self.notes
            .note(kind, self.offset + self.filled as u64, Some(cause.to_string()))
    }
}

/// Reads until `window` is full; `true` at the end.
fn fill(stream: &mut ByteStream, window: &mut [u8], filled: &mut usize) -> io::Result<bool> {
    while *filled < window.len() {
        match stream.read(&mut window[*filled..]) {
            Ok(0) => return Ok(true),
            Ok(read) => *filled += read,
            Err(cause) if cause.kind() == ErrorKind::Interrupted => {}
            Err(cause) => return Err(cause),
        }
    }
    Ok(false)
}
