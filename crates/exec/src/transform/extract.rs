//! `parse`: execution.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::{Array, BooleanArray, cast::AsArray};
use arrow_select::zip::zip;
use insq_functions::CompiledRegex;
use insq_plan::{Extract, ExtractPattern};
use memchr::memmem::Finder;

use super::views::PartsBuilder;
use crate::chunk::Chunk;
use crate::error::ExecError;
use crate::evaluate::Evaluator;

/// Adds one column per capture. A row that does not match keeps what its names meant before.
pub(super) fn extract(
    evaluator: &Evaluator,
    extract: &Extract,
    cutter: &Cutter,
    mut chunk: Chunk,
) -> Result<Chunk, ExecError> {
    let source = evaluator.array(&extract.source, &chunk)?;
    let source = source.as_string_view();
    let mut columns: Vec<PartsBuilder<'_>> = extract
        .captures
        .iter()
        .map(|_| PartsBuilder::new(source))
        .collect();
    let mut matched = Vec::with_capacity(chunk.rows);
    let mut parts = Parts::default();
    for row in 0..chunk.rows {
        let is_match = source.is_valid(row) && cutter.cut(source.value(row), &mut parts);
        matched.push(is_match);
        for (column, capture) in columns.iter_mut().zip(&extract.captures) {
            match parts.get(capture.group).filter(|_| is_match) {
                Some(part) => column.push_part(part),
                None => column.push_null(),
            }
        }
    }
    let matched = BooleanArray::from(matched);
    let mut made = Vec::with_capacity(columns.len());
    for (column, capture) in columns.into_iter().zip(&extract.captures) {
        let cut = column.finish()?;
        made.push(match &capture.otherwise {
            Some(otherwise) => zip(&matched, &cut, &evaluator.array(otherwise, &chunk)?)?,
            None => cut,
        });
    }
    chunk.columns.extend(made);
    Ok(chunk)
}

/// The captures of one match: byte ranges of the text.
#[derive(Default)]
pub(crate) struct Parts {
    ranges: Vec<Option<Range<usize>>>,
}

impl Parts {
    fn get(&self, group: usize) -> Option<Range<usize>> {
        self.ranges.get(group).cloned().flatten()
    }
}

/// A pattern made ready to take texts apart.
#[derive(Clone, Debug)]
pub(crate) enum Cutter {
    /// Finders of the literals between the stars.
    Glob(Arc<[Finder<'static>]>),
    /// A regular expression.
    Regex(Arc<CompiledRegex>),
    /// A line of CSV, which is taken apart elsewhere.
    Csv,
}

impl Cutter {
    pub(crate) fn new(pattern: &ExtractPattern) -> Self {
        match pattern {
            ExtractPattern::Glob(literals) => Self::Glob(
                literals
                    .iter()
                    .map(|literal| Finder::new(literal.as_bytes()).into_owned())
                    .collect(),
            ),
            ExtractPattern::Regex(regex) => Self::Regex(Arc::clone(regex)),
            ExtractPattern::Csv => Self::Csv,
        }
    }

    /// Takes `text` apart; false when the pattern does not match.
    pub(crate) fn cut(&self, text: &str, parts: &mut Parts) -> bool {
        parts.ranges.clear();
        match self {
            Self::Glob(literals) => cut_glob(literals, text.as_bytes(), parts).is_some(),
            Self::Csv => false,
            Self::Regex(regex) => {
                let Some(captures) = regex.regex().captures(text) else {
                    return false;
                };
                parts
                    .ranges
                    .extend(captures.iter().map(|group| group.map(|found| found.range())));
                true
            }
        }
    }
}

/// Matches anywhere: what stands before the first literal and after the last is not looked at. Every star
/// ends at the first occurrence of the literal behind it; a star at the end takes the rest.
fn cut_glob(literals: &[Finder<'_>], text: &[u8], parts: &mut Parts) -> Option<()> {
    let (first, rest) = literals.split_first()?;
    let mut at = first.find(text)? + first.needle().len();
    if rest.is_empty() {
        parts.ranges.push(Some(at..at));
    }
    for (idx, literal) in rest.iter().enumerate() {
        let is_last = idx + 1 == rest.len();
        let end = match literal.needle() {
            [] if is_last => text.len(),
            _ => at + literal.find(&text[at..])?,
        };
        parts.ranges.push(Some(at..end));
        at = end + literal.needle().len();
    }
    Some(())
}

/// The captures of a pattern in a text, for tests of the pattern alone.
#[cfg(test)]
fn captures_of(pattern: &str, text: &str) -> Option<Vec<String>> {
    let literals: Arc<[String]> = pattern.split('*').map(str::to_owned).collect();
    let mut parts = Parts::default();
    Cutter::new(&ExtractPattern::Glob(literals))
        .cut(text, &mut parts)
        .then(|| {
            parts
                .ranges
                .iter()
                .flatten()
                .map(|range| text[range.clone()].to_owned())
                .collect()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        let check = |pattern: &str, text: &str, expected: Option<&[&str]>| {
            let found = captures_of(pattern, text);
            let found: Option<Vec<&str>> = found.as_ref().map(|all| all.iter().map(String::as_str).collect());
            assert_eq!(found.as_deref(), expected, "{pattern} in {text}");
        };
        check("user=* took * ms", "user=ann took 12 ms", Some(&["ann", "12"]));
        check(
            "[*] * The error was: *",
            "25 May [ERROR] {a=2} The error was: X\nY",
            Some(&["ERROR", "{a=2}", "X\nY"]),
        );
        check("a=*", "b", None);
        check("a=* b", "a= b", Some(&[""]));
        check("*", "", Some(&[""]));
        check("* b *", "x b y b z", Some(&["x", "y b z"]));
        check("door closed", "the door closed", Some(&[""]));
        check("door closed", "the door", None);
        check("**", "xy", Some(&["", "xy"]));
    }
}
