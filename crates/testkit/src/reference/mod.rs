//! A second implementation of the query language: rows are maps, nothing is optimised, and nothing is shared with the
//! engine but the syntax tree. What it and the engine do not agree on is a bug of one of them.
//!
//! It knows no files, no damage, no limits; it refuses what it does not implement, and never guesses.

mod aggregate;
mod arithmetic;
mod commands;
mod concurrency;
mod encodings;
mod event;
mod expression;
mod functions;
mod kind;
mod maps;
mod missing_bins;
mod parse;
mod series;
mod stats;
mod subquery;
mod tables;
mod value;

pub use event::LogEvent;
pub use tables::{Table, TimeBounds, World};
pub use value::Value;

use std::collections::BTreeMap;

use insq_syntax::ast::Query;

use kind::{Kind, Kinds};
use missing_bins::TimeBins;

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
    /// The JSON of the message's fields, maps and lists included, by their dotted paths.
    structures: BTreeMap<String, String>,
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
struct Pipeline<'w> {
    world: World<'w>,
    /// The time that the query is about.
    time_ms: TimeBounds,
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
    /// What `join` called the events so far.
    left: Option<String>,
    /// The time bins of the last `stats`.
    bins: Option<TimeBins>,
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
    let world = World {
        events,
        time_ms: (None, None),
        tables: &[],
    };
    answer_in(query, world)
}

/// Answers a query that may name tables.
///
/// # Errors
/// As [`answer`].
pub fn answer_in(query: &Query, world: World<'_>) -> Result<Answer, Unsupported> {
    Ok(Pipeline::run(query, world)?.finish())
}

impl<'w> Pipeline<'w> {
    /// All events of some time, newest first.
    fn of_events(world: World<'w>, time_ms: TimeBounds) -> Self {
        let (start_ms, end_ms) = time_ms;
        let is_wanted = |event: &LogEvent| {
            start_ms.is_none_or(|start| event.timestamp_ms >= start)
                && end_ms.is_none_or(|end| event.timestamp_ms < end)
        };
        let events = world.events.iter().filter(|event| is_wanted(event)).enumerate();
        let mut rows: Vec<Row> = events.map(|(idx, event)| event.row(idx)).collect();
        rows.sort_by_key(|row| std::cmp::Reverse((row.time, row.position)));
        Self {
            world,
            time_ms,
            rows,
            kinds: Kinds::of_events(),
            shown: Vec::new(),
            is_events: true,
            is_ordered: false,
            is_displayed: false,
            left: None,
            bins: None,
        }
    }

    fn run(query: &Query, world: World<'w>) -> Result<Self, Unsupported> {
        let mut pipeline = Self::of_events(world, world.time_ms);
        for command in &query.commands {
            pipeline.apply(command)?;
        }
        pipeline.show_defaults();
        Ok(pipeline)
    }

    /// Makes a field, shown where the command shows it.
    fn define(&mut self, name: &str, kind: Kind) {
        if let Some(bins) = &mut self.bins {
            bins.forget(name);
        }
        self.kinds.define(name, kind);
        // The left side of a join is what has become of it.
        if let Some(left) = &self.left {
            let aliased = format!("{left}.{name}");
            for row in &mut self.rows {
                let value = row.get(name);
                row.fields.insert(aliased.clone(), value);
            }
            self.kinds.define(&aliased, kind);
        }
    }

    fn show(&mut self, name: &str) {
        if !self.shown.iter().any(|shown| shown == name) {
            self.shown.push(name.to_owned());
        }
    }

    /// Shows what a command has made, where commands show that without being told: groups do, and events that show
    /// the name already.
    fn show_made(&mut self, name: &str) {
        if !self.is_events && !self.is_displayed {
            self.show(name);
        }
    }

    fn show_defaults(&mut self) {
        if self.shown.is_empty() && self.is_events {
            self.shown = vec!["@timestamp".to_owned(), "@message".to_owned()];
        }
    }

    fn finish(self) -> Answer {
        let shown = &self.shown;
        let cells = |row: &Row| shown.iter().map(|name| row.get(name).shown()).collect();
        Answer {
            rows: self.rows.iter().map(cells).collect(),
            columns: self.shown,
        }
    }
}

fn unsupported<T>(what: impl Into<String>) -> Result<T, Unsupported> {
    Err(Unsupported(what.into()))
}
