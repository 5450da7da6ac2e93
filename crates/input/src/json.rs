//! Events of JSON values one after another, block by block: documents, and what is around many events.

use std::borrow::Cow;
use std::ops::Range;

use insq_event::{DamageKind, SourceError};
use memchr::{memchr, memmem};

use crate::blocks::{Blocks, EVENT_BYTES_MAX};
use crate::clock::LogClock;
use crate::document_times::DocumentTimes;
use crate::documents::Documents;
use crate::framed::Framed;
use crate::json_event::{self, JsonEvent};
use crate::json_keys::{self as keys, Keys};
use crate::json_values::{skip_blanks, string_end, value_end};
use crate::lane::Lane;
use crate::payload::{Payload, PayloadEvent, packed_texts, unpack};

/// How documents follow each other.
///
/// Values may be documents, arrays of them, objects with an array under `events` or `results`, payloads of
/// subscriptions and what carries those.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JsonLayout {
    /// One document per line; other lines are events of their own.
    Lines,
    /// Values one after another: documents, arrays of them, and objects with an array under `events`.
    Values,
}

/// Reads the events of a file of JSON values.
pub(crate) struct JsonEvents {
    blocks: Blocks,
    documents: Documents,
    place: Place,
    is_done: bool,
    clock: LogClock,
}

/// Where the reader stands between values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Between values.
    Top,
    /// Inside an object that may hold `events` or `results`.
    Object,
    /// Inside an array of events; `true` when an object is around it.
    Array(bool),
    /// Inside an array of rows of a query's result.
    Rows,
}

