//! Searching JSON documents for what their events must hold, before they are read.
//!
//! The texts of a request are those of a message or a field. In a document they may be written otherwise: characters are
//! escaped, and a value that is no text may be spelled anew. So only texts are searched for that stand in the document as
//! they are, or as escapes that are searched for as well.

use insq_event::{ScanRequest, UNICODE_ESCAPE};

use crate::lane::Lane;
use crate::search::{Hits, Needle, Searcher};

/// How the escape of an ASCII character begins that has no shorter one, as those of usable texts.
const ESCAPE: &str = r"\u00";

/// Finds the documents that can matter to some lanes.
pub(crate) struct RawSearch {
    /// One for each lane.
    searchers: Vec<Searcher>,
}

impl RawSearch {
    /// `None` when a lane wants documents of which nothing is known.
    pub(crate) fn of(lanes: &[Lane]) -> Option<Self> {
        let searchers = lanes.iter().map(|lane| Searcher::new(needles_of(&lane.request)?));
        let searchers: Vec<Searcher> = searchers.collect::<Option<_>>()?;
        (!searchers.is_empty()).then_some(Self { searchers })
    }

    /// Walks through some bytes.
    pub(crate) fn walk<'a>(&'a self, bytes: &'a [u8]) -> RawWalk<'a> {
        let hits = self
            .searchers
            .iter()
            .map(|searcher| (Hits::new(searcher, bytes), 0));
        RawWalk {
            hits: hits.collect(),
            next: None,
            end: bytes.len(),
        }
    }
}

/// Where the next document is that can matter.
pub(crate) struct RawWalk<'a> {
    /// Of every lane, with its next hit that is known.
    hits: Vec<(Hits<'a>, usize)>,
    next: Option<usize>,
    end: usize,
}

impl RawWalk<'_> {
    /// Start of the first hit at or after `at`, which never goes back; the end of the bytes where there is none.
    #[inline]
    pub(crate) fn next(&mut self, at: usize) -> usize {
        match self.next {
            Some(next) if next >= at => next,
            _ => self.search(at),
        }
    }

    fn search(&mut self, at: usize) -> usize {
        let is_first = self.next.is_none();
        for (hits, next) in &mut self.hits {
            if is_first || *next < at {
                *next = hits.next(at).unwrap_or(self.end);
            }
        }
        let next = self.hits.iter().map(|(_, next)| *next).min().unwrap_or(at);
        self.next = Some(next);
        next
    }
}

/// Texts of which every document that matters to a request holds one. Keys may stand in a message that is a text of the
/// document, where their quotes are escaped.
fn needles_of(request: &ScanRequest) -> Option<Vec<Needle>> {
    let usable = request.literals.iter().filter_map(|literals| {
        let texts = || literals.any_of.iter().filter(|text| ***text != *UNICODE_ESCAPE);
        let are_usable = literals.members.is_empty() && texts().all(|text| is_usable(text));
        let texts: Vec<Needle> = texts().map(|text| Needle::text(text)).collect();
        (are_usable && !texts.is_empty()).then_some(texts)
    });
    // The set whose shortest text is longest is met least often, as a rule.
    let mut texts = usable.max_by_key(|texts| texts.iter().map(|text| text.bytes().len()).min())?;
    texts.push(Needle::text(ESCAPE));
    Some(texts)
}

/// True for a text that a document can hold in no other form but with [`ESCAPE`]: of characters that no other escape
/// stands for and that are no part of the grammar, and not of a number, which can be written in many ways.
fn is_usable(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b" _-".contains(&byte);
    let is_of_number = |byte: u8| !byte.is_ascii_alphabetic() || byte.eq_ignore_ascii_case(&b'e');
    text.bytes().all(is_plain) && !text.bytes().all(is_of_number)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use insq_event::{EventKinds, Literals, TimeRange};

    use super::*;

    fn texts(sets: &[&[&str]]) -> Option<String> {
        let literals = sets
            .iter()
            .map(|set| Literals::texts(set.iter().map(|text| Arc::from(*text))));
        let texts = needles_of(&ScanRequest {
            columns: Vec::new(),
            kinds: EventKinds::ALL,
            time_range: TimeRange::default(),
            literals: literals.collect(),
            request_id: None,
            function: None,
            batch_rows: 1,
            bar: None,
        })?;
        let texts: Vec<&[u8]> = texts.iter().map(Needle::bytes).collect();
        Some(String::from_utf8(texts.join(&b'|')).unwrap())
    }

    #[test]
    fn only_texts_that_stand_as_they_are_are_searched_for() {
        assert_eq!(texts(&[&["ERROR", r"\u"]]).unwrap(), r"ERROR|\u00");
        assert_eq!(
            texts(&[&["\"level\"", r"\u"], &["WARN", "FATAL"]]).unwrap(),
            r"WARN|FATAL|\u00"
        );
        assert_eq!(texts(&[&["ab"], &["abc"]]).unwrap(), r"abc|\u00");
        for other in [
            "a\"b", "a\\b", "a/b", "a\nb", "é", "1.5", "15", "1e5", "a:1", "{a", r"\u",
        ] {
            assert_eq!(texts(&[&[other]]), None, "{other}");
            assert_eq!(
                texts(&[&["ERROR", other]]).is_some(),
                other == UNICODE_ESCAPE,
                "{other}"
            );
        }
    }

    #[test]
    fn a_walk_meets_the_hits_of_all() {
        let search = RawSearch {
            searchers: [&["one"][..], &["two!", "three"]]
                .iter()
                .filter_map(|texts| Searcher::new(texts.iter().map(|text| Needle::text(text)).collect()))
                .collect(),
        };
        let bytes = b"three one one two! none";
        let mut walk = search.walk(bytes);
        let found: Vec<usize> = (0..=bytes.len()).map(|at| walk.next(at)).collect();
        let starts = [0, 6, 10, 14, 20];
        let expected =
            (0..=bytes.len()).map(|at| *starts.iter().find(|start| **start >= at).unwrap_or(&bytes.len()));
        assert_eq!(found, expected.collect::<Vec<_>>());
    }
}
