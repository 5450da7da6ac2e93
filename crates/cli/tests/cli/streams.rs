//! Standard input, closed pipes, query files, inputs that are not there, and Ctrl-C.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::sample::{LOG, Sample};

#[test]
fn standard_input_is_read_when_no_path_is_given_or_a_dash() {
    let sample = Sample::new();
    for arguments in [&["stats count(*) as n"][..], &["stats count(*) as n", "-"]] {
        let run = sample.insq_with_stdin(arguments, LOG.as_bytes());
        assert_eq!((run.code, run.stdout.as_str()), (Some(0), "n\n4\n"), "{run:?}");
    }
    let both = sample.insq_with_stdin(&["stats count(*) as n", "app.log", "-"], LOG.as_bytes());
    assert_eq!(both.stdout, "n\n8\n", "{both:?}");
}

/// A path may lead to a pipe, as that of `<(command)` does.
#[cfg(target_os = "linux")]
#[test]
fn pipes_by_their_path_are_read_once() {
    let sample = Sample::new();
    let piped = |arguments: &[&str]| sample.insq_with_stdin(arguments, LOG.as_bytes());
    let run = piped(&["stats count(*) as n", "/dev/stdin"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), "n\n4\n"), "{run:?}");
    for arguments in [
        &["--now", "last", "stats count(*)", "/dev/stdin"][..],
        &["spikes", "--since", "1h", "--now", "last", "/dev/stdin"],
    ] {
        let run = piped(arguments);
        assert_eq!(run.code, Some(2), "{run:?}");
        let told = "--now last cannot be used with standard input or a pipe";
        assert!(run.stderr.contains(told), "{run:?}");
    }
    // A query within reads all a second time.
    let run = piped(&[
        "filter @requestId in (filter @type = 'REPORT' | fields @requestId)",
        "/dev/stdin",
    ]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{run:?}");
    assert!(run.stderr.contains("/dev/stdin can be read once only"), "{run:?}");
    let run = piped(&["spikes", "/dev/stdin"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stderr.contains("pipes can be read only once"), "{run:?}");
}

#[test]
fn queries_come_from_files_too() {
    let sample = Sample::new();
    sample.write("count.insq", "# how many?\nstats count(*) as n\n");
    let run = sample.insq(&["-f", "count.insq", "app.log"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), "n\n4\n"), "{run:?}");
    let run = sample.insq_with_stdin(&["--file", "count.insq"], LOG.as_bytes());
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), "n\n4\n"), "{run:?}");
}

#[test]
fn queries_come_from_standard_input_too() {
    let sample = Sample::new();
    let count = b"\xef\xbb\xbf# name: n\nstats count(*) as n\n";
    let given = |arguments: &[&str]| sample.insq_with_stdin(arguments, count);
    let run = given(&["-f", "-", "app.log"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), "n\n4\n"), "{run:?}");
    let run = given(&["batch", "-", "app.log", "-o", "{name}.csv"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(sample.read("n.csv"), "n\n4\n");
    for arguments in [&["check", "-"][..], &["check", "-f", "-"]] {
        let run = given(arguments);
        assert_eq!(
            (run.code, run.stdout.as_str()),
            (Some(0), "-: n: ok\n"),
            "{run:?}"
        );
    }
    // No log is read.
    for arguments in [&["explain", "-f", "-"][..], &["batch", "-f", "-", "--explain"]] {
        let run = given(arguments);
        assert_eq!(run.code, Some(0), "{run:?}");
        assert!(run.stdout.contains("Scan"), "{run:?}");
    }
    let laid_out = sample.insq_with_stdin(&["fmt", "-"], b"limit 5 | sort a");
    assert_eq!(laid_out.stdout, "limit 5\n| sort a asc\n", "{laid_out:?}");

    let run = given(&["batch", "-f", "-", "-o", "{name}.csv"]);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(
        run.stderr.contains("`-f -` reads the query from standard input"),
        "{run:?}"
    );
}

#[test]
fn missing_files_are_named() {
    let run = Sample::new().insq(&["limit 5", "no-such-file.log"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{run:?}");
    assert!(
        run.stderr.starts_with("error: ") && run.stderr.contains("no-such-file.log"),
        "{run:?}"
    );
}

#[test]
fn a_reader_who_has_enough_ends_the_program_quietly() {
    let sample = Sample::new();
    let line = "2026-03-04T00:00:00.000Z a line of some length, so that no pipe holds them all\n";
    sample.write("app.log", line.repeat(20_000));
    for options in [
        &["-o", "csv"][..],
        &["-o", "jsonl"],
        &["-o", "json"],
        &["-o", "table"],
        &["-o", "markdown"],
    ] {
        let arguments = [options, &["fields @message", "app.log"]].concat();
        let mut child = sample
            .command(&arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            (output.status.code(), stderr.as_str()),
            (Some(0), ""),
            "{options:?}"
        );
    }
}

#[test]
fn statistics_go_to_standard_error() {
    let sample = Sample::new();
    let run = sample.insq(&[
        "filter @type = \"REPORT\" | stats count(*) as n",
        "app.log",
        "--stats",
        "-q",
    ]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), "n\n1\n"));
    assert!(
        run.stderr.lines().all(|line| line.starts_with("stats: ")),
        "{run:?}"
    );
    for figure in [
        "files read     1",
        "events matched 1",
        "rows           1",
        "damage         0 places in 0 files",
    ] {
        assert!(run.stderr.contains(figure), "{figure}: {}", run.stderr);
    }
    assert!(
        run.stderr
            .contains(&format!("bytes read     {LEN} ", LEN = LOG.len())),
        "{}",
        run.stderr
    );
}

/// Standard input stays open and silent: only Ctrl-C can end such a run.
#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_run_with_a_sentence_and_130() {
    let sample = Sample::new();
    sample.write("out", "old");
    let mut child = sample
        .command(&["stats count(*)", "-", "--output-file", "out"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Its file for the result shows that it listens by now.
    let begun = Instant::now();
    while sample.file_names().len() < 3 {
        assert!(begun.elapsed() < Duration::from_secs(20), "it never began");
        std::thread::sleep(Duration::from_millis(5));
    }
    let kill = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(kill.success());
    let held_open = child.stdin.take();
    let output = child.wait_with_output().unwrap();
    drop(held_open);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        (output.status.code(), stderr.as_str()),
        (Some(130), "error: interrupted; the result is not complete\n")
    );
    assert_eq!(
        (sample.file_names(), sample.read("out").as_str()),
        (vec!["app.log".to_owned(), "out".to_owned()], "old")
    );
}
