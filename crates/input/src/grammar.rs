//! Where events begin in the text containers.

use memchr::{memchr, memrchr};

use crate::app_times::TimeShape;
use crate::clock::LogClock;
use crate::timestamp::{EXPORT_TIME_BYTES, ExportTimes, read_iso};

/// With so many bytes of a line there is enough to tell whether it begins an event.
const HEAD_BYTES_MIN: usize = 64;

/// How the lines of a text file make events.
#[derive(Clone, Debug)]
pub(crate) enum LineGrammar {
    /// `2026-03-04T00:00:00.123Z message`: every line that starts with such a time begins an event.
    Export(ExportTimes),
    /// `aws logs tail`: `<time with offset> <stream> <message>`; other lines continue the event before.
    TailDetailed,
    /// `aws logs tail --format short`: `<time to the second> <message>`.
    TailShort,
    /// `sam logs`: `<stream> <time> <message>`.
    Sam,
    /// What applications write by themselves: lines that start with a time of their own.
    Application(TimeShape, LogClock),
    /// No times: every line is an event, unless it looks like the continuation of the one before.
    Bare,
}

/// The beginning of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) time_ms: Option<i64>,
    /// Where the message starts, counted from the start of the line.
    pub(crate) message_at: usize,
    /// Place of the stream's name in the line, if the container tells it.
    pub(crate) stream: Option<(usize, usize)>,
}

impl LineGrammar {
    /// True when lines that follow each other in time do so in their order, as far as their writer can tell.
    pub(crate) fn keeps_order(&self) -> bool {
        match self {
            Self::Application(_, clock) => clock.keeps_order(),
            _ => true,
        }
    }

    /// The head of the event that begins with `line`, or `None` when the line continues the event before.
    /// `line` may run on beyond its end.
    #[inline]
    pub(crate) fn head(&mut self, line: &[u8]) -> Option<Head> {
        match self {
            Self::Export(times) => {
                let time_ms = times.read(line)?;
                let message_at = EXPORT_TIME_BYTES + usize::from(line.get(EXPORT_TIME_BYTES) == Some(&b' '));
                Some(Head {
                    time_ms: Some(time_ms),
                    message_at,
                    stream: None,
                })
            }
            Self::TailDetailed => {
                let (time_ms, time_end) = read_iso(line).filter(|(_, end)| *end > 19)?;
                let rest = line.get(time_end..)?.strip_prefix(b" ")?;
                let stream_end = rest.iter().position(|byte| matches!(byte, b' ' | b'\n'))?;
                let stream = (time_end + 1, time_end + 1 + stream_end);
                let mut message_at = (stream.1 + 1).min(line.len());
                // A document follows on lines of its own.
                if line.get(message_at) == Some(&b'\n') {
                    message_at += 1;
                }
                (stream_end > 0).then_some(Head {
                    time_ms: Some(time_ms),
                    message_at,
                    stream: Some(stream),
                })
            }
            Self::TailShort => {
                let (time_ms, time_end) = read_iso(line).filter(|(_, end)| *end == 19)?;
                line.get(19).filter(|byte| **byte == b' ')?;
                Some(Head {
                    time_ms: Some(time_ms),
                    message_at: time_end + 1,
                    stream: None,
                })
            }
            Self::Sam => {
                let stream_end = line
                    .iter()
                    .take(STREAM_BYTES_MAX)
                    .position(|byte| *byte == b' ')?;
                let rest = &line[stream_end + 1..];
                let (time_ms, time_end) = read_iso(rest).filter(|(_, end)| *end > 19)?;
                let is_head = is_stream(&line[..stream_end]) && rest.get(time_end) == Some(&b' ');
                is_head.then_some(Head {
                    time_ms: Some(time_ms),
                    message_at: stream_end + 1 + time_end + 1,
                    stream: Some((0, stream_end)),
                })
            }
            Self::Application(shape, clock) => Some(Head {
                time_ms: Some(shape.read(line, *clock)?),
                message_at: 0,
                stream: None,
            }),
            Self::Bare => {
                let end = memchr(b'\n', line).unwrap_or(line.len());
                (!continues_bare(&line[..end])).then_some(Head {
                    time_ms: None,
                    message_at: 0,
                    stream: None,
                })
            }
        }
    }

    /// True when `line` begins an event; cheaper than its head.
    #[inline]
    fn begins_event(&mut self, line: &[u8]) -> bool {
        match self {
            Self::Export(times) => times.read(line).is_some(),
            _ => self.head(line).is_some(),
        }
    }

    /// Start of the first event at or after `from`, which is a line start; `None` when there is none in
    /// `bytes`. A line whose end is not in `bytes` begins no event unless `is_at_end`.
    pub(crate) fn next_event(&mut self, bytes: &[u8], from: usize, is_at_end: bool) -> Option<usize> {
        let mut at = from;
        while at < bytes.len() {
            // Where the end may be missing, the line is as good as it gets.
            if is_at_end && self.begins_event(&bytes[at..]) {
                return Some(at);
            }
            let line_end = memchr(b'\n', &bytes[at..])?;
            if !is_at_end && self.begins_event(&bytes[at..]) {
                return Some(at);
            }
            at += line_end + 1;
        }
        None
    }

    /// Start of the last event of `bytes[from..]`, or `None`. `from` is a line start.
    pub(crate) fn last_event(&mut self, bytes: &[u8], from: usize) -> Option<usize> {
        let mut end = bytes.len();
        let last_line = memrchr(b'\n', &bytes[from..]).map_or(from, |at| from + at + 1);
        // Of a line that is not complete, too little may be there to tell what it is.
        if bytes.len() - last_line < HEAD_BYTES_MIN {
            end = last_line.checked_sub(1).filter(|end| *end >= from)?;
        }
        loop {
            let start = memrchr(b'\n', &bytes[from..end]).map_or(from, |at| from + at + 1);
            if self.head(&bytes[start..]).is_some() {
                return Some(start);
            }
            if start == from {
                return None;
            }
            end = start - 1;
        }
    }

