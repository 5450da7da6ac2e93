//! Searching whole blocks for what an event must hold, before any line is looked at.

use aho_corasick::{AhoCorasick, packed};
use insq_event::{EventKind, EventKinds, Literals, ScanRequest, UNICODE_ESCAPE};
use memchr::memmem;

/// What is searched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Needle {
    /// A text.
    Text(Vec<u8>),
    /// The key of a JSON member, in its quotes, where a value follows that is neither an object nor a list.
    Member(Vec<u8>),
}

impl Needle {
    pub(crate) fn text(text: &str) -> Self {
        Self::Text(text.as_bytes().to_vec())
    }

    fn member(name: &str) -> Self {
        Self::Member(format!("\"{name}\"").into_bytes())
    }

    /// The bytes that begin every hit.
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(bytes) | Self::Member(bytes) => bytes,
        }
    }

    /// True when `bytes` begin with a hit.
    fn begins(&self, bytes: &[u8]) -> bool {
        match self {
            Self::Text(text) => bytes.starts_with(text),
            Self::Member(key) => bytes.strip_prefix(&key[..]).is_some_and(has_leaf_behind_key),
        }
    }
}

/// True when what follows a key makes a member of it whose value is neither an object nor a list.
fn has_leaf_behind_key(rest: &[u8]) -> bool {
    let value = rest.trim_ascii_start().strip_prefix(b":");
    let first = value.and_then(|value| value.trim_ascii_start().first());
    first.is_some_and(|first| !matches!(first, b'{' | b'['))
}

/// Finds the places of a block where an event that matters can be.
pub(crate) struct Searcher {
    /// Of few texts.
    finders: Vec<Finder>,
    /// Where there are members among them, what is searched for: a key that was found may be none of them.
    needles: Option<Vec<Needle>>,
}

/// Finds texts.
enum Finder {
    /// One text.
    One(Box<memmem::Finder<'static>>),
    /// Few texts, with SIMD.
    Few(packed::Searcher),
    /// Any texts.
    Many(AhoCorasick),
}

impl Searcher {
    /// The search that skips most for this request, or `None` when nothing can be skipped.
    pub(crate) fn of(request: &ScanRequest) -> Option<Self> {
        Self::new(needles_of(request)?)
    }

    pub(crate) fn new(needles: Vec<Needle>) -> Option<Self> {
        let texts: Vec<&[u8]> = needles.iter().map(Needle::bytes).collect();
        let finders = finders_of(&texts)?;
        let has_members = needles.iter().any(|needle| matches!(needle, Needle::Member(_)));
        Some(Self {
            finders,
            needles: has_members.then_some(needles),
        })
    }

    /// Start of the first hit at or after `at`.
    #[inline]
    pub(crate) fn find(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let mut from = at;
        loop {
            let found = self
                .finders
                .iter()
                .filter_map(|finder| finder.find(bytes, from))
                .min()?;
            if self.is_hit(bytes, found) {
                return Some(found);
            }
            from = found + 1;
        }
    }

    /// True when a hit begins where a text was found.
    #[inline]
    fn is_hit(&self, bytes: &[u8], at: usize) -> bool {
        match &self.needles {
            None => true,
            Some(needles) => needles.iter().any(|needle| needle.begins(&bytes[at..])),
        }
    }
}

/// Texts that are searched for one by one: so many quick passes over bytes in the cache beat a slower one for all.
const FINDERS_MAX: usize = 3;

/// Finders that together find every text; at most [`FINDERS_MAX`].
fn finders_of(texts: &[&[u8]]) -> Option<Vec<Finder>> {
    if texts.len() <= FINDERS_MAX {
        return texts.iter().map(|text| Finder::new(&[text])).collect();
    }
    Some(vec![Finder::new(texts)?])
}

impl Finder {
    fn new(texts: &[&[u8]]) -> Option<Self> {
        if let [only] = texts {
            return Some(Self::One(Box::new(memmem::Finder::new(only).into_owned())));
        }
        match packed::Searcher::new(texts) {
            Some(searcher) => Some(Self::Few(searcher)),
            None => AhoCorasick::new(texts).ok().map(Self::Many),
        }
    }

    /// Start of the first text at or after `at`.
    #[inline]
    fn find(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let rest = &bytes[at..];
        let found = match self {
            Self::One(finder) => finder.find(rest),
            Self::Few(searcher) => searcher.find(rest).map(|hit| hit.start()),
            Self::Many(automaton) => automaton.find(rest).map(|hit| hit.start()),
        };
        found.map(|found| at + found)
    }
}

/// Walks through the hits in some bytes, from the front to the back.
pub(crate) struct Hits<'a> {
    searcher: &'a Searcher,
    bytes: &'a [u8],
    /// Of each finder, where the first byte of the next place ends that is known: plain numbers, since this is asked for every
    /// hit. What is not past the place that is asked for is not known.
    behind: [usize; FINDERS_MAX],
}

impl<'a> Hits<'a> {
    pub(crate) fn new(searcher: &'a Searcher, bytes: &'a [u8]) -> Self {
        Self {
            searcher,
            bytes,
            behind: [0; FINDERS_MAX],
        }
    }

