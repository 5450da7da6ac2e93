//! What a file is, by its first bytes.

use memchr::memchr;

use crate::grammar::LineGrammar;
use crate::json::JsonLayout;
use crate::json_event;
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
}

/// Bytes that detection looks at.
pub(crate) const SAMPLE_BYTES: usize = 64 << 10;

/// Lines that are asked for a time before a file counts as one without times.
const SAMPLE_LINES_MAX: usize = 200;

/// Tells the container of a file from its first bytes. `is_whole` tells that there are no more.
pub(crate) fn detect(sample: &[u8], is_whole: bool) -> Container {
    let Some(first) = sample.trim_ascii_start().first() else {
        return Container::Empty;
    };
    // Read from a stream, whose end comes last, Parquet can't be understood, however much text it may hold.
    if sample.starts_with(PARQUET_MAGIC) {
        return Container::Binary;
    }
    if matches!(first, b'{' | b'[')
        && let Some(layout) = detect_json(sample.trim_ascii_start(), is_whole)
    {
        return Container::Json(layout);
    }
    match detect_times(sample) {
        Some(grammar) => Container::Lines(grammar),
        None if is_binary(sample) => Container::Binary,
        None => Container::Lines(LineGrammar::Bare),
    }
}

/// A first line that is a document by itself makes a file of lines; anything else that begins like JSON is
/// read as values.
fn detect_json(sample: &[u8], is_whole: bool) -> Option<JsonLayout> {
    let line_end = memchr(b'\n', sample);
    let line = &sample[..line_end.unwrap_or(sample.len())];
    if line_end.is_some() || is_whole {
        let is_events = memchr::memmem::find(line, b"\"events\"").is_some();
        if line[0] == b'{' && !is_events && json_event::read(line, false).is_some() {
            return Some(JsonLayout::Lines);
        }
    }
    // `[INFO] …` begins like an array and is none.
    let inside = sample[1..].trim_ascii_start().first();
    let begins_value = match sample[0] {
        b'{' => matches!(inside, Some(b'"' | b'}') | None),
        _ => matches!(inside, Some(b'{' | b']') | None),
    };
    begins_value.then_some(JsonLayout::Values)
}

/// The first line that starts with a time decides.
fn detect_times(sample: &[u8]) -> Option<LineGrammar> {
    for line in sample.split(|byte| *byte == b'\n').take(SAMPLE_LINES_MAX) {
        if ExportTimes::new().read(line).is_some() {
            return Some(LineGrammar::Export(ExportTimes::new()));
        }
        let Some((_, end)) = read_iso(line) else { continue };
        let has_offset = line
            .get(end.saturating_sub(6))
            .is_some_and(|byte| matches!(byte, b'+' | b'-'));
        if end > 19 && has_offset && LineGrammar::TailDetailed.head(line).is_some() {
            return Some(LineGrammar::TailDetailed);
        }
        if LineGrammar::TailShort.head(line).is_some() {
            return Some(LineGrammar::TailShort);
        }
    }
    None
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
            let found = match detect(sample, true) {
                Container::Empty => "empty",
                Container::Binary => "binary",
                Container::Lines(LineGrammar::Export(_)) => "export",
                Container::Lines(LineGrammar::TailDetailed) => "detailed",
                Container::Lines(LineGrammar::TailShort) => "short",
                Container::Lines(LineGrammar::Bare) => "bare",
                Container::Json(JsonLayout::Lines) => "json lines",
                Container::Json(JsonLayout::Values) => "json values",
            };
            assert_eq!(found, expected, "{}", String::from_utf8_lossy(sample));
        };
        check(b"", "empty");
        check(b" \n\n", "empty");
        check(b"2026-03-04T00:00:00.123Z hello\n", "export");
        check(b"  continued\n2026-03-04T00:00:00.123Z hello\n", "export");
        check(
            b"2026-03-04T00:00:00.123000+00:00 2026/03/04/[1]00 START\n",
            "detailed",
        );
        check(b"2026-03-04T00:00:00 START\n", "short");
        check(b"START RequestId: x\n", "bare");
        check(b"[INFO] hello\n", "bare");
        check(b"{\"a\":1}\n{\"a\":2}\n", "json lines");
        check(b"{\"a\":1}", "json lines");
        check(b"{\"events\":[]}", "json values");
        check(b"{\n  \"events\": [\n", "json values");
        check(b"[{\"a\":1}]", "json values");
        check(b"[\n]", "json values");
        check(b"{foo=2}\n", "bare");
        check(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00", "binary");
        check(b"PAR1 text that is stored as it is", "binary");
        check(b"2026-03-04T00:00:00.123Z a\0\0\0\0\0\0\0\0\0\0\n", "export");
    }
}
