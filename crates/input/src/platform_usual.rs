//! Platform events of the usual shape, read in one pass over the bytes.
//!
//! Like the reader of wanted fields, this one checks in passing and leaves whatever is in doubt to the general reader of
//! [`crate::platform`]: escapes, letters beyond ASCII, keys that come twice, values of other types. When it answers, it
//! answers the same.

use std::ops::ControlFlow;

use crate::json_specials::{OnDemand, Specials};
use crate::json_tokens::{skip_blanks, value_end};
use crate::platform::{Application, Event, Metrics, Record, Tracing};
use crate::report::read_number;

/// The event that is all of `message`; `None` when the general reader must look at it.
pub(crate) fn read(message: &[u8]) -> Option<Event<'_>> {
    let (mut kind, mut record) = (None, None);
    let end = members(message, 0, |key, at| match key {
        b"type" => fill(&mut kind, string(message, at)?),
        b"record" => fill(&mut record, read_record(message, at)?),
        _ => value_end(&mut OnDemand, message, at),
    })?;
    (skip_blanks(message, end) == message.len()).then_some(())?;
    Some(Event {
        kind: kind?.into(),
        record: record?,
    })
}

/// The message of an application that is all of `message`; `None` when the general reader must look at it.
pub(crate) fn application(message: &[u8]) -> Option<Application<'_>> {
    let (mut id, mut aws_id, mut function_id) = (None, None, None);
    let end = members(message, 0, |key, at| match key {
        b"requestId" => fill(&mut id, string(message, at)?),
        b"AWSRequestId" => fill(&mut aws_id, string(message, at)?),
        b"function_request_id" => fill(&mut function_id, string(message, at)?),
        _ => value_end(&mut OnDemand, message, at),
    })?;
    (skip_blanks(message, end) == message.len()).then_some(())?;
    Some(Application {
        request_id: id.map(Into::into),
        aws_request_id: aws_id.map(Into::into),
        function_request_id: function_id.map(Into::into),
    })
}

fn read_record(message: &[u8], at: usize) -> Option<(Record<'_>, usize)> {
    let (mut request_id, mut metrics, mut tracing) = (None, None, None);
    let end = members(message, at, |key, at| match key {
        b"requestId" => fill(&mut request_id, string(message, at)?),
        b"metrics" => fill(&mut metrics, read_metrics(message, at)?),
        b"tracing" => fill(&mut tracing, read_tracing(message, at)?),
        _ => value_end(&mut OnDemand, message, at),
    })?;
    let record = Record {
        request_id: request_id.map(Into::into),
        metrics: metrics.unwrap_or_default(),
        tracing,
    };
    Some((record, end))
}

fn read_metrics(message: &[u8], at: usize) -> Option<(Metrics, usize)> {
    let mut metrics = Metrics::default();
    let end = members(message, at, |key, at| {
        let place = match key {
            b"durationMs" => &mut metrics.duration_ms,
            b"billedDurationMs" => &mut metrics.billed_duration_ms,
            b"initDurationMs" => &mut metrics.init_duration_ms,
            b"restoreDurationMs" => &mut metrics.restore_duration_ms,
            b"memorySizeMB" => &mut metrics.memory_size_mb,
            b"maxMemoryUsedMB" => &mut metrics.max_memory_used_mb,
            _ => return value_end(&mut OnDemand, message, at),
        };
        fill(place, number(message, at)?)
    })?;
    Some((metrics, end))
}

fn read_tracing(message: &[u8], at: usize) -> Option<(Tracing<'_>, usize)> {
    let mut value = None;
    let end = members(message, at, |key, at| match key {
        b"value" => fill(&mut value, string(message, at)?),
        _ => value_end(&mut OnDemand, message, at),
    })?;
    let value = value.map(Into::into);
    Some((Tracing { value }, end))
}

/// Calls `each` with the key and the place of the value of every member of the object at `at`; it gives the place behind
/// the value. Returns the place behind the object.
#[inline]
fn members<'a>(
    message: &'a [u8],
    at: usize,
    mut each: impl FnMut(&'a [u8], usize) -> Option<usize>,
) -> Option<usize> {
    let mut at = skip_blanks(message, expect(message, at, b'{')?);
    if message.get(at) == Some(&b'}') {
        return Some(at + 1);
    }
    loop {
        let key = expect(message, at, b'"')?;
        let quote = OnDemand.key_end(message, key)?;
        let colon = skip_blanks(message, quote + 1);
        let value = skip_blanks(message, expect(message, colon, b':')?);
        at = skip_blanks(message, each(&message[key..quote], value)?);
        match separator(message, at)? {
            ControlFlow::Continue(()) => at = skip_blanks(message, at + 1),
            ControlFlow::Break(()) => return Some(at + 1),
        }
    }
}

fn separator(message: &[u8], at: usize) -> Option<ControlFlow<()>> {
    match message.get(at)? {
        b',' => Some(ControlFlow::Continue(())),
        b'}' => Some(ControlFlow::Break(())),
        _ => None,
    }
}

/// The place behind `byte`, which must stand at `at`.
fn expect(message: &[u8], at: usize, byte: u8) -> Option<usize> {
    (message.get(at) == Some(&byte)).then_some(at + 1)
}

