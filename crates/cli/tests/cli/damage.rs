//! Damaged input: an answer, a warning with the place, exit code 3; with `--strict` an error.

use crate::sample::{LOG, Sample};

fn damaged() -> Sample {
    let sample = Sample::new();
    let mut log = LOG.as_bytes().to_vec();
    log.extend(b"2026-03-04T00:00:03.000Z bad \xff\xfe bytes\n");
    sample.write("app.log", log);
    sample
}

#[test]
fn damage_is_a_warning_and_exit_code_3() {
    let sample = damaged();
    let run = sample.insq(&["fields @message | sort @timestamp desc | limit 1", "app.log"]);
    assert_eq!(
        (run.code, run.stdout.as_str()),
        (Some(3), "@message\nbad \u{fffd}\u{fffd} bytes\n"),
        "{run:?}"
    );
    assert!(run.stderr.starts_with("warning: "), "{run:?}");
    for part in ["app.log", "not valid UTF-8", "at byte"] {
        assert!(run.stderr.contains(part), "{part}: {run:?}");
    }
    assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
}

#[test]
fn quiet_runs_tell_damage_by_the_exit_code_only() {
    let run = damaged().insq(&["fields @message", "app.log", "-q"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(3), ""));
}

#[test]
fn strict_runs_stop_at_damage() {
    let run = damaged().insq(&["fields @message", "app.log", "--strict"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{run:?}");
    assert!(
        run.stderr.starts_with("error: ") && run.stderr.contains("app.log"),
        "{run:?}"
    );
    assert_eq!(
        Sample::new()
            .insq(&["fields @message", "app.log", "--strict"])
            .code,
        Some(0)
    );
}

#[test]
fn long_lists_of_damage_are_cut_unless_statistics_are_wanted() {
    let sample = Sample::new();
    std::fs::create_dir(sample.path("logs")).unwrap();
    for n in 0..21 {
        sample.write(
            &format!("logs/{n:02}.log"),
            b"2026-03-04T00:00:03.000Z bad \xff\n",
        );
    }
    let short = sample.insq(&["fields @message", "logs"]);
    assert_eq!(
        (short.code, short.stderr.matches("UTF-8").count()),
        (Some(3), 20),
        "{short:?}"
    );
    assert!(short.stderr.contains("… and 1 more"), "{short:?}");
    let long = sample.insq(&["fields @message", "logs", "--stats"]);
    assert_eq!(
        (long.code, long.stderr.matches("UTF-8").count()),
        (Some(3), 21),
        "{long:?}"
    );
    assert!(
        long.stderr.contains("damage         21 places in 21 files"),
        "{long:?}"
    );
    // At the limit nothing is left to be told.
    std::fs::remove_file(sample.path("logs/20.log")).unwrap();
    assert!(!sample.insq(&["fields @message", "logs"]).stderr.contains("more"));
}

#[test]
fn file_names_cannot_command_the_terminal() {
    let sample = Sample::new();
    sample.write("\x1b]0;x\x07.log", b"2026-03-04T00:00:03.000Z bad \xff\n");
    let run = sample.insq(&["fields @message", "\x1b]0;x\x07.log"]);
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(
        run.stderr.contains(r"\x1b]0;x\x07.log") && !run.stderr.contains('\x1b'),
        "{run:?}"
    );
}

/// What a folder holds besides is read, and is not read twice because of a link.
#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_costs_nothing_else() {
    use std::os::unix::fs::symlink;

    let sample = Sample::new();
    symlink("app.log", sample.path("latest.log")).unwrap();
    let run = sample.insq(&["stats count(*) as n", "."]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), "n\n4\n"), "{run:?}");
    symlink("none", sample.path("broken.log")).unwrap();
    let told = "broken.log: cannot be read: No such file or directory";
    let count = "stats count(*) as n";
    for (arguments, expected) in [
        (&[count, "."][..], "n\n4\n"),
        (&[count, "*.log"], "n\n4\n"),
        (&["convert", "*.log", "-o", "app.parquet"], ""),
        (&["convert", "*.log", "-o", "folder/"], ""),
    ] {
        let run = sample.insq(arguments);
        assert_eq!((run.code, run.stdout.as_str()), (Some(3), expected), "{run:?}");
        assert!(run.stderr.contains(told), "{run:?}");
    }
    for converted in ["app.parquet", "folder"] {
        let run = sample.insq(&[count, converted]);
        assert_eq!((run.code, run.stdout.as_str()), (Some(0), "n\n4\n"), "{run:?}");
    }
    let run = sample.insq(&["--strict", count, "latest.log", "broken.log"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{run:?}");
    let run = sample.insq(&["--strict", count, "*.log"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{run:?}");
}

/// However many of the inputs name a file, its events count once.
#[test]
fn a_file_is_read_once_however_it_is_named() {
    let sample = Sample::new();
    std::fs::create_dir_all(sample.path("a/b")).unwrap();
    std::fs::rename(sample.path("app.log"), sample.path("a/b/app.log")).unwrap();
    let count = "stats count(*) as n";
    for inputs in [
        &["**/*"][..],
        &[".", "a"],
        &["a/b/app.log", "."],
        &["a/*", "a/b/app.log", "a/../a/b/app.log"],
    ] {
        for command in [
            &[count][..],
            &["-o", "csv", "--threads", "1", count],
            &["inspect"],
        ] {
            let run = sample.insq(&[command, inputs].concat());
            let expected = match command {
                ["inspect"] => "events       4\n",
                _ => "n\n4\n",
            };
            assert_eq!(run.code, Some(0), "{run:?}");
            assert!(run.stdout.contains(expected), "{run:?}");
        }
    }
    let run = sample.insq(&[&["convert", "-o", "folder/"], &["a", "a/**/*"][..]].concat());
    assert_eq!(run.code, Some(0), "{run:?}");
    let run = sample.insq(&[count, "folder"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), "n\n4\n"), "{run:?}");
}

/// What would have been done about damage is no part of an error that ends the run.
#[test]
fn a_strict_error_tells_the_problem_alone() {
    let sample = Sample::new();
    sample.write("a.jsonl", "{\"a\":1}\n{\"a\":\n");
    let run = sample.insq(&["--strict", "stats count(*)", "a.jsonl"]);
    assert_eq!(
        run.stderr, "error: a.jsonl: at byte 8: JSON document is damaged\n",
        "{run:?}"
    );
}
