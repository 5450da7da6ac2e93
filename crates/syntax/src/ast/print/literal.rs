//! Canonical text of names, periods, numbers, texts and regexes.

use std::fmt::{self, Display, Formatter, Write as _};

use crate::ast::{Name, NumberLiteral, Period, RegexLiteral};
use crate::lexical::{is_name_char, is_name_start};

/// Words that mean something where a value stands, so that a field of that name needs backticks.
const WORDS: &[&str] = &[
    "and", "or", "not", "in", "like", "as", "by", "true", "false", "null", "case", "asc", "desc",
];

/// Without backticks where the name can be written bare. The `@` of a system field stays outside of them.
impl Display for Name {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if is_bare(&self.text) {
            return f.write_str(&self.text);
        }
        match self.text.strip_prefix('@').filter(|rest| !rest.is_empty()) {
            Some(rest) => write!(f, "@`{rest}`"),
            None => write!(f, "`{}`", self.text),
        }
    }
}

fn is_bare(name: &str) -> bool {
    name.starts_with(is_name_start)
        && name
            .split('.')
            .all(|step| !step.is_empty() && step.chars().all(is_name_char))
        && !WORDS.iter().any(|word| word.eq_ignore_ascii_case(name))
}

impl Display for Period {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.count, self.unit.symbol())
    }
}

/// The digits as written; a missing zero is added.
impl Display for NumberLiteral {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let zero = if self.text.starts_with('.') { "0" } else { "" };
        write!(f, "{zero}{}", self.text)
    }
}

/// Between slashes, with slashes inside escaped.
impl Display for RegexLiteral {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_char('/')?;
        let mut is_escaped = false;
        for c in self.pattern.chars() {
            if c == '/' && !is_escaped {
                f.write_char('\\')?;
            }
            f.write_char(c)?;
            is_escaped = c == '\\' && !is_escaped;
        }
        f.write_char('/')
    }
}

/// A text between double quotes.
pub(super) struct Quoted<'t>(pub(super) &'t str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for c in self.0.chars() {
            if matches!(c, '"' | '\\') {
                f.write_char('\\')?;
            }
            f.write_char(c)?;
        }
        f.write_char('"')
    }
}
