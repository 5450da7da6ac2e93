//! Searching whole blocks for what an event must hold, before any line is looked at.

use aho_corasick::{AhoCorasick, packed};
use insq_event::{EventKind, EventKinds, ScanRequest};
use memchr::memmem;

/// Finds the places of a block where an event that matters can be.
pub(crate) enum Searcher {
    /// One text.
    One(memmem::Finder<'static>),
    /// Few texts, with SIMD.
    Few(packed::Searcher),
    /// Any texts.
    Many(AhoCorasick),
}

impl Searcher {
    /// The search that skips most for this request, or `None` when nothing can be skipped.
    pub(crate) fn of(request: &ScanRequest) -> Option<Self> {
        Self::new(&texts_of(request)?)
    }

    pub(crate) fn new(texts: &[Vec<u8>]) -> Option<Self> {
        if let [only] = texts {
            return Some(Self::One(memmem::Finder::new(only).into_owned()));
        }
        match packed::Searcher::new(texts) {
            Some(searcher) => Some(Self::Few(searcher)),
            None => AhoCorasick::new(texts).ok().map(Self::Many),
        }
    }

    /// Start of the first hit at or after `at`.
    #[inline]
    pub(crate) fn find(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let rest = &bytes[at..];
        let found = match self {
            Self::One(finder) => finder.find(rest),
            Self::Few(searcher) => searcher.find(rest).map(|hit| hit.start()),
            Self::Many(automaton) => automaton.find(rest).map(|hit| hit.start()),
        };
        found.map(|found| at + found)
    }
}

/// Texts of which every event that matters to a request holds one.
pub(crate) fn texts_of(request: &ScanRequest) -> Option<Vec<Vec<u8>>> {
    let mut sets: Vec<Vec<Vec<u8>>> = request
        .literals
        .iter()
        .map(|literals| {
            literals
                .any_of
                .iter()
                .map(|text| text.as_bytes().to_vec())
                .collect()
        })
        .collect();
    sets.extend(kind_texts(request.kinds));
    // The set whose shortest text is longest is met least often, as a rule.
    sets.into_iter().max_by_key(|set| set.iter().map(Vec::len).min())
}

/// Texts of which every event of these kinds holds one; `None` when there are none for all of them.
pub(crate) fn kind_texts(kinds: EventKinds) -> Option<Vec<Vec<u8>>> {
    if kinds.contains(EventKind::Other) {
        return None;
    }
    let texts = EventKind::TYPED
        .into_iter()
        .filter(|kind| kinds.contains(*kind))
        .flat_map(|kind| match kind {
            EventKind::Start => &["START", "platform.start"][..],
            EventKind::End => &["END", "platform.end", "platform.runtimeDone"],
            EventKind::Report => &["REPORT", "platform.report"],
            EventKind::InitStart => &["INIT_START", "platform.initStart"],
            EventKind::Other => &[],
        });
    let texts: Vec<Vec<u8>> = texts.map(|text| text.as_bytes().to_vec()).collect();
    (!texts.is_empty()).then_some(texts)
}
