//! Platform events of the usual shape, read in one pass over the bytes.
//!
//! Like the reader of wanted fields, this one checks in passing and leaves whatever is in doubt to the general reader of
//! [`crate::platform`]: escapes, letters beyond ASCII, keys that come twice, values of other types. When it answers, it
//! answers the same.

use std::ops::ControlFlow;

use crate::json_specials::{OnDemand, Specials};
use crate::json_tokens::{skip_blanks, value_end};
use crate::platform::Metrics;
use crate::report::{after, decimal, read_number};
use crate::timestamp::EXPORT_TIME_BYTES;

/// A platform event. Its texts are ASCII.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct UsualEvent<'a> {
    pub(crate) kind: &'a [u8],
    pub(crate) record: UsualRecord<'a>,
}

/// What a platform event tells.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct UsualRecord<'a> {
    pub(crate) request_id: Option<&'a [u8]>,
    pub(crate) metrics: Option<Metrics>,
    /// Where it belongs in a trace.
    pub(crate) tracing: Option<Option<&'a [u8]>>,
}

/// Where the message of an application tells the id of its request. The texts are ASCII.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct UsualApplication<'a> {
    pub(crate) request_id: Option<&'a [u8]>,
    pub(crate) aws_request_id: Option<&'a [u8]>,
    pub(crate) function_request_id: Option<&'a [u8]>,
}

/// The event that is all of `message`; `None` when the general reader must look at it.
pub(crate) fn read(message: &[u8]) -> Option<UsualEvent<'_>> {
    let (mut kind, mut record) = (None, None);
    let each = |key: &[u8], at| match key {
        b"type" => fill(&mut kind, string(message, at)?),
        b"record" => fill(&mut record, read_record(message, at)?),
        _ => value_end(&mut OnDemand, message, at),
    };
    let end = match read_beginning(message) {
        Some(beginning) => {
            let (found, end) = read_record_behind(message, &beginning)?;
            let end = more_members(message, end, each)?;
            // Neither may come again.
            if kind.replace(beginning.kind).is_some() || record.replace(found).is_some() {
                return None;
            }
            end
        }
        None => members(message, 0, each)?,
    };
    (skip_blanks(message, end) == message.len()).then_some(())?;
    Some(UsualEvent {
        kind: kind?,
        record: record?,
    })
}

/// The message of an application that is all of `message`; `None` when the general reader must look at it.
pub(crate) fn application(message: &[u8]) -> Option<UsualApplication<'_>> {
    let mut ids = UsualApplication::default();
    let end = members(message, 0, |key, at| match key {
        b"requestId" => fill(&mut ids.request_id, string(message, at)?),
        b"AWSRequestId" => fill(&mut ids.aws_request_id, string(message, at)?),
        b"function_request_id" => fill(&mut ids.function_request_id, string(message, at)?),
        _ => value_end(&mut OnDemand, message, at),
    })?;
    (skip_blanks(message, end) == message.len()).then_some(ids)
}

/// What most events of the service begin with.
struct Beginning<'a> {
    kind: &'a [u8],
    request_id: &'a [u8],
    /// The place behind the id, in the record.
    end: usize,
}

/// Length of a UUID.
const ID_BYTES: usize = 36;

/// The beginning of an event as the service writes it: time, type and, first in the record, the id of the request.
#[inline]
fn read_beginning(message: &[u8]) -> Option<Beginning<'_>> {
    let (time, rest) = after(message, b"{\"time\":\"")?.split_first_chunk::<EXPORT_TIME_BYTES>()?;
    let rest = after(rest, b"\",\"type\":\"")?;
    let (kind, rest) = rest.split_at(OnDemand.key_end(rest, 0)?);
    let rest = after(rest, b"\",\"record\":{\"requestId\":\"")?;
    let (request_id, rest) = rest.split_first_chunk::<ID_BYTES>()?;
    let rest = after(rest, b"\"")?;
    (is_plain(time) && is_plain(request_id)).then_some(Beginning {
        kind,
        request_id,
        end: message.len() - rest.len(),
    })
}

/// True for a text that stands in a JSON string as it is, and is ASCII. All bytes are looked at together.
#[inline]
fn is_plain<const N: usize>(text: &[u8; N]) -> bool {
    let is_odd = |byte: &u8| !matches!(byte, b' '..=b'~') | (*byte == b'"') | (*byte == b'\\');
    !text.iter().fold(false, |odd, byte| odd | is_odd(byte))
}

