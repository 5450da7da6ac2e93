//! REPORT lines of the shape that nearly all have.

use super::number::{after, decimal, digits_in_word};
use super::{MB_BYTES, Report, ReportNumbers};

/// Reads the duration alone, without looking at the rest of the line. `None` when the line is not of the
/// usual shape; then [`read_report`](super::read_report) decides.
#[inline]
pub(crate) fn read_duration(message: &[u8]) -> Option<f64> {
    // `REPORT RequestId: ` and a UUID come first; a blank or a tab and the label follow.
    let (separator, rest) = message.get(ID_AT + ID_BYTES..)?.split_first()?;
    if !matches!(separator, b'\t' | b' ') {
        return None;
    }
    let (value, rest) = decimal(after(rest, b"Duration: ")?)?;
    after(rest, b" ms").map(|_| value)
}

/// How much of a REPORT line of the usual shape is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    /// Durations, initialisations and restores; other numbers are only skipped.
    Busy,
    /// All numbers.
    Numbers,
    /// Everything.
    Texts,
}

/// The numbers of a line of the usual shape, as far as `depth` tells; `None` for all others, which [`read_report`](super::read_report) reads.
#[inline]
pub(crate) fn read_usual_numbers(message: &[u8], depth: Depth) -> Option<ReportNumbers> {
    let report = match depth {
        Depth::Busy => read_usual::<{ Depth::Busy as u8 }>(message),
        Depth::Numbers | Depth::Texts => read_usual::<{ Depth::Numbers as u8 }>(message),
    };
    report.map(|report| report.numbers)
}

/// A line of the shape that nearly all have: labels in the order of the service, tabs between them, and nothing behind
/// the memory but an initialisation or a restore, and perhaps a second line with a trace. `None` for all others.
// In line, so that whoever wants little does not pay for the rest.
#[inline(always)]
pub(super) fn read_usual<const DEPTH: u8>(message: &[u8]) -> Option<Report> {
    let rest = after(message, b"REPORT RequestId: ")?;
    let (id, rest) = rest.split_first_chunk::<ID_BYTES>()?;
    // White space would end the id earlier.
    if !is_solid(id) {
        return None;
    }
    let (duration, rest) = decimal(after(rest, b"\tDuration: ")?)?;
    let (billed_duration, rest) = number_or_skip::<DEPTH>(after(rest, b" ms\tBilled Duration: ")?)?;
    let (memory_size, rest) = number_or_skip::<DEPTH>(after(rest, b" ms\tMemory Size: ")?)?;
    let (max_memory_used, rest) = number_or_skip::<DEPTH>(after(rest, b" MB\tMax Memory Used: ")?)?;
    let rest = after(rest, b" MB")?;
    let mut report = Report {
        request_id: Some(ID_AT..ID_AT + ID_BYTES),
        numbers: ReportNumbers {
            duration: Some(duration),
            billed_duration,
            memory_size: memory_size.map(|mb| mb * MB_BYTES),
            max_memory_used: max_memory_used.map(|mb| mb * MB_BYTES),
            ..ReportNumbers::default()
        },
        ..Report::default()
    };
    let rest = read_usual_beginning(rest, &mut report.numbers)?;
    let rest = match after(rest, b"\t\nXRAY TraceId: ") {
        Some(trace)
            if DEPTH != Depth::Texts as u8
                && let Some(rest) = skip_usual_trace(trace) =>
        {
            rest
        }
        Some(trace) => read_usual_trace(message, trace, &mut report)?,
        None => rest,
    };
    rest.iter().all(u8::is_ascii_whitespace).then_some(report)
}

/// A number, or `None` where numbers are only skipped, and what follows it.
#[inline(always)]
fn number_or_skip<const DEPTH: u8>(text: &[u8]) -> Option<(Option<f64>, &[u8])> {
    if DEPTH == Depth::Busy as u8 {
        let count = match text.first_chunk::<8>() {
            Some(word) => digits_in_word(u64::from_le_bytes(*word)),
            None => text.iter().take_while(|byte| byte.is_ascii_digit()).count(),
        };
        if (1..8).contains(&count) && text.get(count) != Some(&b'.') {
            return Some((None, &text[count..]));
        }
    }
    decimal(text).map(|(value, rest)| (Some(value), rest))
}

/// True when no byte is white space. All are looked at together, which is faster than stopping at one.
#[inline]
fn is_solid<const N: usize>(text: &[u8; N]) -> bool {
    text.iter().fold(u8::MAX, |least, byte| least.min(*byte)) > b' '
}

/// What follows the second line of a traced invocation, whose ids have their usual lengths.
#[inline]
fn skip_usual_trace(text: &[u8]) -> Option<&[u8]> {
    let (trace, rest) = text.split_first_chunk::<TRACE_ID_BYTES>()?;
    let (segment, rest) = after(rest, b"\tSegmentId: ")?.split_first_chunk::<SEGMENT_ID_BYTES>()?;
    let rest = after(rest, b"\tSampled: ")?;
    let rest = after(rest, b"true").or_else(|| after(rest, b"false"))?;
    let ends = rest.first().is_none_or(u8::is_ascii_whitespace);
    (ends && is_solid(trace) && is_solid(segment)).then_some(rest)
}

/// Length of `1-`, eight digits, `-` and twenty-four digits.
const TRACE_ID_BYTES: usize = 35;

const SEGMENT_ID_BYTES: usize = 16;

/// What the environment did before, and what follows it.
#[inline]
fn read_usual_beginning<'a>(text: &'a [u8], numbers: &mut ReportNumbers) -> Option<&'a [u8]> {
    if let Some(init) = after(text, b"\tInit Duration: ") {
        let (init, rest) = decimal(init)?;
        numbers.init_duration = Some(init);
        return after(rest, b" ms");
    }
    if let Some(restore) = after(text, b"\tRestore Duration: ") {
        let (restore, rest) = decimal(restore)?;
        numbers.restore_duration = Some(restore);
        let (_, rest) = decimal(after(rest, b" ms\tBilled Restore Duration: ")?)?;
        return after(rest, b" ms");
    }
    Some(text)
}

/// The second line of a traced invocation, and what follows it.
#[inline]
fn read_usual_trace<'a>(message: &[u8], text: &'a [u8], report: &mut Report) -> Option<&'a [u8]> {
    let (trace, rest) = word(text)?;
    let (segment, rest) = word(after(rest, b"\tSegmentId: ")?)?;
    let (_, rest) = word(after(rest, b"\tSampled: ")?)?;
    let place = |from: &[u8], word: &[u8]| {
        let start = message.len() - from.len();
        start..start + word.len()
    };
    report.xray_trace_id = Some(place(text, trace));
    let from_segment = &text[trace.len() + b"\tSegmentId: ".len()..];
    report.xray_segment_id = Some(place(from_segment, segment));
    Some(rest)
}

/// A word of letters, digits and the signs between them, and what follows it.
#[inline]
fn word(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = text.iter().position(|byte| !byte.is_ascii_graphic());
    let (word, rest) = text.split_at(end.unwrap_or(text.len()));
    (!word.is_empty()).then_some((word, rest))
}

/// Where the id stands in a line of the usual shape: behind `REPORT RequestId: `.
const ID_AT: usize = 18;

/// Length of a UUID.
const ID_BYTES: usize = 36;
