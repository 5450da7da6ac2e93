//! `insq batch`: many queries, one pass, a file for each result.

use crate::sample::Sample;

const QUERIES: &str = "\
# What is asked every morning.

# name: errors
filter @message like /ERROR/ | fields @message

# name: kinds
stats count(*) as n by @type | sort n desc, @type

# name: slow
filter @type = \"REPORT\" | stats max(@duration) as slowest
";

fn daily() -> Sample {
    let sample = Sample::new();
    sample.write("daily.insq", QUERIES);
    sample
}

#[test]
fn each_query_has_its_file_and_what_it_answers_alone() {
    let sample = daily();
    let run = sample.insq(&["batch", "daily.insq", "app.log", "-o", "out/{name}.csv"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");
    assert_eq!(sample.read("out/errors.csv"), "@message\nERROR payment refused\n");
    assert_eq!(sample.read("out/slow.csv"), "slowest\n7.31\n");
    let alone = sample.insq(&["stats count(*) as n by @type | sort n desc, @type", "app.log"]);
    assert_eq!(sample.read("out/kinds.csv"), alone.stdout);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert!(lines[0].starts_with("query   rows     time  result"), "{run:?}");
    assert!(
        lines[1].starts_with("errors     1") && lines[1].ends_with("out/errors.csv"),
        "{run:?}"
    );
    assert!(lines[4].starts_with("3 queries, none failed; "), "{run:?}");
}

#[test]
fn a_query_that_fails_stops_no_other_and_is_told_with_its_place() {
    let sample = daily();
    sample.write(
        "bad.insq",
        "# name: broken\nfilter @message like /x/\n| stat count(*)\n\n# name: fine\nstats count(*) as n\n",
    );
    sample.write("out-broken", "old");
    let run = sample.insq(&[
        "batch",
        "-f",
        "bad.insq",
        "-f",
        "daily.insq",
        "app.log",
        "-o",
        "out-{name}",
    ]);
    assert_eq!(run.code, Some(5), "{run:?}");
    assert!(
        run.stderr.contains("error: `broken`: unknown command `stat`"),
        "{run:?}"
    );
    assert!(
        run.stderr.contains("--> bad.insq") && run.stderr.contains("3 | | stat count(*)"),
        "{run:?}"
    );
    assert!(
        run.stdout
            .contains("broken     -        -  failed: unknown command `stat`"),
        "{run:?}"
    );
    assert!(run.stdout.contains("5 queries, 1 failed"), "{run:?}");
    assert_eq!(sample.read("out-broken"), "old");
    assert_eq!(sample.read("out-fine"), "n\n4\n");
    assert_eq!(sample.read("out-slow"), "slowest\n7.31\n");
    assert!(sample.file_names().iter().all(|name| !name.ends_with(".tmp")));
}

#[test]
fn a_query_that_fails_as_it_runs_stops_no_other() {
    let sample = Sample::new();
    let lines: String = (0..60_000)
        .map(|n| format!("2026-03-04T00:00:{:02}.000Z {{\"user\":\"user-{n}\"}}\n", n % 60))
        .collect();
    sample.write("users.log", &lines);
    sample.write(
        "q.insq",
        "# name: users\nstats values(user)\n# name: all\nstats count(*) as n\n",
    );
    let run = sample.insq(&[
        "batch",
        "q.insq",
        "users.log",
        "-o",
        "{name}.csv",
        "--memory-limit",
        "5MB",
        "--threads",
        "1",
    ]);
    assert_eq!(run.code, Some(5), "{run:?}");
    assert!(
        run.stderr
            .contains("error: `users`: not enough memory for `stats`"),
        "{run:?}"
    );
    assert_eq!(sample.read("all.csv"), "n\n60000\n");
    assert!(!sample.file_names().contains(&"users.csv".to_owned()));
}

#[test]
fn damage_is_told_once_and_by_the_exit_code() {
    let sample = daily();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/damaged/truncated.gz");
    let damaged = root.to_str().unwrap();
    let run = sample.insq(&["batch", "daily.insq", damaged, "app.log", "-o", "{name}.csv"]);
    assert_eq!(run.code, Some(3), "{run:?}");
    assert_eq!(
        run.stderr.matches("compressed data are damaged").count(),
        1,
        "{run:?}"
    );
    let run = sample.insq(&["batch", "daily.insq", damaged, "-o", "{name}.csv", "--strict"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{run:?}");
}

#[test]
fn the_name_of_the_output_says_the_format_and_an_option_wins() {
    let sample = daily();
    sample.write("one.insq", "stats count(*) as n");
    for (options, file, expected) in [
        (&["-o", "{name}.jsonl"][..], "one.jsonl", "{\"n\":4}\n"),
        (&["-o", "{name}.md"], "one.md", "| n |\n| ---: |\n| 4 |\n"),
        (
            &["-o", "{name}.x", "--output-format", "json"],
            "one.x",
            "[\n{\"n\":4}\n]\n",
        ),
    ] {
        let run = sample.insq(&[&["batch", "one.insq", "app.log", "-q"], options].concat());
        assert_eq!(
            (run.code, run.stdout.as_str(), run.stderr.as_str()),
            (Some(0), "", ""),
            "{run:?}"
        );
        assert_eq!(sample.read(file), expected);
    }
}

#[test]
fn options_hold_for_every_query() {
    let sample = Sample::new();
    sample.write("q.insq", "# name: n\nstats count(*) as n\n# name: times\nfields @timestamp | sort @timestamp\n# name: p\nfilter @message like /{{word}}/ | stats count(*) as n\n");
    let run = sample.insq(&[
        "batch",
        "q.insq",
        "app.log",
        "-o",
        "{name}.csv",
        "--since",
        "2026-03-04T00:00:01Z",
        "--until",
        "2026-03-04T00:00:02.350Z",
        "--tz",
        "+01:00",
        "--limit",
        "1",
        "--threads",
        "2",
        "--param",
        "word=ERROR",
    ]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");
    assert_eq!(sample.read("n.csv"), "n\n2\n");
    assert_eq!(
        sample.read("times.csv"),
        "@timestamp\n2026-03-04 01:00:01.200+01:00\n"
    );
    assert_eq!(sample.read("p.csv"), "n\n1\n");
}

#[test]
fn logs_may_come_from_a_pipe() {
    let sample = daily();
    let run = sample.insq_with_stdin(
        &["batch", "daily.insq", "-o", "{name}.csv"],
        crate::sample::LOG.as_bytes(),
    );
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");
    assert_eq!(sample.read("slow.csv"), "slowest\n7.31\n");
}

#[test]
fn queries_with_sub_queries_run_on_their_own() {
    let sample = Sample::new();
    sample.write(
        "q.insq",
        "# name: sub\nfilter @requestId in (filter @type = \"REPORT\" | fields @requestId) | stats count(*) as n\n# name: n\nstats count(*) as n\n",
    );
    let run = sample.insq(&["batch", "q.insq", "app.log", "-o", "{name}.csv"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(
        run.stderr
            .contains("warning: `sub`: the service takes a sub-query only with a `SOURCE`"),
        "{run:?}"
    );
    assert_eq!(
        (sample.read("sub.csv").as_str(), sample.read("n.csv").as_str()),
        ("n\n3\n", "n\n4\n")
    );
    assert!(
        run.stdout.contains("sub.csv (on its own: it has a sub-query)"),
        "{run:?}"
    );
}

#[test]
fn it_can_be_explained_without_being_run() {
    let sample = daily();
    sample.write(
        "more.insq",
        "filter @requestId in (fields @requestId | limit 1) | stats count(*)\n",
    );
    let run = sample.insq(&[
        "batch",
        "-f",
        "daily.insq",
        "-f",
        "more.insq",
        "none.log",
        "--explain",
    ]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines[0], "one pass over the logs for 3 queries", "{run:?}");
    assert_eq!(lines[2], "group 1: 1 query");
    assert!(
        lines[3].starts_with("  errors  Scan ") && lines[3].contains("ERROR"),
        "{run:?}"
    );
    let end: Vec<&str> = lines.iter().rev().take(2).rev().copied().collect();
    assert_eq!(end, ["on their own, afterwards:", "  more    it has a sub-query"]);
    let run = sample.insq(&["batch", "more.insq", "--explain"]);
    assert!(
        run.stdout
            .starts_with("no pass over the logs is shared\n\non their own"),
        "{run:?}"
    );
    // Queries that look at the same events stand together, and mistakes are told as ever.
    sample.write(
        "same.insq",
        "# name: a\nstats count(*)\n\n# name: b\nstats count(*) by bin(1h)\n\n# name: c\nstat x\n",
    );
    let run = sample.insq(&["batch", "same.insq", "--explain"]);
    assert_eq!(run.code, Some(5), "{run:?}");
    assert!(
        run.stdout
            .contains("group 1: 2 queries, which look at the same events\n  a  Scan"),
        "{run:?}"
    );
    assert!(run.stderr.contains("stats"), "{run:?}");
}

#[test]
fn what_makes_no_sense_is_refused_before_anything_is_read() {
    let sample = daily();
    sample.write("two.insq", "# name: slow\nlimit 1\n");
    sample.write("unsafe.insq", "# name: ../x\nlimit 1\n");
    sample.write("empty.insq", "# name: a\n# name: b\nlimit 1\n");
    for (arguments, message) in [
        (&[][..], "FILE with the queries is missing"),
        (
            &["none.insq", "app.log", "-o", "{name}"],
            "cannot read the query file `none.insq`",
        ),
        (&["daily.insq", "app.log"], "--output is missing"),
        (&["daily.insq", "app.log", "-o", "out.csv"], "has no `{name}`"),
        (&["daily.insq", "app.log", "-o", "."], "write -o './{name}.csv'"),
        (
            &["daily.insq", "two.insq", "app.log", "-o", "{name}"],
            "`two.insq` stands among the logs",
        ),
        (
            &["-f", "daily.insq", "-f", "two.insq", "app.log", "-o", "{name}"],
            "two queries have one name: `slow`",
        ),
        (
            &["unsafe.insq", "app.log", "-o", "{name}"],
            "`../x` can't name a query",
        ),
        (
            &["empty.insq", "app.log", "-o", "{name}"],
            "there is no query below `# name: a`",
        ),
        (
            &["daily.insq", ".", "-o", "out/{name}"],
            "lies in the folder of logs",
        ),
        (
            &["daily.insq", "app.log", "-o", "{name}", "--param", "a=b"],
            "no query has the parameter `{{a}}`",
        ),
        (
            &["two.insq", "-", "-", "-o", "{name}"],
            "standard input is named more than once",
        ),
    ] {
        let run = sample.insq(&[&["batch"], arguments].concat());
        assert_eq!(
            (run.code, run.stdout.as_str()),
            (Some(2), ""),
            "{arguments:?}: {run:?}"
        );
        assert!(run.stderr.contains(message), "{arguments:?}: {run:?}");
    }
    // A result must replace neither a log nor a query.
    sample.write("slow", crate::sample::LOG);
    let run = sample.insq(&["batch", "daily.insq", "slow", "-o", "{name}"]);
    assert!(
        run.code == Some(2) && run.stderr.contains("is also an input"),
        "{run:?}"
    );
    std::fs::create_dir(sample.path("q")).unwrap();
    sample.write("q/kinds.insq", "stats count(*)");
    let run = sample.insq(&["batch", "q", "app.log", "-o", "q/{name}.insq"]);
    assert!(
        run.code == Some(2) && run.stderr.contains("would replace the query file"),
        "{run:?}"
    );
}

#[test]
fn what_cannot_be_written_or_read_is_a_failure() {
    let sample = daily();
    let run = sample.insq(&["batch", "daily.insq", "app.log", "-o", "app.log/{name}.csv"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    let run = sample.insq(&["batch", "daily.insq", "none.log", "-o", "{name}.csv"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{run:?}");
    assert!(run.stderr.contains("none.log"), "{run:?}");
}

#[test]
fn a_file_of_several_queries_is_refused_by_those_who_want_one_and_taken_apart_by_check() {
    let sample = daily();
    let run = sample.insq(&["-f", "daily.insq", "app.log"]);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(
        run.stderr.contains("`daily.insq` holds 3 queries") && run.stderr.contains("insq batch daily.insq"),
        "{run:?}"
    );
    let run = sample.insq(&["check", "daily.insq"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(
        run.stdout,
        "daily.insq: errors: ok\ndaily.insq: kinds: ok\ndaily.insq: slow: ok\n"
    );
    let run = sample.insq(&["fmt", "daily.insq"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let laid_out = sample.read("daily.insq");
    assert_eq!(
        laid_out,
        "# What is asked every morning.\n# name: errors\nfilter @message like /ERROR/\n| fields @message\n\n\
         # name: kinds\nstats count(*) as n by @type\n| sort n desc, @type asc\n\n\
         # name: slow\nfilter @type = \"REPORT\"\n| stats max(@duration) as slowest\n"
    );
    assert_eq!(sample.insq(&["fmt", "--check", "daily.insq"]).code, Some(0));
}
