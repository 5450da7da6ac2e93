//! Events of the JSON containers, block by block: lines of documents, and documents with an array of
//! events.

use std::ops::Range;

use insq_event::{DamageKind, EventKinds, ScanRequest, SourceError, TimeRange};
use memchr::{memchr, memmem};

use crate::blocks::{Blocks, EVENT_BYTES_MAX};
use crate::classify::classify;
use crate::framed::{Event, Framed, Origin};
use crate::json_event;
use crate::json_values::{skip_blanks, string_end, value_end};
use crate::search::Searcher;

/// How documents follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JsonLayout {
    /// One document per line; other lines are events of their own.
    Lines,
    /// Values one after another: documents, arrays of them, and objects with an array under `events`.
    Values,
}

/// Reads the events of a file of JSON.
pub(crate) struct JsonEvents {
    blocks: Blocks,
    layout: JsonLayout,
    searcher: Option<Searcher>,
    kinds: EventKinds,
    time_range: TimeRange,
    place: Place,
    is_done: bool,
}

/// Where the reader stands between the values of [`JsonLayout::Values`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Between values.
    Top,
    /// Inside an object that may hold `events`.
    Object,
    /// Inside an array of events; `true` when an object is around it.
    Array(bool),
}

/// What comes next in a window.
enum Next {
    /// A document, perhaps an element of an array of events.
    Document(Range<usize>, bool),
    /// Something was stepped over.
    Step(usize),
    /// The window must grow.
    More,
    /// This byte can't stand here.
    Damage(usize),
    /// Nothing is left but blanks.
    End,
}

impl JsonEvents {
    pub(crate) fn new(blocks: Blocks, layout: JsonLayout, request: &ScanRequest) -> Self {
        Self {
            blocks,
            layout,
            searcher: Searcher::of(request),
            kinds: request.kinds,
            time_range: request.time_range,
            place: Place::Top,
            is_done: false,
        }
    }

    /// Some events, or `None` at the end. The list may be empty.
    ///
    /// # Errors
    /// [`SourceError`] when memory is refused, or for damage in a strict run.
    pub(crate) fn next(&mut self) -> Result<Option<Framed>, SourceError> {
        if self.is_done {
            return Ok(None);
        }
        self.blocks.more()?;
        let mut framed = Framed::default();
        let consumed = match self.layout {
            JsonLayout::Lines => self.lines(&mut framed)?,
            JsonLayout::Values => self.values(&mut framed)?,
        };
        let consumed = self.limit_window(consumed)?;
        self.blocks.skip(consumed);
        self.is_done = self.blocks.is_at_end();
        Ok(Some(framed))
    }

    /// What can't be finished within the largest event is left out.
    fn limit_window(&self, consumed: usize) -> Result<usize, SourceError> {
        let bytes = self.blocks.bytes();
        if self.blocks.is_at_end() || bytes.len() - consumed <= EVENT_BYTES_MAX {
            return Ok(consumed);
        }
        self.blocks.notes().note(
            DamageKind::EventTooLong,
            self.blocks.offset() + consumed as u64,
            None,
        )?;
        Ok(memchr(b'\n', &bytes[consumed + 1..]).map_or(bytes.len(), |at| consumed + 2 + at))
    }

    fn lines(&mut self, framed: &mut Framed) -> Result<usize, SourceError> {
        let bytes = self.blocks.bytes();
        let mut at = 0;
        while at < bytes.len() {
            let end = match memchr(b'\n', &bytes[at..]) {
                Some(length) => at + length + 1,
                None if self.blocks.is_at_end() && !self.blocks.is_cut() => bytes.len(),
                None => break,
            };
            let line = trimmed(bytes, at..end);
            if !line.is_empty() {
                match json_event::read(&bytes[line.clone()], false) {
                    Some(event) => self.push(&bytes[line.clone()], event, line.start, framed),
                    None if bytes[line.start] == b'{' => {
                        let offset = self.blocks.offset() + line.start as u64;
                        self.blocks.notes().note(DamageKind::BadJson, offset, None)?;
                    }
                    None => self.push(&bytes[line.clone()], plain_event(), line.start, framed),
                }
            }
            at = end;
        }
        Ok(at)
    }

    fn values(&mut self, framed: &mut Framed) -> Result<usize, SourceError> {
        let mut at = 0;
        loop {
            let bytes = self.blocks.bytes();
            match next_value(bytes, at, &mut self.place) {
                Next::Document(range, is_wrapped) => {
                    match json_event::read(&bytes[range.clone()], is_wrapped) {
                        Some(event) => self.push(&bytes[range.clone()], event, range.start, framed),
                        None => self.damaged(range.start)?,
                    }
                    at = range.end;
                }
                Next::Step(to) => at = to,
                Next::Damage(place) => {
                    self.damaged(place)?;
                    at = resume(bytes, place);
                    self.place = Place::Top;
                }
                Next::More if self.blocks.is_at_end() => {
                    // What is left can't be finished any more.
                    if !self.blocks.is_cut() {
                        self.damaged(at)?;
                    }
                    return Ok(bytes.len());
                }
                Next::More => return Ok(at),
                Next::End => {
                    let is_open =
                        self.place != Place::Top && self.blocks.is_at_end() && !self.blocks.is_cut();
                    let length = bytes.len();
                    if is_open {
                        self.damaged(length)?;
                    }
                    return Ok(length);
                }
            }
        }
    }

