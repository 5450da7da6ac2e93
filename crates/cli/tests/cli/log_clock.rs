//! `--log-tz` and `--log-year`: times in logs that name no zone, or no year.

use crate::sample::Sample;

const QUERY: &str = "fields @timestamp, @message | sort @timestamp";

/// Lines of a summer and a winter, and one that names its zone.
const APPLICATION: &str = "\
2026-07-04 02:00:00,250 INFO summer
  more of it
2026-12-04 01:00:00,250 INFO winter
2026-12-04T00:00:00.500Z named
";

const RESULT: &str = "\
@timestamp,@message
2026-03-03 19:00:00.123,2026-03-04T00:00:00.100Z\tid\tINFO\ta
2026-03-03 19:00:01.123,2026-03-04T00:00:01.100Z\tid\tINFO\tb
2026-03-03 19:00:02.123,2026-03-04T00:00:02.100Z\tid\tINFO\tc
";

fn sample() -> Sample {
    let sample = Sample::new();
    sample.write("application.log", APPLICATION);
    sample.write("result.csv", RESULT);
    let object = r#"{"time": "2026-07-04 02:00:00.250", "message": "x"}"#;
    sample.write("lines.jsonl", format!("{object}\n"));
    sample.write(
        "rows.json",
        r#"[{"@timestamp": "2026-07-04 02:00:00.250", "@message": "x"}]"#,
    );
    let row = r#"[{"field": "@timestamp", "value": "2026-07-04 02:00:00.250"}, {"field": "@message", "value": "x"}]"#;
    sample.write(
        "service.json",
        format!("{{\"results\": [{row}], \"status\": \"Complete\"}}"),
    );
    sample.write(
        "syslog",
        "Jun 14 15:16:01 combo sshd[1]: a\n<34>Jun  4 15:16:01.25 combo b\n",
    );
    sample
}

/// The times of the events of a file, one a line.
fn times(sample: &Sample, file: &str, options: &[&str]) -> String {
    let run = sample.insq(
        &[
            &["fields @timestamp | sort @timestamp", file, "-o", "csv"],
            options,
        ]
        .concat(),
    );
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    run.stdout.strip_prefix("@timestamp\n").unwrap().to_owned()
}

#[test]
fn times_without_a_zone_are_of_the_zone_that_is_given() {
    let sample = sample();
    let berlin = &["--log-tz", "Europe/Berlin"][..];
    let of_application = |options| times(&sample, "application.log", options);
    assert_eq!(
        of_application(&[]),
        "2026-07-04 02:00:00.250\n2026-12-04 00:00:00.500\n2026-12-04 01:00:00.250\n"
    );
    assert_eq!(
        of_application(berlin),
        "2026-07-04 00:00:00.250\n2026-12-04 00:00:00.250\n2026-12-04 00:00:00.500\n"
    );
    for file in ["lines.jsonl", "rows.json"] {
        assert_eq!(times(&sample, file, &[]), "2026-07-04 02:00:00.250\n", "{file}");
        assert_eq!(
            times(&sample, file, berlin),
            "2026-07-04 00:00:00.250\n",
            "{file}"
        );
    }
    // What the service gives is UTC.
    assert_eq!(
        times(&sample, "service.json", berlin),
        "2026-07-04 02:00:00.250\n"
    );
    assert_eq!(times(&sample, "app.log", berlin), times(&sample, "app.log", &[]));
}

/// The wanted time is compared with instants, not with what is written.
#[test]
fn times_are_selected_by_their_instant() {
    let sample = sample();
    let selected = |options: &[&str]| {
        let since = &[
            "--since",
            "2026-07-04T00:00:00Z",
            "--until",
            "2026-07-04T00:00:01Z",
        ][..];
        times(&sample, "application.log", &[since, options].concat())
    };
    assert_eq!(selected(&[]), "");
    assert_eq!(selected(&["--log-tz", "+02:00"]), "2026-07-04 00:00:00.250\n");
}

