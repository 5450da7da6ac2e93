//! What to say about text that does not fit: the usual slips first, then what was found.

use crate::Span;
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::reader::Reader;
use crate::{keywords, lexical};

/// Signs of a word of the query that are repeated in a message.
const SHORT_MAX: usize = 60;

/// `text` on one line, and cut where it is long.
pub(crate) fn shortened(text: &str) -> String {
    let line = text.split(['\n', '\r']).next().unwrap_or_default();
    match line.char_indices().nth(SHORT_MAX) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

/// Symbols of other languages, with ours. The longer stand before the shorter.
const FOREIGN_OPERATORS: &[(&str, &str)] = &[
    ("<>", "!="),
    ("&&", "and"),
    ("||", "or"),
    ("!~", "not like"),
    ("=<", "<="),
    ("=>", ">="),
    ("**", "^"),
    ("//", "/"),
    ("/*", "#"),
    // What word processors make of them.
    ("≠", "!="),
    ("≤", "<="),
    ("≥", ">="),
    ("–", "-"),
    ("−", "-"),
];

/// Words after which a value must come.
const OPERATOR_WORDS: &[&str] = &["and", "or", "not", "like", "in"];

impl Reader<'_> {
    /// Something that is no value stands where one must.
    pub(crate) fn unexpected_value(&mut self) -> SyntaxError {
        let before = self.last();
        let here = self.here();
        if let Some(error) = self.usual_slip(here) {
            return error;
        }
        let at_end = self.at_command_end();
        if self.operator_at(before) && (at_end || self.at(")") || self.at("]") || self.at(",")) {
            let operator = before.of(self.text).to_owned();
            let place = if at_end {
                Span::new(before.end, before.end)
            } else {
                here
            };
            return SyntaxError::new(SyntaxErrorKind::NothingOnRight { operator }, place);
        }
        match self.found_operator(here) {
            Some(span) => {
                let operator = span.of(self.text).to_owned();
                SyntaxError::new(SyntaxErrorKind::NothingOnLeft { operator }, span)
            }
            None => {
                let (found, span) = self.found(here);
                SyntaxError::new(SyntaxErrorKind::ExpectedValue { found }, span)
            }
        }
    }

    /// Something that is no name stands where one must.
    pub(crate) fn unexpected_name(&mut self) -> SyntaxError {
        let here = self.here();
        if let Some(error) = self.usual_slip(here) {
            return error;
        }
        let (found, span) = self.found(here);
        SyntaxError::new(SyntaxErrorKind::ExpectedName { found }, span)
    }

    /// More text where a command must end.
    pub(crate) fn unexpected_text(&mut self) -> SyntaxError {
        let before = self.last();
        let here = self.here();
        let slip = self
            .string_ends_early(before)
            .or_else(|| self.missing_pipe(here))
            .or_else(|| self.usual_slip(here))
            .or_else(|| self.word_operator(here))
            .or_else(|| self.unquoted_text(before, here))
            .or_else(|| self.missing_blank(before, here))
            .or_else(|| self.closing_bracket(here));
        slip.unwrap_or_else(|| {
            let (found, span) = self.found(here);
            SyntaxError::new(
                SyntaxErrorKind::UnexpectedText {
                    found: found.unwrap_or_default(),
                },
                span,
            )
        })
    }

    /// True at `||` that joins conditions; two pipes before a command are an empty command.
    pub(crate) fn at_double_pipe(&mut self) -> bool {
        self.at("||")
            && !self.ahead(|reader| {
                reader.advance(2);
                reader
                    .peek_word()
                    .is_some_and(|word| keywords::find(word).is_some())
            })
    }

    /// The word or sign here, for a message.
    fn found(&mut self, here: Span) -> (Option<String>, Span) {
        let rest = self.rest();
        if rest.is_empty() {
            return (None, here);
        }
        let length = match (lexical::later_step(rest), lexical::string(rest)) {
            (Ok((_, word)), _) => word.len(),
            (_, Ok((after, _))) => rest.len() - after.len(),
            _ => here.end - here.start,
        };
        let span = Span::new(here.start, here.start + length);
        (Some(shortened(span.of(self.text))), span)
    }

    /// Slips that are told by how they begin, wherever they stand.
    fn usual_slip(&mut self, here: Span) -> Option<SyntaxError> {
        let rest = self.rest();
        if let Ok((_, found)) = lexical::placeholder(rest) {
            let span = Span::new(here.start, here.start + found.len());
            return Some(SyntaxError::new(
                SyntaxErrorKind::Placeholder {
                    found: shortened(found),
                },
                span,
            ));
        }
        if let Some(&(found, write)) = FOREIGN_OPERATORS
            .iter()
            .find(|(found, _)| rest.starts_with(found))
        {
            let span = Span::new(here.start, here.start + found.len());
            return Some(SyntaxError::new(
                SyntaxErrorKind::ForeignOperator { found, write },
                span,
            ));
        }
        self.typographic_quote(here).or_else(|| self.escaped_quote(here))
    }

    fn typographic_quote(&mut self, here: Span) -> Option<SyntaxError> {
        const QUOTES: &[char] = &['“', '”', '„', '‟', '‘', '’', '‚', '‛', '«', '»', '″', '′'];
        let rest = self.rest();
        let found = rest.chars().next().filter(|c| QUOTES.contains(c))?;
        let inner = rest
            .split('\n')
            .next()
            .unwrap_or_default()
            .trim_start_matches(QUOTES);
        let inner = inner.split(QUOTES).next().unwrap_or_default();
        let plain = shortened(inner.trim_end_matches(['"', '\'']).trim());
        Some(SyntaxError::new(
            SyntaxErrorKind::TypographicQuote { found, plain },
            here,
        ))
    }

    fn escaped_quote(&mut self, here: Span) -> Option<SyntaxError> {
        let rest = self.rest();
        let inner = rest.strip_prefix("\\\"").or_else(|| rest.strip_prefix("\\'"))?;
        let plain = inner.split(['\\', '"', '\'', '\n']).next().unwrap_or_default();
        let span = Span::new(here.start, here.start + 2);
        Some(SyntaxError::new(
            SyntaxErrorKind::EscapedQuote {
                plain: shortened(plain),
            },
            span,
        ))
    }

    /// True when the lexeme at `span` must have a value on its right.
    fn operator_at(&self, span: Span) -> bool {
        let lexeme = span.of(self.text);
        let is_symbol = !lexeme.is_empty() && lexeme.chars().all(|c| "=!<>~+-*/%^".contains(c));
        is_symbol
            || OPERATOR_WORDS
                .iter()
                .any(|word| word.eq_ignore_ascii_case(lexeme))
    }

    /// The operator here, where a value is missing on its left.
    fn found_operator(&mut self, here: Span) -> Option<Span> {
        let rest = self.rest();
        let word = lexical::word(rest).ok().map(|(_, word)| word);
        if let Some(word) = word.filter(|word| {
            OPERATOR_WORDS
                .iter()
                .any(|known| known.eq_ignore_ascii_case(word))
        }) {
            return Some(Span::new(here.start, here.start + word.len()));
        }
        let length = rest.len() - rest.trim_start_matches(|c| "=!<>~+/%^".contains(c)).len();
        (length > 0).then(|| Span::new(here.start, here.start + length))
    }

    fn string_ends_early(&mut self, before: Span) -> Option<SyntaxError> {
        let quote = before
            .of(self.text)
            .chars()
            .next()
            .filter(|c| matches!(c, '"' | '\''))?;
        let after = Span::new(before.end, self.text.len()).of(self.text);
        let (_, found) = lexical::later_step(after).ok()?;
        let span = Span::new(before.end, before.end + found.len());
        Some(SyntaxError::new(
            SyntaxErrorKind::StringEndsEarly {
                found: shortened(found),
                quote,
            },
            span,
        ))
    }

    fn missing_pipe(&mut self, here: Span) -> Option<SyntaxError> {
        let command = self.peek_word()?;
        let is_known = keywords::find(command).is_some();
        let is_after_line_end = Span::new(self.last().end, here.start)
            .of(self.text)
            .contains('\n')
            && keywords::find_foreign(command).is_some();
        let span = Span::new(here.start, here.start + command.len());
        let command = command.to_owned();
        (is_known || is_after_line_end)
            .then(|| SyntaxError::new(SyntaxErrorKind::MissingPipe { command }, span))
    }

    /// `contains`, `exists`, `is null`: words that are operators elsewhere.
    fn word_operator(&mut self, here: Span) -> Option<SyntaxError> {
        let word = self.peek_word()?;
        let operand = shortened(self.last_operand().of(self.text));
        let value = self.following_value(word);
        let lower = word.to_ascii_lowercase();
        let mut length = word.len();
        let write = match lower.as_str() {
            "contains" | "has" | "includes" | "matches" | "ilike" | "rlike" => {
                format!("{operand} like {}", value.as_deref().unwrap_or("\"…\""))
            }
            "startswith" => format!("startsWith({operand}, {})", value.as_deref().unwrap_or("\"…\"")),
            "endswith" => format!("endsWith({operand}, {})", value.as_deref().unwrap_or("\"…\"")),
            "exists" => format!("ispresent({operand})"),
            "is" => {
                let (write, words) = self.is_something(here, &operand)?;
                length = words;
                write
            }
            "between" => format!("{operand} >= 1 and {operand} <= 5"),
            "eq" | "equals" => format!("{operand} = {}", value.as_deref().unwrap_or("1")),
            "ne" => format!("{operand} != {}", value.as_deref().unwrap_or("1")),
            _ => return None,
        };
        let span = Span::new(here.start, here.start + length);
        let found = span.of(self.text).to_owned();
        Some(SyntaxError::new(
            SyntaxErrorKind::WordOperator { found, write },
            span,
        ))
    }

    /// The text literal or word that follows `word`, as written.
    fn following_value(&mut self, word: &str) -> Option<String> {
        self.ahead(|reader| {
            reader.advance(word.len());
            let start = reader.here();
            reader
                .lexeme(lexical::string)
                .map(|_| shortened(reader.span_from(start).of(reader.text)))
        })
    }

    /// For `is null`, `is not present`, `is true`: what to write, and the length of the words.
    fn is_something(&mut self, here: Span, operand: &str) -> Option<(String, usize)> {
        self.ahead(|reader| {
            reader.eat_keyword("is");
            let negated = reader.eat_keyword("not");
            let presence =
                |is_present: bool| format!("{}ispresent({operand})", if is_present { "" } else { "not " });
            let write = if reader.eat_keyword("null") || reader.eat_keyword("missing") {
                presence(negated)
            } else if reader.eat_keyword("present") {
                presence(!negated)
            } else if reader.eat_keyword("true") {
                format!("{operand} {}= true", if negated { "!" } else { "" })
            } else if reader.eat_keyword("false") {
                format!("{operand} {}= false", if negated { "!" } else { "" })
            } else {
                return None;
            };
            Some((write, reader.last().end - here.start))
        })
    }

    /// `https://…` reads as a name and a stray colon.
    fn unquoted_text(&mut self, before: Span, here: Span) -> Option<SyntaxError> {
        let is_stray = self.rest().starts_with([':', '\\', '?', '&', '.', '/']) && before.end == here.start;
        let is_word = before.of(self.text).starts_with(lexical::is_name_char);
        if !(is_stray && is_word) {
            return None;
        }
        let rest = Span::new(before.start, self.text.len()).of(self.text);
        let text = rest
            .split(|c: char| c.is_whitespace() || "|)],\"'".contains(c))
            .next()
            .unwrap_or_default();
        let span = Span::new(before.start, before.start + text.len());
        Some(SyntaxError::new(
            SyntaxErrorKind::UnquotedText {
                text: shortened(text),
            },
            span,
        ))
    }

    /// `srcAddrlike "10."`: a name with an operator grown on.
    fn missing_blank(&mut self, before: Span, here: Span) -> Option<SyntaxError> {
        if !self.rest().starts_with(['"', '\'', '[', '/']) {
            return None;
        }
        let name = before.of(self.text);
        let is_bare = name.chars().all(lexical::is_name_char);
        let operator = ["like", "in"].into_iter().find(|operator| {
            name.len() > operator.len()
                && name
                    .get(name.len() - operator.len()..)
                    .is_some_and(|end| end.eq_ignore_ascii_case(operator))
        })?;
        let start = name.len() - operator.len();
        let kind = SyntaxErrorKind::MissingBlank {
            name: shortened(&name[..start]),
            operator: operator.to_owned(),
        };
        (is_bare && before.end <= here.start).then(|| SyntaxError::new(kind, before))
    }

    fn closing_bracket(&mut self, here: Span) -> Option<SyntaxError> {
        let bracket = self.peek().filter(|c| matches!(c, ')' | ']' | '}'))?;
        Some(SyntaxError::new(SyntaxErrorKind::NothingOpen { bracket }, here))
    }
}
