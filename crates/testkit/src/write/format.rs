//! One event as bytes of a container.

use crate::Event;
use crate::generate::text::{push_iso, push_number};

/// How events stand in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `<ISO time> <message>` and a line feed, as in S3 exports.
    ExportLines,
    /// The document of `filter-log-events`, as the command line tool prints it: four blanks per level.
    EventsJsonPretty,
    /// The same document without white space.
    EventsJsonCompact,
}

impl Format {
    /// What stands before the first event.
    pub(super) fn head(self) -> &'static [u8] {
        match self {
            Self::ExportLines => b"",
            Self::EventsJsonPretty => b"{\n    \"events\": [",
            Self::EventsJsonCompact => b"{\"events\":[",
        }
    }

    /// What stands behind the last event.
    pub(super) fn tail(self) -> &'static [u8] {
        match self {
            Self::ExportLines => b"",
            Self::EventsJsonPretty => b"\n    ],\n    \"searchedLogStreams\": []\n}\n",
            Self::EventsJsonCompact => b"],\"searchedLogStreams\":[]}\n",
        }
    }

    /// Appends an event; `position` is its number in the file, from 0.
    pub(super) fn push_event(self, out: &mut Vec<u8>, event: &Event<'_>, position: u64) {
        match self {
            Self::ExportLines => {
                push_iso(out, event.timestamp_ms);
                out.push(b' ');
                out.extend_from_slice(event.message);
                out.push(b'\n');
            }
            Self::EventsJsonPretty => {
                push_json(out, event, position, "\n            ", ": ");
                out.extend_from_slice(b"\n        }");
            }
            Self::EventsJsonCompact => {
                push_json(out, event, position, "", ":");
                out.push(b'}');
            }
        }
    }
}

/// Ingestion follows the event by 0.4 to 4 seconds in these logs.
const INGESTION_DELAY_MS: (u64, u64) = (400, 3_600);

fn push_json(out: &mut Vec<u8>, event: &Event<'_>, position: u64, indent: &str, colon: &str) {
    if position > 0 {
        out.push(b',');
    }
    if !indent.is_empty() {
        out.extend_from_slice(b"\n        ");
    }
    out.push(b'{');
    let key = |out: &mut Vec<u8>, comma: &str, name: &str| {
        out.extend_from_slice(comma.as_bytes());
        out.extend_from_slice(indent.as_bytes());
        out.push(b'"');
        out.extend_from_slice(name.as_bytes());
        out.push(b'"');
        out.extend_from_slice(colon.as_bytes());
    };
    let time = event.timestamp_ms.unsigned_abs();
    key(out, "", "logStreamName");
    push_json_string(out, event.stream.as_bytes());
    key(out, ",", "timestamp");
    push_number(out, time);
    key(out, ",", "message");
    push_json_string(out, event.message);
    key(out, ",", "ingestionTime");
    push_number(
        out,
        time + INGESTION_DELAY_MS.0 + event.stream_idx * 7919 % INGESTION_DELAY_MS.1,
    );
    key(out, ",", "eventId");
    // 56 digits, rising with the time.
    out.extend_from_slice(format!("\"39{time:014}{:010}{position:030}\"", event.stream_idx).as_bytes());
}

/// Appends a JSON string of bytes that are UTF-8.
pub(super) fn push_json_string(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    for &byte in text {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..0x20 => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Generator, profile};

    #[test]
    fn events_json_is_json_and_keeps_every_message() {
        let model = profile::sample(5);
        for format in [Format::EventsJsonPretty, Format::EventsJsonCompact] {
            let mut generator = Generator::new(&model);
            let (mut out, mut messages) = (format.head().to_vec(), Vec::new());
            for position in 0..200 {
                let event = generator.next_event().unwrap();
                messages.push(String::from_utf8(event.message.to_vec()).unwrap());
                format.push_event(&mut out, &event, position);
            }
            out.extend_from_slice(format.tail());
            let document: serde_json::Value = serde_json::from_slice(&out).unwrap();
            let events = document["events"].as_array().unwrap();
            for (event, message) in events.iter().zip(&messages) {
                assert_eq!(event["message"].as_str(), Some(message.as_str()));
                assert_eq!(event["eventId"].as_str().map(str::len), Some(56));
            }
            assert_eq!(events.len(), messages.len());
        }
    }

    #[test]
    fn control_characters_are_escaped() {
        let mut out = Vec::new();
        push_json_string(&mut out, b"a\0\t\"\\\r\x1b");
        assert_eq!(out, br#""a\u0000\t\"\\\r\u001b""#);
    }
}
