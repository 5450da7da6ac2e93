//! Where the bytes of a JSON text stand that end something within it: quotes, backslashes and control characters.

/// Tells the places of special bytes of one text, from front to back.
pub(crate) trait Specials {
    /// The first special byte at or after `at`; quickest where that does not go back.
    fn next(&mut self, text: &[u8], at: usize) -> Option<usize>;

    /// The place of the quote that closes a key without escapes; `None` for letters beyond ASCII.
    #[inline]
    fn key_end(&mut self, text: &[u8], at: usize) -> Option<usize> {
        let end = self.next(text, at)?;
        (text[end] == b'"' && text[at..end].is_ascii()).then_some(end)
    }
}

/// Looks for each one when it is asked for: for texts of a few keys.
#[derive(Clone, Copy)]
pub(crate) struct OnDemand;

impl Specials for OnDemand {
    #[inline]
    fn next(&mut self, text: &[u8], mut at: usize) -> Option<usize> {
        // Two words at a time: neither waits for the other.
        while let (Some(low), Some(high)) = (word_at(text, at), word_at(text, at + 8)) {
            let (in_low, in_high) = (specials(low), specials(high));
            if in_low | in_high != 0 {
                let in_place = if in_low != 0 { in_low } else { in_high };
                let word_start = if in_low != 0 { at } else { at + 8 };
                return Some(word_start + (in_place.trailing_zeros() / 8) as usize);
            }
            at += 16;
        }
        let rest = text.get(at..)?;
        let found = rest.iter().position(|byte| is_special(*byte))?;
        Some(at + found)
    }

    /// Keys are short: one look at each word of them tells both.
    #[inline]
    fn key_end(&mut self, text: &[u8], mut at: usize) -> Option<usize> {
        while let Some(word) = word_at(text, at) {
            let found = specials(word) | word & HIGH_BITS;
            if found != 0 {
                at += (found.trailing_zeros() / 8) as usize;
                return (text[at] == b'"').then_some(at);
            }
            at += 8;
        }
        let rest = text.get(at..)?;
        let end = at
            + rest
                .iter()
                .position(|byte| is_special(*byte) || !byte.is_ascii())?;
        (text[end] == b'"').then_some(end)
    }
}

/// Bytes that are looked at together, one for each bit of a word.
const BLOCK: usize = u64::BITS as usize;

/// Blocks that are looked at together.
const BLOCKS: usize = 16;

/// Finds the places of special bytes of many blocks before they are asked for. In a text of many keys, where each search
/// would have to wait for the one before, this is several times faster.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ahead {
    /// Where the first of the blocks begins that were looked at, and how many bytes they are.
    start: usize,
    length: usize,
    /// A bit for every byte of them: whether it is special.
    bits: [u64; BLOCKS],
}

impl Ahead {
    /// Begins another text.
    pub(crate) fn restart(&mut self) {
        self.length = 0;
    }

    /// Looks at the blocks from `at` on. False when there are none.
    #[cold]
    fn look(&mut self, text: &[u8], at: usize) -> bool {
        self.start = at - at % BLOCK;
        self.length = BLOCKS * BLOCK;
        let rest = text.get(self.start..).unwrap_or_default();
        let (blocks, rest) = rest.as_chunks::<BLOCK>();
        // Blanks are not special.
        let mut last = [b' '; BLOCK];
        last[..rest.len()].copy_from_slice(rest);
        for (bits, block) in self.bits.iter_mut().zip(blocks.iter().chain([&last])) {
            *bits = bits_of(block);
        }
        if let Some(beyond) = self.bits.get_mut(blocks.len() + 1..) {
            beyond.fill(0);
        }
        at < text.len()
    }
}

impl Specials for Ahead {
    #[inline(always)]
    fn next(&mut self, text: &[u8], mut at: usize) -> Option<usize> {
        loop {
            let mut offset = at.wrapping_sub(self.start);
            // Before them or behind them.
            if offset >= self.length {
                if !self.look(text, at) {
                    return None;
                }
                offset = at - self.start;
            }
            let bits = self.bits[offset / BLOCK % BLOCKS] >> (offset % BLOCK);
            if bits != 0 {
                return Some(at + bits.trailing_zeros() as usize);
            }
            at += BLOCK - offset % BLOCK;
        }
    }
}

