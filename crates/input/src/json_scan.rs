//! The fields of JSON objects in one pass over the bytes, for objects that leave no doubt.
//!
//! The general reader of [`crate::json_fields`] decides what a field is. This one is several times faster on objects of
//! many keys, since it builds nothing for keys that nobody asked for; whatever it does not understand it leaves to the
//! other. When it answers, it answers the same.

use std::ops::{ControlFlow, Range};
use std::sync::Mutex;

use crate::json_shape::{Colon, Leads, Shape, Shapes};
use crate::json_specials::{Ahead, OnDemand, Specials};
use crate::json_tokens::{DEPTH_MAX, literal_end, number_end, short_number_end, skip_blanks, value_end};

/// Where the values of the wanted paths stand in a text, in the order of the paths; no value is empty, so an empty range
/// is one that is not there.
pub(crate) type Found = [Range<usize>];

/// What of a wanted path is not walked yet.
#[derive(Clone, Copy, Debug)]
struct Walk {
    path: usize,
    /// Where the rest begins.
    at: usize,
    /// Its length and its first byte, by which most keys are told to lead nowhere.
    length: usize,
    first: Option<u8>,
}

impl Walk {
    fn new(paths: &[String], path: usize, at: usize) -> Self {
        let rest = &paths[path].as_bytes()[at..];
        Self {
            path,
            at,
            length: rest.len(),
            first: rest.first().copied(),
        }
    }
}

/// Where a key leads on a path.
enum Step {
    Astray,
    /// To the wanted value.
    End,
    /// Into the value, with this rest of the path.
    Into(Walk),
}

/// From so many bytes on it pays to find the special bytes of a text before they are asked for.
pub(crate) const AHEAD_BYTES_MIN: usize = 1_024;

/// Reads wanted paths of one object after the other. What it learns of one makes the next faster.
#[derive(Clone, Debug)]
pub(crate) struct Scanner {
    paths: Vec<String>,
    /// The beginnings of all paths, in such an order that those over the same key are neighbours.
    walks: Vec<Walk>,
    ahead: Ahead,
    findings: Findings,
}

/// What is known of the objects before, and what was found in the last one.
#[derive(Clone, Debug)]
struct Findings {
    shapes: Shapes,
    found: Vec<Range<usize>>,
    /// A key equal to all of the rest of a path wins over a nested one.
    is_flat: Vec<bool>,
}

impl Scanner {
    pub(crate) fn new(paths: Vec<String>) -> Self {
        let mut walks: Vec<Walk> = (0..paths.len()).map(|path| Walk::new(&paths, path, 0)).collect();
        walks.sort_by(|a, b| paths[a.path].split('.').cmp(paths[b.path].split('.')));
        Self {
            walks,
            ahead: Ahead::default(),
            findings: Findings {
                shapes: Shapes::default(),
                found: vec![0..0; paths.len()],
                is_flat: vec![false; paths.len()],
            },
            paths,
        }
    }

    /// Finds the values of the wanted paths in the object that `text` begins with, and the place behind it; `None` when
    /// the other reader must look at it.
    pub(crate) fn scan(&mut self, text: &[u8]) -> Option<(&Found, usize)> {
        let Self {
            paths,
            walks,
            ahead,
            findings,
        } = self;
        findings.found.fill(0..0);
        findings.is_flat.fill(false);
        let end = if text.len() < AHEAD_BYTES_MIN {
            Reader::new(text, paths, &mut OnDemand, findings).top_object(walks)
        } else {
            ahead.restart();
            Reader::new(text, paths, ahead, findings).top_object(walks)
        };
        Some((&self.findings.found, end?))
    }
}

/// A scanner that several threads may use, one at a time.
#[derive(Debug)]
pub(crate) struct SharedScanner(Mutex<Scanner>);

impl SharedScanner {
    pub(crate) fn new(paths: Vec<String>) -> Self {
        Self(Mutex::new(Scanner::new(paths)))
    }

    /// Gives the scanner to `read`; `None` while another thread has it.
    pub(crate) fn lend<T>(&self, read: impl FnOnce(&mut Scanner) -> Option<T>) -> Option<T> {
        read(&mut *self.0.try_lock().ok()?)
    }
}

struct Reader<'s, S> {
    text: &'s [u8],
    paths: &'s [String],
    specials: &'s mut S,
    findings: &'s mut Findings,
}

impl<'s, S: Specials> Reader<'s, S> {
    fn new(text: &'s [u8], paths: &'s [String], specials: &'s mut S, findings: &'s mut Findings) -> Self {
        Self {
            text,
            paths,
            specials,
            findings,
        }
    }

