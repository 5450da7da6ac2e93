//! What generated logs promise: order, counts, peaks, sizes.
#![allow(clippy::expect_used)] // The lint lets test functions panic, but not the functions that they share.

use std::collections::HashMap;

use insq_testkit::model::{Model, SpikeKind};
use insq_testkit::write::{Compression, End, Format, Parts, write_parts};
use insq_testkit::{Generator, Truth, profile};

/// A REPORT as a reader of the log sees it.
struct Report {
    function: &'static str,
    stream: String,
    start_ms: f64,
    end_ms: f64,
}

/// The number behind `label`, up to the next character that is not part of one.
fn number_behind(message: &str, label: &str) -> Option<f64> {
    let rest = &message[message.find(label)? + label.len()..];
    let end = rest
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(rest.len());
    rest[..end].parse().ok()
}

fn reports(model: &Model) -> (Vec<Report>, Truth) {
    let mut generator = Generator::new(model);
    let mut reports = Vec::new();
    while let Some(event) = generator.next_event() {
        let message = std::str::from_utf8(event.message).expect("messages are UTF-8");
        let (duration, init) = if message.starts_with("REPORT RequestId: ") {
            let init = number_behind(message, "\tInit Duration: ");
            (
                number_behind(message, "\tDuration: "),
                init.or(number_behind(message, "\tRestore Duration: ")),
            )
        } else if message.contains("\"type\":\"platform.report\"") {
            (
                number_behind(message, "\"durationMs\":"),
                number_behind(message, "\"initDurationMs\":"),
            )
        } else {
            continue;
        };
        let end_ms = event.timestamp_ms as f64;
        reports.push(Report {
            function: event.function.name,
            stream: event.stream.to_owned(),
            start_ms: end_ms - duration.expect("a REPORT has a duration") - init.unwrap_or(0.0),
            end_ms,
        });
    }
    (reports, generator.truth())
}

/// The most intervals that overlap in one point.
fn most_at_once<'a>(reports: impl Iterator<Item = &'a Report>) -> u64 {
    let mut edges: Vec<(f64, i64)> = reports
        .flat_map(|report| [(report.start_ms, 1), (report.end_ms, -1)])
        .collect();
    edges.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let (mut running, mut most) = (0i64, 0);
    for (_, step) in edges {
        running += step;
        most = most.max(running);
    }
    most as u64
}

#[test]
fn truth_agrees_with_the_log() {
    let (reports, truth) = reports(&profile::sample(7));
    assert_eq!(truth.reports, reports.len() as u64);
    for function in &truth.functions {
        let of_function = || {
            reports
                .iter()
                .filter(|report| report.function == function.function)
        };
        assert_eq!(
            function.invocations,
            of_function().count() as u64,
            "{}",
            function.function
        );
        // Log times are whole milliseconds, so neighbours may seem to overlap or not.
        let most = most_at_once(of_function());
        assert!(
            most.abs_diff(function.peak.concurrency) <= 1,
            "{}: {most}",
            function.function
        );
    }
}

#[test]
fn an_environment_serves_one_call_at_a_time() {
    let (reports, _) = reports(&profile::sample(3));
    let mut last_end: HashMap<&str, f64> = HashMap::new();
    for report in &reports {
        let end = last_end.insert(&report.stream, report.end_ms).unwrap_or(0.0);
        assert!(
            report.start_ms >= end - 1.0,
            "{} overlaps in {}",
            report.function,
            report.stream
        );
    }
}