fn read_record(message: &[u8], at: usize) -> Option<(UsualRecord<'_>, usize)> {
    let mut record = UsualRecord::default();
    let end = members(message, at, |key, at| record.read_member(message, key, at))?;
    Some((record, end))
}

/// A record of which the beginning has been read.
fn read_record_behind<'a>(message: &'a [u8], beginning: &Beginning<'a>) -> Option<(UsualRecord<'a>, usize)> {
    let mut record = UsualRecord {
        request_id: Some(beginning.request_id),
        ..UsualRecord::default()
    };
    let end = more_members(message, beginning.end, |key, at| {
        record.read_member(message, key, at)
    })?;
    Some((record, end))
}

impl<'a> UsualRecord<'a> {
    #[inline]
    fn read_member(&mut self, message: &'a [u8], key: &[u8], at: usize) -> Option<usize> {
        match key {
            b"requestId" => fill(&mut self.request_id, string(message, at)?),
            b"metrics" => fill(&mut self.metrics, read_metrics(message, at)?),
            b"tracing" => fill(&mut self.tracing, read_tracing(message, at)?),
            _ => value_end(&mut OnDemand, message, at),
        }
    }
}

#[inline]
fn read_metrics(message: &[u8], at: usize) -> Option<(Metrics, usize)> {
    match read_written_metrics(message.get(at..)?) {
        Some((metrics, rest)) => Some((metrics, message.len() - rest.len())),
        None => read_any_metrics(message, at),
    }
}

/// Metrics of known names without blanks, in any order, and what follows them.
#[inline]
fn read_written_metrics(text: &[u8]) -> Option<(Metrics, &[u8])> {
    let mut metrics = Metrics::default();
    let mut rest = after(text, b"{")?;
    loop {
        let (place, text) = written_metric(&mut metrics, rest)?;
        // JSON allows no zero before other digits.
        if let [b'0', b'0'..=b'9', ..] = text {
            return None;
        }
        let (value, behind) = decimal(text)?;
        if place.replace(value).is_some() {
            return None;
        }
        match behind.split_first()? {
            (b',', next) => rest = next,
            (b'}', rest) => return Some((metrics, rest)),
            _ => return None,
        }
    }
}

/// The place of the metric whose key `text` begins with, and what follows its colon.
#[inline]
fn written_metric<'m, 'a>(
    metrics: &'m mut Metrics,
    text: &'a [u8],
) -> Option<(&'m mut Option<f64>, &'a [u8])> {
    Some(match text.get(1)? {
        b'd' => (&mut metrics.duration_ms, after(text, b"\"durationMs\":")?),
        b'b' => (
            &mut metrics.billed_duration_ms,
            after(text, b"\"billedDurationMs\":")?,
        ),
        b'i' => (
            &mut metrics.init_duration_ms,
            after(text, b"\"initDurationMs\":")?,
        ),
        b'r' => (
            &mut metrics.restore_duration_ms,
            after(text, b"\"restoreDurationMs\":")?,
        ),
        b'm' => match after(text, b"\"memorySizeMB\":") {
            Some(rest) => (&mut metrics.memory_size_mb, rest),
            None => (
                &mut metrics.max_memory_used_mb,
                after(text, b"\"maxMemoryUsedMB\":")?,
            ),
        },
        _ => return None,
    })
}