    /// As [`Self::object`], for the whole text: keys that are where they were in the object before are known at once.
    fn top_object(&mut self, walks: &[Walk]) -> Option<usize> {
        // Not in its place while it is used: it is looked at for every key.
        let number = Shapes::number_of(self.text);
        let mut shape = std::mem::take(self.findings.shapes.get(number));
        let end = self.shaped_object(&mut shape, walks);
        *self.findings.shapes.get(number) = shape;
        end
    }

    fn shaped_object(&mut self, shape: &mut Shape, walks: &[Walk]) -> Option<usize> {
        let text = self.text;
        let mut at = skip_blanks(text, 1);
        if *text.get(at)? == b'}' {
            return Some(at + 1);
        }
        // It pays where there are many keys.
        let is_wide = text.len() >= AHEAD_BYTES_MIN;
        let (mut ordinal, mut is_compact) = (0, true);
        loop {
            if *text.get(at)? != b'"' {
                return None;
            }
            if is_wide && is_compact {
                let specials = &mut *self.specials;
                let (passed, key) = shape.pass(ordinal, text, at + 1, |behind| {
                    compact_member_end(specials, text, behind)
                });
                (ordinal, at) = (ordinal + passed, key - 1);
            }
            at = match shape.guess(ordinal, text, at + 1) {
                Some(known) if known.leads.are_none() => self.unwanted_end(known.behind)?,
                Some(known) => {
                    let key = &text[at + 1..at + 1 + known.length];
                    self.member(key, skip_blanks(text, known.behind), known.leads.of(walks), 0)?
                }
                None => self.new_member(shape, ordinal, at + 1, walks)?,
            };
            ordinal += 1;
            let next = close_key(text, at);
            is_compact = next.is_some();
            at = match next {
                Some(key) => key - 1,
                None => match self.separated(at)? {
                    ControlFlow::Continue(next) => next,
                    ControlFlow::Break(end) => return Some(end),
                },
            };
        }
    }

    /// What comes behind a member: the place of the next one, or that behind the object.
    fn separated(&self, at: usize) -> Option<ControlFlow<usize, usize>> {
        let at = skip_blanks(self.text, at);
        match self.text.get(at)? {
            b',' => Some(ControlFlow::Continue(skip_blanks(self.text, at + 1))),
            b'}' => Some(ControlFlow::Break(at + 1)),
            _ => None,
        }
    }

    /// The place behind the value behind a colon.
    #[inline(always)]
    fn unwanted_end(&mut self, behind: usize) -> Option<usize> {
        // Most values are short texts without escapes.
        if self.text.get(behind) == Some(&b'"') {
            let quote = self.specials.next(self.text, behind + 1)?;
            if self.text[quote] == b'"' {
                return Some(quote + 1);
            }
        }
        value_end(self.specials, self.text, skip_blanks(self.text, behind))
    }

    /// Reads a member whose key begins at `at`, and remembers the key as that of this number in the shape.
    fn new_member(&mut self, shape: &mut Shape, ordinal: usize, at: usize, walks: &[Walk]) -> Option<usize> {
        let text = self.text;
        let key_end = self.specials.key_end(text, at)?;
        let key = &text[at..key_end];
        let colon = skip_blanks(text, key_end + 1);
        if *text.get(colon)? != b':' {
            return None;
        }
        let leads = self.leads(key, walks);
        if colon == key_end + 1 {
            let colon = match text.get(colon + 1) {
                Some(b' ') => Colon::Spaced,
                _ => Colon::Bare,
            };
            shape.learn(ordinal, key, colon, leads);
        }
        if leads.are_none() {
            self.unwanted_end(colon + 1)
        } else {
            self.member(key, skip_blanks(text, colon + 1), leads.of(walks), 0)
        }
    }

    /// Which of `walks` lead over a key.
    fn leads(&self, key: &[u8], walks: &[Walk]) -> Leads {
        let is_over = |walk: &Walk| !matches!(self.step(*walk, key), Step::Astray);
        let start = walks.iter().position(is_over).unwrap_or_default();
        let count = walks[start..].iter().take_while(|walk| is_over(walk)).count();
        debug_assert_eq!(count, walks.iter().filter(|walk| is_over(walk)).count());
        // There are as many as a query has columns, at most.
        Leads {
            start: start as u32,
            end: (start + count) as u32,
        }
    }

    /// Reads the members of an object from behind its brace; gives the place behind the closing one.
    fn object(&mut self, at: usize, walks: &[Walk], depth: u32) -> Option<usize> {
        let text = self.text;
        let mut at = skip_blanks(text, at);
        if *text.get(at)? == b'}' {
            return Some(at + 1);
        }
        loop {
            if *text.get(at)? != b'"' {
                return None;
            }
            let key_end = self.specials.key_end(text, at + 1)?;
            let key = &text[at + 1..key_end];
            at = skip_blanks(text, key_end + 1);
            if *text.get(at)? != b':' {
                return None;
            }
            at = self.member(key, skip_blanks(text, at + 1), walks, depth)?;
            match self.separated(at)? {
                ControlFlow::Continue(next) => at = next,
                ControlFlow::Break(end) => return Some(end),
            }
        }
    }

