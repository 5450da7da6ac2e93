//! Events that have been found, and the bytes that they lie in.

use std::ops::Range;
use std::sync::Arc;

use arrow_buffer::Buffer;
use insq_event::EventKind;

use crate::report::ReportNumbers;

/// An event: where its message lies, and what its container says about it.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// The message in the bytes beside, without the line ends that close it.
    pub(crate) message: Range<usize>,
    /// Offset of the event in the decompressed file.
    pub(crate) offset: u64,
    /// Length of the event in the file, with everything that its container adds.
    pub(crate) length: u64,
    /// Milliseconds since the epoch.
    pub(crate) time_ms: Option<i64>,
    /// Known when only some kinds were asked for.
    pub(crate) known: Option<Known>,
    /// Where the container tells more, its index in [`Beside::origins`].
    pub(crate) origin: Option<u32>,
    /// Where the container holds fields beside the message, the index of their place in [`Beside::columns`].
    pub(crate) columns: Option<u32>,
    /// Where the wanted fields of its lane are known, the index of the first in [`Beside::fields`].
    pub(crate) fields: Option<u32>,
}

/// What an event turned out to be.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) kind: EventKind,
    /// The numbers of a report in JSON: telling its kind has read them.
    pub(crate) report: Option<Box<ReportNumbers>>,
}

/// What some containers tell about each event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) stream: Option<Arc<str>>,
    pub(crate) ingestion_ms: Option<i64>,
    /// The log group.
    pub(crate) log: Option<Arc<str>>,
}

/// Bytes that events lie in.
#[derive(Debug, Default)]
pub(crate) struct Block {
    pub(crate) owned: Vec<u8>,
    /// Bytes of somebody else, in which they lie instead.
    pub(crate) lent: Option<Lent>,
}

/// A piece of what a [`Block`] does not own.
#[derive(Debug)]
pub(crate) enum Lent {
    /// Of a mapped file, for as long as somebody points into it.
    Mapped(Buffer),
    /// Of a content that goes when it has been read: nothing may point into it for longer.
    Decoded(Buffer),
}

/// What events of the same bytes refer to.
#[derive(Debug, Default)]
pub(crate) struct Beside {
    pub(crate) origins: Vec<Origin>,
    /// Where in the bytes JSON objects of fields beside messages lie.
    pub(crate) columns: Vec<Range<usize>>,
    /// Where the values of wanted fields stand, counted from the start of the message; an empty place is that of none.
    pub(crate) fields: Vec<Range<u32>>,
}

impl Beside {
    fn clear(&mut self) {
        self.origins.clear();
        self.columns.clear();
        self.fields.clear();
    }

    /// The bytes of the object of fields beside the message of an event, if it has one.
    pub(crate) fn columns_of<'a>(&self, event: &Event, bytes: &'a [u8]) -> Option<&'a [u8]> {
        bytes.get(self.columns.get(event.columns? as usize)?.clone())
    }

    /// Keeps where the fields of an event stand; gives the index of the first.
    pub(crate) fn add_fields(&mut self, places: &[Range<usize>]) -> u32 {
        let first = self.fields.len() as u32;
        // Messages are far shorter than what 32 bits count.
        let places = places.iter().map(|place| place.start as u32..place.end as u32);
        self.fields.extend(places);
        first
    }
}

/// Some events of a file.
#[derive(Debug, Default)]
pub(crate) struct Framed {
    pub(crate) bytes: Block,
    /// The events of each lane.
    pub(crate) events: Vec<Vec<Event>>,
    pub(crate) beside: Beside,
}

impl Framed {
    /// Room for other events, in what was made for these. Bytes are left as they are.
    pub(crate) fn into_room(mut self) -> Self {
        self.bytes.lent = None;
        self.events.iter_mut().for_each(Vec::clear);
        self.beside.clear();
        self
    }

    /// With a list for each of so many lanes, and bytes of its own that are yet to come.
    pub(crate) fn for_lanes(mut self, lanes: usize) -> Self {
        self.bytes.owned.clear();
        self.events.resize_with(lanes, Vec::new);
        self
    }
}

/// A message without the line ends that close it.
pub(crate) fn trim_line_ends(bytes: &[u8], message: Range<usize>) -> Range<usize> {
    let mut end = message.end;
    while end > message.start && matches!(bytes[end - 1], b'\n' | b'\r') {
        end -= 1;
    }
    message.start..end
}