/// A bit for every byte: whether it is special.
#[inline]
fn bits_of(block: &[u8; BLOCK]) -> u64 {
    let mut flags = [0_u8; BLOCK];
    for (flag, byte) in flags.iter_mut().zip(block) {
        *flag = u8::from(is_special(*byte));
    }
    let (eights, _) = flags.as_chunks::<8>();
    let words = eights.iter().map(|eight| u64::from_le_bytes(*eight));
    // Within long strings there are none.
    if words.clone().fold(0, |any, word| any | word) == 0 {
        return 0;
    }
    words.rev().fold(0, |bits, word| bits << 8 | gathered(word))
}

/// The lowest bits of eight bytes, which have no others, as the bits of one.
#[inline]
const fn gathered(flags: u64) -> u64 {
    flags.wrapping_mul(0x0102_0408_1020_4080) >> 56
}

/// One in every byte.
pub(crate) const ONES: u64 = u64::MAX / 255;
pub(crate) const HIGH_BITS: u64 = ONES << 7;

/// High bits of the bytes of `word` that are zero. The lowest of them is right; bytes above it may be wrong.
#[inline]
const fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & HIGH_BITS
}

/// High bits of quotes, backslashes and control characters; the lowest is right.
#[inline]
const fn specials(word: u64) -> u64 {
    let controls = word.wrapping_sub(ONES * 0x20) & !word & HIGH_BITS;
    controls | zeros(word ^ (ONES * b'"' as u64)) | zeros(word ^ (ONES * b'\\' as u64))
}

/// The eight bytes at `at`, the first in the lowest ones.
#[inline]
pub(crate) fn word_at(text: &[u8], at: usize) -> Option<u64> {
    let bytes = text.get(at..)?.first_chunk::<8>()?;
    Some(u64::from_le_bytes(*bytes))
}

#[inline]
const fn is_special(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_byte_at_every_place_of_a_block() {
        let mut ahead = Ahead::default();
        for at in 0..BLOCK {
            for byte in 0..=255_u8 {
                let mut block = [b'x'; BLOCK];
                block[at] = byte;
                let expected = is_special(byte).then_some(at);
                ahead.restart();
                assert_eq!(ahead.next(&block, 0), expected, "{byte} at {at}");
                assert_eq!(OnDemand.next(&block, 0), expected, "{byte} at {at}");
            }
        }
    }

    #[test]
    fn texts_around_the_length_of_a_look() {
        const LOOK: usize = BLOCKS * BLOCK;
        let mut ahead = Ahead::default();
        for length in [0, 1, BLOCK, LOOK - 1, LOOK, LOOK + 1, 3 * LOOK] {
            for byte in *b"\"x" {
                let text = vec![byte; length];
                ahead.restart();
                assert_eq!(all(&mut ahead, &text).len(), all(&mut OnDemand, &text).len());
                // Places that nobody asks for are passed over.
                ahead.restart();
                let last = length.saturating_sub(1);
                assert_eq!(ahead.next(&text, last), OnDemand.next(&text, last));
            }
        }
    }

    #[test]
    fn what_was_asked_before_may_be_asked_again() {
        const LOOK: usize = BLOCKS * BLOCK;
        let mut ahead = Ahead::default();
        let mut text = vec![b'x'; 3 * LOOK];
        let places = [5, LOOK - 1, 2 * LOOK + 7];
        places.iter().for_each(|place| text[*place] = b'"');
        for at in [0, 6, LOOK, 6, 0, 2 * LOOK, 2 * LOOK + 8, 7, 0] {
            let expected = places.into_iter().find(|place| *place >= at);
            assert_eq!(ahead.next(&text, at), expected, "from {at}");
        }
    }

    /// All places, by asking behind each.
    fn all(specials: &mut impl Specials, text: &[u8]) -> Vec<usize> {
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(place) = specials.next(text, at) {
            found.push(place);
            at = place + 1;
        }
        found
    }

    proptest! {
        #[test]
        fn both_find_what_there_is(
            texts in prop::collection::vec("[a-z\"\\\\\u{1}\u{e9}]{0,300}|[a-z\"]{0,3000}|\"{0,3000}", 1..4),
        ) {
            // Of an earlier text nothing is left.
            let mut ahead = Ahead::default();
            for text in texts {
                let text = text.as_bytes();
                let expected: Vec<usize> = (0..text.len()).filter(|at| is_special(text[*at])).collect();
                prop_assert_eq!(all(&mut OnDemand, text), expected.clone());
                ahead.restart();
                prop_assert_eq!(all(&mut ahead, text), expected);
                for at in [0, text.len() / 2] {
                    ahead.restart();
                    prop_assert_eq!(ahead.key_end(text, at), OnDemand.key_end(text, at));
                }
            }
        }
    }
}