    /// Start of the event that holds the byte `at`, and its head; `None` when no event begins between `from` and it.
    #[inline]
    pub(crate) fn event_around(&mut self, bytes: &[u8], from: usize, at: usize) -> Option<(usize, Head)> {
        if let Some(found) = self.export_at_message(bytes, from, at) {
            return Some(found);
        }
        let mut end = at;
        loop {
            let start = memrchr(b'\n', &bytes[from..end]).map_or(from, |found| from + found + 1);
            if let Some(head) = self.head(&bytes[start..]) {
                return Some((start, head));
            }
            if start == from {
                return None;
            }
            end = start - 1;
        }
    }

    /// As [`Self::event_around`] where the message of an export begins at `at`, so that nothing has to be searched; `None` for
    /// all others.
    #[inline]
    fn export_at_message(&mut self, bytes: &[u8], from: usize, at: usize) -> Option<(usize, Head)> {
        let Self::Export(_) = self else {
            return None;
        };
        const HEAD_BYTES: usize = EXPORT_TIME_BYTES + 1;
        let start = at.checked_sub(HEAD_BYTES).filter(|start| *start >= from)?;
        if start > from && bytes[start - 1] != b'\n' {
            return None;
        }
        let head = self.head(&bytes[start..])?;
        (head.message_at == HEAD_BYTES).then_some((start, head))
    }
}

/// The name of a stream is no longer.
const STREAM_BYTES_MAX: usize = 512;

/// `2026/03/04/[12]00aa…`: the date, and the version in brackets.
fn is_stream(name: &[u8]) -> bool {
    name.len() > 10 && name[4] == b'/' && name[7] == b'/' && name.contains(&b'[')
}

/// Lines that no writer begins an event with: blank, indented, or the second line of a REPORT.
fn continues_bare(line: &[u8]) -> bool {
    match line.first() {
        None => true,
        Some(first) => first.is_ascii_whitespace() || line.starts_with(b"XRAY TraceId:"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What begins where a message can begin is found without a search, and nothing else is.
    #[test]
    fn events_around_the_start_of_a_message() {
        let time = "1970-01-01T00:00:01.000Z";
        for (text, at, expected) in [
            (format!("{time} REPORT"), 25, Some(0)),
            (format!("x\n{time} REPORT"), 27, Some(2)),
            (format!("x{time} REPORT"), 26, None),
            (format!("{time} x{time} REPORT"), 51, Some(0)),
            (format!("{time}\nREPORT"), 25, Some(0)),
            (format!("{time} a\n{time}\nREPORT"), 52, Some(27)),
            ("REPORT".to_owned(), 0, None),
        ] {
            let mut grammar = LineGrammar::Export(ExportTimes::new());
            let found = grammar.event_around(text.as_bytes(), 0, at);
            assert_eq!(found.map(|(start, _)| start), expected, "{text:?}");
        }
        // What was read before does not count.
        let text = format!("{time} REPORT");
        let mut grammar = LineGrammar::Export(ExportTimes::new());
        assert_eq!(grammar.event_around(text.as_bytes(), 1, 25), None);
    }

    #[test]
    fn heads_of_lines() {
        let check = |mut grammar: LineGrammar, line: &str, expected: Option<(Option<i64>, &str, &str)>| {
            let head = grammar.head(line.as_bytes());
            let found = head.as_ref().map(|head| {
                (
                    head.time_ms,
                    head.stream.map_or("", |(start, end)| &line[start..end]),
                    &line[head.message_at..],
                )
            });
            assert_eq!(found, expected, "{line}");
        };
        let export = || LineGrammar::Export(ExportTimes::new());
        check(
            export(),
            "1970-01-01T00:00:01.000Z hello",
            Some((Some(1_000), "", "hello")),
        );
        check(export(), "1970-01-01T00:00:01.000Z", Some((Some(1_000), "", "")));
        check(export(), "hello", None);
        check(
            LineGrammar::TailDetailed,
            "1970-01-01T00:00:01.000000+00:00 1970/01/01/[$LATEST]0 START x",
            Some((Some(1_000), "1970/01/01/[$LATEST]0", "START x")),
        );
        check(LineGrammar::TailDetailed, "    \"level\": 1", None);
        check(
            LineGrammar::TailShort,
            "1970-01-01T00:00:01 hello",
            Some((Some(1_000), "", "hello")),
        );
        check(LineGrammar::TailShort, "1970-01-01T00:00:01.5 hello", None);
        check(
            LineGrammar::TailDetailed,
            "1970-01-01T00:00:01+00:00 s \n{\n}",
            Some((Some(1_000), "s", "{\n}")),
        );
        check(
            LineGrammar::Sam,
            "1970/01/01/[12]00aa 1970-01-01T00:00:01.000000 END x",
            Some((Some(1_000), "1970/01/01/[12]00aa", "END x")),
        );
        check(LineGrammar::Sam, "hello 1970-01-01T00:00:01.000000 END x", None);
        check(
            LineGrammar::Application(TimeShape::Iso, LogClock::UTC),
            "1970-01-01 00:00:01,000 hello",
            Some((Some(1_000), "", "1970-01-01 00:00:01,000 hello")),
        );
        check(
            LineGrammar::Bare,
            "START RequestId: x",
            Some((None, "", "START RequestId: x")),
        );
        check(LineGrammar::Bare, "  at x", None);
        check(LineGrammar::Bare, "XRAY TraceId: 1", None);
        check(LineGrammar::Bare, "", None);
    }
}