/// Puts a value in its place, which must be empty.
fn fill<T>(place: &mut Option<T>, (value, end): (T, usize)) -> Option<usize> {
    place.replace(value).is_none().then_some(end)
}

/// A string without escapes, and the place behind it.
fn string(message: &[u8], at: usize) -> Option<(&str, usize)> {
    let start = expect(message, at, b'"')?;
    let quote = OnDemand.key_end(message, start)?;
    Some((std::str::from_utf8(&message[start..quote]).ok()?, quote + 1))
}

/// A number that JSON allows and that has few digits and no exponent, and the place behind it.
fn number(message: &[u8], at: usize) -> Option<(f64, usize)> {
    let end = value_end(&mut OnDemand, message, at)?;
    let (value, rest) = read_number(message.get(at..end)?)?;
    let is_exact = end - at <= NUMBER_BYTES_MAX;
    (rest.is_empty() && is_exact).then_some((value, end))
}

/// Numbers of so many bytes are read alike by all readers.
const NUMBER_BYTES_MAX: usize = 15;

#[cfg(test)]
mod tests {
    use crate::platform::{application_general, read_general};

    const LINE: &str = r#"{"time":"2026-03-10T09:00:00.029Z","type":"platform.report","record":{"requestId":"77131f6a-5a6b-479b-a7e0-510157c4a062","metrics":{"durationMs":206.450,"billedDurationMs":207,"memorySizeMB":768,"maxMemoryUsedMB":151,"initDurationMs":0.5},"tracing":{"spanId":"x","value":"Root=1-2;Sampled=1"},"spans":[{"name":"a","durationMs":1e2}],"status":"success"}}"#;

    const APPLICATION: &str = r#"{"timestamp":"2026-03-04T00:00:00Z","level":"INFO","message":"größe \"x\"","requestId":"77131f6a-5a6b","AWSRequestId":"b","n":[1,{"requestId":2}],"function_request_id":"c"}"#;

    #[test]
    fn messages_of_applications_are_no_other_grammar() {
        let mut usual = 0;
        for message in changed(APPLICATION) {
            if let Some(found) = super::application(&message) {
                let shown = String::from_utf8_lossy(&message);
                assert_eq!(Some(found), application_general(&message), "{shown}");
                usual += 1;
            }
        }
        assert!(usual > 500, "{usual}");
    }

    /// A message cut at every byte, and with every byte replaced, and put in, by ones that mean something.
    fn changed(message: &str) -> Vec<Vec<u8>> {
        let mut messages: Vec<Vec<u8>> = (0..=message.len())
            .map(|end| message.as_bytes()[..end].to_vec())
            .collect();
        for at in 0..=message.len() {
            for byte in *b" \n\"\\{}[],:019.-eEtn\x01\xff" {
                let (before, after) = message.as_bytes().split_at(at);
                messages.push([before, &[byte], after].concat());
                messages.push([before, &[byte], after.get(1..).unwrap_or_default()].concat());
            }
        }
        for from in ["requestId", "AWSRequestId", "level", "n"] {
            for to in ["requestId", "AWSRequestId", "function_request_id"] {
                messages.push(
                    message
                        .replace(&format!("\"{from}\""), &format!("\"{to}\""))
                        .into(),
                );
            }
            for value in ["null", "1", "{}", "\"\\u0041\"", "\"é\""] {
                let added = message.replacen('{', &format!("{{\"{from}\":{value},"), 1);
                messages.push(added.into());
            }
        }
        messages
    }

    /// The quick way gives what the general one gives, or leaves the event to it.
    #[test]
    fn the_usual_shape_is_no_other_grammar() {
        let mut messages: Vec<Vec<u8>> = vec![
            LINE.into(),
            LINE.replace(':', " : ").replace(',', "\n, ").into(),
            r#" {"type":"platform.start","record":{}}"#.into(),
            r#"{"record":{"metrics":{}},"type":"platform.runtimeDone"} "#.into(),
            r#"{"record":[null,{},null],"type":"platform.report"}"#.into(),
            r#"{"record":{"metrics":{"durationMs":12345678901234.56}},"type":"platform.report"}"#.into(),
        ];
        messages.extend(changed(LINE));
        // Keys and values swapped for others, so that some come twice.
        let words = [
            "type",
            "record",
            "metrics",
            "tracing",
            "value",
            "durationMs",
            "requestId",
            "memorySizeMB",
            "time",
        ];
        for from in words {
            for to in words {
                messages.push(LINE.replace(&format!("\"{from}\""), &format!("\"{to}\"")).into());
            }
            for value in [
                "null",
                "true",
                "\"x\"",
                "{}",
                "[]",
                "1",
                "-1",
                "1e3",
                "01",
                "1.",
                "\"\\u0041\"",
                "\"é\"",
            ] {
                let added = LINE.replacen('{', &format!("{{\"{from}\":{value},"), 1);
                messages.push(added.into());
                let added = LINE.replace("\"metrics\":{", &format!("\"metrics\":{{\"{from}\":{value},"));
                messages.push(added.into());
            }
        }
        let mut usual = 0;
        for message in &messages {
            if let Some(event) = super::read(message) {
                let shown = String::from_utf8_lossy(message);
                assert_eq!(Some(event), read_general(message), "{shown}");
                usual += 1;
            }
        }
        assert!(usual > 500, "{usual}");
    }
}