    /// Reads the elements of an array from behind its bracket, whose keys are their numbers; gives the place behind the
    /// closing one.
    fn array(&mut self, at: usize, walks: &[Walk], depth: u32) -> Option<usize> {
        let text = self.text;
        let mut at = skip_blanks(text, at);
        if *text.get(at)? == b']' {
            return Some(at + 1);
        }
        let mut number = Number::zero();
        loop {
            at = self.member(number.digits(), at, walks, depth)?;
            at = skip_blanks(text, at);
            match text.get(at)? {
                b',' => at = skip_blanks(text, at + 1),
                b']' => return Some(at + 1),
                _ => return None,
            }
            number.increase();
        }
    }

    /// Reads or steps over the value at `at`; gives the place behind it.
    fn member(&mut self, key: &[u8], at: usize, walks: &[Walk], depth: u32) -> Option<usize> {
        let (mut is_wanted, mut nested) = (false, Vec::new());
        for walk in walks {
            match self.step(*walk, key) {
                Step::End => is_wanted = true,
                Step::Into(rest) if !self.findings.is_flat[walk.path] => nested.push(rest),
                Step::Into(_) | Step::Astray => {}
            }
        }
        let end = match self.text.get(at)? {
            b'{' if !nested.is_empty() && depth < DEPTH_MAX => self.object(at + 1, &nested, depth + 1)?,
            b'[' if !nested.is_empty() && depth < DEPTH_MAX => self.array(at + 1, &nested, depth + 1)?,
            b'{' | b'[' if !nested.is_empty() => return None,
            _ => value_end(self.specials, self.text, at)?,
        };
        if !nested.is_empty() && self.text[at] == b'"' {
            // A text on the way leads nowhere, but the other reader looks at it.
            std::str::from_utf8(&self.text[at..end]).ok()?;
        }
        if is_wanted {
            for walk in walks {
                if matches!(self.step(*walk, key), Step::End) {
                    self.keep(walk.path, at..end)?;
                }
            }
        }
        Some(end)
    }

    #[inline]
    fn step(&self, walk: Walk, key: &[u8]) -> Step {
        if key.len() > walk.length || (!key.is_empty() && key.first() != walk.first.as_ref()) {
            return Step::Astray;
        }
        let rest = &self.paths[walk.path].as_bytes()[walk.at..];
        if !rest.starts_with(key) {
            return Step::Astray;
        }
        match rest.get(key.len()) {
            None => Step::End,
            Some(b'.') => Step::Into(Walk::new(self.paths, walk.path, walk.at + key.len() + 1)),
            Some(_) => Step::Astray,
        }
    }

    fn keep(&mut self, path: usize, range: Range<usize>) -> Option<()> {
        std::str::from_utf8(&self.text[range.clone()]).ok()?;
        self.findings.found[path] = range;
        self.findings.is_flat[path] = true;
        Some(())
    }
}

/// The place behind the quote of the next key, where a value ends at `end` and that key follows with one blank at most.
#[inline(always)]
fn close_key(text: &[u8], end: usize) -> Option<usize> {
    match text.get(end..)? {
        [b',', b'"', ..] => Some(end + 2),
        [b',', b' ', b'"', ..] => Some(end + 3),
        _ => None,
    }
}

/// The place behind the quote of the next key, for a value that begins at `behind` and is followed by that key with one
/// blank at most. Most values of wide objects are short texts without escapes, and numbers.
#[inline(always)]
fn compact_member_end(specials: &mut impl Specials, text: &[u8], behind: usize) -> Option<usize> {
    let end = match text.get(behind)? {
        b'"' => {
            let quote = specials.next(text, behind + 1)?;
            if text[quote] != b'"' {
                return None;
            }
            quote + 1
        }
        b'0'..=b'9' => short_number_end(text, behind).or_else(|| number_end(text, behind))?,
        b't' => literal_end(text, behind, b"true")?,
        b'f' => literal_end(text, behind, b"false")?,
        _ => value_end(specials, text, behind)?,
    };
    close_key(text, end)
}

/// The decimal digits of a number that counts up.
struct Number(Vec<u8>);

impl Number {
    fn zero() -> Self {
        Self(vec![b'0'])
    }

    fn digits(&self) -> &[u8] {
        &self.0
    }

    fn increase(&mut self) {
        for digit in self.0.iter_mut().rev() {
            if *digit < b'9' {
                *digit += 1;
                return;
            }
            *digit = b'0';
        }
        self.0.insert(0, b'1');
    }
}

#[cfg(test)]
mod tests;
