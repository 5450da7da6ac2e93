//! Comments among the blanks of a query.

use crate::Span;

/// A comment, as it is written out.
pub(super) struct Comment {
    /// `# text`, whatever sign it began with.
    pub(super) text: String,
    /// True when something stands before it on its line.
    pub(super) is_trailing: bool,
}

/// The comments of the blanks within `range`, in their order.
pub(super) fn comments_of(text: &str, trivia: &[Span], range: Span) -> Vec<Comment> {
    let inside = trivia
        .iter()
        .filter(|gap| gap.start >= range.start && gap.end <= range.end);
    inside.flat_map(|gap| comments_in(text, *gap)).collect()
}

fn comments_in(text: &str, gap: Span) -> Vec<Comment> {
    let mut comments = Vec::new();
    let mut start = gap.start;
    for line in gap.of(text).split_inclusive('\n') {
        let trimmed = line.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        if !trimmed.is_empty() {
            let mark = if trimmed.starts_with('#') { 1 } else { 2 };
            let before = text[..start].rsplit('\n').next().unwrap_or_default();
            let is_blank = |c: char| c.is_whitespace() || c == '\u{feff}';
            comments.push(Comment {
                text: format!("#{}", &trimmed[mark..]),
                is_trailing: !before.chars().all(is_blank),
            });
        }
        start += line.len();
    }
    comments
}

/// True when the blanks within `range` hold an empty line.
pub(super) fn has_blank_line(text: &str, trivia: &[Span], range: Span) -> bool {
    trivia
        .iter()
        .filter(|gap| gap.start >= range.start && gap.end <= range.end)
        .any(|gap| {
            let mut lines = gap.of(text).split('\n').skip(1).collect::<Vec<_>>();
            // What follows the last line end is the begin of a line that holds something.
            lines.pop();
            lines.iter().any(|line| line.trim().is_empty())
        })
}
