//! One JSON document as an event: what the service's own interface gives, or a line of an application.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::timestamp::read_iso;

/// An event read from a document.
#[derive(Debug, PartialEq)]
pub(crate) struct JsonEvent<'a> {
    /// The message, when it is a member of the document and not the document itself.
    pub(crate) message: Option<Cow<'a, str>>,
    pub(crate) time_ms: Option<i64>,
    pub(crate) ingestion_ms: Option<i64>,
    pub(crate) stream: Option<Arc<str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    #[serde(borrow, rename = "@timestamp")]
    at_timestamp: Option<&'a RawValue>,
    #[serde(borrow)]
    timestamp: Option<&'a RawValue>,
    #[serde(borrow)]
    time: Option<&'a RawValue>,
    #[serde(borrow)]
    ts: Option<&'a RawValue>,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
    #[serde(borrow)]
    log_stream_name: Option<&'a RawValue>,
    #[serde(borrow)]
    ingestion_time: Option<&'a RawValue>,
    #[serde(borrow)]
    event_id: Option<&'a RawValue>,
}

/// Reads a document. `is_wrapped` tells that it stands in an `events` array, where every element is an
/// event of the service. `None` when it is not a valid JSON object.
pub(crate) fn read(document: &[u8], is_wrapped: bool) -> Option<JsonEvent<'_>> {
    let document: Document<'_> = serde_json::from_slice(document).ok()?;
    // Applications write `timestamp` and `message`, too; only the service adds one of these.
    let is_service = is_wrapped
        || document.ingestion_time.is_some()
        || document.event_id.is_some()
        || document.log_stream_name.is_some();
    let message = document.message.filter(|_| is_service).and_then(text);
    let times = [
        document.at_timestamp,
        document.timestamp,
        document.time,
        document.ts,
    ];
    Some(JsonEvent {
        time_ms: times.into_iter().flatten().find_map(time_ms),
        ingestion_ms: document.ingestion_time.and_then(time_ms),
        stream: document.log_stream_name.and_then(text).map(Arc::from),
        message,
    })
}

fn text(raw: &RawValue) -> Option<Cow<'_, str>> {
    let raw = raw.get();
    if !raw.starts_with('"') {
        return None;
    }
    if raw.contains('\\') {
        return serde_json::from_str(raw).ok().map(Cow::Owned);
    }
    Some(Cow::Borrowed(&raw[1..raw.len() - 1]))
}

/// Numbers below this are seconds, not milliseconds: as milliseconds they would lie before March 1973.
const SECONDS_MAX: f64 = 1e11;

/// A time as text of ISO 8601, or as seconds or milliseconds since the epoch.
fn time_ms(raw: &RawValue) -> Option<i64> {
    if let Some(text) = text(raw) {
        return iso_ms(&text);
    }
    raw.get().parse().ok().map(epoch_ms)
}

/// A time that is a text of ISO 8601 and nothing else.
pub(crate) fn iso_ms(text: &str) -> Option<i64> {
    read_iso(text.as_bytes())
        .filter(|(_, end)| *end == text.len())
        .map(|(ms, _)| ms)
}

/// A time as seconds or milliseconds since the epoch.
pub(crate) fn epoch_ms(number: f64) -> i64 {
    let ms = if number.abs() < SECONDS_MAX {
        number * 1_000.0
    } else {
        number
    };
    ms.round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents() {
        let check = |document: &str, message: Option<&str>, time_ms: Option<i64>| {
            let event = read(document.as_bytes(), false).unwrap();
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
        assert_eq!(read(br#"{"a":1"#, false), None);
        assert_eq!(
            read(br#"{"message":"m"}"#, true).unwrap().message.as_deref(),
            Some("m")
        );
    }
}
