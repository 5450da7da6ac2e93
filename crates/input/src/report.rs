//! The grammar of REPORT lines.

use std::ops::Range;

/// What a REPORT line says. Texts are byte ranges of the message.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Report {
    pub(crate) request_id: Option<Range<usize>>,
    pub(crate) numbers: ReportNumbers,
    pub(crate) xray_trace_id: Option<Range<usize>>,
    pub(crate) xray_segment_id: Option<Range<usize>>,
    /// True when the line stops in the middle of a label or a value, or has no duration.
    pub(crate) is_cut: bool,
}

/// The numbers of a REPORT. Durations in milliseconds, memory in bytes (the MB of the line times 1,000,000).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct ReportNumbers {
    pub(crate) duration: Option<f64>,
    pub(crate) billed_duration: Option<f64>,
    pub(crate) init_duration: Option<f64>,
    pub(crate) restore_duration: Option<f64>,
    pub(crate) memory_size: Option<f64>,
    pub(crate) max_memory_used: Option<f64>,
}

/// The numbers and texts of one event; all missing when it is no REPORT.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReportFacts {
    pub(crate) numbers: ReportNumbers,
    /// Few events have one, and fewer queries ask.
    pub(crate) trace: Option<Box<Trace>>,
}

/// Where an event belongs in a trace.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace {
    pub(crate) trace_id: Option<String>,
    pub(crate) segment_id: Option<String>,
}

/// Bytes of a megabyte as the service counts them in `@memorySize`.
pub(crate) const MB_BYTES: f64 = 1_000_000.0;

/// True when a message is a REPORT line: the word, white space, and the label of the request id.
pub(crate) fn is_report(message: &[u8]) -> bool {
    let Some(rest) = message.trim_ascii_start().strip_prefix(b"REPORT") else {
        return false;
    };
    rest.first().is_some_and(u8::is_ascii_whitespace) && rest.trim_ascii_start().starts_with(b"RequestId:")
}

/// Reads the duration alone, without looking at the rest of the line. `None` when the line is not of the
/// usual shape; then [`read_report`] decides.
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

/// Reads everything that a REPORT line says. Labels may come in any order, with any white space between
/// them; what is not known is skipped. A value counts only with its unit, so that a line that stops in the
/// middle of a number gives no wrong one.
pub(crate) fn read_report(message: &[u8]) -> Report {
    read_usual::<{ Depth::Texts as u8 }>(message).unwrap_or_else(|| read_general(message))
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

/// The numbers of a line of the usual shape, as far as `depth` tells; `None` for all others, which [`read_report`] reads.
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
fn read_usual<const DEPTH: u8>(message: &[u8]) -> Option<Report> {
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

/// What follows a text of known length, which is compared in a few words.
#[inline]
pub(crate) fn after<'a, const N: usize>(text: &'a [u8], expected: &[u8; N]) -> Option<&'a [u8]> {
    let (found, rest) = text.split_first_chunk::<N>()?;
    (found == expected).then_some(rest)
}

/// A number of few digits, as [`read_number`] reads it, and what follows it. `None` for others.
#[inline]
pub(crate) fn decimal(text: &[u8]) -> Option<(f64, &[u8])> {
    let (mut value, rest) = digits(0, text)?;
    let mut count = text.len() - rest.len();
    let Some((b'.', fraction)) = rest.split_first() else {
        return (count <= EXACT_DIGITS_MAX).then_some((value as f64, rest));
    };
    let rest;
    (value, rest) = digits(value, fraction)?;
    let decimals = fraction.len() - rest.len();
    count += decimals;
    (count <= EXACT_DIGITS_MAX).then(|| (value as f64 / POWERS_OF_TEN[decimals], rest))
}

/// At least one digit behind those of `value`. Many give nonsense and no more than that.
#[inline]
fn digits(value: u64, text: &[u8]) -> Option<(u64, &[u8])> {
    if let Some(word) = text.first_chunk::<8>()
        && let Some((digits, count)) = digits_of_word(u64::from_le_bytes(*word))
    {
        let value = value
            .wrapping_mul(WHOLE_POWERS_OF_TEN[count])
            .wrapping_add(digits);
        return Some((value, &text[count..]));
    }
    digits_one_by_one(value, text)
}

