//! The grammar of REPORT lines.

mod general;
mod number;
mod usual;

use std::ops::Range;

use general::read_general;
pub(crate) use number::{after, decimal, read_number};
use usual::read_usual;
pub(crate) use usual::{Depth, read_duration, read_usual_numbers};

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

/// Reads everything that a REPORT line says. Labels may come in any order, with any white space between
/// them; what is not known is skipped. A value counts only with its unit, so that a line that stops in the
/// middle of a number gives no wrong one.
pub(crate) fn read_report(message: &[u8]) -> Report {
    read_usual::<{ Depth::Texts as u8 }>(message).unwrap_or_else(|| read_general(message))
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
