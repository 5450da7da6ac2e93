//! Platform events in JSON: `{"time": …, "type": "platform.report", "record": {…}}`.

use std::borrow::Cow;
use std::sync::LazyLock;

use insq_event::EventKind;
use memchr::memmem;
use serde::Deserialize;

use crate::platform_usual::{self, UsualEvent};
use crate::report::{MB_BYTES, ReportNumbers, Trace};

/// What every platform event holds, and nothing else does.
static MARK: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new(b"\"platform."));

#[derive(Debug, Deserialize, PartialEq)]
pub(crate) struct Event<'a> {
    #[serde(borrow, rename = "type")]
    pub(crate) kind: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) record: Record<'a>,
}

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Record<'a> {
    #[serde(borrow)]
    pub(crate) request_id: Option<Cow<'a, str>>,
    pub(crate) metrics: Metrics,
    #[serde(borrow)]
    pub(crate) tracing: Option<Tracing<'a>>,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Metrics {
    pub(crate) duration_ms: Option<f64>,
    pub(crate) billed_duration_ms: Option<f64>,
    pub(crate) init_duration_ms: Option<f64>,
    pub(crate) restore_duration_ms: Option<f64>,
    #[serde(rename = "memorySizeMB")]
    pub(crate) memory_size_mb: Option<f64>,
    #[serde(rename = "maxMemoryUsedMB")]
    pub(crate) max_memory_used_mb: Option<f64>,
}

#[derive(Debug, Deserialize, PartialEq)]
pub(crate) struct Tracing<'a> {
    #[serde(borrow)]
    pub(crate) value: Option<Cow<'a, str>>,
}

/// A platform event, read.
pub(crate) struct PlatformEvent<'a> {
    pub(crate) kind: EventKind,
    pub(crate) numbers: ReportNumbers,
    request_id: Option<Text<'a>>,
    /// What it says of a trace.
    tracing: Option<Text<'a>>,
}

/// A text of an event. Few queries ask for any, so it becomes one only then.
enum Text<'a> {
    Ascii(&'a [u8]),
    Any(Cow<'a, str>),
}

impl<'a> Text<'a> {
    fn into_str(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Ascii(bytes) => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
            Self::Any(text) => Some(text),
        }
    }
}

impl PlatformEvent<'_> {
    /// Where the event belongs in a trace.
    pub(crate) fn into_trace(self) -> Option<Trace> {
        let trace_id = Some(trace_root(&self.tracing?.into_str()?)?);
        Some(Trace {
            trace_id,
            segment_id: None,
        })
    }
}

/// Reads a platform event; `None` for everything else.
pub(crate) fn read(message: &[u8]) -> Option<PlatformEvent<'_>> {
    MARK.find(message)?;
    if let Some(UsualEvent { kind, record }) = platform_usual::read(message) {
        let kind = kind_named(kind)?;
        return Some(PlatformEvent {
            kind,
            numbers: numbers(kind, record.metrics.unwrap_or_default()),
            request_id: record.request_id.map(Text::Ascii),
            tracing: record.tracing.flatten().map(Text::Ascii),
        });
    }
    let Event { kind, record } = read_general(message)?;
    let kind = kind_named(kind.as_bytes())?;
    Some(PlatformEvent {
        kind,
        numbers: numbers(kind, record.metrics),
        request_id: record.request_id.map(Text::Any),
        tracing: record.tracing.and_then(|tracing| tracing.value).map(Text::Any),
    })
}

/// The kind of an event of this type; `None` where it is none of the platform.
fn kind_named(name: &[u8]) -> Option<EventKind> {
    Some(match name.strip_prefix(b"platform.")? {
        b"start" => EventKind::Start,
        b"report" => EventKind::Report,
        b"end" | b"runtimeDone" => EventKind::End,
        b"initStart" => EventKind::InitStart,
        _ => EventKind::Other,
    })
}

