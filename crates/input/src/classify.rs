//! What kind of event a message is, and which request it belongs to.

use std::borrow::Cow;

use insq_event::EventKind;

use crate::framed::Known;
use crate::platform;
use crate::report::is_report;
use crate::timestamp::EXPORT_TIME_BYTES;

/// The kind of the event with this message, and what had to be read to tell.
pub(crate) fn classify(message: &[u8]) -> Known {
    if message.trim_ascii_start().first() != Some(&b'{') {
        return Known {
            kind: kind_of(message),
            report: None,
        };
    }
    let event = platform::read(message);
    let kind = event.as_ref().map_or(EventKind::Other, |event| event.kind);
    let report = event.filter(|_| kind == EventKind::Report);
    Known {
        kind,
        report: report.map(|event| Box::new(event.numbers)),
    }
}

/// The kind of the event with this message.
pub(crate) fn kind_of(message: &[u8]) -> EventKind {
    // What most of those that are looked for begin with, compared in a few words.
    if message.starts_with(b"REPORT RequestId: ") {
        return EventKind::Report;
    }
    match message.trim_ascii_start().first() {
        Some(b'{') => platform::kind_of(message),
        Some(b'R') if is_report(message) => EventKind::Report,
        Some(b'S') if starts_platform_line(message, b"START") => EventKind::Start,
        Some(b'E') if starts_platform_line(message, b"END") => EventKind::End,
        Some(b'I') if message.trim_ascii_start().starts_with(b"INIT_START ") => EventKind::InitStart,
        _ => EventKind::Other,
    }
}

fn starts_platform_line(message: &[u8], word: &[u8]) -> bool {
    message.trim_ascii_start().strip_prefix(word).is_some_and(|rest| {
        rest.first().is_some_and(u8::is_ascii_whitespace)
            && rest.trim_ascii_start().starts_with(b"RequestId:")
    })
}

/// Length of a UUID: 8, 4, 4, 4 and 12 hexadecimal digits.
const UUID_BYTES: usize = 36;

/// The request id that a message tells: behind `RequestId:` at its start, in the place where the runtimes
/// write it, or under the usual keys of a JSON object.
pub(crate) fn request_id(message: &[u8]) -> Option<Cow<'_, str>> {
    let trimmed = message.trim_ascii_start();
    if trimmed.first() == Some(&b'{') {
        return platform::request_id(trimmed);
    }
    let id = labelled_id(trimmed).or_else(|| runtime_id(trimmed))?;
    std::str::from_utf8(id).ok().map(Cow::Borrowed)
}

/// `START RequestId: <id> …`, `RequestId: <id> Error: …`
fn labelled_id(message: &[u8]) -> Option<&[u8]> {
    const LABEL: &[u8] = b"RequestId:";
    let rest = [&b"START"[..], b"END", b"REPORT"]
        .iter()
        .find_map(|word| {
            message
                .strip_prefix(*word)
                .filter(|rest| rest.first().is_some_and(u8::is_ascii_whitespace))
        })
        .unwrap_or(message);
    let id = first_word(rest.trim_ascii_start().strip_prefix(LABEL)?.trim_ascii_start());
    (!id.is_empty()).then_some(id)
}

/// `<time>⇥<id>⇥LEVEL⇥…`, `[LEVEL]⇥<time>⇥<id>⇥…`, `<time> <id> Task timed out …`
fn runtime_id(message: &[u8]) -> Option<&[u8]> {
    // Whatever begins otherwise begins with no time.
    if !matches!(message.first()?, b'[' | b'0'..=b'9') {
        return None;
    }
    usual_runtime_id(message).or_else(|| any_runtime_id(message))
}

/// The same where a time of the usual length and a UUID stand at the beginning.
fn usual_runtime_id(message: &[u8]) -> Option<&[u8]> {
    let (time, rest) = message.split_at_checked(EXPORT_TIME_BYTES)?;
    let (id, rest) = rest.get(1..)?.split_at_checked(UUID_BYTES)?;
    let is_separator = |byte: &u8| matches!(byte, b'\t' | b' ');
    let is_parted = is_separator(&message[EXPORT_TIME_BYTES]) && rest.first().is_none_or(is_separator);
    (is_parted && is_one_word(time) && looks_like_time(time) && is_uuid(id)).then_some(id)
}

fn any_runtime_id(message: &[u8]) -> Option<&[u8]> {
    let mut words = message
        .split(|byte| matches!(byte, b'\t' | b' '))
        .filter(|word| !word.is_empty());
    let first = words.next()?;
    let time = if first.starts_with(b"[") {
        words.next()?
    } else {
        first
    };
    if !looks_like_time(time) {
        return None;
    }
    words.next().filter(|id| is_uuid(id))
}

fn looks_like_time(word: &[u8]) -> bool {
    word.len() >= 19 && word[0].is_ascii_digit() && word[4] == b'-' && word[10] == b'T'
}

