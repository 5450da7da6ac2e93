//! Which of the events that a container holds are wanted, and how they are kept.

use std::ops::Range;

use crate::classify::classify;
use crate::framed::{Beside, Event, Framed, Known, Origin};
use crate::json_event::JsonEvent;
use crate::lane::{Lane, Wanted};

/// What the lanes want of events that are taken out of their container one by one.
pub(crate) struct Sieve {
    lanes: Vec<Wanted>,
}

/// Where the wanted fields of every lane stand in a message.
pub(crate) struct LaneFields<'a> {
    /// None of all, or all of all lanes.
    pub(crate) places: &'a [Range<usize>],
    /// Which of them are those of each lane.
    pub(crate) of_lanes: &'a [Range<usize>],
}

impl LaneFields<'_> {
    /// Nobody has looked for them yet.
    pub(crate) const NONE: Self = Self {
        places: &[],
        of_lanes: &[],
    };

    fn of(&self, lane: usize) -> Option<&[Range<usize>]> {
        let places = self.places.get(self.of_lanes.get(lane)?.clone())?;
        (!places.is_empty()).then_some(places)
    }
}

/// An event on its way to the lanes that want it: its parts are kept once, whoever takes it.
struct Candidate<'a> {
    message: &'a [u8],
    columns: Option<String>,
    kept: Option<Kept>,
}

/// Where the parts of an event lie among the bytes that are kept.
#[derive(Clone)]
struct Kept {
    message: Range<usize>,
    columns: Option<u32>,
}

impl Sieve {
    pub(crate) fn new(lanes: &[Lane]) -> Self {
        Self {
            lanes: Wanted::all(lanes),
        }
    }

    /// Prepares room for events.
    pub(crate) fn framed(&self, room: Framed) -> Framed {
        room.for_lanes(self.lanes.len())
    }

    /// Nobody wants more events of a lane.
    pub(crate) fn stop(&mut self, lane: usize) {
        self.lanes[lane].is_stopped = true;
    }

    /// Keeps `event` for the lanes that want it. `document` is what stands at `offset` of the file.
    pub(crate) fn push(
        &self,
        document: &[u8],
        event: JsonEvent<'_>,
        fields: &LaneFields<'_>,
        offset: u64,
        framed: &mut Framed,
    ) {
        let JsonEvent {
            message,
            time_ms,
            ingestion_ms,
            stream,
            log,
            columns,
        } = event;
        let message = message.as_deref().map_or(document, str::as_bytes);
        let message = &message[..message.len() - trailing_line_ends(message)];
        let (columns, kind) = columns.map(|columns| (columns.text, columns.kind)).unzip();
        let told = kind.flatten().map(|kind| Known { kind, report: None });
        let mut classified = None;
        let mut candidate = Candidate {
            message,
            columns,
            kept: None,
        };
        let mut origin = None;
        for (lane, wanted) in self.lanes.iter().enumerate() {
            if !wanted.takes(offset, time_ms) || !candidate.can_hold(wanted) {
                continue;
            }
            let known = match &told {
                Some(known) => Some(known),
                None if wanted.is_picky() => Some(&*classified.get_or_insert_with(|| classify(message))),
                None => None,
            };
            if known.is_some_and(|known| !wanted.takes_kind(known.kind)) {
                continue;
            }
            let known = known.cloned();
            let Kept { message, columns } = candidate.keep(&mut framed.bytes.owned, &mut framed.beside);
            let origin = origin.get_or_insert_with(|| {
                let stream = stream.clone();
                let log = log.clone();
                remember(
                    &mut framed.beside.origins,
                    Origin {
                        stream,
                        ingestion_ms,
                        log,
                    },
                )
            });
            let fields = fields.of(lane).map(|places| framed.beside.add_fields(places));
            framed.events[lane].push(Event {
                message,
                offset,
                length: document.len() as u64,
                time_ms,
                known,
                origin: *origin,
                columns,
                fields,
            });
        }
    }
}

impl Candidate<'_> {
    /// What is searched for may stand in a field beside the message.
    fn can_hold(&self, wanted: &Wanted) -> bool {
        let searcher = wanted.searcher.as_ref().filter(|_| self.columns.is_none());
        searcher.is_none_or(|searcher| searcher.find(self.message, 0).is_some())
    }

    fn keep(&mut self, bytes: &mut Vec<u8>, beside: &mut Beside) -> Kept {
        let mut append = |part: &[u8]| {
            let start = bytes.len();
            bytes.extend_from_slice(part);
            start..bytes.len()
        };
        let (message, columns) = (self.message, &self.columns);
        self.kept
            .get_or_insert_with(|| Kept {
                message: append(message),
                columns: columns.as_ref().map(|columns| {
                    beside.columns.push(append(columns.as_bytes()));
                    (beside.columns.len() - 1) as u32
                }),
            })
            .clone()
    }
}

/// The index of what the container tells, if it tells anything; neighbours mostly share it.
fn remember(origins: &mut Vec<Origin>, origin: Origin) -> Option<u32> {
    if origin == Origin::default() {
        return None;
    }
    if origins.last() != Some(&origin) {
        origins.push(origin);
    }
    Some((origins.len() - 1) as u32)
}

fn trailing_line_ends(message: &[u8]) -> usize {
    message
        .iter()
        .rev()
        .take_while(|byte| matches!(byte, b'\n' | b'\r'))
        .count()
}
