//! What is Arrow, by its first bytes.

use super::messages::{CONTINUATION, METADATA_BYTES_MAX};

/// What a file begins and ends with.
pub(super) const MAGIC: &[u8; 6] = b"ARROW1";

/// The first message of a file stands behind the magic and two bytes that fill the word.
pub(super) const FILE_HEAD_BYTES: usize = 8;

/// Some writers fill more than a word, so that all that follows lies at multiples of this.
pub(super) const FILE_HEAD_BYTES_MAX: u64 = 64;

/// The two forms of Arrow IPC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// A stream between marks, with a table of contents.
    File,
    /// Messages one after another.
    Stream,
}

impl Form {
    /// The form of what begins with `sample`; `None` for what is no Arrow.
    pub(crate) fn of(sample: &[u8]) -> Option<Self> {
        if sample.starts_with(MAGIC) {
            return Some(Self::File);
        }
        let word = |at: usize| -> Option<[u8; 4]> { sample.get(at..at + 4)?.try_into().ok() };
        let length = u32::from_le_bytes(word(4)?) as usize;
        // The metadata begin with the place of their root, which lies within them.
        let root = u32::from_le_bytes(word(8)?) as usize;
        let is_plausible = (8..=METADATA_BYTES_MAX).contains(&length)
            && length.is_multiple_of(4)
            && root >= 4
            && root < length
            && root.is_multiple_of(2);
        (word(0)? == CONTINUATION && is_plausible).then_some(Self::Stream)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(length: usize, root: u32) -> Vec<u8> {
        let words = [u32::MAX, length as u32, root];
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    #[test]
    fn both_forms_are_told_from_everything_else() {
        for (sample, expected) in [
            (b"ARROW1\0\0".to_vec(), Some(Form::File)),
            (b"ARROW".to_vec(), None),
            (head(128, 16), Some(Form::Stream)),
            (head(METADATA_BYTES_MAX, 16), Some(Form::Stream)),
            (head(METADATA_BYTES_MAX + 4, 16), None),
            (head(8, 4), Some(Form::Stream)),
            (head(4, 4), None),
            (head(0, 0), None),
            (head(130, 16), None),
            (head(128, 128), None),
            (head(128, 2), None),
            (head(128, 16)[..11].to_vec(), None),
            (vec![0xff; 64], None),
            (b"\xff\xfe2\x000\x002\x006\x00-\x00".to_vec(), None),
        ] {
            assert_eq!(Form::of(&sample), expected, "{sample:?}");
        }
    }
}
