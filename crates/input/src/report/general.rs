//! REPORT lines of any shape: labels in any order, with any white space between them.

use super::number::read_number;
use super::{MB_BYTES, Report};

/// The labels, longest first where one ends with another.
const LABELS: &[(&[u8], Label)] = &[
    (b"Billed Restore Duration:", Label::BilledRestoreDuration),
    (b"Restore Duration:", Label::RestoreDuration),
    (b"Billed Duration:", Label::BilledDuration),
    (b"Init Duration:", Label::InitDuration),
    (b"Duration:", Label::Duration),
    (b"Max Memory Used:", Label::MaxMemoryUsed),
    (b"Memory Size:", Label::MemorySize),
    (b"RequestId:", Label::RequestId),
    (b"XRAY TraceId:", Label::XrayTraceId),
    (b"SegmentId:", Label::XraySegmentId),
    (b"Sampled:", Label::Other),
    (b"Status:", Label::Other),
    (b"Error Type:", Label::Other),
];

#[derive(Clone, Copy, PartialEq)]
enum Label {
    RequestId,
    Duration,
    BilledDuration,
    InitDuration,
    RestoreDuration,
    BilledRestoreDuration,
    MemorySize,
    MaxMemoryUsed,
    XrayTraceId,
    XraySegmentId,
    /// Known, and no field of the language.
    Other,
}

pub(super) fn read_general(message: &[u8]) -> Report {
    let mut report = Report::default();
    let mut at = message.len() - message.trim_ascii_start().len() + b"REPORT".len();
    while let Some(start) = next_word(message, at) {
        let Some((label, value_at)) = label_at(message, start) else {
            at = skip_word(message, start);
            continue;
        };
        at = read_value(message, label, value_at, &mut report);
    }
    report.is_cut |= report.numbers.duration.is_none() || ends_in_label(message);
    report
}

/// Start of the next word at or after `at`, which must be preceded by white space.
fn next_word(message: &[u8], at: usize) -> Option<usize> {
    message
        .get(at..)?
        .iter()
        .position(|byte| !byte.is_ascii_whitespace())
        .map(|skipped| at + skipped)
}

fn skip_word(message: &[u8], at: usize) -> usize {
    message[at..]
        .iter()
        .position(u8::is_ascii_whitespace)
        .map_or(message.len(), |length| at + length)
}

/// The label that starts at `at`, and where its value starts. White space inside a label may be of any
/// kind and length.
fn label_at(message: &[u8], at: usize) -> Option<(Label, usize)> {
    LABELS.iter().find_map(|(text, label)| {
        // Most words begin no label, and one byte tells.
        if message[at] != text[0] {
            return None;
        }
        let mut here = at;
        for part in text.split(|byte| *byte == b' ') {
            here = next_word(message, here).filter(|&word| word == here || here != at)?;
            if !message[here..].starts_with(part) {
                return None;
            }
            here += part.len();
        }
        Some((*label, here))
    })
}

/// Reads the value of `label` and returns where to go on.
fn read_value(message: &[u8], label: Label, at: usize, report: &mut Report) -> usize {
    let Some(start) = next_word(message, at) else {
        report.is_cut = true;
        return message.len();
    };
    let end = skip_word(message, start);
    match label {
        Label::RequestId => report.request_id = Some(start..end),
        Label::XrayTraceId => report.xray_trace_id = Some(start..end),
        Label::XraySegmentId => report.xray_segment_id = Some(start..end),
        Label::Other => {}
        Label::MemorySize | Label::MaxMemoryUsed => {
            let value = read_measure(message, start, b"MB").map(|mb| mb * MB_BYTES);
            report.is_cut |= value.is_none();
            if label == Label::MemorySize {
                report.numbers.memory_size = value
            } else {
                report.numbers.max_memory_used = value
            }
        }
        Label::Duration
        | Label::BilledDuration
        | Label::InitDuration
        | Label::RestoreDuration
        | Label::BilledRestoreDuration => {
            let value = read_measure(message, start, b"ms");
            report.is_cut |= value.is_none();
            match label {
                Label::Duration => report.numbers.duration = value,
                Label::BilledDuration => report.numbers.billed_duration = value,
                Label::InitDuration => report.numbers.init_duration = value,
                Label::RestoreDuration => report.numbers.restore_duration = value,
                _ => {}
            }
        }
    }
    end
}

/// A number and, after any white space, its unit.
fn read_measure(message: &[u8], at: usize, unit: &[u8]) -> Option<f64> {
    let (value, rest) = read_number(&message[at..])?;
    let rest = rest.trim_ascii_start().strip_prefix(unit)?;
    rest.first().is_none_or(u8::is_ascii_whitespace).then_some(value)
}

/// True when the message stops inside a label: its last words begin one.
fn ends_in_label(message: &[u8]) -> bool {
    let trimmed = message.trim_ascii_end();
    let last_line = trimmed
        .rsplit(|byte| matches!(byte, b'\t' | b'\n'))
        .next()
        .unwrap_or(trimmed);
    let ending = last_line.trim_ascii_start();
    !ending.is_empty()
        && LABELS
            .iter()
            .any(|(label, _)| ending.len() < label.len() && label.starts_with(ending))
}
