//! Events that are in memory already.

use serde_json::json;

/// An event that a program holds in memory.
///
/// # Examples
/// ```
/// use insq::{Engine, MemoryEvent, QueryOptions};
///
/// let event = |timestamp_ms, message: &str| MemoryEvent { timestamp_ms, message: message.into(), log_stream: None };
/// let events = [
///     event(1_772_582_400_000, r#"{"level":"ERROR"}"#),
///     event(1_772_582_401_000, r#"{"level":"INFO"}"#),
/// ];
/// let engine = Engine::builder().events(events).build()?;
/// let result = engine.prepare(r#"filter level = "ERROR""#, &QueryOptions::default())?.run()?;
/// assert_eq!(result.rows().len(), 1);
/// # Ok::<(), insq::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemoryEvent {
    /// Time of the event, milliseconds since the epoch.
    pub timestamp_ms: i64,
    /// Text of the event.
    pub message: String,
    /// Log stream, if known.
    pub log_stream: Option<String>,
}

/// The events in the shape in which the service's own interface gives them, one per line.
pub(crate) fn to_json_lines(events: impl IntoIterator<Item = MemoryEvent>) -> Vec<u8> {
    let mut lines = Vec::new();
    for (idx, event) in events.into_iter().enumerate() {
        let mut line = json!({
            "timestamp": event.timestamp_ms,
            "message": event.message,
            "eventId": idx.to_string(),
        });
        if let Some(stream) = event.log_stream {
            line["logStreamName"] = stream.into();
        }
        lines.extend_from_slice(line.to_string().as_bytes());
        lines.push(b'\n');
    }
    lines
}
