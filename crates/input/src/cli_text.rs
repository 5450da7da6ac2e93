//! Events as the service's command line prints them with `--output text`.
//!
//! `EVENTS`, then the members in the order of their names, parted by tabs: the id, the time of ingestion and the stream
//! where there are any, the message, which may hold tabs and line ends itself, and the time.

use std::ops::Range;
use std::sync::Arc;

use insq_event::{DamageKind, SourceError};
use memchr::memmem;

use crate::blocks::{Blocks, EVENT_BYTES_MAX};
use crate::framed::Framed;
use crate::json_event::JsonEvent;
use crate::lane::Lane;
use crate::sieve::{LaneFields, Sieve};

/// What a line with the beginning of an event starts with.
const MARK: &[u8] = b"EVENTS\t";

/// Digits of the id of an event.
const ID_DIGITS: usize = 56;

/// True when `line` is the beginning of an event.
pub(crate) fn is_beginning(line: &[u8]) -> bool {
    let mut members = line
        .strip_prefix(MARK)
        .into_iter()
        .flat_map(|rest| rest.split(|byte| *byte == b'\t'));
    members
        .next()
        .is_some_and(|first| number(first).is_some() || is_id(first))
}

/// Reads the events of such a file.
pub(crate) struct CliTextEvents {
    blocks: Blocks,
    sieve: Sieve,
    is_done: bool,
}

impl CliTextEvents {
    pub(crate) fn new(blocks: Blocks, lanes: &[Lane]) -> Self {
        Self {
            blocks,
            sieve: Sieve::new(lanes),
            is_done: false,
        }
    }

    /// Nobody wants more events of a lane.
    pub(crate) fn stop(&mut self, lane: usize) {
        self.sieve.stop(lane);
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
        let mut framed = self.sieve.framed(room);
        let mut at = next_mark(self.blocks.bytes(), 0, true);
        loop {
            let bytes = self.blocks.bytes();
            let Some(start) = at else {
                let kept = if self.blocks.is_at_end() {
                    0
                } else {
                    MARK.len().min(bytes.len())
                };
                let consumed = bytes.len() - kept;
                self.blocks.skip(consumed);
                break;
            };
            let next = next_mark(bytes, start + MARK.len(), false);
            match next {
                None if !self.blocks.is_at_end() => {
                    self.wait_for_end(start)?;
                    break;
                }
                _ => self.take(start..next.unwrap_or(bytes.len()), &mut framed)?,
            }
            at = next;
        }
        self.is_done = self.blocks.is_at_end();
        Ok(Some(framed))
    }

    /// Keeps what begins at `start` for the next window, unless it is longer than any event may be.
    fn wait_for_end(&mut self, start: usize) -> Result<(), SourceError> {
        let length = self.blocks.bytes().len() - start;
        let mut consumed = start;
        if length > EVENT_BYTES_MAX {
            let offset = self.blocks.offset() + start as u64;
            self.blocks.notes().note(DamageKind::EventTooLong, offset, None)?;
            consumed += length - MARK.len();
        }
        self.blocks.skip(consumed);
        Ok(())
    }

    fn take(&self, range: Range<usize>, framed: &mut Framed) -> Result<(), SourceError> {
        let text = &self.blocks.bytes()[range.clone()];
        let offset = self.blocks.offset() + range.start as u64;
        match read(text) {
            Some(event) => self.sieve.push(text, event, &LaneFields::NONE, offset, framed),
            None => self.blocks.notes().note(DamageKind::BadRow, offset, None)?,
        }
        Ok(())
    }
}

/// The next line at or after `from` that begins an event.
fn next_mark(bytes: &[u8], from: usize, is_line_start: bool) -> Option<usize> {
    if is_line_start && bytes.get(from..)?.starts_with(MARK) {
        return Some(from);
    }
    memmem::find_iter(bytes.get(from..)?, b"\nEVENTS\t")
        .map(|found| from + found + 1)
        .find(|start| {
            let line = &bytes[*start..];
            // Of the last line, too little may be there.
            is_beginning(line) || !line[MARK.len()..].contains(&b'\t')
        })
}

/// Reads an event with everything up to the next one; tokens of pages may stand in between.
fn read(text: &[u8]) -> Option<JsonEvent<'static>> {
    let mut end = text.len();
    let (message_end, time_ms) = loop {
        let line_end = text[..end].trim_ascii_end().len();
        let tab = memchr::memrchr(b'\t', &text[..line_end])?;
        match number(&text[tab + 1..line_end]) {
            Some(time_ms) => break (tab, time_ms),
            None => end = memchr::memrchr(b'\n', &text[..line_end])?,
        }
    };
    let mut rest = text.get(MARK.len()..message_end)?;
    let mut event = JsonEvent {
        time_ms: Some(time_ms),
        ..JsonEvent::default()
    };
    let mut take = || {
        let tab = memchr::memchr(b'\t', rest)?;
        let member = &rest[..tab];
        rest = &rest[tab + 1..];
        Some(member)
    };
    let first = take()?;
    if is_id(first) {
        event.ingestion_ms = Some(number(take()?)?);
        event.stream = Some(Arc::from(String::from_utf8_lossy(take()?)));
    } else {
        event.ingestion_ms = Some(number(first)?);
    }
    event.message = Some(String::from_utf8_lossy(rest).into_owned().into());
    Some(event)
}

fn number(text: &[u8]) -> Option<i64> {
    let is_number = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    is_number
        .then(|| std::str::from_utf8(text).ok()?.parse().ok())
        .flatten()
}

fn is_id(text: &[u8]) -> bool {
    text.len() == ID_DIGITS && text.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_interfaces() {
        let id = "3".repeat(ID_DIGITS);
        let filtered = format!("EVENTS\t{id}\t2000\ts\ta\tb\n\tc\n\t1000\n");
        let event = read(filtered.as_bytes()).unwrap();
        assert_eq!((event.time_ms, event.ingestion_ms), (Some(1_000), Some(2_000)));
        assert_eq!(
            (event.stream.as_deref(), event.message.as_deref()),
            (Some("s"), Some("a\tb\n\tc\n"))
        );

        let got = "EVENTS\t2000\thello\n\t1000\nb/39\tf/39\n";
        let event = read(got.as_bytes()).unwrap();
        assert_eq!(
            (event.time_ms, event.message.as_deref()),
            (Some(1_000), Some("hello\n"))
        );
        assert_eq!(read(b"EVENTS\t2000\thello"), None);
    }

    #[test]
    fn beginnings() {
        for (line, expected) in [
            ("EVENTS\t1772582405001\thello", true),
            ("EVENTS\thello\t7", false),
            ("EVENTS of today", false),
            ("", false),
        ] {
            assert_eq!(is_beginning(line.as_bytes()), expected, "{line}");
        }
    }
}
