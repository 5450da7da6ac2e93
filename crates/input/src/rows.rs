//! Rows of a query's result as events: what the service, its console or its command line saved of an earlier query.
//!
//! The columns that bear names of system fields fill those; the others are discovered fields. A row without a
//! `@message` is its own message, as a JSON object of its columns.

use std::sync::Arc;

use insq_event::{EventKind, SystemField};
use serde_json::Value;

use crate::clock::LogClock;
use crate::timestamp::read_written;

/// A row: what it says of its event, and the other columns.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Row {
    pub(crate) time_ms: Option<i64>,
    pub(crate) ingestion_ms: Option<i64>,
    pub(crate) message: Option<String>,
    pub(crate) stream: Option<Arc<str>>,
    pub(crate) log: Option<Arc<str>>,
    columns: serde_json::Map<String, Value>,
    clock: LogClock,
}

impl Row {
    /// A row without columns whose times are of `clock`.
    pub(crate) fn new(clock: LogClock) -> Self {
        Self {
            clock,
            ..Self::default()
        }
    }

    /// Takes a column in. Values of the service are text, whatever they are.
    pub(crate) fn add(&mut self, name: &str, value: &str) {
        if value.is_empty() {
            return;
        }
        match SystemField::from_name(name) {
            Some(SystemField::Timestamp) => self.time_ms = time_of_row(value, self.clock),
            Some(SystemField::IngestionTime) => self.ingestion_ms = time_of_row(value, self.clock),
            Some(SystemField::Message) => self.message = Some(value.to_owned()),
            Some(SystemField::LogStream) => self.stream = Some(value.into()),
            Some(SystemField::Log) => self.log = Some(value.into()),
            // It pointed into a log of the service.
            Some(SystemField::Ptr) => {}
            _ => {
                self.columns.insert(name.to_owned(), Value::from(value));
            }
        }
    }

    /// Takes a column of any JSON value in.
    pub(crate) fn add_json(&mut self, name: &str, value: Value) {
        match value {
            Value::Null => {}
            Value::String(text) => self.add(name, &text),
            value if SystemField::from_name(name).is_some() => self.add(name, &value.to_string()),
            value => {
                self.columns.insert(name.to_owned(), value);
            }
        }
    }

    /// The other columns as a JSON object; `None` when there are none.
    pub(crate) fn columns(&self) -> Option<String> {
        (!self.columns.is_empty()).then(|| Value::from(self.columns.clone()).to_string())
    }

    /// What kind of event it was, as far as its columns say.
    pub(crate) fn kind(&self) -> Option<EventKind> {
        let named = self
            .columns
            .get(SystemField::Type.name())
            .and_then(Value::as_str)
            .and_then(EventKind::from_type_name);
        let is_report = |name: &String| SystemField::from_name(name).is_some_and(SystemField::implies_report);
        named.or_else(|| self.columns.keys().any(is_report).then_some(EventKind::Report))
    }
}

/// `2026-03-04 00:00:00.131`, and what other writers make of it.
fn time_of_row(text: &str, clock: LogClock) -> Option<i64> {
    if let Some((written, _)) = read_written(text.as_bytes()).filter(|(_, end)| *end == text.len()) {
        return clock.instant(written);
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_go_where_their_names_say() {
        let mut row = Row::default();
        for (name, value) in [
            ("@timestamp", "2026-03-04 00:00:00.131"),
            ("@message", "hello"),
            ("@logStream", "s"),
            ("@log", "1:g"),
            ("@ptr", "Cl8K"),
            ("user", "ann"),
            ("empty", ""),
        ] {
            row.add(name, value);
        }
        row.add_json("n", Value::from(7));
        row.add_json("nothing", Value::Null);
        assert_eq!(
            (row.time_ms, row.message.as_deref()),
            (Some(1_772_582_400_131), Some("hello"))
        );
        assert_eq!(
            (row.stream.as_deref(), row.log.as_deref()),
            (Some("s"), Some("1:g"))
        );
        assert_eq!(row.columns().as_deref(), Some(r#"{"n":7,"user":"ann"}"#));
        assert_eq!(row.kind(), None);
        row.add("@duration", "7.31");
        assert_eq!(row.kind(), Some(EventKind::Report));
        row.add("@type", "START");
        assert_eq!(row.kind(), Some(EventKind::Start));
    }

    #[test]
    fn times_of_rows() {
        for (text, expected) in [
            ("1970-01-01 00:00:01.000", Some(1_000)),
            ("1970-01-01T00:00:01Z", Some(1_000)),
            ("1000", Some(1_000)),
            ("yesterday", None),
        ] {
            assert_eq!(time_of_row(text, LogClock::UTC), expected, "{text}");
        }
    }
}
