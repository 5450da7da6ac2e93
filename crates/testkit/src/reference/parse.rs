//! `parse`: globs, regular expressions, pairs and cells.

use insq_syntax::ast::{Parse, ParsePattern};
use regex::Regex;

use super::expression::{evaluate, text};
use super::functions::converted;
use super::kind::Kind;
use super::{Pipeline, Row, Unsupported, Value, unsupported};

impl Pipeline<'_> {
    pub(super) fn parse(&mut self, parse: &Parse) -> Result<(), Unsupported> {
        if let ParsePattern::Logfmt { name } = &parse.pattern {
            return self.parse_pairs(parse, &name.text);
        }
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
                ParsePattern::Csv { names } => cells(source.as_deref(), names.len()).into_iter().collect(),
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

impl Pipeline<'_> {
    /// `parse … logfmt as kv`.
    fn parse_pairs(&mut self, parse: &Parse, name: &str) -> Result<(), Unsupported> {
        let mut values = Vec::new();
        for row in &self.rows {
            let source = match &parse.source {
                Some(source) => evaluate(source, row, &self.kinds)?.text(),
                None => row.get("@message").text(),
            };
            let earlier = match self.kinds.is_of_log(name) {
                true => row.structures.get(name).cloned().map_or(Value::Null, Value::Json),
                false => converted(row.get(name), Kind::Json),
            };
            values.push(
                source
                    .and_then(|source| pairs(&source))
                    .map_or(earlier, Value::Json),
            );
        }
        self.put(name, Kind::Json, values);
        self.show_made(name);
        Ok(())
    }
}

/// The pairs of a text as a map: `key=value`, `key="a value"`, or a key alone, which is true. `None` without any pair.
fn pairs(text: &str) -> Option<String> {
    let mut rest: Vec<char> = text.chars().rev().collect();
    let (mut members, mut has_pair) = (Vec::new(), false);
    while let Some(next) = rest.last().copied() {
        if next.is_whitespace() {
            rest.pop();
            continue;
        }
        let mut key = String::new();
        while let Some(c) = rest.pop_if(|c| *c != '=' && *c != '"' && !c.is_whitespace()) {
            key.push(c);
        }
        let value = match rest.pop_if(|c| *c == '=') {
            Some(_) => Some(value(&mut rest)),
            None => {
                rest.pop_if(|c| *c == '"');
                None
            }
        };
        if !key.is_empty() {
            has_pair |= value.is_some();
            let value = value.map_or_else(
                || "true".to_owned(),
                |value| serde_json::Value::from(value).to_string(),
            );
            members.push(format!("{}:{value}", serde_json::Value::from(key)));
        }
    }
    has_pair.then(|| format!("{{{}}}", members.join(",")))
}

/// The value in front of what is left of a text, which is taken from its end.
fn value(rest: &mut Vec<char>) -> String {
    let mut value = String::new();
    if rest.pop_if(|c| *c == '"').is_none() {
        while let Some(c) = rest.pop_if(|c| !c.is_whitespace()) {
            value.push(c);
        }
        return value;
    }
    while let Some(c) = rest.pop().filter(|c| *c != '"') {
        value.push(match c {
            '\\' => match rest.pop() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some(other) => other,
                None => '\\',
            },
            other => other,
        });
    }
    value
}

/// The first line of a text as cells: so many, of which those that lack are missing.
fn cells(source: Option<&str>, count: usize) -> Option<Vec<Option<String>>> {
    let source = source?.trim_start_matches(['\r', '\n']);
    let mut cells: Vec<String> = Vec::new();
    let (mut cell, mut is_quoted, mut is_first) = (String::new(), false, true);
    let mut characters = source.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '"' if is_quoted && characters.next_if_eq(&'"').is_some() => cell.push('"'),
            '"' if is_quoted => is_quoted = false,
            c if is_quoted => cell.push(c),
            '"' if is_first => is_quoted = true,
            ',' => cells.push(std::mem::take(&mut cell)),
            '\r' | '\n' => break,
            c => cell.push(c),
        }
        is_first = c == ',' && !is_quoted;
    }
    if !source.is_empty() {
        cells.push(cell);
    }
    let mut cells: Vec<Option<String>> = cells.into_iter().map(Some).collect();
    cells.resize(count, None);
    Some(cells)
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
        ParsePattern::Glob { names, .. } | ParsePattern::Csv { names } => {
            Ok(names.iter().map(|name| name.text.clone()).collect())
        }
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
