//! Events of files with a JSON document per line, block by block: of the whole file, or of the lines that begin in a part.

use std::ops::Range;

use insq_event::{DamageKind, SourceError};
use memchr::memchr;

use crate::blocks::{Blocks, EVENT_BYTES_MAX};
use crate::clock::LogClock;
use crate::documents::Documents;
use crate::framed::Framed;
use crate::lane::Lane;
use crate::raw_search::RawSearch;

/// Reads the events of a file of lines, or of a part of it.
pub(crate) struct JsonLinesEvents {
    blocks: Blocks,
    documents: Documents,
    search: Option<RawSearch>,
    /// Lines that begin at or after this offset belong to the next part.
    end: Option<u64>,
    /// True inside of a line that is not ours, or too long.
    is_inside: bool,
    is_done: bool,
}

impl JsonLinesEvents {
    /// The events of a whole file, or of its first part.
    pub(crate) fn first_part(blocks: Blocks, lanes: &[Lane], clock: LogClock, end: Option<u64>) -> Self {
        Self {
            blocks,
            documents: Documents::new(lanes, clock),
            search: RawSearch::of(lanes),
            end,
            is_inside: false,
            is_done: false,
        }
    }

    /// The events of a later part; `blocks` begins one byte before it.
    pub(crate) fn later_part(blocks: Blocks, lanes: &[Lane], clock: LogClock, end: Option<u64>) -> Self {
        Self {
            is_inside: true,
            ..Self::first_part(blocks, lanes, clock, end)
        }
    }

    /// Nobody wants more events of a lane.
    pub(crate) fn stop(&mut self, lane: usize) {
        self.documents.stop(lane);
    }

    /// Some events, put into `room`, or `None` at the end. The lists may be empty.
    ///
    /// # Errors
    /// [`SourceError`] when memory is refused, or for damage in a strict run.
    pub(crate) fn next(&mut self, room: Framed) -> Result<Option<Framed>, SourceError> {
        if self.is_done {
            return Ok(None);
        }
        self.blocks.more()?;
        let mut framed = self.documents.framed(room);
        let consumed = self.lines(&mut framed)?;
        self.is_done = self.blocks.is_at_end() || self.is_behind_end(consumed);
        self.blocks.skip(consumed);
        Ok(Some(framed))
    }

    /// Takes the lines of the window in; gives the place behind the last of them.
    fn lines(&mut self, framed: &mut Framed) -> Result<usize, SourceError> {
        let bytes = self.blocks.bytes();
        let mut at = 0;
        if self.is_inside {
            let Some(length) = memchr(b'\n', bytes) else {
                return Ok(bytes.len());
            };
            at = length + 1;
            self.is_inside = false;
        }
        let mut walk = self.search.as_ref().map(|search| search.walk(bytes));
        while at < bytes.len() && !self.is_behind_end(at) {
            let end = match memchr(b'\n', &bytes[at..]) {
                Some(length) => Some(at + length + 1),
                None => (self.blocks.is_at_end() && !self.blocks.is_cut()).then_some(bytes.len()),
            };
            if end.unwrap_or(bytes.len()) - at > EVENT_BYTES_MAX {
                self.note(DamageKind::EventTooLong, at)?;
                self.is_inside = end.is_none();
            } else {
                let Some(end) = end else {
                    break;
                };
                let line = trimmed(bytes, at..end);
                let is_hit = walk.as_mut().is_none_or(|walk| walk.next(at) < end);
                if is_hit || !is_whole(&bytes[line.clone()]) {
                    let text = &bytes[line.clone()];
                    let offset = self.blocks.offset() + line.start as u64;
                    if !self.documents.push_line(text, offset, framed) {
                        self.note(DamageKind::BadJson, line.start)?;
                    }
                }
            }
            at = end.unwrap_or(bytes.len());
        }
        Ok(at)
    }

    fn is_behind_end(&self, at: usize) -> bool {
        self.end
            .is_some_and(|end| self.blocks.offset() + at as u64 >= end)
    }

    fn note(&self, kind: DamageKind, at: usize) -> Result<(), SourceError> {
        let offset = self.blocks.offset() + at as u64;
        self.blocks.notes().note(kind, offset, None)
    }
}

/// True for a line that begins and ends as a document does. One that is cut matters, whatever it holds.
fn is_whole(line: &[u8]) -> bool {
    line.first() == Some(&b'{') && line.last() == Some(&b'}')
}

fn trimmed(bytes: &[u8], range: Range<usize>) -> Range<usize> {
    let line = &bytes[range.clone()];
    let front = line.len() - line.trim_ascii_start().len();
    let start = range.start + front;
    start..start + line.trim_ascii().len()
}
