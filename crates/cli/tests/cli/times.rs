//! `--since`, `--until` and `--now`.

use crate::sample::Sample;

fn count(options: &[&str]) -> String {
    let shown = Sample::new().answer("stats count(*) as n", options);
    shown.strip_prefix("n\n").unwrap().trim_end().to_owned()
}

#[test]
fn ranges_begin_inside_and_end_outside() {
    // Events at .100, 1.200, 2.300 and 2.400 seconds of 2026-03-04.
    for (options, expected) in [
        (&["--since", "2026-03-04T00:00:01.200Z"][..], "3"),
        (&["--until", "2026-03-04T00:00:01.200Z"], "1"),
        (
            &[
                "--since",
                "2026-03-04 00:00:01.200",
                "--until",
                "2026-03-04 00:00:02.400",
            ],
            "2",
        ),
        (&["--start", "2026-03-04", "--end", "2026-03-05"], "4"),
        (&["--since", "1772582401"], "3"),
        (&["--since", "1772582401200", "--until", "1772582401201"], "1"),
        (&["--since", "2026-03-04T01:00:02.3+01:00"], "2"),
    ] {
        assert_eq!(count(options), expected, "{options:?}");
    }
}

#[test]
fn periods_count_back_from_now_or_from_the_newest_event() {
    assert_eq!(count(&["--since", "1h", "--now", "2026-03-04T01:00:01Z"]), "3");
    assert_eq!(count(&["--since", "1s", "--now", "last"]), "2");
    assert_eq!(count(&["--since", "1200ms", "--now", "last"]), "3");
    assert_eq!(count(&["--until", "2s", "--now", "last"]), "1");
    // By the clock, the sample is long past or far ahead; never within this second.
    let within = [
        "--since",
        "1s",
        "--until",
        "now",
        "stats count(*) as n",
        "app.log",
    ];
    let run = Sample::new().insq(&within);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), "n\n0\n"), "{run:?}");
}

#[test]
fn now_is_what_the_query_sees() {
    let sample = Sample::new();
    let shown = sample.answer(
        "stats max(now()) as now",
        &["--now", "2026-03-04T00:00:00Z", "-o", "jsonl"],
    );
    assert!(
        shown.contains("1772582400") || shown.contains("2026-03-04 00:00:00.000"),
        "{shown}"
    );
}

#[test]
fn the_newest_event_must_have_a_time() {
    let sample = Sample::new();
    sample.write("app.log", "");
    let run = sample.insq(&["limit 5", "app.log", "--now", "last"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{run:?}");
    assert!(run.stderr.contains("no event has a time"), "{run:?}");
}

/// What found nothing says so where the time may be to blame, and only there.
#[test]
fn a_time_in_which_nothing_is_found_is_told() {
    let sample = Sample::new();
    let note = |options: &[&str], query: &str| {
        let run = sample.insq(&[options, &[query, "app.log"]].concat());
        assert_eq!(run.code, Some(0), "{run:?}");
        run.stderr
    };
    let advice = "`insq inspect PATH` tells what times the logs hold\n";
    let (since, until) = ("2026-03-05T00:00:00Z", "2026-03-06T00:00:00Z");
    for (options, expected) in [
        (
            &["--since", since, "--until", until][..],
            "note: no event from 2026-03-05 00:00:00.000 before 2026-03-06 00:00:00.000 UTC matched; ",
        ),
        (
            &["--since", since],
            "note: no event from 2026-03-05 00:00:00.000 UTC matched; ",
        ),
        (
            &["--until", "2026-03-03"],
            "note: no event before 2026-03-03 00:00:00.000 UTC matched; ",
        ),
    ] {
        assert_eq!(
            note(options, "stats count(*)"),
            format!("{expected}{advice}"),
            "{options:?}"
        );
    }
    let found = ["--since", "2026-03-04T00:00:00Z"];
    assert_eq!(note(&found, "stats count(*)"), "");
    assert!(note(&found, "filter @message like /nosuch/").ends_with(advice));
    assert_eq!(note(&[], "filter @message like /nosuch/"), "");
}

/// That all files are left unread by their names, or by a condition that nothing meets, is not to say that there are none.
#[test]
fn logs_of_other_times_are_logs() {
    let sample = Sample::new();
    let stream = "exportedlogs/task/2026-03-04-[$LATEST]00aa11bb22cc33dd44ee55ff66007788";
    std::fs::create_dir_all(sample.path(stream)).unwrap();
    sample.write(&format!("{stream}/000000"), "2026-03-04T00:00:00.123Z hello\n");
    let never = "filter toMillis(@timestamp) < 5 and toMillis(@timestamp) > 10 | stats count(*) as n";
    for arguments in [
        &["--until", "2026-03-01", "stats count(*) as n"][..],
        &["--until", "2026-03-01", "--scan-all", "stats count(*) as n"],
        &[never],
        &["--scan-all", never],
    ] {
        let run = sample.insq(&[arguments, &["exportedlogs"]].concat());
        assert_eq!((run.code, run.stdout.as_str()), (Some(0), "n\n0\n"), "{run:?}");
    }
    let run = sample.insq(&["concurrency", "--until", "2026-03-01", "exportedlogs"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stdout.starts_with("No invocations: "), "{run:?}");
}
