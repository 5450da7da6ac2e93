//! Searching whole blocks for what an event must hold, before any line is looked at.

use aho_corasick::{AhoCorasick, packed};
use insq_event::{EventKind, EventKinds, ScanRequest};
use memchr::memmem;

/// Finds the places of a block where an event that matters can be.
pub(crate) enum Searcher {
    /// One text.
    One(memmem::Finder<'static>),
    /// Two texts, each by itself: two quick passes over bytes in the cache beat a slower one for both.
    Two(Box<[memmem::Finder<'static>; 2]>),
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
        if let [first, second] = texts
            && first.len().min(second.len()) >= TEXT_OF_TWO_BYTES_MIN
        {
            let finder = |text: &[u8]| memmem::Finder::new(text).into_owned();
            return Some(Self::Two(Box::new([finder(first), finder(second)])));
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
            Self::Two(finders) => finders.iter().filter_map(|finder| finder.find(rest)).min(),
            Self::Few(searcher) => searcher.find(rest).map(|hit| hit.start()),
            Self::Many(automaton) => automaton.find(rest).map(|hit| hit.start()),
        };
        found.map(|found| at + found)
    }
}

/// Of shorter texts, both are found faster together.
const TEXT_OF_TWO_BYTES_MIN: usize = 4;

/// Walks through the hits in some bytes, from the front to the back.
pub(crate) struct Hits<'a> {
    searcher: &'a Searcher,
    bytes: &'a [u8],
    /// Of two texts, the next hit of each that is known.
    next: [Option<usize>; 2],
}

impl<'a> Hits<'a> {
    pub(crate) fn new(searcher: &'a Searcher, bytes: &'a [u8]) -> Self {
        Self {
            searcher,
            bytes,
            next: [None; 2],
        }
    }

    /// Start of the first hit at or after `at`, which never goes back.
    #[inline]
    pub(crate) fn next(&mut self, at: usize) -> Option<usize> {
        let Searcher::Two(finders) = self.searcher else {
            return self.searcher.find(self.bytes, at);
        };
        let rest = &self.bytes[at..];
        let [first, second] = &mut self.next;
        for (next, finder) in [first, second].into_iter().zip(finders.iter()) {
            if next.is_none_or(|next| next < at) {
                // Past the end where there is none.
                *next = Some(finder.find(rest).map_or(self.bytes.len(), |found| at + found));
            }
        }
        self.next
            .into_iter()
            .flatten()
            .min()
            .filter(|hit| *hit < self.bytes.len())
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// However many texts there are, and however they are found: the hits are those of a plain search.
        #[test]
        fn hits_are_where_a_text_begins(
            texts in proptest::collection::vec("[ab]{1,6}", 1..6),
            bytes in "[ab ]{0,60}",
            skips in proptest::collection::vec(1usize..9, 60),
        ) {
            let texts: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
            let bytes = bytes.as_bytes();
            let searcher = Searcher::new(&texts).unwrap();
            let plain = |at: usize| (at..bytes.len()).find(|at| texts.iter().any(|text| bytes[*at..].starts_with(text)));
            let (mut hits, mut at) = (Hits::new(&searcher, bytes), 0);
            for skip in skips {
                let found = hits.next(at);
                prop_assert_eq!(found, plain(at), "from {}", at);
                prop_assert_eq!(searcher.find(bytes, at), found);
                let Some(found) = found else { break };
                at = (found + skip).min(bytes.len());
            }
        }
    }
}
