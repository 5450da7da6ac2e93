//! One JSON document as an event: what the service's own interface gives, or a line of an application.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use insq_event::EventKind;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::clock::LogClock;
use crate::document_times::DocumentTimes;
use crate::json_fields::Text;
use crate::rows::Row;

/// An event read from a document.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct JsonEvent<'a> {
    /// The message, when it is a member of the document and not the document itself.
    pub(crate) message: Option<Cow<'a, str>>,
    pub(crate) time_ms: Option<i64>,
    pub(crate) ingestion_ms: Option<i64>,
    pub(crate) stream: Option<Arc<str>>,
    pub(crate) log: Option<Arc<str>>,
    /// Fields that the container holds beside the message.
    pub(crate) columns: Option<Columns>,
}

/// Fields beside a message.
#[derive(Debug, PartialEq)]
pub(crate) struct Columns {
    /// A JSON object.
    pub(crate) text: String,
    /// What kind of event they say that it is.
    pub(crate) kind: Option<EventKind>,
}

impl From<Row> for JsonEvent<'static> {
    fn from(row: Row) -> Self {
        let (text, kind) = (row.columns(), row.kind());
        let columns = text.map(|text| Columns { text, kind });
        // A row without a message is its own.
        let message = row
            .message
            .or_else(|| columns.as_ref().map(|columns| columns.text.clone()));
        Self {
            message: Some(Cow::Owned(message.unwrap_or_default())),
            time_ms: row.time_ms,
            ingestion_ms: row.ingestion_ms,
            stream: row.stream,
            log: row.log,
            columns,
        }
    }
}

/// The members that say what event a document is.
pub(crate) const MEMBERS: [&str; 12] = [
    "@timestamp",
    "@message",
    "timestamp",
    "time",
    "ts",
    "message",
    "logStreamName",
    "ingestionTime",
    "eventId",
    "type",
    "record",
    "_aws",
];

/// Those of a document, as JSON. What is null is missing; of members that come twice the last one counts.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Members<'a> {
    document: &'a [u8],
    /// In the order of [`MEMBERS`]. They are UTF-8, and taken for texts where they are needed: most never are.
    values: [Option<&'a [u8]>; MEMBERS.len()],
}

/// Reads a document. `is_wrapped` tells that it stands in an `events` array, where every element is an
/// event of the service. `None` when it is not a valid JSON object.
pub(crate) fn read<'a>(
    document: &'a [u8],
    is_wrapped: bool,
    times: &mut DocumentTimes,
) -> Option<JsonEvent<'a>> {
    Members::read(document)?.event(is_wrapped, times)
}

impl<'a> Members<'a> {
    /// Reads any document.
    fn read(document: &'a [u8]) -> Option<Self> {
        let mut members = Self {
            document,
            ..Self::default()
        };
        let mut deserializer = serde_json::Deserializer::from_slice(document);
        deserializer.deserialize_map(&mut members).ok()?;
        deserializer.end().ok()?;
        Some(members)
    }

    /// The members whose values stand at `places`, in the order of [`MEMBERS`]; an empty place is that of none.
    pub(crate) fn at(document: &'a [u8], places: &[Range<usize>]) -> Self {
        let mut members = Self {
            document,
            ..Self::default()
        };
        for (value, place) in members.values.iter_mut().zip(places) {
            if !place.is_empty() {
                *value = not_null(&document[place.clone()]);
            }
        }
        members
    }

    /// The event that they make; `None` for a row of a result that can't be read.
    pub(crate) fn event(&self, is_wrapped: bool, times: &mut DocumentTimes) -> Option<JsonEvent<'a>> {
        let [
            at_timestamp,
            at_message,
            timestamp,
            time,
            ts,
            _,
            stream,
            ingestion_time,
            ..,
            aws,
        ] = self.values;
        if at_message.is_some() {
            return row(self.document, times.clock).map(JsonEvent::from);
        }
        let told = [at_timestamp, timestamp, time, ts];
        let time_ms = told.into_iter().flatten().find_map(|raw| times.read(raw));
        Some(JsonEvent {
            time_ms: time_ms.or_else(|| metric_time_ms(aws?)),
            ingestion_ms: ingestion_time.and_then(|raw| times.read(raw)),
            stream: stream.and_then(text).map(Arc::from),
            message: self.message(is_wrapped),
            ..JsonEvent::default()
        })
    }

    /// The message of a document that is more than its message.
    fn message(&self, is_wrapped: bool) -> Option<Cow<'a, str>> {
        let [
            ..,
            time,
            _,
            message,
            stream,
            ingestion_time,
            event_id,
            kind,
            record,
            _,
        ] = self.values;
        // Applications write `timestamp` and `message`, too; only the service adds one of these.
        if is_wrapped || stream.or(ingestion_time).or(event_id).is_some() {
            return message.and_then(text);
        }
        // What an extension is told of a function's own output holds the line as its record.
        let is_output = time.is_some()
            && kind
                .and_then(text)
                .is_some_and(|kind| matches!(&*kind, "function" | "extension"));
        let record = record.filter(|_| is_output)?;
        text(record).or_else(|| std::str::from_utf8(record).ok().map(Cow::Borrowed))
    }
}