#[test]
fn times_without_a_year_are_of_the_year_that_is_given() {
    let sample = sample();
    assert_eq!(times(&sample, "syslog", &[]), "\"\"\n\"\"\n");
    assert_eq!(
        times(&sample, "syslog", &["--log-year", "2026", "--log-tz", "-01:00"]),
        "2026-06-04 16:16:01.250\n2026-06-14 16:16:01.000\n"
    );
    for year in ["0", "10000", "x"] {
        let run = sample.insq(&[QUERY, "syslog", "--log-year", year]);
        assert_eq!(run.code, Some(2), "{}", run.stderr);
    }
}

#[test]
fn a_conversion_keeps_the_instants() {
    let sample = sample();
    let clock = ["--log-tz", "Europe/Berlin", "--log-year", "2026"];
    for (inputs, output) in [("application.log", "a.parquet"), ("syslog", "folder/")] {
        let run = sample.insq(&[&["convert", inputs, "-o", output], &clock[..]].concat());
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert_eq!(times(&sample, output, &[]), times(&sample, inputs, &clock));
        // They are instants now, whatever is said of what was written.
        assert_eq!(
            times(&sample, output, &["--log-tz", "-05:00"]),
            times(&sample, inputs, &clock)
        );
    }
    // A folder of the same files by another clock is another folder.
    let run = sample.insq(&["convert", "syslog", "-o", "folder/", "--log-year", "2025"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(
        times(&sample, "folder/", &[]),
        times(&sample, "syslog", &["--log-year", "2025"])
    );
}

#[test]
fn inspect_tells_what_is_missing() {
    let sample = sample();
    let inspected = |arguments: &[&str]| sample.insq(&[&["inspect"], arguments].concat()).stdout;
    assert!(inspected(&["syslog"]).contains("times of syslog name no year: --log-year tells it"));
    assert!(!inspected(&["syslog", "--log-year", "2026"]).contains("--log-year"));
    assert!(inspected(&["result.csv"]).contains("--log-tz -05:00 tells it"));
    assert!(!inspected(&["result.csv", "--log-tz", "-05:00"]).contains("--log-tz"));
    let wrong = inspected(&["result.csv", "--log-tz", "+01:00"]);
    assert!(wrong.contains("times are -06:00 h from those in messages: --log-tz names another zone"));
    assert!(!inspected(&["app.log", "application.log"]).contains("--log-"));
}

/// A query that asks for times says so; one that does not ask has nothing to say.
#[test]
fn times_that_name_no_year_are_told_of() {
    let sample = sample();
    sample.write("again.log", "Jun 14 15:16:01 combo sshd[1]: a\n");
    sample.write("count.insq", "stats count(*) by bin(1d)\n");
    let note = |files: &str| {
        format!(
            "note: the times in {files} name no year, so events there have no time; --log-year tells the year\n"
        )
    };
    for (arguments, expected) in [
        (&["stats count(*) by bin(1d)", "syslog"][..], note("1 file")),
        (
            &["stats count(*) by bin(1d)", "syslog", "again.log"],
            note("2 files"),
        ),
        (&["fields @message | limit 1", "syslog"], note("1 file")),
        // Read twice, and told of once.
        (
            &[
                "filter @message in (fields @message | limit 1) | stats count(*) by bin(1d)",
                "syslog",
            ],
            note("1 file"),
        ),
        (&["stats count(*)", "syslog"], String::new()),
        (
            &["stats count(*) by bin(1d)", "syslog", "--log-year", "2005"],
            String::new(),
        ),
        (&["stats count(*) by bin(1d)", "syslog", "-q"], String::new()),
        (&["stats count(*) by bin(1d)", "application.log"], String::new()),
        (&["convert", "syslog", "-o", "made.parquet"], note("1 file")),
        (
            &["convert", "syslog", "again.log", "-o", "made/"],
            note("2 files"),
        ),
        (
            &["batch", "count.insq", "syslog", "-o", "{name}.csv", "-q"],
            String::new(),
        ),
        (
            &["batch", "count.insq", "syslog", "-o", "{name}.csv"],
            note("1 file"),
        ),
    ] {
        let run = sample.insq(arguments);
        assert_eq!(run.code, Some(0), "{arguments:?}: {}", run.stderr);
        let notes: String = run
            .stderr
            .split_inclusive('\n')
            .filter(|line| line.starts_with("note:"))
            .collect();
        assert_eq!(notes, expected, "{arguments:?}");
    }
}