/// The number at the start of eight bytes, the first of them the lowest, and of how many digits it is: 1 to 7.
#[inline]
fn digits_of_word(word: u64) -> Option<(u64, usize)> {
    let count = digits_in_word(word);
    if count == 0 || count == 8 {
        return None;
    }
    // Zeros in front, then neighbours are put together: ones to tens, these to thousands, and these to all.
    let values = (word ^ ZEROS) << (64 - 8 * count);
    let pairs = (values.wrapping_mul(10).wrapping_add(values >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul(100).wrapping_add(pairs >> 16)) & 0x0000_ffff_0000_ffff;
    let all = (fours.wrapping_mul(10_000).wrapping_add(fours >> 32)) & 0xffff_ffff;
    Some((all, count))
}

/// How many digits eight bytes begin with. All bytes are looked at together, which takes no branch that depends on how
/// long numbers are.
#[inline]
fn digits_in_word(word: u64) -> usize {
    let values = word ^ ZEROS;
    // What is more than nine has its highest bit set, or gets it by this sum. A carry only spoils later bytes.
    let is_other = (values.wrapping_add(EACH_BYTE * 0x76) | values) & (EACH_BYTE * 0x80);
    is_other.trailing_zeros() as usize / 8
}

const EACH_BYTE: u64 = 0x0101_0101_0101_0101;

/// Eight times the digit 0.
const ZEROS: u64 = EACH_BYTE * b'0' as u64;

const WHOLE_POWERS_OF_TEN: [u64; 8] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000];

fn digits_one_by_one(mut value: u64, text: &[u8]) -> Option<(u64, &[u8])> {
    let mut at = 0;
    while let Some(byte) = text.get(at)
        && byte.is_ascii_digit()
    {
        value = value.wrapping_mul(10).wrapping_add(u64::from(byte - b'0'));
        at += 1;
    }
    (at > 0).then(|| (value, &text[at..]))
}

fn read_general(message: &[u8]) -> Report {
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

/// Digits that a `u64` and a double hold exactly.
const EXACT_DIGITS_MAX: usize = 15;

const POWERS_OF_TEN: [f64; EXACT_DIGITS_MAX + 1] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];

/// A decimal number at the start of `text`, and what follows it. Up to 15 digits are read straight into an
/// integer and divided once, which gives the nearest double; longer ones go the general way.
#[inline]
pub(crate) fn read_number(text: &[u8]) -> Option<(f64, &[u8])> {
    let (mut value, mut digits, mut decimals, mut at, mut in_fraction) = (0u64, 0, 0, 0, false);
    while let Some(&byte) = text.get(at) {
        match byte {
            b'0'..=b'9' => {
                digits += 1;
                decimals += usize::from(in_fraction);
                if digits > EXACT_DIGITS_MAX {
                    return read_long_number(text);
                }
                value = value * 10 + u64::from(byte - b'0');
            }
            b'.' if !in_fraction && digits > 0 => in_fraction = true,
            _ => break,
        }
        at += 1;
    }
    if digits == 0 || (in_fraction && decimals == 0) {
        return None;
    }
    Some((value as f64 / POWERS_OF_TEN[decimals], &text[at..]))
}

