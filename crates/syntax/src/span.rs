//! Places in a query text.

/// A half-open range of bytes in the query text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// First byte inside.
    pub start: usize,
    /// First byte past the end.
    pub end: usize,
}

impl Span {
    /// The range `start..end`.
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The smallest range that holds both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// The part of the range that lies in `text`, widened to whole characters. Never panics, whatever the range.
    ///
    /// ```
    /// use insq_syntax::Span;
    /// assert_eq!(Span::new(2, 99).clamped("aä"), Span::new(1, 3));
    /// ```
    #[must_use]
    pub fn clamped(self, text: &str) -> Self {
        let start = text.floor_char_boundary(self.start.min(text.len()));
        let end = text.ceil_char_boundary(self.end.clamp(start, text.len().max(start)));
        Self { start, end }
    }

    /// The text in the range; whole characters even where the range splits one.
    pub fn of(self, text: &str) -> &str {
        let Self { start, end } = self.clamped(text);
        text.get(start..end).unwrap_or_default()
    }
}
