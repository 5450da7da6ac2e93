//! Command lines and queries that make no sense: exit code 2, a reason and a hint.

use crate::sample::Sample;

fn check(arguments: &[&str], expected: &[&str]) {
    let run = Sample::new().insq(arguments);
    assert_eq!(
        (run.code, run.stdout.as_str()),
        (Some(2), ""),
        "{arguments:?}: {run:?}"
    );
    assert!(run.stderr.starts_with("error: "), "{run:?}");
    for part in expected {
        assert!(
            run.stderr.contains(part),
            "{arguments:?} should mention {part}: {}",
            run.stderr
        );
    }
}

#[test]
fn wrong_command_lines_are_explained() {
    check(&[], &["QUERY is missing", "help: example: insq"]);
    check(
        &["app.log"],
        &["`app.log` looks like a path", "insq 'stats count(*)' app.log"],
    );
    check(&["app.log", "limit 5"], &["insq 'limit 5' app.log"]);
    check(&["-f", "-"], &["`-f -`", "name the logs"]);
    check(&["-f", "-", "app.log", "-"], &["`-f -`", "name the logs"]);
    check(
        &["-f", "none.insq", "app.log"],
        &["cannot read the query file `none.insq`"],
    );
    check(&["limit 5", "--no-such-option"], &["--no-such-option"]);
    check(&["limit 5", "app.log", "-o", "xml"], &["xml", "jsonl"]);
    check(
        &["limit 5", "app.log", "--threads", "0"],
        &["`0` is not a number of threads"],
    );
    check(
        &["limit 5", "app.log", "--memory-limit", "lots"],
        &["`lots` is not an amount of memory"],
    );
    check(&["limit 5", "app.log", "--since", "2024"], &["near 1970"]);
    check(
        &["limit 5", "-", "-"],
        &["standard input is named more than once"],
    );
    check(
        &["limit 5", "--now", "last"],
        &["--now last cannot be used with standard input"],
    );
    check(
        &[
            "limit 5",
            "app.log",
            "--since",
            "2026-03-04",
            "--until",
            "2026-03-03",
        ],
        &["no time lies", "--since 2026-03-04 00:00:00.000"],
    );
    check(
        &["limit 5", "app.log", "--output-file", "app.log"],
        &["is also an input"],
    );
}

#[test]
fn wrong_queries_are_pointed_at() {
    check(
        &["stat count(*)", "app.log"],
        &["unknown command `stat`", "stat count(*)", "^^^^", "`stats`"],
    );
    check(&["filter @duration >", "app.log"], &["^"]);
    check(&["fields nosuch(@message)", "app.log"], &["nosuch", "^"]);
    // A mistake is told before anything is read.
    check(
        &["stat count(*)", "no-such-file.log"],
        &["unknown command `stat`"],
    );
    check(
        &["stat count(*)", "app.log", "--now", "last"],
        &["unknown command `stat`"],
    );
}

#[test]
fn hostile_queries_cannot_command_the_terminal() {
    let run = Sample::new().insq(&["stats \x1b]0;title\x07 count(*)", "app.log"]);
    assert_eq!(run.code, Some(2));
    assert!(
        run.stderr.chars().all(|c| c == '\n' || !c.is_control()),
        "{run:?}"
    );
}

#[test]
fn help_and_version_are_no_errors() {
    let sample = Sample::new();
    let help = sample.insq(&["--help"]);
    assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""));
    for part in [
        "insq [OPTIONS] QUERY [PATH…]",
        "-f FILE",
        "--since",
        "--start",
        "Examples:",
        "Exit codes:",
        "130",
    ] {
        assert!(help.stdout.contains(part), "{part}");
    }
    let version = sample.insq(&["--version"]);
    assert_eq!(version.stdout, format!("insq {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn colour_comes_only_when_asked_for() {
    let sample = Sample::new();
    assert!(!sample.insq(&["stat count(*)", "app.log"]).stderr.contains('\x1b'));
    let forced = ["stat count(*)", "app.log", "--color", "always"];
    assert!(
        sample
            .insq(&forced)
            .stderr
            .starts_with("\x1b[1;31merror\x1b[0m: ")
    );
    // An explicit option wins over the environment.
    let output = sample.command(&forced).env("NO_COLOR", "1").output().unwrap();
    assert!(output.stderr.starts_with(b"\x1b[1;31merror"));
    let output = sample
        .command(&["stat count(*)", "app.log", "--color", "never"])
        .output()
        .unwrap();
    assert!(output.stderr.starts_with(b"error: "));
}