/// Only a report measures an invocation; other events bear metrics of parts of one.
fn numbers(kind: EventKind, metrics: Metrics) -> ReportNumbers {
    if kind != EventKind::Report {
        return ReportNumbers::default();
    }
    ReportNumbers {
        duration: metrics.duration_ms,
        billed_duration: metrics.billed_duration_ms,
        init_duration: metrics.init_duration_ms,
        restore_duration: metrics.restore_duration_ms,
        memory_size: metrics.memory_size_mb.map(|mb| mb * MB_BYTES),
        max_memory_used: metrics.max_memory_used_mb.map(|mb| mb * MB_BYTES),
    }
}

/// An event of any shape that JSON allows.
pub(crate) fn read_general(message: &[u8]) -> Option<Event<'_>> {
    serde_json::from_slice(message).ok()
}

/// The kind of a message that starts with `{`.
pub(crate) fn kind_of(message: &[u8]) -> EventKind {
    read(message).map_or(EventKind::Other, |event| event.kind)
}

/// `Root=1-…;Parent=…;Sampled=1`
fn trace_root(value: &str) -> Option<String> {
    value
        .split(';')
        .find_map(|part| part.trim().strip_prefix("Root="))
        .map(str::to_owned)
}

/// Where applications put the request id.
#[derive(Debug, Deserialize, PartialEq)]
pub(crate) struct Application<'a> {
    #[serde(borrow, rename = "requestId")]
    pub(crate) request_id: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "AWSRequestId")]
    pub(crate) aws_request_id: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "function_request_id")]
    pub(crate) function_request_id: Option<Cow<'a, str>>,
}

/// What all their names hold.
static ID_MARK: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new(b"equest"));

/// The request id of a message that starts with `{`.
pub(crate) fn request_id(message: &[u8]) -> Option<Cow<'_, str>> {
    if let Some(event) = read(message) {
        return event.request_id?.into_str();
    }
    ID_MARK.find(message)?;
    if let Some(ids) = platform_usual::application(message) {
        let id = ids
            .request_id
            .or(ids.aws_request_id)
            .or(ids.function_request_id)?;
        return Text::Ascii(id).into_str();
    }
    let ids = application_general(message)?;
    ids.request_id.or(ids.aws_request_id).or(ids.function_request_id)
}

/// A message of an application in any shape that JSON allows.
pub(crate) fn application_general(message: &[u8]) -> Option<Application<'_>> {
    serde_json::from_slice(message).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_measures_and_other_events_do_not() {
        let report = read(br#"{"time":"t","type":"platform.report","record":{"requestId":"a","metrics":{"durationMs":7.312,"billedDurationMs":189,"memorySizeMB":128,"maxMemoryUsedMB":61,"initDurationMs":181.02},"tracing":{"spanId":"x","type":"X-Amzn-Trace-Id","value":"Root=1-2-3;Parent=4;Sampled=1"}}}"#).unwrap();
        assert_eq!(report.kind, EventKind::Report);
        assert_eq!(
            (report.numbers.duration, report.numbers.billed_duration),
            (Some(7.312), Some(189.0))
        );
        assert_eq!(
            (report.numbers.memory_size, report.numbers.max_memory_used),
            (Some(128e6), Some(61e6))
        );
        assert_eq!(
            (report.numbers.init_duration, report.numbers.restore_duration),
            (Some(181.02), None)
        );
        assert_eq!(report.into_trace().unwrap().trace_id.as_deref(), Some("1-2-3"));
        let done = read(br#"{"time":"t","type":"platform.runtimeDone","record":{"requestId":"a","metrics":{"durationMs":7.3}}}"#).unwrap();
        assert_eq!((done.kind, done.numbers.duration), (EventKind::End, None));
        assert!(read(br#"{"type":"platform.report"}"#).is_none());
        assert!(read(br#"{"type":"platform.report","record":{}"#).is_none());
    }
}