fn read_any_metrics(message: &[u8], at: usize) -> Option<(Metrics, usize)> {
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

fn read_tracing(message: &[u8], at: usize) -> Option<(Option<&[u8]>, usize)> {
    let mut value = None;
    let end = members(message, at, |key, at| match key {
        b"value" => fill(&mut value, string(message, at)?),
        _ => value_end(&mut OnDemand, message, at),
    })?;
    Some((value, end))
}

/// Calls `each` with the key and the place of the value of every member of the object at `at`; it gives the place behind
/// the value. Returns the place behind the object.
#[inline]
fn members<'a>(
    message: &'a [u8],
    at: usize,
    each: impl FnMut(&'a [u8], usize) -> Option<usize>,
) -> Option<usize> {
    let at = skip_blanks(message, expect(message, at, b'{')?);
    if message.get(at) == Some(&b'}') {
        return Some(at + 1);
    }
    members_from_key(message, at, each)
}

/// As [`members`], from the place behind the value of a member.
#[inline]
fn more_members<'a>(
    message: &'a [u8],
    at: usize,
    each: impl FnMut(&'a [u8], usize) -> Option<usize>,
) -> Option<usize> {
    let at = skip_blanks(message, at);
    match separator(message, at)? {
        ControlFlow::Continue(()) => members_from_key(message, skip_blanks(message, at + 1), each),
        ControlFlow::Break(()) => Some(at + 1),
    }
}

/// As [`members`], from a key.
#[inline]
fn members_from_key<'a>(
    message: &'a [u8],
    mut at: usize,
    mut each: impl FnMut(&'a [u8], usize) -> Option<usize>,
) -> Option<usize> {
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

/// A string of ASCII without escapes, and the place behind it.
#[inline]
fn string(message: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let start = expect(message, at, b'"')?;
    let quote = OnDemand.key_end(message, start)?;
    Some((&message[start..quote], quote + 1))
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
    use std::borrow::Cow;

    use super::{UsualApplication, UsualEvent};
    use crate::platform::{Application, Event, Record, Tracing, application_general, read_general};

    /// A text as the general reader gives it.
    fn text(bytes: &[u8]) -> Cow<'_, str> {
        std::str::from_utf8(bytes).unwrap().into()
    }

    fn general_event(usual: UsualEvent<'_>) -> Event<'_> {
        let record = usual.record;
        Event {
            kind: text(usual.kind),
            record: Record {
                request_id: record.request_id.map(text),
                metrics: record.metrics.unwrap_or_default(),
                tracing: record.tracing.map(|value| Tracing {
                    value: value.map(text),
                }),
            },
        }
    }

    fn general_application(usual: UsualApplication<'_>) -> Application<'_> {
        Application {
            request_id: usual.request_id.map(text),
            aws_request_id: usual.aws_request_id.map(text),
            function_request_id: usual.function_request_id.map(text),
        }
    }

    const LINE: &str = r#"{"time":"2026-03-10T09:00:00.029Z","type":"platform.report","record":{"requestId":"77131f6a-5a6b-479b-a7e0-510157c4a062","metrics":{"durationMs":206.450,"billedDurationMs":207,"memorySizeMB":768,"maxMemoryUsedMB":151,"initDurationMs":0.5},"tracing":{"spanId":"x","value":"Root=1-2;Sampled=1"},"spans":[{"name":"a","durationMs":1e2}],"status":"success"}}"#;

    const APPLICATION: &str = r#"{"timestamp":"2026-03-04T00:00:00Z","level":"INFO","message":"größe \"x\"","requestId":"77131f6a-5a6b","AWSRequestId":"b","n":[1,{"requestId":2}],"function_request_id":"c"}"#;

    #[test]
    fn messages_of_applications_are_no_other_grammar() {
        let mut usual = 0;
        for message in changed(APPLICATION) {
            if let Some(found) = super::application(&message) {
                let shown = String::from_utf8_lossy(&message);
                assert_eq!(
                    Some(general_application(found)),
                    application_general(&message),
                    "{shown}"
                );
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
        messages.extend(changed(&LINE.replace("2026-03", "6-03")));
        messages.extend(changed(&LINE.replace(r#""requestId":"77"#, r#""requestId":"7"#)));
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
                let member = format!("\"{from}\":{value}");
                messages.push(LINE.replacen('{', &format!("{{{member},"), 1).into());
                // Behind what most events begin with, and behind all else.
                for (place, joined) in [
                    ("\"metrics\":{", format!("\"metrics\":{{{member},")),
                    ("\"metrics\":{", format!("{member},\"metrics\":{{")),
                    ("0.5}", format!("0.5,{member}}}")),
                    ("success\"}", format!("success\",{member}}}")),
                    ("success\"}}", format!("success\"}},{member}}}")),
                ] {
                    assert!(LINE.contains(place));
                    messages.push(LINE.replace(place, &joined).into());
                }
            }
        }
        let mut usual = 0;
        for message in &messages {
            if let Some(event) = super::read(message) {
                let shown = String::from_utf8_lossy(message);
                assert_eq!(Some(general_event(event)), read_general(message), "{shown}");
                usual += 1;
            }
        }
        assert!(usual > 500, "{usual}");
    }
}