    fn damaged(&self, at: usize) -> Result<(), SourceError> {
        self.blocks
            .notes()
            .note(DamageKind::BadJson, self.blocks.offset() + at as u64, None)
    }

    fn push(&self, document: &[u8], event: json_event::JsonEvent<'_>, at: usize, framed: &mut Framed) {
        if !self.time_range.contains(event.time_ms) {
            return;
        }
        let message = event.message.as_deref().map_or(document, str::as_bytes);
        let start = framed.bytes.len();
        let trimmed_length = message.len() - trailing_line_ends(message);
        let message = &message[..trimmed_length];
        if self
            .searcher
            .as_ref()
            .is_some_and(|searcher| searcher.find(message, 0).is_none())
        {
            return;
        }
        let known = (self.kinds != EventKinds::ALL).then(|| classify(message));
        if known
            .as_ref()
            .is_some_and(|known| !self.kinds.contains(known.kind))
        {
            return;
        }
        framed.bytes.extend_from_slice(message);
        let origin = Origin {
            stream: event.stream,
            ingestion_ms: event.ingestion_ms,
        };
        let origin = (origin != Origin::default()).then(|| {
            if framed.origins.last() != Some(&origin) {
                framed.origins.push(origin);
            }
            (framed.origins.len() - 1) as u32
        });
        framed.events.push(Event {
            message: start..start + trimmed_length,
            offset: self.blocks.offset() + at as u64,
            length: document.len() as u64,
            time_ms: event.time_ms,
            known,
            origin,
        });
    }
}

fn plain_event() -> json_event::JsonEvent<'static> {
    json_event::JsonEvent {
        message: None,
        time_ms: None,
        ingestion_ms: None,
        stream: None,
    }
}

fn trimmed(bytes: &[u8], range: Range<usize>) -> Range<usize> {
    let line = &bytes[range.clone()];
    let front = line.len() - line.trim_ascii_start().len();
    let start = range.start + front;
    start..start + line.trim_ascii().len()
}

fn trailing_line_ends(message: &[u8]) -> usize {
    message
        .iter()
        .rev()
        .take_while(|byte| matches!(byte, b'\n' | b'\r'))
        .count()
}

fn next_value(bytes: &[u8], at: usize, place: &mut Place) -> Next {
    let Some(start) = skip_blanks(bytes, at) else {
        return Next::End;
    };
    match (*place, bytes[start]) {
        (Place::Top, b'{') => top_object(bytes, start, place),
        (Place::Top, b'[') => {
            *place = Place::Array(false);
            Next::Step(start + 1)
        }
        (Place::Top | Place::Object | Place::Array(_), b',') => Next::Step(start + 1),
        (Place::Object, b'}') | (Place::Array(false), b']') => {
            *place = Place::Top;
            Next::Step(start + 1)
        }
        (Place::Array(true), b']') => {
            *place = Place::Object;
            Next::Step(start + 1)
        }
        (Place::Array(wrapped), b'{') => match value_end(bytes, start) {
            Some(end) => Next::Document(start..end, wrapped),
            None => Next::More,
        },
        (Place::Object, b'"') => member(bytes, start, place),
        _ => Next::Damage(start),
    }
}

/// An object between values: a document, unless it holds an array of events.
fn top_object(bytes: &[u8], start: usize, place: &mut Place) -> Next {
    match value_end(bytes, start) {
        Some(end) if memmem::find(&bytes[start..end], b"\"events\"").is_none() => {
            Next::Document(start..end, false)
        }
        None if memmem::find(&bytes[start..], b"\"events\"").is_none() => Next::More,
        _ => {
            *place = Place::Object;
            Next::Step(start + 1)
        }
    }
}

/// A member of an object around events: the array, or something to step over.
fn member(bytes: &[u8], start: usize, place: &mut Place) -> Next {
    let Some(key_end) = string_end(bytes, start) else {
        return Next::More;
    };
    let Some(colon) = skip_blanks(bytes, key_end) else {
        return Next::More;
    };
    if bytes[colon] != b':' {
        return Next::Damage(colon);
    }
    let Some(value) = skip_blanks(bytes, colon + 1) else {
        return Next::More;
    };
    if &bytes[start..key_end] == b"\"events\"" && bytes[value] == b'[' {
        *place = Place::Array(true);
        return Next::Step(value + 1);
    }
    value_end(bytes, value).map_or(Next::More, Next::Step)
}

/// Where to look for the next document after damage: the next line that begins one, or the end.
fn resume(bytes: &[u8], at: usize) -> usize {
    let mut here = at;
    while let Some(length) = memchr(b'\n', &bytes[here..]) {
        here += length + 1;
        if bytes[here..].trim_ascii_start().first() == Some(&b'{') {
            return here;
        }
    }
    bytes.len()
}
