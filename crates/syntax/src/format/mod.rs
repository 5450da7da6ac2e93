//! The layout of query files: one command per line, comments kept.

mod comments;
mod layout;

use crate::ast::Command;
use crate::error::SyntaxError;
use crate::query::parse_with_trivia;
use crate::{Parsed, Span};
use comments::{Comment, comments_of, has_blank_line};
use layout::command_lines;

/// Lays a query out: one command per line, pipes in front, words of the language in one case, long lists broken, and
/// every comment in its place. The names of result columns stay as they are.
///
/// Formatting what is formatted changes nothing, and the query means the same as before.
///
/// # Errors
/// As [`parse`](crate::parse).
///
/// # Examples
/// ```
/// let written = "# late trams\nFILTER late==true|  stats COUNT(*) by stop # per stop";
/// assert_eq!(
///     insq_syntax::format(written)?,
///     "# late trams\nfilter late = true\n| stats COUNT(*) by stop  # per stop\n"
/// );
/// # Ok::<(), insq_syntax::SyntaxError>(())
/// ```
pub fn format(text: &str) -> Result<String, SyntaxError> {
    let (Parsed { query, .. }, trivia) = parse_with_trivia(text)?;
    let mut out = Writer::default();
    let mut end = 0;
    for (idx, command) in query.commands.iter().enumerate() {
        let span = command.span();
        out.gap(text, &trivia, Span::new(end, span.start), idx == 0);
        out.command(text, &trivia, command, idx == 0);
        end = span.end;
    }
    out.gap(
        text,
        &trivia,
        Span::new(end, text.len()),
        query.commands.is_empty(),
    );
    Ok(out.finish())
}

/// Gathers lines.
#[derive(Default)]
struct Writer {
    lines: Vec<String>,
}

impl Writer {
    /// What stands between two commands: comments behind the first on its line, all others on lines of their own, and
    /// one empty line where there was any.
    fn gap(&mut self, text: &str, trivia: &[Span], gap: Span, is_start: bool) {
        let mut is_parted = is_start || !has_blank_line(text, trivia, gap);
        for comment in comments_of(text, trivia, gap) {
            match self.lines.last_mut() {
                Some(line) if comment.is_trailing && is_parted_only_by_text(line) => {
                    line.push_str(&format!("  {}", comment.text));
                }
                _ => {
                    if !is_parted {
                        self.lines.push(String::new());
                        is_parted = true;
                    }
                    self.lines.push(comment.text);
                }
            }
        }
        if !is_parted && gap.end < text.len() {
            self.lines.push(String::new());
        }
    }

    fn command(&mut self, text: &str, trivia: &[Span], command: &Command, is_first: bool) {
        let span = command.span();
        let inner = comments_of(text, trivia, span);
        let mut lines = if inner.is_empty() {
            command_lines(command)
        } else {
            pieces(text, trivia, span)
        };
        if let (false, Some(first)) = (is_first, lines.first_mut()) {
            *first = format!("| {first}");
        }
        self.lines.append(&mut lines);
    }

    fn finish(self) -> String {
        let mut text = self.lines.join("\n");
        if !text.is_empty() {
            text.push('\n');
        }
        text
    }
}

/// A comment goes behind a command, not behind another comment or an empty line.
fn is_parted_only_by_text(line: &str) -> bool {
    !line.is_empty() && !line.starts_with('#')
}

/// What stands before continuation lines.
const INDENT: &str = "    ";

/// A command with comments inside: its words as they are, with one blank between them and a new line after every
/// comment.
fn pieces(text: &str, trivia: &[Span], span: Span) -> Vec<String> {
    let (mut lines, mut line) = (Vec::new(), String::new());
    let mut at = span.start;
    let inside = trivia
        .iter()
        .filter(|gap| gap.start >= span.start && gap.end <= span.end);
    for gap in inside.chain(std::iter::once(&Span::new(span.end, span.end))) {
        let piece = Span::new(at, gap.start).of(text);
        if !piece.is_empty() {
            if !line.trim().is_empty() {
                line.push(' ');
            }
            line.push_str(piece);
        }
        at = gap.end;
        for Comment {
            text: comment,
            is_trailing,
        } in comments_of(text, std::slice::from_ref(gap), *gap)
        {
            if is_trailing && !line.trim().is_empty() {
                line.push_str("  ");
            } else if !line.trim().is_empty() {
                lines.push(std::mem::replace(&mut line, INDENT.to_owned()));
            }
            line.push_str(&comment);
            lines.push(std::mem::replace(&mut line, INDENT.to_owned()));
        }
    }
    if !line.trim().is_empty() {
        lines.push(line);
    }
    lines
}
