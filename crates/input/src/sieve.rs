//! Which of the events that a container holds are wanted, and how they are kept.

use insq_event::{EventKinds, ScanRequest, TimeRange};

use crate::classify::classify;
use crate::framed::{Event, Framed, Known, Origin};
use crate::json_event::JsonEvent;
use crate::search::Searcher;

/// What a request wants of events that are taken out of their container one by one.
pub(crate) struct Sieve {
    searcher: Option<Searcher>,
    kinds: EventKinds,
    time_range: TimeRange,
}

impl Sieve {
    pub(crate) fn new(request: &ScanRequest) -> Self {
        Self {
            searcher: Searcher::of(request),
            kinds: request.kinds,
            time_range: request.time_range,
        }
    }

    /// Keeps `event` if it is wanted. `document` is what stands at `offset` of the file.
    pub(crate) fn push(&self, document: &[u8], event: JsonEvent<'_>, offset: u64, framed: &mut Framed) {
        if !self.time_range.contains(event.time_ms) {
            return;
        }
        let message = event.message.as_deref().map_or(document, str::as_bytes);
        let message = &message[..message.len() - trailing_line_ends(message)];
        // What is searched for may stand in a field beside the message.
        let searcher = self.searcher.as_ref().filter(|_| event.columns.is_none());
        if searcher.is_some_and(|searcher| searcher.find(message, 0).is_none()) {
            return;
        }
        let kind = event.columns.as_ref().and_then(|columns| columns.kind);
        let known = match kind {
            Some(kind) => Some(Known { kind, report: None }),
            None => (self.kinds != EventKinds::ALL).then(|| classify(message)),
        };
        if known
            .as_ref()
            .is_some_and(|known| !self.kinds.contains(known.kind))
        {
            return;
        }
        let mut keep = |bytes: &[u8]| {
            let start = framed.bytes.len();
            framed.bytes.extend_from_slice(bytes);
            start..framed.bytes.len()
        };
        let message = keep(message);
        let columns = event.columns.map(|columns| keep(columns.text.as_bytes()));
        let origin = Origin {
            stream: event.stream,
            ingestion_ms: event.ingestion_ms,
            log: event.log,
        };
        let origin = (origin != Origin::default()).then(|| {
            if framed.origins.last() != Some(&origin) {
                framed.origins.push(origin);
            }
            (framed.origins.len() - 1) as u32
        });
        framed.events.push(Event {
            message,
            offset,
            length: document.len() as u64,
            time_ms: event.time_ms,
            known,
            origin,
            columns,
        });
    }
}

fn trailing_line_ends(message: &[u8]) -> usize {
    message
        .iter()
        .rev()
        .take_while(|byte| matches!(byte, b'\n' | b'\r'))
        .count()
}
