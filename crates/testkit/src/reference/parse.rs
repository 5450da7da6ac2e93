//! `parse`: globs and regular expressions.

use insq_syntax::ast::{Parse, ParsePattern};
use regex::Regex;

use super::expression::{evaluate, text};
use super::kind::Kind;
use super::{Pipeline, Row, Unsupported, unsupported};

impl Pipeline<'_> {
    pub(super) fn parse(&mut self, parse: &Parse) -> Result<(), Unsupported> {
        let mut rows = Vec::new();
        let (mut names, mut is_multi) = (Vec::new(), false);
        for row in &self.rows {
            let source = match &parse.source {
                Some(source) => evaluate(source, row, &self.kinds)?.text(),
                None => row.get("@message").text(),
            };
            let matches = match &parse.pattern {
                ParsePattern::Glob { pattern, .. } => glob(pattern, source.as_deref()).into_iter().collect(),
                ParsePattern::Regex { regex, multi, .. } => {
                    is_multi = *multi;
                    matches(&regex.pattern, source.as_deref(), *multi)?
                }
                other => return unsupported(format!("{other:?}")),
            };
            names = pattern_names(&parse.pattern)?;
            push_rows(row, &names, matches, &mut rows);
        }
        if names.is_empty() {
            names = pattern_names(&parse.pattern)?;
        }
        if is_multi && rows.len() != self.rows.len() && self.is_ordered {
            return unsupported("multi in an order");
        }
        self.rows = rows;
        for name in names {
            self.define(&name, Kind::Text);
            if !self.is_events && !self.is_displayed {
                self.show(&name);
            }
        }
        Ok(())
    }
}

/// One row per match; without any, the row as it is.
fn push_rows(row: &Row, names: &[String], matches: Vec<Vec<Option<String>>>, rows: &mut Vec<Row>) {
    if matches.is_empty() {
        let mut row = row.clone();
        // A name keeps what it meant, as a text.
        for name in names {
            let earlier = text(row.get(name).shown().text());
            row.fields.insert(name.clone(), earlier);
        }
        rows.push(row);
    }
    for captures in matches {
        let mut row = row.clone();
        for (name, capture) in names.iter().zip(captures) {
            // A name that was a number becomes a text, too.
            row.fields.insert(name.clone(), text(capture));
        }
        rows.push(row);
    }
}

fn pattern_names(pattern: &ParsePattern) -> Result<Vec<String>, Unsupported> {
    match pattern {
        ParsePattern::Glob { names, .. } => Ok(names.iter().map(|name| name.text.clone()).collect()),
        ParsePattern::Regex { regex, names, .. } => {
            let regex = compiled(&regex.pattern)?;
            let mut given = names.iter();
            let named = regex.capture_names().skip(1).map(|group| match group {
                Some(name) => Some(name.to_owned()),
                None => given.next().map(|name| name.text.clone()),
            });
            Ok(named.flatten().collect())
        }
        _ => Ok(Vec::new()),
    }
}

fn compiled(pattern: &str) -> Result<Regex, Unsupported> {
    Regex::new(pattern).or_else(|error| unsupported(error.to_string()))
}

/// What the stars of a glob stand for: as little as possible, and all the rest for a last star.
fn glob(pattern: &str, source: Option<&str>) -> Option<Vec<Option<String>>> {
    let source = source?;
    let literals: Vec<&str> = pattern.split('*').collect();
    let [first, others @ ..] = &literals[..] else {
        return None;
    };
    let mut rest = &source[source.find(first)? + first.len()..];
    if others.is_empty() {
        return Some(vec![Some(String::new())]);
    }
    let mut captures = Vec::new();
    for (idx, literal) in others.iter().enumerate() {
        let is_last = idx + 1 == others.len();
        let end = if is_last && literal.is_empty() {
            rest.len()
        } else {
            rest.find(literal)?
        };
        captures.push(Some(rest[..end].to_owned()));
        rest = &rest[end + literal.len()..];
    }
    Some(captures)
}

fn matches(
    pattern: &str,
    source: Option<&str>,
    multi: bool,
) -> Result<Vec<Vec<Option<String>>>, Unsupported> {
    let regex = compiled(pattern)?;
    let limit = if multi { usize::MAX } else { 1 };
    let captures = |found: regex::Captures<'_>| {
        let groups = found.iter().skip(1);
        groups
            .map(|group| group.map(|group| group.as_str().to_owned()))
            .collect()
    };
    Ok(source.map_or_else(Vec::new, |source| {
        regex.captures_iter(source).take(limit).map(captures).collect()
    }))
}