/// What comes next in a window.
enum Next {
    /// A document, perhaps an element of an array of events.
    Document(Range<usize>, bool),
    /// An object with the events of one stream.
    Payload(Range<usize>),
    /// An object that carries payloads in base64.
    Envelope(Range<usize>),
    /// A row of a query's result.
    Row(Range<usize>),
    /// A text that is a message.
    Text(Range<usize>),
    /// The state of a query whose result this is.
    Status(Range<usize>),
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
    pub(crate) fn new(blocks: Blocks, lanes: &[Lane], clock: LogClock) -> Self {
        Self {
            blocks,
            documents: Documents::new(lanes, clock),
            place: Place::Top,
            is_done: false,
            clock,
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
        let consumed = self.values(&mut framed)?;
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

    fn values(&mut self, framed: &mut Framed) -> Result<usize, SourceError> {
        let mut at = 0;
        loop {
            let bytes = self.blocks.bytes();
            match next_value(bytes, at, &mut self.place) {
                Next::Document(range, is_wrapped) => {
                    let (document, offset) = (&bytes[range.clone()], self.offset_of(range.start));
                    if !self.documents.push(document, is_wrapped, offset, framed) {
                        self.damaged(range.start)?;
                    }
                    at = range.end;
                }
                Next::Row(range) => {
                    let event = json_event::read_row(&bytes[range.clone()]);
                    at = self.take(range, event, framed)?;
                }
                Next::Text(range) => {
                    let event = serde_json::from_slice(&bytes[range.clone()])
                        .ok()
                        .map(message_event);
                    at = self.take(range, event, framed)?;
                }
                Next::Payload(range) => {
                    self.payload(&bytes[range.clone()], self.offset_of(range.start), false, framed)?;
                    at = range.end;
                }
                Next::Envelope(range) => {
                    self.envelope(range.clone(), framed)?;
                    at = range.end;
                }
                Next::Status(range) => {
                    if !COMPLETE.contains(&&bytes[range.clone()]) {
                        let status = String::from_utf8_lossy(&bytes[range.clone()]).into_owned();
                        let offset = self.offset_of(range.start);
                        self.blocks
                            .notes()
                            .note(DamageKind::Unfinished, offset, Some(status))?;
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

    fn offset_of(&self, at: usize) -> u64 {
        self.blocks.offset() + at as u64
    }

    fn damaged(&self, at: usize) -> Result<(), SourceError> {
        self.blocks
            .notes()
            .note(DamageKind::BadJson, self.offset_of(at), None)
    }

    /// Takes the event that stands in `range`, or notes that none does; gives the place behind it.
    fn take(
        &self,
        range: Range<usize>,
        event: Option<JsonEvent<'_>>,
        framed: &mut Framed,
    ) -> Result<usize, SourceError> {
        match event {
            Some(event) => self.push(&self.blocks.bytes()[range.clone()], event, range.start, framed),
            None => self.damaged(range.start)?,
        }
        Ok(range.end)
    }

    /// Takes the events of a payload that stands at `offset` of the file, or was unpacked from what stands there.
    fn payload(
        &self,
        object: &[u8],
        offset: u64,
        is_unpacked: bool,
        framed: &mut Framed,
    ) -> Result<(), SourceError> {
        let damaged = |at: u64| self.blocks.notes().note(DamageKind::BadJson, at, None);
        let Ok(payload) = serde_json::from_slice::<Payload<'_>>(object) else {
            return damaged(offset);
        };
        for (number, raw) in payload.events().iter().enumerate() {
            let text = raw.get();
            // Unpacked events have no place of their own; their order is told by their number.
            let within = if is_unpacked {
                number
            } else {
                text.as_ptr() as usize - object.as_ptr() as usize
            };
            let at = offset + within as u64;
            let Ok(event) = serde_json::from_str::<PayloadEvent>(text) else {
                damaged(at)?;
                continue;
            };
            let event = JsonEvent {
                message: Some(Cow::Owned(event.message)),
                time_ms: Some(event.timestamp),
                stream: payload.stream(),
                log: payload.log(),
                ..JsonEvent::default()
            };
            self.push_at(text.as_bytes(), event, at, framed);
        }
        Ok(())
    }

    /// Unpacks the payloads that an envelope carries.
    fn envelope(&self, range: Range<usize>, framed: &mut Framed) -> Result<(), SourceError> {
        let object = &self.blocks.bytes()[range.clone()];
        let Some(texts) = packed_texts(object) else {
            return self.damaged(range.start);
        };
        let mut from = 0;
        for text in texts {
            // Base64 has no letters that JSON would escape, but for the slash, which it need not.
            let within = memmem::find(&object[from..], text.as_bytes()).map_or(0, |found| from + found);
            from = within;
            let offset = self.offset_of(range.start + within);
            match unpack(&text) {
                Ok(bytes) => self.unpacked(&bytes, offset, framed)?,
                Err(problem) => {
                    self.blocks
                        .notes()
                        .note(DamageKind::BadCompression, offset, Some(problem))?;
                }
            }
        }
        Ok(())
    }

    /// Objects back to back, as a record holds them.
    fn unpacked(&self, bytes: &[u8], offset: u64, framed: &mut Framed) -> Result<(), SourceError> {
        let mut at = 0;
        while let Some(start) = skip_blanks(bytes, at) {
            let end = value_end(bytes, start).unwrap_or(bytes.len());
            let object = &bytes[start..end];
            if keys::is_payload(object) {
                self.payload(object, offset, true, framed)?;
            } else if let Some(event) = json_event::read(object, false, &mut DocumentTimes::new(self.clock)) {
                self.push_at(object, event, offset + start as u64, framed);
            } else {
                let text = String::from_utf8_lossy(&bytes[start..]).into_owned();
                self.push_at(b"", message_event(text), offset + start as u64, framed);
                return Ok(());
            }
            at = end;
        }
        Ok(())
    }

    fn push(&self, document: &[u8], event: JsonEvent<'_>, at: usize, framed: &mut Framed) {
        self.push_at(document, event, self.offset_of(at), framed);
    }

    fn push_at(&self, document: &[u8], event: JsonEvent<'_>, offset: u64, framed: &mut Framed) {
        self.documents.push_event(document, event, offset, framed);
    }
}

/// States of a query that has given all of its rows.
const COMPLETE: &[&[u8]] = &[b"\"Complete\""];

fn message_event(message: String) -> JsonEvent<'static> {
    JsonEvent {
        message: Some(Cow::Owned(message)),
        ..JsonEvent::default()
    }
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
        (Place::Top | Place::Object | Place::Array(_) | Place::Rows, b',') => Next::Step(start + 1),
        (Place::Rows, b']') => {
            *place = Place::Object;
            Next::Step(start + 1)
        }
        (Place::Rows, b'[') => value_end(bytes, start).map_or(Next::More, |end| Next::Row(start..end)),
        (Place::Array(false), b'"') => {
            string_end(bytes, start).map_or(Next::More, |end| Next::Text(start..end))
        }
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

/// An object between values: a document, a payload or an envelope of payloads, or what is around an array of events or
/// rows. The last may be larger than the window, and is stepped into.
fn top_object(bytes: &[u8], start: usize, place: &mut Place) -> Next {
    let kind = match value_end(bytes, start) {
        Some(end) => match keys::of(&bytes[start..end]) {
            Some(Keys::Payload) => return Next::Payload(start..end),
            Some(Keys::Envelope) => return Next::Envelope(start..end),
            kind @ Some(Keys::Events | Keys::Results) => kind,
            None => return Next::Document(start..end, false),
        },
        None => keys::of_beginning(&bytes[start..]),
    };
    if kind.is_none() {
        return Next::More;
    }
    *place = Place::Object;
    Next::Step(start + 1)
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
    match (&bytes[start..key_end], bytes[value]) {
        (b"\"events\"", b'[') => {
            *place = Place::Array(true);
            Next::Step(value + 1)
        }
        (b"\"results\"", b'[') => {
            *place = Place::Rows;
            Next::Step(value + 1)
        }
        (b"\"status\"", b'"') => string_end(bytes, value).map_or(Next::More, |end| Next::Status(value..end)),
        _ => value_end(bytes, value).map_or(Next::More, Next::Step),
    }
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
