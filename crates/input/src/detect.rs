//! What a file is, by its first bytes.

use memchr::memchr;

use crate::app_times::TimeShape;
use crate::arrow::Form;
use crate::cli_text;
use crate::clock::LogClock;
use crate::csv;
use crate::document_times::DocumentTimes;
use crate::format::LogFormat;
use crate::grammar::{Head, LineGrammar};
use crate::json::JsonLayout;
use crate::json_event;
use crate::json_keys;
use crate::packed;
use crate::parquet::PARQUET_MAGIC;
use crate::timestamp::{ExportTimes, read_iso};

/// A kind of file.
#[derive(Clone, Debug)]
pub(crate) enum Container {
    /// Nothing but blanks.
    Empty,
    /// Not a log.
    Binary,
    /// Lines of text.
    Lines(LineGrammar),
    /// JSON.
    Json(JsonLayout),
    /// Rows that the console saved.
    Csv,
    /// What the command line prints with `--output text`.
    CliText,
    /// Columns of another tool.
    Arrow(Form),
}

impl Container {
    /// The name under which the user can force it; `None` for what is no log.
    pub(crate) fn format(&self) -> Option<LogFormat> {
        Some(match self {
            Self::Empty | Self::Binary => return None,
            Self::Lines(LineGrammar::Export(_)) => LogFormat::Export,
            Self::Lines(LineGrammar::TailDetailed) => LogFormat::Tail,
            Self::Lines(LineGrammar::TailShort) => LogFormat::TailShort,
            Self::Lines(LineGrammar::Sam) => LogFormat::Sam,
            Self::Lines(LineGrammar::Application(..)) => LogFormat::Application,
            Self::Lines(LineGrammar::Bare) => LogFormat::Lines,
            Self::Json(JsonLayout::Values) => LogFormat::Json,
            Self::Json(JsonLayout::Lines) => LogFormat::JsonLines,
            Self::Csv => LogFormat::Csv,
            Self::CliText => LogFormat::CliText,
            Self::Arrow(_) => LogFormat::Arrow,
        })
    }
}

/// Bytes that detection looks at.
pub(crate) const SAMPLE_BYTES: usize = 64 << 10;

/// Lines that are asked for a time before a file counts as one without times.
pub(crate) const SAMPLE_LINES_MAX: usize = 200;

/// Tells the container of a file from its first bytes. `is_whole` tells that there are no more.
pub(crate) fn detect(sample: &[u8], is_whole: bool, clock: LogClock) -> Container {
    let Some(first) = sample.trim_ascii_start().first() else {
        return Container::Empty;
    };
    // Whoever reads Parquet has told it before; it is no text, however much of that it may hold. Nor are archives.
    if sample.starts_with(PARQUET_MAGIC) || packed::advice(sample).is_some() {
        return Container::Binary;
    }
    if let Some(form) = Form::of(sample) {
        return Container::Arrow(form);
    }
    if matches!(first, b'{' | b'[')
        && let Some(layout) = detect_json(sample.trim_ascii_start(), is_whole, clock)
    {
        return Container::Json(layout);
    }
    let mut lines = sample.split(|byte| *byte == b'\n').take(SAMPLE_LINES_MAX);
    if lines.clone().next().is_some_and(csv::is_head) {
        return Container::Csv;
    }
    if lines.any(cli_text::is_beginning) {
        return Container::CliText;
    }
    match detect_times(sample, clock) {
        Some(grammar) => Container::Lines(grammar),
        None if is_binary(sample) => Container::Binary,
        None => Container::Lines(LineGrammar::Bare),
    }
}

/// A first line that is a document by itself makes a file of lines; anything else that begins like JSON is
/// read as values.
fn detect_json(sample: &[u8], is_whole: bool, clock: LogClock) -> Option<JsonLayout> {
    let line_end = memchr(b'\n', sample);
    let line = &sample[..line_end.unwrap_or(sample.len())];
    if line_end.is_some() || is_whole {
        let is_document = json_keys::of(line).is_none();
        if line[0] == b'{'
            && is_document
            && json_event::read(line, false, &mut DocumentTimes::new(clock)).is_some()
        {
            return Some(JsonLayout::Lines);
        }
    }
    // `[INFO] …` begins like an array and is none.
    let inside = sample[1..].trim_ascii_start().first();
    let begins_value = match sample[0] {
        b'{' => matches!(inside, Some(b'"' | b'}') | None),
        _ => matches!(inside, Some(b'{' | b']' | b'"') | None),
    };
    begins_value.then_some(JsonLayout::Values)
}