    /// Start of the first hit at or after `at`, which never goes back.
    #[inline]
    pub(crate) fn next(&mut self, at: usize) -> Option<usize> {
        let mut from = at;
        loop {
            let found = self.next_text(from)?;
            if self.searcher.is_hit(self.bytes, found) {
                return Some(found);
            }
            from = found + 1;
        }
    }

    #[inline]
    fn next_text(&mut self, at: usize) -> Option<usize> {
        let mut first = self.bytes.len();
        for (behind, finder) in self.behind.iter_mut().zip(&self.searcher.finders) {
            if *behind <= at {
                // Past the end where there is none.
                *behind = finder.find(self.bytes, at).unwrap_or(self.bytes.len()) + 1;
            }
            first = first.min(*behind - 1);
        }
        (first < self.bytes.len()).then_some(first)
    }
}

/// What every event that matters to a request holds one of.
pub(crate) fn needles_of(request: &ScanRequest) -> Option<Vec<Needle>> {
    let mut sets: Vec<Vec<Needle>> = request.literals.iter().map(needles).collect();
    sets.extend(kind_needles(request.kinds));
    // The set whose shortest text is longest is met least often, as a rule.
    sets.into_iter()
        .max_by_key(|set| set.iter().map(|needle| needle.bytes().len()).min())
}

fn needles(literals: &Literals) -> Vec<Needle> {
    let texts = literals.any_of.iter().map(|text| Needle::text(text));
    let mut needles: Vec<Needle> = texts.collect();
    needles.extend(literals.members.iter().map(|name| Needle::member(name)));
    let escape = Needle::text(UNICODE_ESCAPE);
    if !literals.members.is_empty() && !needles.contains(&escape) {
        needles.push(escape);
    }
    needles
}

/// Texts of which every event of these kinds holds one; `None` when there are none for all of them.
pub(crate) fn kind_needles(kinds: EventKinds) -> Option<Vec<Needle>> {
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
    let texts: Vec<Needle> = texts.map(|text| Needle::text(text)).collect();
    (!texts.is_empty()).then_some(texts)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Walks through the hits of a search, and compares them with a plain one.
    fn check(needles: Vec<Needle>, bytes: &[u8], skips: &[usize]) -> Result<(), TestCaseError> {
        let plain = |at: usize| {
            (at..bytes.len()).find(|at| needles.iter().any(|needle| needle.begins(&bytes[*at..])))
        };
        let searcher = Searcher::new(needles.clone()).unwrap();
        let (mut hits, mut at) = (Hits::new(&searcher, bytes), 0);
        for skip in skips {
            let found = hits.next(at);
            prop_assert_eq!(found, plain(at), "from {}", at);
            prop_assert_eq!(searcher.find(bytes, at), found);
            let Some(found) = found else { break };
            at = (found + skip).min(bytes.len());
        }
        Ok(())
    }

    #[test]
    fn members_are_keys_with_a_leaf_behind_them() {
        let member = Needle::member("user");
        for (text, expected) in [
            (r#""user":"x""#, true),
            ("\"user\" \n:\t7", true),
            (r#""user":null"#, true),
            (r#""user":{"id":1}"#, false),
            (r#""user" : ["a"]"#, false),
            (r#""user","#, false),
            (r#""user":"#, false),
            (r#""user""#, false),
            (r#""user2":1"#, false),
        ] {
            assert_eq!(member.begins(text.as_bytes()), expected, "{text}");
        }
        let escape = Needle::text(r"\u");
        let literals = |any_of: &[&str]| Literals {
            any_of: any_of.iter().map(|text| (*text).into()).collect(),
            members: vec!["user".into()],
        };
        assert_eq!(needles(&literals(&[])), [member.clone(), escape.clone()]);
        assert_eq!(needles(&literals(&[r"\u"])), [escape, member]);
        assert_eq!(literals(&["ERROR"]).shortest_bytes(), Some(2));
    }

    proptest! {
        /// However many texts there are, and however they are found: the hits are those of a plain search.
        #[test]
        fn hits_are_where_a_text_begins(
            texts in proptest::collection::vec("[ab]{1,6}", 1..6),
            bytes in "[ab ]{0,60}",
            skips in proptest::collection::vec(1usize..9, 60),
        ) {
            let needles = texts.iter().map(|text| Needle::text(text)).collect();
            check(needles, bytes.as_bytes(), &skips)?;
        }

        /// A key that is no member may begin what is searched for as a text.
        #[test]
        fn hits_are_where_a_text_or_a_member_begins(
            texts in proptest::collection::vec("\"a\"|\"a\":\\{|\"a|a\":[1{]", 0..3),
            members in proptest::collection::vec("[ab]{1,2}", 1..4),
            bytes in "(\"[ab]{1,2}\"|[ :{1,]){0,40}",
            skips in proptest::collection::vec(1usize..9, 60),
        ) {
            let texts = texts.iter().map(|text| Needle::text(text));
            let needles = texts.chain(members.iter().map(|name| Needle::member(name)));
            check(needles.collect(), bytes.as_bytes(), &skips)?;
        }
    }
}
