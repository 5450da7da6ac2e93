//! A mistake shown under the text that has it. Nothing of the text reaches a terminal raw.

use crate::Span;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Severity {
    /// The query was refused.
    Error,
    /// The query runs, but may not everywhere or not as meant.
    Warning,
    /// Something to know.
    Note,
}

impl Severity {
    /// The word that begins the message.
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// Signs of one line of the query that are shown; longer lines are cut around the place.
const LINE_SIGNS_MAX: usize = 100;

/// Signs that are kept before the place when a line is cut.
const SIGNS_BEFORE: usize = 30;

/// The message, the lines of `text` that `span` lies in with carets under it, and the help. Several lines without a
/// line end after the last.
///
/// Spans outside of the text, or within a character, are moved to the nearest place that there is. Control
/// characters and those that turn the direction of writing are replaced by visible signs; a tab becomes a blank.
///
/// # Examples
/// ```
/// use insq_syntax::{Severity, Span, render_diagnostic};
///
/// let shown = render_diagnostic("limit 0", Severity::Error, "no rows", Span::new(6, 7), Some("here"), None);
/// assert_eq!(shown, "error: no rows\n  |\n1 | limit 0\n  |       ^ here");
/// ```
pub fn render_diagnostic(
    text: &str,
    severity: Severity,
    message: &str,
    span: Span,
    label: Option<&str>,
    help: Option<&str>,
) -> String {
    let span = span.clamped(text);
    let first = Line::at(text, span.start);
    let last = Line::at(text, last_offset(span)).later_of(first);
    let gutter = Gutter {
        width: last.number.to_string().len(),
    };
    let mut shown = format!("{}: {}\n{}", severity.word(), printable(message), gutter.empty());
    first.show(&mut shown, &gutter, span);
    if last.number > first.number + 1 {
        shown.push_str("\n...");
    }
    if last.number > first.number {
        last.show(&mut shown, &gutter, span);
    }
    if let Some(label) = label {
        shown.push(' ');
        shown.push_str(&printable(label));
    }
    if let Some(help) = help {
        shown.push_str(&gutter.help(&printable(help)));
    }
    shown
}

/// The line and column of a byte offset, both counted from 1, columns in characters. Offsets past the end or within
/// a character are moved back to the nearest place that there is.
///
/// ```
/// assert_eq!(insq_syntax::line_column("ä = 1\n| limit 5", 9), (2, 3));
/// ```
pub fn line_column(text: &str, offset: usize) -> (usize, usize) {
    let line = Line::at(text, offset);
    let before = Span::new(line.start, text.floor_char_boundary(offset.min(text.len())));
    (line.number, before.of(text).chars().count() + 1)
}

/// The last byte of the span, so that one that ends with a line does not reach into the next.
fn last_offset(span: Span) -> usize {
    span.end.saturating_sub(1).max(span.start)
}

/// The column left of the text.
struct Gutter {
    width: usize,
}

impl Gutter {
    fn empty(&self) -> String {
        format!("{:width$} |", "", width = self.width)
    }

    fn numbered(&self, number: usize) -> String {
        format!("\n{number:width$} | ", width = self.width)
    }

    fn help(&self, help: &str) -> String {
        format!("\n{:width$} = help: {help}", "", width = self.width)
    }
}

/// A line of the text.
#[derive(Clone, Copy)]
struct Line<'t> {
    /// From 1.
    number: usize,
    /// Its first byte.
    start: usize,
    /// Without its end.
    text: &'t str,
}

impl<'t> Line<'t> {
    fn at(text: &'t str, offset: usize) -> Self {
        let offset = text.floor_char_boundary(offset.min(text.len()));
        let (before, after) = text.split_at(offset);
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        let end = after.find('\n').map_or(text.len(), |length| offset + length);
        let line = Span::new(start, end).of(text);
        Self {
            number: before.matches('\n').count() + 1,
            start,
            text: line.strip_suffix('\r').unwrap_or(line),
        }
    }

    fn later_of(self, other: Self) -> Self {
        if self.number > other.number { self } else { other }
    }

    /// The line, and carets under its part of `span`, one at least.
    fn show(&self, shown: &mut String, gutter: &Gutter, span: Span) {
        let before = span.start.clamp(self.start, self.start + self.text.len()) - self.start;
        let within = span.end.clamp(self.start, self.start + self.text.len()) - self.start;
        let (before, within) = (
            self.text.floor_char_boundary(before),
            self.text.floor_char_boundary(within),
        );
        let blank = self.text.chars().take_while(|c| c.is_whitespace()).count();
        // On a later line the indentation is nobody's mistake.
        let is_later = span.start < self.start;
        let start = if is_later {
            blank
        } else {
            self.text[..before].chars().count()
        };
        let n_carets = self.text[..within].chars().count().saturating_sub(start).max(1);
        let cut = Cut::around(self.text, start, n_carets);
        shown.push_str(&gutter.numbered(self.number));
        shown.push_str(&cut.text);
        shown.push('\n');
        shown.push_str(&gutter.empty());
        shown.push_str(&" ".repeat(cut.column + 1));
        shown.push_str(&"^".repeat(cut.n_carets));
    }
}

/// The part of a line that is shown.
struct Cut {
    text: String,
    /// Signs before the carets.
    column: usize,
    n_carets: usize,
}

impl Cut {
    fn around(line: &str, start: usize, n_carets: usize) -> Self {
        let n_signs = line.chars().count();
        if n_signs <= LINE_SIGNS_MAX {
            return Self {
                text: printable(line).trim_end().to_owned(),
                column: start,
                n_carets,
            };
        }
        let first = if start + n_carets <= LINE_SIGNS_MAX {
            0
        } else {
            start.saturating_sub(SIGNS_BEFORE)
        };
        let part: String = line.chars().skip(first).take(LINE_SIGNS_MAX).collect();
        let head = if first > 0 { "…" } else { "" };
        let tail = if first + LINE_SIGNS_MAX < n_signs {
            "…"
        } else {
            ""
        };
        let column = start - first + head.chars().count();
        let n_carets = n_carets
            .min((LINE_SIGNS_MAX + 1).saturating_sub(start - first))
            .max(1);
        Self {
            text: format!("{head}{}{tail}", printable(&part)),
            column,
            n_carets,
        }
    }
}

/// `text` on one line, one visible sign for each character.
fn printable(text: &str) -> String {
    text.chars().map(visible).collect()
}

fn visible(c: char) -> char {
    match c {
        '\t' => ' ',
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        // Invisible, breaking lines, or turning the direction of writing.
        '\u{80}'..='\u{9f}'
        | '\u{ad}'
        | '\u{61c}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' => '\u{fffd}',
        _ => c,
    }
}