#[test]
fn every_kind_of_line_occurs_in_the_sample() {
    let model = profile::sample(7);
    let mut generator = Generator::new(&model);
    let mut log = String::new();
    while let Some(event) = generator.next_event() {
        log.push_str(std::str::from_utf8(event.message).expect("messages are UTF-8"));
        log.push('\n');
    }
    for text in [
        "INIT_START Runtime Version: ",
        "RESTORE_START Runtime Version: ",
        "RESTORE_REPORT Restore Duration: ",
        "\tInit Duration: ",
        "\tRestore Duration: ",
        "\tBilled Restore Duration: ",
        "Status: timeout\n",
        "Status: error\tError Type: Runtime.OutOfMemory\n",
        "\t\nXRAY TraceId: 1-",
        "\tSampled: true\t\n",
        "\"type\":\"platform.initStart\"",
        "\"type\":\"platform.start\"",
        "\"initDurationMs\":",
        "\"errorType\":\"Runtime.ExitError\"",
        "\"tracing\":{",
        "Traceback (most recent call last):\n\u{a0}\u{a0}File ",
        "\n\tat com.example.",
        "\tERROR\tInvoke Error \t{",
        "ThrottlingException: Rate exceeded",
        "ProvisionedThroughputExceededException",
        "\"user\":{\"id\":\"u",
        "\"items\":[{\"sku\":",
        " action=login result=",
    ] {
        assert!(log.contains(text), "no {text:?}");
    }
}

#[test]
fn planted_spikes_stand_out() {
    let truth = reports(&profile::sample(7)).1;
    for (spike, kind) in truth.spikes.iter().zip([SpikeKind::Rate, SpikeKind::Duration]) {
        assert_eq!(spike.spike.kind, kind);
        let function = truth
            .functions
            .iter()
            .find(|f| f.function == spike.spike.function);
        assert_eq!(
            function.map(|f| f.peak),
            Some(spike.peak),
            "{kind:?}: the peak lies in the spike"
        );
        assert!(spike.peak.concurrency >= 4, "{kind:?}: {:?}", spike.peak);
    }
}

#[test]
fn seeds_change_the_numbers_and_nothing_else_does() {
    let first = |seed| {
        let model = profile::mixed(seed, 100_000);
        let mut generator = Generator::new(&model);
        (0..50)
            .filter_map(|_| generator.next_event().map(|event| event.message.to_vec()))
            .collect::<Vec<_>>()
    };
    assert_eq!(first(1), first(1));
    assert_ne!(first(1), first(2));
}

#[test]
fn parts_share_the_bytes_and_follow_each_other() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (bytes, files) = (2_000_000, 4);
    let model = profile::mixed(7, bytes);
    let mut generator = Generator::new(&model);
    let parts = Parts {
        folder: folder.path(),
        files,
        bytes,
        end: End::AtSize,
        format: Format::ExportLines,
        compression: Compression::Plain,
    };
    let written = write_parts(&mut generator, &parts).expect("parts can be written");
    assert_eq!(written.files, files);

    let (mut last_time, mut total, mut lines) = (String::new(), 0, 0);
    for idx in 0..files {
        let text = std::fs::read_to_string(folder.path().join(format!("part-{idx:03}.log"))).expect("part");
        total += text.len() as u64;
        assert!(
            (450_000..550_000).contains(&text.len()),
            "part {idx} has {} bytes",
            text.len()
        );
        let events = text
            .lines()
            .filter(|line| line.starts_with("2026-") && line.as_bytes().get(23) == Some(&b'Z'));
        for line in events {
            assert!(line[..24] >= *last_time, "{line} comes after {last_time}");
            last_time = line[..24].to_owned();
            lines += 1;
        }
    }
    assert_eq!((total, lines), (written.bytes, written.events));
    assert!((bytes..bytes + 10_000).contains(&total));

    // About one event in six is a REPORT, and events have about 150 bytes.
    let truth = generator.truth();
    let (share, size) = (
        truth.events as f64 / truth.reports as f64,
        total as f64 / truth.events as f64,
    );
    assert!((5.0..7.0).contains(&share), "one REPORT in {share} events");
    assert!((130.0..180.0).contains(&size), "{size} bytes per event");
}

#[test]
fn a_week_has_a_report_in_every_second() {
    // One day of it: the rest is alike and would only take time.
    let model = Model {
        end_ms: profile::week(7, 0).start_ms + 86_400_000,
        ..profile::week(7, 0)
    };
    let mut generator = Generator::new(&model);
    while generator.next_event().is_some() {}
    let truth = generator.truth();
    assert_eq!((truth.seconds_with_report, truth.reports), (86_400, 86_400));
    assert_eq!(
        profile::WEEK_SECONDS * 1000,
        profile::week(7, 0).end_ms - profile::week(7, 0).start_ms
    );
}