/// The container of a file of which the user says what it is.
pub(crate) fn forced(format: LogFormat, sample: &[u8], clock: LogClock) -> Container {
    if let Some(form) = Form::of(sample) {
        return Container::Arrow(form);
    }
    let lines = || sample.split(|byte| *byte == b'\n').take(SAMPLE_LINES_MAX);
    match format {
        LogFormat::Export => Container::Lines(LineGrammar::Export(ExportTimes::new())),
        LogFormat::Tail => Container::Lines(LineGrammar::TailDetailed),
        LogFormat::TailShort => Container::Lines(LineGrammar::TailShort),
        LogFormat::Sam => Container::Lines(LineGrammar::Sam),
        LogFormat::Application => {
            let shape = lines().find_map(|line| TimeShape::of(line, clock));
            Container::Lines(LineGrammar::Application(shape.unwrap_or(TimeShape::Iso), clock))
        }
        LogFormat::Lines => Container::Lines(LineGrammar::Bare),
        LogFormat::Json => Container::Json(JsonLayout::Values),
        LogFormat::JsonLines => Container::Json(JsonLayout::Lines),
        LogFormat::Csv => Container::Csv,
        LogFormat::CliText => Container::CliText,
        // What is one of these has been told already.
        LogFormat::Parquet | LogFormat::Arrow => Container::Binary,
    }
}

/// The first line that starts with a time decides.
fn detect_times(sample: &[u8], clock: LogClock) -> Option<LineGrammar> {
    sample
        .split(|byte| *byte == b'\n')
        .take(SAMPLE_LINES_MAX)
        .find_map(|line| grammar_of(line, clock))
}

/// The grammar of which `line` begins an event.
fn grammar_of(line: &[u8], clock: LogClock) -> Option<LineGrammar> {
    if ExportTimes::new().read(line).is_some() {
        return Some(LineGrammar::Export(ExportTimes::new()));
    }
    if let Some((_, end)) = read_iso(line) {
        let has_offset = line
            .get(end.saturating_sub(6))
            .is_some_and(|byte| matches!(byte, b'+' | b'-'));
        // The stream is told from the first word of an application by its look.
        let is_tail = |head: &Head| {
            let (start, stop) = head.stream.unwrap_or_default();
            line[start..stop].contains(&b'/') || line[start..stop].contains(&b'[')
        };
        if end > 19 && has_offset && LineGrammar::TailDetailed.head(line).as_ref().is_some_and(is_tail) {
            return Some(LineGrammar::TailDetailed);
        }
        if line[10] == b'T' && LineGrammar::TailShort.head(line).is_some() {
            return Some(LineGrammar::TailShort);
        }
    }
    if LineGrammar::Sam.head(line).is_some() {
        return Some(LineGrammar::Sam);
    }
    TimeShape::of(line, clock).map(|shape| LineGrammar::Application(shape, clock))
}

/// One byte in so many may be a control character or no UTF-8 in a text.
const STRANGE_BYTES_SHARE: usize = 10;

/// True when too many bytes are none that a text has.
fn is_binary(sample: &[u8]) -> bool {
    let controls = sample
        .iter()
        .filter(|byte| **byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x1b))
        .count();
    let invalid: usize = sample.utf8_chunks().map(|chunk| chunk.invalid().len()).sum();
    (controls + invalid) * STRANGE_BYTES_SHARE > sample.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers() {
        let check = |sample: &[u8], expected: &str| {
            let container = detect(sample, true, LogClock::UTC);
            let found = match container.format() {
                Some(format) => format.name(),
                None if matches!(container, Container::Empty) => "empty",
                None => "binary",
            };
            assert_eq!(found, expected, "{}", String::from_utf8_lossy(sample));
        };
        check(b"", "empty");
        check(b" \n\n", "empty");
        check(b"2026-03-04T00:00:00.123Z hello\n", "export");
        check(b"  continued\n2026-03-04T00:00:00.123Z hello\n", "export");
        check(
            b"2026-03-04T00:00:00.123000+00:00 2026/03/04/[1]00 START\n",
            "tail",
        );
        check(b"2026-03-04T00:00:00 START\n", "tail-short");
        check(b"2026-03-04T00:00:00+00:00 main: started\n", "application");
        check(b"2026-03-04 00:00:00 main: started\n", "application");
        check(b"2026/03/04/[12]00aa 2026-03-04T00:00:00.123000 END x\n", "sam");
        check(b"@timestamp,@message\n", "csv");
        check(b"EVENTS\t1772582405001\thello\t1772582400123\n", "cli-text");
        check(b"START RequestId: x\n", "lines");
        check(b"[INFO] hello\n", "lines");
        check(b"{\"a\":1}\n{\"a\":2}\n", "jsonl");
        check(b"{\"a\":1}", "jsonl");
        check(b"{\"events\":[]}", "json");
        check(b"{\n  \"events\": [\n", "json");
        check(b"[{\"a\":1}]", "json");
        check(b"[\n]", "json");
        check(b"[\"a message\"]", "json");
        check(b"{\"logGroup\":\"g\",\"logEvents\":[]}\n", "json");
        check(b"{foo=2}\n", "lines");
        check(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00", "binary");
        check(b"ARROW1\0\0", "arrow");
        check(b"\xff\xff\xff\xff\x80\0\0\0\x10\0\0\0", "arrow");
        check(b"PK\x03\x04\n2026-03-04T00:00:00.123Z hello\n", "binary");
        check(b"PAR1 text that is stored as it is", "binary");
        check(b"2026-03-04T00:00:00.123Z a\0\0\0\0\0\0\0\0\0\0\n", "export");
    }
}
