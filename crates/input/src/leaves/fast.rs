//! The leaves of an object in two passes over its bytes, for objects that leave no doubt.

use super::Path;
use crate::json_scan::AHEAD_BYTES_MIN;
use crate::json_specials::{Ahead, OnDemand, Specials};
use crate::json_tokens::{skip_blanks, value_end};

/// Gives the leaves of the object that `text` begins with; false, and none, when the general reader must look at it.
pub(super) fn read<'a>(
    text: &'a str,
    path: &mut Path,
    ahead: &mut Ahead,
    see: &mut impl FnMut(&str, &'a str),
) -> bool {
    if text.len() < AHEAD_BYTES_MIN {
        walk(text, path, &mut OnDemand, see)
    } else {
        ahead.restart();
        walk(text, path, ahead, see)
    }
}

fn walk<'a>(
    text: &'a str,
    path: &mut Path,
    specials: &mut impl Specials,
    see: &mut impl FnMut(&str, &'a str),
) -> bool {
    // Leaves are given as they come, so that the object must be known to be sound, and not too deep, beforehand.
    if value_end(specials, text.as_bytes(), 0).is_none() {
        return false;
    }
    let mut walk = Walk {
        text,
        path,
        specials,
        see,
    };
    let end = walk.object(1);
    debug_assert!(end.is_some());
    true
}

struct Walk<'w, 'a, S, F> {
    text: &'a str,
    path: &'w mut Path,
    specials: &'w mut S,
    see: &'w mut F,
}

impl<'a, S: Specials, F: FnMut(&str, &'a str)> Walk<'_, 'a, S, F> {
    /// The next byte that is no blank, and its place.
    #[inline]
    fn next(&self, at: usize) -> Option<(usize, u8)> {
        let at = skip_blanks(self.text.as_bytes(), at);
        Some((at, *self.text.as_bytes().get(at)?))
    }

    /// Walks the object whose brace is behind; the place behind it.
    fn object(&mut self, at: usize) -> Option<usize> {
        let (mut at, mut byte) = self.next(at)?;
        if byte == b'}' {
            return Some(at + 1);
        }
        loop {
            if byte != b'"' {
                return None;
            }
            let key = at + 1;
            let key_end = self.specials.key_end(self.text.as_bytes(), key)?;
            let (colon, _) = self.next(key_end + 1)?;
            let length = self.path.enter(&self.text[key..key_end]);
            at = self.value(colon + 1, key < key_end)?;
            self.path.leave(length);
            (at, byte) = self.next(at)?;
            match byte {
                b',' => (at, byte) = self.next(at + 1)?,
                _ => return Some(at + 1),
            }
        }
    }

    /// Walks the array whose bracket is behind; the place behind it.
    fn array(&mut self, at: usize) -> Option<usize> {
        let (mut at, byte) = self.next(at)?;
        if byte == b']' {
            return Some(at + 1);
        }
        let length = self.path.enter("");
        let step = self.path.0.len();
        for idx in 0_usize.. {
            self.path.push_number(idx);
            at = self.value(at, true)?;
            self.path.leave(step);
            let (end, byte) = self.next(at)?;
            at = end + 1;
            if byte != b',' {
                break;
            }
        }
        self.path.leave(length);
        Some(at)
    }

    /// Walks the value at `at`, which is a leaf or holds some; nothing of it is given where it has no name.
    fn value(&mut self, at: usize, is_named: bool) -> Option<usize> {
        let (at, byte) = self.next(at)?;
        match byte {
            b'{' if is_named => self.object(at + 1),
            b'[' if is_named => self.array(at + 1),
            _ => {
                let end = value_end(self.specials, self.text.as_bytes(), at)?;
                if is_named {
                    (self.see)(&self.path.0, &self.text[at..end]);
                }
                Some(end)
            }
        }
    }
}