fn first_word(text: &[u8]) -> &[u8] {
    if let Some((id, rest)) = text.split_at_checked(UUID_BYTES)
        && rest.first().is_none_or(u8::is_ascii_whitespace)
        && is_one_word(id)
    {
        return id;
    }
    let end = text
        .iter()
        .position(u8::is_ascii_whitespace)
        .unwrap_or(text.len());
    &text[..end]
}

/// True when no byte is white space. All bytes are looked at together, which is faster than stopping at one.
fn is_one_word(text: &[u8]) -> bool {
    text.iter().fold(u8::MAX, |least, byte| least.min(*byte)) > b' '
}

fn is_uuid(word: &[u8]) -> bool {
    let Ok(word) = <&[u8; UUID_BYTES]>::try_from(word) else {
        return false;
    };
    // What is left beside four hyphens is counted, so that all bytes are looked at together.
    let digits: u8 = word.iter().map(|byte| u8::from(byte.is_ascii_hexdigit())).sum();
    [8, 13, 18, 23].iter().all(|at| word[*at] == b'-') && usize::from(digits) == UUID_BYTES - 4
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0b9d0000-0000-4000-8000-000000000000";

    #[test]
    fn kinds_and_ids() {
        let check = |message: &str, kind: EventKind, id: Option<&str>| {
            let message = message.replace("ID", ID);
            assert_eq!(kind_of(message.as_bytes()), kind, "{message}");
            assert_eq!(request_id(message.as_bytes()).as_deref(), id, "{message}");
        };
        check("START RequestId: ID Version: $LATEST", EventKind::Start, Some(ID));
        check("END RequestId: ID", EventKind::End, Some(ID));
        check(
            "REPORT RequestId: ID\tDuration: 1 ms",
            EventKind::Report,
            Some(ID),
        );
        check(
            "INIT_START Runtime Version: python:3.13.v12",
            EventKind::InitStart,
            None,
        );
        check("STARTED", EventKind::Other, None);
        check(
            "2026-03-04T00:00:00.123Z\tID\tINFO\thello",
            EventKind::Other,
            Some(ID),
        );
        check(
            "[INFO]\t2026-03-04T00:00:00.123Z\tID\thello",
            EventKind::Other,
            Some(ID),
        );
        check(
            "2026-03-04T00:00:00.123Z\tundefined\tINFO\thello",
            EventKind::Other,
            None,
        );
        check(
            "2026-03-04T00:00:00.123Z ID Task timed out after 3.00 seconds",
            EventKind::Other,
            Some(ID),
        );
        check("RequestId: ID Error: Runtime exited", EventKind::Other, Some(ID));
        check(
            r#"{"level":"INFO","requestId":"abc"}"#,
            EventKind::Other,
            Some("abc"),
        );
        check(
            r#"{"AWSRequestId":"abc","message":"x"}"#,
            EventKind::Other,
            Some("abc"),
        );
        check(
            r#"{"time":"t","type":"platform.start","record":{"requestId":"abc","version":"$LATEST"}}"#,
            EventKind::Start,
            Some("abc"),
        );
        check(r#"{"type":"platform.start"}"#, EventKind::Other, None);
        check("plain", EventKind::Other, None);
        check("", EventKind::Other, None);
    }

    /// The quick ways give what the words give.
    #[test]
    fn ids_of_lines_that_were_changed_anyhow() {
        for line in [
            format!("2026-03-04T00:00:00.123Z\t{ID}\tINFO\thello"),
            format!("2026-03-04T00:00:00.123Z {ID} Task timed out"),
            format!("2026-03-04T00:00:00.123Z\t{ID}"),
            format!("RequestId: {ID} Error: x"),
            format!("START RequestId: {ID}"),
        ] {
            let bytes = line.as_bytes();
            let mut lines: Vec<Vec<u8>> = (0..=bytes.len()).map(|end| bytes[..end].to_vec()).collect();
            for at in 0..bytes.len() {
                for byte in *b" \t\n-0gT[\x01" {
                    let (before, after) = bytes.split_at(at);
                    lines.push([before, &[byte], after].concat());
                    lines.push([before, &[byte], &after[1..]].concat());
                }
            }
            for line in lines {
                let line = line.trim_ascii_start();
                let shown = String::from_utf8_lossy(line);
                if let Some(id) = usual_runtime_id(line) {
                    assert_eq!(any_runtime_id(line), Some(id), "{shown}");
                }
                assert_eq!(runtime_id(line), any_runtime_id(line), "{shown}");
                let end = line
                    .iter()
                    .position(u8::is_ascii_whitespace)
                    .unwrap_or(line.len());
                assert_eq!(first_word(line), &line[..end], "{shown}");
            }
        }
        for (word, expected) in [
            (ID, true),
            ("0B9D0000-0000-4000-8000-00000000000F", true),
            ("0b9d0000-0000-4000-8000-00000000000", false),
            ("0b9d0000-0000-4000-8000-0000000-0000", false),
            ("0b9d0000-0000-4000-8000-00000000000g", false),
            ("0b9d00000-000-4000-8000-000000000000", false),
        ] {
            assert_eq!(is_uuid(word.as_bytes()), expected, "{word}");
        }
    }
}