fn read_long_number(text: &[u8]) -> Option<(f64, &[u8])> {
    let end = text
        .iter()
        .position(|byte| !byte.is_ascii_digit() && *byte != b'.')
        .unwrap_or(text.len());
    let value = std::str::from_utf8(&text[..end]).ok()?.parse().ok()?;
    Some((value, &text[end..]))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn check(message: &str, expected: &str) {
        let report = read_report(message.as_bytes());
        let text = |range: &Option<Range<usize>>| range.clone().map(|range| message[range].to_owned());
        let mut found = Vec::new();
        let mut add =
            |name: &str, value: Option<String>| found.extend(value.map(|value| format!("{name}={value}")));
        let number = |value: Option<f64>| value.map(|value| value.to_string());
        add("id", text(&report.request_id));
        add("duration", number(report.numbers.duration));
        add("billed", number(report.numbers.billed_duration));
        add("init", number(report.numbers.init_duration));
        add("restore", number(report.numbers.restore_duration));
        add("memory", number(report.numbers.memory_size));
        add("used", number(report.numbers.max_memory_used));
        add("trace", text(&report.xray_trace_id));
        add("segment", text(&report.xray_segment_id));
        add("cut", report.is_cut.then(|| "yes".to_owned()));
        assert_eq!(found.join(" "), expected, "{message:?}");
        if let Some(duration) = read_duration(message.as_bytes()) {
            assert_eq!(Some(duration), report.numbers.duration, "{message:?}");
        }
    }

    /// Digits that are read together are those read one by one, whatever follows.
    #[test]
    fn words_of_digits_are_the_number() {
        for count in 0..=9 {
            for follower in 0..=u8::MAX {
                let mut text: Vec<u8> = b"907264583"[..count].to_vec();
                text.extend([follower, b'7', b'x', 0xff, b'1', b'2', b'3', b'4']);
                assert_eq!(digits(3, &text), digits_one_by_one(3, &text), "{text:?}");
                text.truncate(count + 1);
                assert_eq!(digits(0, &text), digits_one_by_one(0, &text), "{text:?}");
            }
        }
    }

    /// Whoever asks for less gets the same of it.
    fn check_depths(message: &[u8], all: &ReportNumbers) {
        assert_eq!(read_usual_numbers(message, Depth::Numbers), Some(*all));
        let busy = read_usual_numbers(message, Depth::Busy).unwrap();
        let times =
            |numbers: &ReportNumbers| (numbers.duration, numbers.init_duration, numbers.restore_duration);
        assert_eq!(times(&busy), times(all));
        for (found, expected) in [
            (busy.billed_duration, all.billed_duration),
            (busy.memory_size, all.memory_size),
            (busy.max_memory_used, all.max_memory_used),
        ] {
            assert!(found.is_none() || found == expected);
        }
    }

    /// The quick way gives what the general one gives, or leaves the line to it.
    #[test]
    fn the_usual_shape_is_no_other_grammar() {
        let id = ID;
        let parts = [
            format!("REPORT RequestId: {id}"),
            "\tDuration: 7.31 ms".to_owned(),
            "\tBilled Duration: 8 ms".to_owned(),
            "\tMemory Size: 128 MB".to_owned(),
            "\tMax Memory Used: 61 MB".to_owned(),
            "\tInit Duration: 181.02 ms".to_owned(),
            "\tRestore Duration: 402.77 ms\tBilled Restore Duration: 120 ms".to_owned(),
            "\t\nXRAY TraceId: 1-5e61292c-00112233445566778899aabb\tSegmentId: 07a85e713f6302b2\tSampled: true".to_owned(),
            "\t".to_owned(),
            "\n".to_owned(),
        ];
        let whole = parts.concat();
        let short = parts[..5].concat();
        let mut lines = vec![whole.clone(), short.clone(), format!("{short}\t")];
        for end in 6..9 {
            lines.push(format!("{short}{}\t", parts[end - 1]));
            lines.push(format!("{short}{}{}\t", parts[5], parts[end - 1]));
            lines.push(format!("{short}{}{}\t", parts[6], parts[end - 1]));
        }
        let wholes: Vec<String> = lines.clone();
        // Cut at every byte, and with every byte replaced by one that means something elsewhere.
        for whole in wholes {
            lines.extend((0..whole.len()).map(|end| whole[..end].to_owned()));
            for at in 0..whole.len() {
                for byte in [" ", "\t", "\n", "9", ".", "M", "-", "\u{1}"] {
                    lines.push(format!("{}{byte}{}", &whole[..at], &whole[at + 1..]));
                    lines.push(format!("{}{byte}{}", &whole[..at], &whole[at..]));
                }
            }
        }
        // Parts left out, doubled and swapped.
        for first in 1..parts.len() {
            for second in 1..parts.len() {
                let mut other = parts.to_vec();
                other.swap(first, second);
                lines.push(other.concat());
                other.remove(first);
                lines.push(other.concat());
                other.insert(second - 1, parts[first].clone());
                other.insert(second - 1, parts[second].clone());
                lines.push(other.concat());
            }
        }
        let usual = lines
            .iter()
            .filter(|line| is_report(line.as_bytes()))
            .filter(
                |line| match read_usual::<{ Depth::Texts as u8 }>(line.as_bytes()) {
                    Some(report) => {
                        assert_eq!(report, read_general(line.as_bytes()), "{line:?}");
                        assert!(!report.is_cut, "{line:?}");
                        check_depths(line.as_bytes(), &report.numbers);
                        true
                    }
                    None => {
                        for depth in [Depth::Busy, Depth::Numbers] {
                            assert_eq!(read_usual_numbers(line.as_bytes(), depth), None, "{line:?}");
                        }
                        false
                    }
                },
            );
        assert!(usual.count() > 100);
    }

    const ID: &str = "0b9d0000-0000-4000-8000-000000000000";

    #[test]
    fn the_variants_of_the_service() {
        check(
            &format!(
                "REPORT RequestId: {ID}\tDuration: 7.31 ms\tBilled Duration: 8 ms\tMemory Size: 128 MB\tMax Memory Used: 61 MB\t"
            ),
            &format!("id={ID} duration=7.31 billed=8 memory=128000000 used=61000000"),
        );
        check(
            &format!(
                "REPORT RequestId: {ID}\tDuration: 7.31 ms\tBilled Duration: 189 ms\tMemory Size: 128 MB\tMax Memory Used: 61 MB\tInit Duration: 181.02 ms\t\n"
            ),
            &format!("id={ID} duration=7.31 billed=189 init=181.02 memory=128000000 used=61000000"),
        );
        check(
            "REPORT RequestId: x\tDuration: 90.20 ms\tBilled Duration: 211 ms\tMemory Size: 1024 MB\tMax Memory Used: 170 MB\tRestore Duration: 402.77 ms\tBilled Restore Duration: 120 ms\t",
            "id=x duration=90.2 billed=211 restore=402.77 memory=1024000000 used=170000000",
        );
        check(
            "REPORT RequestId: x\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 256 MB\tMax Memory Used: 80 MB\tStatus: timeout",
            "id=x duration=3000 billed=3000 memory=256000000 used=80000000",
        );
        check(
            "REPORT RequestId: x\tDuration: 31.90 ms\tBilled Duration: 100 ms\tMemory Size: 128 MB\tMax Memory Used: 61 MB\t\nXRAY TraceId: 1-5e61292c-00112233445566778899aabb\tSegmentId: 07a85e713f6302b2\tSampled: true\t",
            "id=x duration=31.9 billed=100 memory=128000000 used=61000000 trace=1-5e61292c-00112233445566778899aabb segment=07a85e713f6302b2",
        );
    }

    #[test]
    fn copies_and_other_orders() {
        check(
            "  REPORT RequestId: x Duration: 7.31 ms Billed Duration: 8 ms Memory Size: 128 MB Max Memory Used: 61 MB",
            "id=x duration=7.31 billed=8 memory=128000000 used=61000000",
        );
        check(
            "REPORT  RequestId:\tx\tInit  Duration:   5 ms Max Memory\tUsed: 1 MB  Duration: 2ms",
            "id=x duration=2 init=5 used=1000000",
        );
        check(
            "REPORT RequestId: x\tNew Label: 5 ms\tDuration: 2 ms",
            "id=x duration=2",
        );
        check(
            "REPORT RequestId: x\tDuration: 123456789012345678.5 ms",
            "id=x duration=123456789012345680",
        );
    }

    #[test]
    fn cut_lines_give_no_wrong_number() {
        check("REPORT RequestId: x\tDuration: 12", "id=x cut=yes");
        check("REPORT RequestId: x\tDuration: 12.", "id=x cut=yes");
        check("REPORT RequestId: x\tDuration: 12.5 m", "id=x cut=yes");
        check("REPORT RequestId: x\tDuration:", "id=x cut=yes");
        check("REPORT RequestId: x\tDura", "id=x cut=yes");
        check("REPORT RequestId: x", "id=x cut=yes");
        check(
            "REPORT RequestId: x\tDuration: 7.31 ms\tBilled Dur",
            "id=x duration=7.31 cut=yes",
        );
        check(
            "REPORT RequestId: x\tDuration: 7.31 ms\tBilled Duration: 8 ms\tMemory Size: 12",
            "id=x duration=7.31 billed=8 cut=yes",
        );
    }

    #[test]
    fn what_is_a_report() {
        for (message, expected) in [
            ("REPORT RequestId: x", true),
            (" \tREPORT\tRequestId: x", true),
            ("REPORTRequestId: x", false),
            ("REPORT of the day", false),
            ("x REPORT RequestId: x", false),
        ] {
            assert_eq!(is_report(message.as_bytes()), expected, "{message}");
        }
    }
}
