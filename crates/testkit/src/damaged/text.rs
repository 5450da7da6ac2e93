//! Text files that are damaged, or look it.

use super::DamagedFile;
use super::files::{call_lines, calls, of_calls};

pub(super) fn text_files() -> Vec<DamagedFile> {
    [reports(), times()].concat()
}

/// REPORT lines with values that are none.
fn reports() -> Vec<DamagedFile> {
    let with = |name, wrong, from: &str, to: &str| {
        let text = calls(1..2) + &calls(2..3).replace(from, to);
        let at = text.rfind("2026-").unwrap_or_default();
        DamagedFile {
            outcome: "both calls; the second has no duration".to_owned(),
            durations: 1,
            offset: Some(at as u64),
            ..of_calls(name, wrong, 2, text.into_bytes())
        }
    };
    let split = {
        let [start, line, end, report] = call_lines(2, "hello");
        let (one, two) = report.split_at(report.find("\tBilled").unwrap_or_default());
        let text = calls(1..2) + &[start, line, end, one.to_owned()].join("\n");
        DamagedFile {
            outcome: "both calls; the second has its duration and no other figure, and its rest is an event"
                .to_owned(),
            events: 9,
            is_reported: false,
            ..of_calls(
                "report-split.log",
                "a REPORT that is split over two events",
                2,
                (text + "\n2026-03-10T09:00:02.199Z " + two.trim_start() + "\n").into_bytes(),
            )
        }
    };
    vec![
        with(
            "report-two-points.log",
            "a duration with two decimal points",
            "Duration: 20.50 ms\tB",
            "Duration: 20.5.0 ms\tB",
        ),
        with(
            "report-comma.log",
            "a duration with a decimal comma",
            "Duration: 20.50 ms\tB",
            "Duration: 20,50 ms\tB",
        ),
        with(
            "report-letters.log",
            "letters instead of a duration",
            "Duration: 20.50 ms\tB",
            "Duration: NaN ms\tB",
        ),
        with(
            "report-negative.log",
            "a duration below zero",
            "Duration: 20.50 ms\tB",
            "Duration: -20.50 ms\tB",
        ),
        split,
    ]
}

/// Times that are none, and what else looks like damage in the order of lines.
fn times() -> Vec<DamagedFile> {
    let no_time = calls(1..2) + "2026-13-45T99:99:99.999Z no time\n" + &calls(2..3);
    let backwards = calls(2..3) + &calls(1..2);
    let no_end = calls(1..3).trim_end().to_owned();
    let fine = |name, wrong, outcome: &str, text: String| DamagedFile {
        outcome: outcome.to_owned(),
        is_reported: false,
        ..of_calls(name, wrong, 2, text.into_bytes())
    };
    vec![
        fine(
            "impossible-time.log",
            "a line that begins with a time that does not exist",
            "both calls; the line belongs to the message before it",
            no_time,
        ),
        fine(
            "backwards.log",
            "the second call stands before the first",
            "both calls: order is no damage",
            backwards,
        ),
        fine(
            "no-line-end.log",
            "the last line has no line end",
            "both calls",
            no_end,
        ),
        DamagedFile {
            events: 4,
            reports: 2,
            durations: 2,
            outcome: "the one call, twice: an asynchronous call that is tried again has the same request id"
                .to_owned(),
            is_reported: false,
            ..of_calls(
                "same-request-twice.log",
                "the REPORT of a request stands there twice",
                1,
                {
                    let [start, _, end, report] = call_lines(1, "");
                    [start, end, report.clone(), report].join("\n").into_bytes()
                },
            )
        },
    ]
}
