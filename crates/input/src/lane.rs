//! The requests that one pass over a file answers, each with what it wants of the events.

use std::ops::Range;
use std::sync::Arc;

use insq_event::{EventKind, EventKinds, ScanRequest, TimeRange};

use crate::search::Searcher;

/// A request, as one file answers it.
#[derive(Clone, Debug)]
pub(crate) struct Lane {
    /// Number of the request in the run.
    pub(crate) number: usize,
    pub(crate) request: Arc<ScanRequest>,
    /// Where its events begin in the file. What lies outside was found to be of another time, and must not come in
    /// because another request wants it.
    pub(crate) offsets: Range<u64>,
}

impl Lane {
    /// A request that wants all of a file.
    pub(crate) fn whole(number: usize, request: &Arc<ScanRequest>) -> Self {
        Self {
            number,
            request: Arc::clone(request),
            offsets: 0..u64::MAX,
        }
    }
}

/// What a lane wants of the events that are found.
pub(crate) struct Wanted {
    /// Finds what an event must hold.
    pub(crate) searcher: Option<Searcher>,
    kinds: EventKinds,
    time_range: TimeRange,
    offsets: Range<u64>,
    /// True when nobody wants more of it.
    pub(crate) is_stopped: bool,
}

impl Wanted {
    pub(crate) fn of(lane: &Lane) -> Self {
        Self {
            searcher: Searcher::of(&lane.request),
            kinds: lane.request.kinds,
            time_range: lane.request.time_range,
            offsets: lane.offsets.clone(),
            is_stopped: false,
        }
    }

    pub(crate) fn all(lanes: &[Lane]) -> Vec<Self> {
        lanes.iter().map(Self::of).collect()
    }

    /// True for an event that begins at `offset` and is of this time.
    pub(crate) fn takes(&self, offset: u64, time_ms: Option<i64>) -> bool {
        !self.is_stopped && self.offsets.contains(&offset) && self.time_range.contains(time_ms)
    }

    /// True when the kinds of events must be told apart.
    pub(crate) fn is_picky(&self) -> bool {
        self.kinds != EventKinds::ALL
    }

    pub(crate) fn takes_kind(&self, kind: EventKind) -> bool {
        self.kinds.contains(kind)
    }
}
