//! Regular expressions between slashes: where they end, what they hold. Whether they compile is asked later.

use crate::Span;
use crate::ast::RegexLiteral;
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::lexical;
use crate::reader::Reader;
use crate::unexpected::shortened;

/// Words that may follow a regex, even without a blank.
const FOLLOWING_WORDS: &[&str] = &["and", "or", "as", "by", "multi", "asc", "desc"];

/// The captures of a pattern.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Groups {
    pub(crate) n_named: usize,
    pub(crate) n_unnamed: usize,
}

impl Reader<'_> {
    /// True when a regex begins here. To be asked instead of anything that skips, as `//` would be a comment.
    pub(crate) fn at_regex(&mut self) -> bool {
        self.skip_before_regex();
        self.rest().starts_with('/')
    }

    /// `/re/`; [`Reader::at_regex`] has been asked.
    pub(crate) fn regex_literal(&mut self) -> Result<RegexLiteral, SyntaxError> {
        let start = Span::new(self.mark_offset(), self.mark_offset() + 1);
        let Some(raw) = self.lexeme(lexical::regex) else {
            return Err(SyntaxError::new(
                SyntaxErrorKind::UnclosedRegex,
                self.rest_of_line(start),
            ));
        };
        let span = self.last();
        if raw.is_empty() {
            return Err(SyntaxError::new(SyntaxErrorKind::RegexEmpty, span));
        }
        self.check_what_follows(raw, span)?;
        if let Some(text) = raw.strip_prefix('*') {
            let text = shortened(text.trim_end_matches('*'));
            return Err(SyntaxError::new(
                SyntaxErrorKind::RegexStartsWithStar { text },
                span,
            ));
        }
        let (pattern, doubled) = unescaped(raw);
        if doubled {
            self.warn(span, "one backslash is enough before a slash: write `\\/`");
        }
        self.check_features(raw, span)?;
        Ok(RegexLiteral { pattern, span })
    }

    fn mark_offset(&self) -> usize {
        self.text.len() - self.rest().len()
    }

    /// Letters right after the closing slash are flags, or the rest of a regex that ended early.
    fn check_what_follows(&self, raw: &str, span: Span) -> Result<(), SyntaxError> {
        let line = self.rest().split('\n').next().unwrap_or_default();
        let word = lexical::later_step(line).map_or("", |(_, word)| word);
        let is_separate =
            line.is_empty() || line.starts_with(|c: char| c.is_whitespace() || "|),#]".contains(c));
        if is_separate
            || FOLLOWING_WORDS
                .iter()
                .any(|known| known.eq_ignore_ascii_case(word))
        {
            return Ok(());
        }
        if let Some(end) = line.find('/') {
            let escaped = shortened(&format!("{raw}\\/{}", &line[..end]));
            return Err(SyntaxError::new(
                SyntaxErrorKind::RegexEndsEarly { escaped },
                span,
            ));
        }
        let word_span = Span::new(span.end, span.end + word.len().max(1)).clamped(self.text);
        if !word.is_empty() && word.chars().all(|c| "gimsuxy".contains(c)) {
            let known: String = word.chars().filter(|c| "imsux".contains(*c)).collect();
            let flags = if known.is_empty() { "i".to_owned() } else { known };
            let kind = SyntaxErrorKind::RegexFlags {
                flags,
                pattern: shortened(raw),
            };
            return Err(SyntaxError::new(kind, word_span));
        }
        let found = shortened(word_span.of(self.text));
        Err(SyntaxError::new(
            SyntaxErrorKind::UnexpectedText { found },
            word_span,
        ))
    }

    fn check_features(&mut self, raw: &str, span: Span) -> Result<(), SyntaxError> {
        for (at, piece) in pieces(raw) {
            let place = |length: usize| Span::new(span.start + 1 + at, span.start + 1 + at + length);
            match piece {
                Piece::LookAround(length) => {
                    let kind = SyntaxErrorKind::RegexUnsupported {
                        what: "look-ahead and look-behind",
                    };
                    return Err(SyntaxError::new(kind, place(length)));
                }
                Piece::BackReference => {
                    let kind = SyntaxErrorKind::RegexUnsupported {
                        what: "back-references",
                    };
                    return Err(SyntaxError::new(kind, place(2)));
                }
                Piece::PythonGroup => {
                    self.warn(place(4), "a named group is written `(?<name>…)`, without the `P`")
                }
                Piece::NamedGroup | Piece::UnnamedGroup => {}
            }
        }
        Ok(())
    }
}

/// `\/` becomes `/`. Two backslashes before a slash come from text that was escaped twice: the slash is meant, and
/// the second value says that it happened.
fn unescaped(raw: &str) -> (String, bool) {
    let mut pattern = String::with_capacity(raw.len());
    let mut n_backslashes = 0_usize;
    let mut doubled = false;
    for c in raw.chars() {
        if c == '/' && n_backslashes > 0 {
            let dropped = if n_backslashes.is_multiple_of(2) { 2 } else { 1 };
            doubled |= dropped == 2;
            pattern.truncate(pattern.len() - dropped);
        }
        n_backslashes = if c == '\\' { n_backslashes + 1 } else { 0 };
        pattern.push(c);
    }
    (pattern, doubled)
}

/// Counts the captures of `pattern`.
pub(crate) fn groups(pattern: &str) -> Groups {
    let mut groups = Groups::default();
    for (_, piece) in pieces(pattern) {
        match piece {
            Piece::NamedGroup | Piece::PythonGroup => groups.n_named += 1,
            Piece::UnnamedGroup => groups.n_unnamed += 1,
            Piece::LookAround(_) | Piece::BackReference => {}
        }
    }
    groups
}

/// The parts of a pattern that matter here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    UnnamedGroup,
    NamedGroup,
    /// `(?P<name>`
    PythonGroup,
    /// `(?=`, with its length.
    LookAround(usize),
    /// `\1`
    BackReference,
}

/// The pieces with their offsets. Escapes are stepped over, and so are bracket classes, inside of which an opening
/// bracket is an ordinary sign.
fn pieces(pattern: &str) -> Vec<(usize, Piece)> {
    let bytes = pattern.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    let mut class_start = None;
    while at < bytes.len() {
        match (bytes[at], class_start) {
            (b'\\', None) if bytes.get(at + 1).is_some_and(|byte| (b'1'..=b'9').contains(byte)) => {
                found.push((at, Piece::BackReference));
                at += 1;
            }
            (b'\\', _) => at += 1,
            (b'[', None) => {
                class_start = Some(at);
                // A closing bracket that comes first is an ordinary sign.
                at += usize::from(bytes.get(at + 1) == Some(&b'^'));
                at += usize::from(bytes.get(at + 1) == Some(&b']'));
            }
            (b']', Some(_)) => class_start = None,
            (b'(', None) => found.push((at, group(&pattern[at + 1..]))),
            _ => {}
        }
        at += 1;
    }
    // `(?:` and `(?i)` capture nothing.
    found.retain(|(at, piece)| *piece != Piece::UnnamedGroup || bytes.get(at + 1) != Some(&b'?'));
    found
}

fn group(inner: &str) -> Piece {
    let look_around = ["?=", "?!", "?<=", "?<!"]
        .into_iter()
        .find(|start| inner.starts_with(start));
    match look_around {
        Some(start) => Piece::LookAround(start.len() + 1),
        None if inner.starts_with("?P<") => Piece::PythonGroup,
        None if inner.starts_with("?<") => Piece::NamedGroup,
        None => Piece::UnnamedGroup,
    }
}
