//! A second implementation of the query language: rows are maps, nothing is optimised, and nothing is shared with the
//! engine but the syntax tree. What it and the engine do not agree on is a bug of one of them.
//!
//! It knows no files, no damage, no limits; it refuses what it does not implement, and never guesses.

mod aggregate;
mod arithmetic;
mod commands;
mod concurrency;
mod event;
mod expression;
mod functions;
mod kind;
mod parse;
mod series;
mod stats;
mod value;

pub use event::LogEvent;
pub use value::Value;

use std::collections::BTreeMap;

use insq_syntax::ast::Query;

use kind::{Kind, Kinds};

/// What the reference does not implement, or what no row can answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsupported(pub String);

/// The answer to a query.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// One value per column.
    pub rows: Vec<Vec<Value>>,
}

/// A row: its fields, and where its event stands.
#[derive(Clone, Debug, Default)]
struct Row {
    /// What is not here is missing.
    fields: BTreeMap<String, Value>,
    /// When the event was logged; `None` for groups.
    time: Option<i64>,
    /// Where the row stands among all rows.
    position: usize,
}

impl Row {
    fn get(&self, name: &str) -> Value {
        self.fields.get(name).cloned().unwrap_or(Value::Null)
    }
}

/// What a query has made so far.
struct Pipeline {
    rows: Vec<Row>,
    /// The types of fields that are known beforehand; all others are those of log fields.
    kinds: Kinds,
    /// The columns that are shown.
    shown: Vec<String>,
    /// True while rows are events.
    is_events: bool,
    /// True once an order is fixed; until then events are in no order, which shows as newest first.
    is_ordered: bool,
    /// True after `display`.
    is_displayed: bool,
}

/// Answers a query.
///
/// # Errors
/// What the reference does not implement.
///
/// # Examples
/// ```
/// use insq_testkit::reference::{LogEvent, Value, answer};
///
/// let event = |n: i64| LogEvent {
///     timestamp_ms: n,
///     message: format!("{{\"n\": {n}}}"),
///     log_stream: "s".to_owned(),
/// };
/// let query = insq_syntax::parse("filter n > 1 | stats sum(n) as s").unwrap().query;
/// let found = answer(&query, &[event(1), event(2), event(3)]).unwrap();
/// assert_eq!(found.columns, ["s"]);
/// assert_eq!(found.rows, [[Value::Number(5.0)]]);
/// ```
pub fn answer(query: &Query, events: &[LogEvent]) -> Result<Answer, Unsupported> {
    let mut rows: Vec<Row> = events
        .iter()
        .enumerate()
        .map(|(idx, event)| event.row(idx))
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse((row.time, row.position)));
    let mut pipeline = Pipeline {
        rows,
        kinds: Kinds::of_events(),
        shown: Vec::new(),
        is_events: true,
        is_ordered: false,
        is_displayed: false,
    };
    for command in &query.commands {
        pipeline.apply(command)?;
    }
    Ok(pipeline.finish())
}

impl Pipeline {
    /// Makes a field, shown where the command shows it.
    fn define(&mut self, name: &str, kind: Kind) {
        self.kinds.define(name, kind);
    }

    fn show(&mut self, name: &str) {
        if !self.shown.iter().any(|shown| shown == name) {
            self.shown.push(name.to_owned());
        }
    }

    fn show_defaults(&mut self) {
        if self.shown.is_empty() && self.is_events {
            self.shown = vec!["@timestamp".to_owned(), "@message".to_owned()];
        }
    }

    fn finish(mut self) -> Answer {
        self.show_defaults();
        let shown = &self.shown;
        Answer {
            rows: self
                .rows
                .iter()
                .map(|row| shown.iter().map(|name| row.get(name)).collect())
                .collect(),
            columns: self.shown,
        }
    }
}

fn unsupported<T>(what: impl Into<String>) -> Result<T, Unsupported> {
    Err(Unsupported(what.into()))
}
