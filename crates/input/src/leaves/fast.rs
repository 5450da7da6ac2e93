//! The leaves of an object in one pass over its bytes, for objects that leave no doubt.

use super::Leaves;
use crate::json_scan::AHEAD_BYTES_MIN;
use crate::json_specials::{Ahead, OnDemand, Specials};
use crate::json_tokens::{DEPTH_MAX, skip_blanks, value_end};

impl Leaves {
    /// Finds the leaves of the object that `text` begins with; false, and none, when the general reader must look at it.
    pub(super) fn read_fast(&mut self, text: &str, ahead: &mut Ahead) -> bool {
        let is_sound = if text.len() < AHEAD_BYTES_MIN {
            self.walk(text, &mut OnDemand)
        } else {
            ahead.restart();
            self.walk(text, ahead)
        };
        if !is_sound {
            self.clear();
        }
        is_sound
    }

    fn walk(&mut self, text: &str, specials: &mut impl Specials) -> bool {
        let mut walk = Walk {
            text,
            specials,
            leaves: self,
        };
        walk.object(1, 0).is_some()
    }
}

struct Walk<'w, S> {
    text: &'w str,
    specials: &'w mut S,
    leaves: &'w mut Leaves,
}

impl<S: Specials> Walk<'_, S> {
    /// The next byte that is no blank, and its place.
    #[inline]
    fn next(&self, at: usize) -> Option<(usize, u8)> {
        let at = skip_blanks(self.text.as_bytes(), at);
        Some((at, *self.text.as_bytes().get(at)?))
    }

    /// Walks the object whose brace is behind; the place behind it, `None` when it is in doubt.
    fn object(&mut self, at: usize, depth: u32) -> Option<usize> {
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
            let (colon, b':') = self.next(key_end + 1)? else {
                return None;
            };
            let length = self.leaves.enter(&self.text[key..key_end]);
            at = self.value(colon + 1, depth, key < key_end)?;
            self.leaves.leave(length);
            (at, byte) = self.next(at)?;
            match byte {
                b',' => (at, byte) = self.next(at + 1)?,
                b'}' => return Some(at + 1),
                _ => return None,
            }
        }
    }

    /// Walks the array whose bracket is behind; the place behind it.
    fn array(&mut self, at: usize, depth: u32) -> Option<usize> {
        let (mut at, byte) = self.next(at)?;
        if byte == b']' {
            return Some(at + 1);
        }
        let length = self.leaves.enter("");
        let step = self.leaves.path.len();
        for idx in 0_usize.. {
            self.leaves.push_number(idx);
            at = self.value(at, depth, true)?;
            self.leaves.path.truncate(step);
            let (end, byte) = self.next(at)?;
            match byte {
                b',' => at = end + 1,
                b']' => {
                    at = end + 1;
                    break;
                }
                _ => return None,
            }
        }
        self.leaves.leave(length);
        Some(at)
    }

    /// Walks the value at `at`, which is a leaf or holds some; nothing of it is kept where it has no name.
    fn value(&mut self, at: usize, depth: u32, is_named: bool) -> Option<usize> {
        let (at, byte) = self.next(at)?;
        match byte {
            b'{' | b'[' if is_named => {
                if depth == DEPTH_MAX {
                    return None;
                }
                match byte {
                    b'{' => self.object(at + 1, depth + 1),
                    _ => self.array(at + 1, depth + 1),
                }
            }
            _ => {
                let end = value_end(self.specials, self.text.as_bytes(), at)?;
                if is_named {
                    self.leaves.push(at..end);
                }
                Some(end)
            }
        }
    }
}
