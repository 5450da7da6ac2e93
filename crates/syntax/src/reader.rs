//! The place in the text: looking at what comes, stepping over it, and what is remembered on the way.

use nom::IResult;

use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::lexical;
use crate::limits::{NESTING_MAX, WARNINGS_MAX};
use crate::{Span, Warning};

/// A query text and how far it has been read.
pub(crate) struct Reader<'t> {
    pub(crate) text: &'t str,
    at: usize,
    /// The lexeme read last.
    last: Span,
    /// The value read last, for messages.
    operand: Span,
    depth: usize,
    /// True inside of a query in brackets, which ends at its bracket.
    pub(crate) in_subquery: bool,
    pub(crate) warnings: Vec<Warning>,
    /// Blanks and comments that were stepped over, for the text of un-aliased columns.
    trivia: Vec<Span>,
}

/// A place to return to.
pub(crate) struct Mark {
    at: usize,
    last: Span,
    n_warnings: usize,
    n_trivia: usize,
}

impl<'t> Reader<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            last: Span::default(),
            operand: Span::default(),
            depth: 0,
            in_subquery: false,
            warnings: Vec::new(),
            trivia: Vec::new(),
        }
    }

    /// What is left, blanks included.
    pub(crate) fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Where the next lexeme begins, or would have to: at the end of the text that is right behind the last one.
    pub(crate) fn here(&mut self) -> Span {
        match self.peek() {
            Some(c) => Span::new(self.at, self.at + c.len_utf8()),
            None => Span::new(self.last.end, self.last.end),
        }
    }

    /// The lexeme read last.
    pub(crate) fn last(&self) -> Span {
        self.last
    }

    /// The value that ends with the lexeme read last, or else that lexeme.
    pub(crate) fn last_operand(&self) -> Span {
        if self.operand.end == self.last.end {
            self.operand
        } else {
            self.last
        }
    }

    /// Remembers that the text from `start` to here is a value.
    pub(crate) fn operand_from(&mut self, start: Span) {
        self.operand = self.span_from(start);
    }

    /// From `start` to the end of the lexeme read last.
    pub(crate) fn span_from(&self, start: Span) -> Span {
        Span::new(start.start, self.last.end.max(start.start))
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark {
            at: self.at,
            last: self.last,
            n_warnings: self.warnings.len(),
            n_trivia: self.trivia.len(),
        }
    }

    pub(crate) fn reset(&mut self, mark: &Mark) {
        self.at = mark.at;
        self.last = mark.last;
        self.warnings.truncate(mark.n_warnings);
        self.trivia.truncate(mark.n_trivia);
    }

    /// Runs `look` and returns to where it began.
    pub(crate) fn ahead<T>(&mut self, look: impl FnOnce(&mut Self) -> T) -> T {
        let mark = self.mark();
        let found = look(self);
        self.reset(&mark);
        found
    }

    /// Steps over blanks and comments, `//` among them.
    pub(crate) fn skip(&mut self) {
        self.skip_trivia(true);
    }

    /// Steps over blanks and comments where a regex may begin, so that `//` is none.
    pub(crate) fn skip_before_regex(&mut self) {
        self.skip_trivia(false);
    }

    fn skip_trivia(&mut self, slashes: bool) {
        let start = self.at;
        loop {
            let rest = self.rest();
            let Some(first) = rest.chars().next() else { break };
            let taken = match first {
                '#' => lexical::comment("#", rest),
                '-' if rest.starts_with("--") && self.is_line_start() => lexical::comment("--", rest),
                '/' if slashes && rest.starts_with("//") && self.is_after_blank() => {
                    lexical::comment("//", rest)
                }
                _ => lexical::blanks(rest),
            };
            let Ok((_, taken)) = taken else { break };
            if matches!(first, '-' | '/') {
                self.foreign_comment(&taken[..2]);
            }
            self.at += taken.len();
        }
        if self.at > start {
            self.trivia.push(Span::new(start, self.at));
        }
    }

    /// `sum(a)//count(*)` is somebody's division rather than a comment, and must not lose its end.
    fn is_after_blank(&self) -> bool {
        let before = self.text[..self.at].chars().next_back();
        before.is_none_or(|c| c.is_whitespace() || c == '\u{feff}')
    }

    fn is_line_start(&self) -> bool {
        let before = self.text[..self.at].trim_end_matches([' ', '\t']);
        before.is_empty() || before.ends_with(['\n', '\r', '\u{feff}'])
    }

    fn foreign_comment(&mut self, mark: &str) {
        let span = Span::new(self.at, self.at + mark.len());
        self.warn(
            span,
            format!("`{mark}` is read as the begin of a comment; write `#`"),
        );
    }

    /// The next character that is neither blank nor comment.
    pub(crate) fn peek(&mut self) -> Option<char> {
        self.skip();
        self.rest().chars().next()
    }

    /// True when `symbol` comes next.
    pub(crate) fn at(&mut self, symbol: &str) -> bool {
        self.skip();
        self.rest().starts_with(symbol)
    }

    /// Steps over `symbol` if it comes next.
    pub(crate) fn eat(&mut self, symbol: &str) -> bool {
        let found = self.at(symbol);
        if found {
            self.advance(symbol.len());
        }
        found
    }

    /// Steps over `n` bytes, which become the lexeme read last.
    pub(crate) fn advance(&mut self, n: usize) -> Span {
        self.last = Span::new(self.at, self.at + n);
        self.at += n;
        self.last
    }

    /// Reads a lexeme that stands at once here, without a blank before it.
    pub(crate) fn lexeme<O>(&mut self, parser: impl FnOnce(&'t str) -> IResult<&'t str, O>) -> Option<O> {
        let rest = self.rest();
        let (after, found) = parser(rest).ok()?;
        self.advance(rest.len() - after.len());
        Some(found)
    }

    /// The word that comes next; none when it is the begin of a longer name such as `by.x`.
    pub(crate) fn peek_word(&mut self) -> Option<&'t str> {
        self.skip();
        let (after, word) = lexical::word(self.rest()).ok()?;
        let mut following = after.chars();
        match (following.next(), following.next()) {
            (Some('@'), _) => None,
            (Some('.'), Some(c)) if lexical::is_name_char(c) || c == '`' => None,
            _ => Some(word),
        }
    }

    /// True when `keyword` comes next, in any case.
    pub(crate) fn at_keyword(&mut self, keyword: &str) -> bool {
        self.peek_word()
            .is_some_and(|word| word.eq_ignore_ascii_case(keyword))
    }

    /// Steps over `keyword` if it comes next, in any case.
    pub(crate) fn eat_keyword(&mut self, keyword: &str) -> bool {
        let found = self.at_keyword(keyword);
        if found {
            self.advance(keyword.len());
        }
        found
    }

    /// True at the end of a command: a pipe, the bracket of a sub-query, or nothing any more.
    pub(crate) fn at_command_end(&mut self) -> bool {
        match self.peek() {
            None | Some('|') => true,
            Some(')') => self.in_subquery,
            Some(_) => false,
        }
    }

    /// True where no command follows any more.
    pub(crate) fn at_query_end(&mut self) -> bool {
        match self.peek() {
            None => true,
            Some(')') => self.in_subquery,
            Some(_) => false,
        }
    }

    /// Keeps the first [`WARNINGS_MAX`] remarks.
    pub(crate) fn warn(&mut self, span: Span, message: impl Into<String>) {
        if self.warnings.len() < WARNINGS_MAX {
            self.warnings.push(Warning {
                message: message.into(),
                span,
            });
        }
    }

    /// One level deeper; [`Reader::leave`] comes back. Checked before anything recurses.
    pub(crate) fn enter(&mut self) -> Result<(), SyntaxError> {
        if self.depth == NESTING_MAX {
            let span = self.last;
            return Err(SyntaxError::new(
                SyntaxErrorKind::NestingTooDeep { limit: NESTING_MAX },
                span,
            ));
        }
        self.depth += 1;
        Ok(())
    }

    pub(crate) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Every run of blanks and comments, in their order.
    pub(crate) fn into_trivia(self) -> Vec<Span> {
        self.trivia
    }

    /// The text of `span` with every run of blanks and comments outside of literals as one blank.
    pub(crate) fn collapsed(&self, span: Span) -> String {
        let first = self.trivia.partition_point(|trivia| trivia.start < span.start);
        let mut collapsed = String::new();
        let mut at = span.start;
        for trivia in self.trivia[first..]
            .iter()
            .take_while(|trivia| trivia.end <= span.end)
        {
            let piece = Span::new(at, trivia.start).of(self.text);
            collapsed.push_str(piece);
            if !collapsed.is_empty() && !collapsed.ends_with(' ') {
                collapsed.push(' ');
            }
            at = trivia.end;
        }
        collapsed.push_str(Span::new(at, span.end).of(self.text));
        collapsed
    }
}
