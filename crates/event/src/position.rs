//! Where an event stands among all events of a run: the tie-breaker of every order.

/// Files of one run at most.
pub const FILE_COUNT_MAX: u64 = 1 << 24;

/// Bytes of one decompressed file at most (1 TiB).
pub const OFFSET_MAX: u64 = 1 << 40;

/// The place of an event: file ordinal first, offset in the decompressed file second.
///
/// Positions compare like the order of ingestion. They depend on neither threads, batches nor
/// compression, so that orders that are settled by them never do either.
///
/// # Examples
/// ```
/// use insq_event::Position;
///
/// let early = Position::new(0, 900).unwrap();
/// let late = Position::new(1, 0).unwrap();
/// assert!(early < late);
/// assert_eq!((late.file(), late.offset()), (1, 0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(u64);

impl Position {
    /// A position, or `None` past [`FILE_COUNT_MAX`] or [`OFFSET_MAX`].
    pub const fn new(file: u64, offset: u64) -> Option<Self> {
        if file < FILE_COUNT_MAX && offset < OFFSET_MAX {
            Some(Self(file << 40 | offset))
        } else {
            None
        }
    }

    /// The position of a column cell. Every number is one.
    pub const fn from_u64(cell: u64) -> Self {
        Self(cell)
    }

    /// Ordinal of the file among the inputs.
    pub const fn file(self) -> u64 {
        self.0 >> 40
    }

    /// Byte offset in the decompressed file.
    pub const fn offset(self) -> u64 {
        self.0 & (OFFSET_MAX - 1)
    }

    /// The position as a column cell.
    pub const fn to_u64(self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_hold_on_both_sides() {
        assert!(Position::new(FILE_COUNT_MAX - 1, OFFSET_MAX - 1).is_some());
        assert!(Position::new(FILE_COUNT_MAX, 0).is_none());
        assert!(Position::new(0, OFFSET_MAX).is_none());
    }
}