impl<'de> Visitor<'de> for &mut Members<'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key_seed(Text)? {
            match MEMBERS.iter().position(|name| **name == *key) {
                Some(idx) => self.values[idx] = not_null(map.next_value::<&RawValue>()?.get().as_bytes()),
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

fn not_null(raw: &[u8]) -> Option<&[u8]> {
    Some(raw).filter(|raw| *raw != b"null")
}

/// A row of a query's result, as an object.
fn row(object: &[u8], clock: LogClock) -> Option<Row> {
    let members: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(object).ok()?;
    let mut row = Row::new(clock);
    for (name, value) in members {
        row.add_json(&name, value);
    }
    Some(row)
}

/// Reads a row of a query's result as the service gives it: a list of names and values, with times in UTC.
pub(crate) fn read_row(list: &[u8]) -> Option<JsonEvent<'static>> {
    #[derive(Deserialize)]
    struct Cell<'a> {
        #[serde(borrow)]
        field: Cow<'a, str>,
        #[serde(borrow, default)]
        value: Cow<'a, str>,
    }
    let cells: Vec<Cell<'_>> = serde_json::from_slice(list).ok()?;
    let mut row = Row::new(LogClock::UTC);
    for cell in cells {
        row.add(&cell.field, &cell.value);
    }
    Some(row.into())
}

/// `{"Timestamp": 1772582400131, …}`
fn metric_time_ms(aws: &[u8]) -> Option<i64> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Metadata {
        timestamp: i64,
    }
    let metadata: Metadata = serde_json::from_slice(aws).ok()?;
    Some(metadata.timestamp)
}

/// A JSON string as a text.
pub(crate) fn text(raw: &[u8]) -> Option<Cow<'_, str>> {
    if raw.first() != Some(&b'"') {
        return None;
    }
    let raw = std::str::from_utf8(raw).ok()?;
    if raw.contains('\\') {
        return serde_json::from_str(raw).ok().map(Cow::Owned);
    }
    Some(Cow::Borrowed(&raw[1..raw.len() - 1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents() {
        let check = |document: &str, message: Option<&str>, time_ms: Option<i64>| {
            let event = read(document.as_bytes(), false, &mut DocumentTimes::new(LogClock::UTC)).unwrap();
            assert_eq!(
                (event.message.as_deref(), event.time_ms),
                (message, time_ms),
                "{document}"
            );
        };
        check(
            r#"{"timestamp":1772582400123,"message":"a\tb","eventId":"1"}"#,
            Some("a\tb"),
            Some(1_772_582_400_123),
        );
        check(
            r#"{"timestamp":1772582400123,"message":"a"}"#,
            None,
            Some(1_772_582_400_123),
        );
        check(r#"{"timestamp":1772582400.5}"#, None, Some(1_772_582_400_500));
        check(
            r#"{"time":"1970-01-01T00:00:01.000Z","type":"x"}"#,
            None,
            Some(1_000),
        );
        check(
            r#"{"@timestamp":"1970-01-01T00:00:01Z","timestamp":5}"#,
            None,
            Some(1_000),
        );
        check(
            r#"{"timestamp":"yesterday","ts":"1970-01-01T00:00:02Z"}"#,
            None,
            Some(2_000),
        );
        check(r#"{"level":"x"}"#, None, None);
        // The last of two members of a name counts, as it does for fields.
        check(
            r#"{"ts":1,"time":null,"ts":1772582400123}"#,
            None,
            Some(1_772_582_400_123),
        );
        check(
            r#"{"_aws":{"Timestamp":1000},"latency":[1,2]}"#,
            None,
            Some(1_000),
        );
        check(
            r#"{"time":"1970-01-01T00:00:01Z","type":"function","record":"a line\n"}"#,
            Some("a line\n"),
            Some(1_000),
        );
        check(
            r#"{"time":"1970-01-01T00:00:01Z","type":"extension","record":{"level":"INFO"}}"#,
            Some(r#"{"level":"INFO"}"#),
            Some(1_000),
        );
        check(
            r#"{"time":"1970-01-01T00:00:01Z","type":"platform.start","record":{"requestId":"1"}}"#,
            None,
            Some(1_000),
        );
        check(
            r#"{"@timestamp":"1970-01-01 00:00:01.000","@message":"m","user":"ann"}"#,
            Some("m"),
            Some(1_000),
        );
        let row = br#"[{"field":"@timestamp","value":"1970-01-01 00:00:01.000"},{"field":"n","value":"7"}]"#;
        let event = read_row(row).unwrap();
        assert_eq!(
            (event.time_ms, event.message.as_deref()),
            (Some(1_000), Some(r#"{"n":"7"}"#))
        );
        assert_eq!(read_row(b"[1]"), None);
        assert_eq!(
            read(br#"{"a":1"#, false, &mut DocumentTimes::new(LogClock::UTC)),
            None
        );
        assert_eq!(
            read(
                br#"{"message":"m"}"#,
                true,
                &mut DocumentTimes::new(LogClock::UTC)
            )
            .unwrap()
            .message
            .as_deref(),
            Some("m")
        );
    }
}
