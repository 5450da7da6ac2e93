//! `insq concurrency`, `spikes` and `hunt`, on logs whose truth is known.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::sample::{Run, Sample};

fn root(path: &str) -> String {
    format!("{}/../../{path}", env!("CARGO_MANIFEST_DIR"))
}

/// 2026-03-04 00:00:00 UTC.
const MIDNIGHT_MS: i64 = 1_772_582_400_000;

/// Half an hour of two functions as `aws logs filter-log-events` prints it: ten calls a second of `orders`, five of
/// `users`; for thirty seconds `orders` takes five times as long, because a service that it calls throttles it, and later,
/// for twenty, `users` is called eight times as often.
fn account() -> String {
    let mut events = Vec::new();
    let mut add = |function: &str, end_ms: i64, message: String| {
        let environment = format!(
            "{:032x}",
            (end_ms % 40) + if function == "orders" { 0 } else { 1_000 }
        );
        events.push((end_ms, format!(
            "{{\"logStreamName\":\"2026/03/04/{function}[$LATEST]{environment}\",\"timestamp\":{end_ms},\"message\":\"{message}\"}}"
        )));
    };
    for second in 0..1_800i64 {
        let slow = (900..930).contains(&second);
        let busy = (1_400..1_420).contains(&second);
        for (function, per_s, duration_ms) in [
            ("orders", 10, if slow { 1_000 } else { 200 }),
            ("users", if busy { 40 } else { 5 }, 150),
        ] {
            for number in 0..per_s {
                let start_ms =
                    MIDNIGHT_MS + second * 1_000 + number * 1_000 / per_s + (second * 7 + number * 13) % 40;
                let end_ms = start_ms + duration_ms;
                let request = format!("{function}-{second}-{number}");
                if slow && function == "orders" && number == 0 {
                    let message = "An error occurred (ThrottlingException) when calling the GetSecretValue operation: Rate exceeded";
                    add(function, end_ms - 1, message.to_owned());
                }
                add(
                    function,
                    end_ms,
                    format!(
                        "REPORT RequestId: {request}\\tDuration: {duration_ms}.00 ms\\tBilled Duration: {duration_ms} ms\\tMemory Size: 128 MB\\tMax Memory Used: 73 MB\\t\\n"
                    ),
                );
            }
        }
    }
    events.sort();
    let events: Vec<String> = events.into_iter().map(|(_, event)| event).collect();
    format!("{{\"events\":[{}]}}", events.join(","))
}

fn with_account() -> Sample {
    let sample = Sample::new();
    sample.write("account.json", account());
    sample
}

fn ok(run: Run) -> String {
    assert_eq!(run.code, Some(0), "{run:?}");
    run.stdout
}

/// Rows of a CSV text, each a map from column to cell.
fn rows(csv: &str) -> Vec<BTreeMap<String, String>> {
    let mut lines = csv.lines();
    let heading: Vec<&str> = lines.next().unwrap().split(',').collect();
    lines
        .map(|line| {
            let cells = line.split(',').map(str::to_owned);
            heading.iter().map(|name| (*name).to_owned()).zip(cells).collect()
        })
        .collect()
}

#[test]
fn spikes_are_laid_at_the_right_door() {
    let sample = with_account();
    let report = ok(sample.insq(&["spikes", "account.json"]));
    assert!(
        report.starts_with("2 spikes from 2026-03-04 00:00:00"),
        "{report}"
    );
    assert!(
        report.contains("`orders` made 100 % of the rise: durations went from 200 ms to "),
        "{report}"
    );
    assert!(
        report.contains("throttled calls to Secrets Manager in the same"),
        "{report}"
    );
    assert!(
        report.contains("`users` made 100 % of the rise: rate went from 5.00 to "),
        "{report}"
    );

    let found = rows(&ok(sample.insq(&["spikes", "account.json", "-o", "csv"])));
    let first: Vec<_> = found.iter().filter(|row| row["spike"] == "1").collect();
    assert_eq!((first[0]["function"].as_str(), first.len()), ("orders", 2));
    assert!(
        first[0]["onset"].as_str() >= "2026-03-04 00:14:55"
            && first[0]["onset"].as_str() <= "2026-03-04 00:15:02"
    );
    let number = |row: &BTreeMap<String, String>, name: &str| row[name].parse::<f64>().unwrap();
    for row in &found {
        let parts = ["by_rate", "by_duration", "by_cold_start", "by_carried_in"];
        let sum: f64 = parts.iter().map(|name| number(row, name)).sum();
        assert!((sum - number(row, "rise")).abs() < 1e-9, "{row:?}");
    }
    let shares: f64 = first.iter().map(|row| number(row, "share")).sum();
    assert!((shares - 1.0).abs() < 1e-9);
    assert_eq!(first[0]["throttled"], "30");
}

/// `orders` needs ten at a time while it is slow, and `users` six while it is busy.
#[test]
fn broken_rules_have_rows_of_their_own() {
    let sample = with_account();
    let rules = ["--quota", "11", "--rows", "rules", "-o", "csv"];
    let found = rows(&ok(
        sample.insq(&[&["spikes", "account.json"], &rules[..]].concat())
    ));
    let told: Vec<[&str; 4]> = found
        .iter()
        .map(|row| ["spike", "rule", "function", "limit"].map(|column| row[column].as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ["1", "near_quota", "(all)", "8.8"],
            ["1", "at_quota", "(all)", "11"],
            ["2", "near_quota", "(all)", "8.8"],
        ]
    );
    for row in &found {
        let number = |name: &str| row[name].parse::<f64>().unwrap();
        assert!(number("peak") >= number("limit"), "{row:?}");
        assert!(number("seconds") >= 1.0 && number("seconds") <= 32.0, "{row:?}");
    }
    assert!(found[1]["start"].as_str() >= "2026-03-04 00:15:00");
    assert!(found[1]["end"].as_str() <= "2026-03-04 00:15:32");
    let plenty = ok(sample.insq(&["spikes", "account.json", "--rows", "rules", "-o", "csv"]));
    assert_eq!(plenty.lines().count(), 1, "{plenty}");
}

#[test]
fn a_hunt_tells_every_minute_around_the_peak() {
    let sample = with_account();
    let found = rows(&ok(sample.insq(&["hunt", "account.json", "-o", "csv"])));
    assert_eq!(found.len(), 2 * 9);
    let at_peak: f64 = [&found[0], &found[9]]
        .iter()
        .map(|row| row["at_peak"].parse::<f64>().unwrap())
        .sum();
    assert_eq!(at_peak.to_string(), found[0]["peak_concurrency"]);
    assert_eq!(
        (found[0]["function"].as_str(), found[6]["minute"].as_str()),
        ("orders", "2026-03-04 00:15:00.000")
    );
    let report = ok(sample.insq(&["hunt", "account.json", "--top", "2"]));
    assert!(report.contains("× the usual durations"), "{report}");
    assert!(report.contains("\n2  "), "{report}");
}

/// A query counts REPORT events and multiplies; what the analysis says of Little's law is the same, to the bit.
#[test]
fn estimates_are_those_of_a_query() {
    let sample = Sample::new();
    let logs = root("testdata/sample-logs");
    let bins = rows(&ok(sample.insq(&["concurrency", &logs, "-q", "-o", "csv"])));
    let query = "filter @type = 'REPORT' | stats count(*) as ends, count(*) * pct(@duration, 99.5) / 1000 as pct, \
                 sum(@duration) / 1000 as avg by bin(1s) as time";
    let answer = rows(&ok(sample.insq(&[query, &logs, "-o", "csv"])));
    let of_all: BTreeMap<&str, &BTreeMap<String, String>> = bins
        .iter()
        .filter(|row| row["function"] == "(all)")
        .map(|row| (row["time"].as_str(), row))
        .collect();
    assert!(answer.len() > 1_000);
    for row in &answer {
        let bin = of_all[row["time"].as_str()];
        assert_eq!(bin["ends"], row["ends"]);
        let close = |a: &str, b: &str| (a.parse::<f64>().unwrap() - b.parse::<f64>().unwrap()).abs() < 1e-6;
        assert!(close(&bin["estimate_pct"], &row["pct"]), "{bin:?} {row:?}");
        assert!(close(&bin["estimate_avg"], &row["avg"]), "{bin:?} {row:?}");
    }
}

#[test]
fn a_setting_changes_no_figure() {
    let sample = with_account();
    let run = sample.insq(&["convert", "account.json", "-o", "account.parquet"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    for analysis in [
        vec!["concurrency", "-o", "csv"],
        vec![
            "concurrency",
            "--rows",
            "functions",
            "-o",
            "json",
            "--reserved",
            "orders=100",
        ],
        vec!["concurrency", "--bin", "100ms", "--pct", "90", "-o", "csv"],
        vec!["hunt", "--top", "3", "-o", "csv"],
        vec!["spikes", "-o", "jsonl"],
    ] {
        let answer = |more: &[&str]| ok(sample.insq(&[analysis.as_slice(), more].concat()));
        let plain = answer(&["account.json", "--threads", "1"]);
        assert!(plain.lines().count() > 1 || plain.starts_with('['));
        assert_eq!(answer(&["account.json", "--threads", "3"]), plain, "{analysis:?}");
        assert_eq!(answer(&["account.parquet"]), plain, "{analysis:?}");
        assert_eq!(
            answer(&["account.json", "--memory-limit", "64MB"]),
            plain,
            "{analysis:?}"
        );
    }
}

#[test]
fn rows_as_parquet_are_a_log_of_their_own() {
    let sample = with_account();
    let run = sample.insq(&["concurrency", "account.json", "--output-file", "bins.parquet"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""), "{run:?}");
    let query = "filter function = '(all)' | stats max(concurrency_max) as peak, sum(starts) as calls";
    let answer = rows(&ok(sample.insq(&[query, "bins.parquet", "-o", "csv"])));
    let whole = rows(&ok(sample.insq(&[
        "concurrency",
        "account.json",
        "--rows",
        "functions",
        "-o",
        "csv",
    ])));
    assert_eq!(
        (&answer[0]["peak"], &answer[0]["calls"]),
        (&whole[0]["peak"], &whole[0]["invocations"])
    );
    let refused = sample.insq(&["concurrency", "account.json", "--output-file", "no/bins.parquet"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
}

#[test]
fn a_page_is_written_beside_the_report() {
    let sample = with_account();
    for command in ["spikes", "concurrency", "hunt"] {
        ok(sample.insq(&[command, "account.json", "--html", "page.html"]));
        let page = sample.read("page.html");
        assert!(
            page.starts_with("<!doctype html>") && page.ends_with("</html>\n"),
            "{command}"
        );
        assert!(
            page.contains("id=\"spike-2\"") && page.contains("Secrets Manager"),
            "{command}"
        );
    }
    let none = sample.insq(&["hunt", "-", "--html", "none.html"]);
    assert_eq!(none.code, Some(0), "{none:?}");
    assert!(
        sample
            .read("none.html")
            .contains("the inputs hold no REPORT events")
    );
    let refused = sample.insq(&["hunt", "account.json", "--html", "account.json"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
}

#[test]
fn a_window_counts_what_is_in_flight_at_its_edges() {
    let sample = Sample::new();
    let report =
        |end: &str, ms: &str| format!("2026-03-04T{end}Z REPORT RequestId: a\tDuration: {ms} ms\t\n");
    // Ten seconds long, and ending after the window.
    sample.write("a.log", report("00:00:12.000", "10000.00"));
    let whole = ok(sample.insq(&[
        "concurrency",
        "a.log",
        "--since",
        "2026-03-04T00:00:05Z",
        "--until",
        "2026-03-04T00:00:07Z",
    ]));
    assert!(
        whole.starts_with("At most 1 invocation in flight at once, at 2026-03-04 00:00:05.000"),
        "{whole}"
    );
    assert!(whole.contains("On average 1.00 were in flight"), "{whole}");
    let before = ok(sample.insq(&["concurrency", "a.log", "--until", "2026-03-04T00:00:01Z"]));
    assert!(before.contains("0 invocations"), "{before}");
}

#[test]
fn input_that_holds_nothing_is_told_in_words() {
    let sample = Sample::new();
    sample.write("none.log", "2026-03-04T00:00:00.000Z hello\n");
    for command in ["concurrency", "spikes", "hunt"] {
        let run = sample.insq(&[command, "none.log"]);
        assert_eq!(run.code, Some(0), "{command}: {run:?}");
        assert!(
            run.stdout.contains("the inputs hold no REPORT events"),
            "{command}: {run:?}"
        );
        let rows = ok(sample.insq(&[command, "none.log", "-o", "csv"]));
        assert_eq!(rows.lines().count(), 1, "{command} has a heading: {rows}");
        let one = sample.insq(&[command, "app.log"]);
        assert_eq!(one.code, Some(0), "{command}: {one:?}");
        let missing = sample.insq(&[command, "missing.log"]);
        assert_eq!(missing.code, Some(1), "{command}: {missing:?}");
    }
}

#[test]
fn what_cannot_be_is_left_out_and_told() {
    let sample = Sample::new();
    let mut log = String::new();
    for (time, duration) in [
        ("2026-03-04T00:00:01.000", "5.00"),
        ("2026-03-04T00:00:02.000", "99999999.00"),
        ("2026-03-04T00:00:03.000", "-7.00"),
        // A clock that jumps by decades, forth and back.
        ("1986-01-01T00:00:00.000", "5.00"),
        ("2036-01-01T00:00:00.000", "5.00"),
        // The same request again.
        ("2026-03-04T00:00:01.000", "5.00"),
    ] {
        writeln!(log, "{time}Z REPORT RequestId: 0b9d\tDuration: {duration} ms\t").unwrap();
    }
    sample.write("odd.log", log);
    for command in ["concurrency", "spikes", "hunt"] {
        let run = sample.insq(&[command, "odd.log"]);
        assert!(run.code == Some(0) || run.code == Some(3), "{command}: {run:?}");
    }
    let report = sample.insq(&["concurrency", "odd.log"]).stdout;
    assert!(report.starts_with("At most 2 invocations"), "{report}");
    assert!(
        report.contains("with a duration longer than any function may run"),
        "{report}"
    );
}

#[test]
fn quotas_that_no_account_has_are_refused() {
    let sample = Sample::new();
    for (arguments, words) in [
        (vec!["--quota", "0"], "lets no function run"),
        (vec!["--reserved", "a=950"], "at least 100 must stay unreserved"),
        (vec!["--reserved", "a=1", "--reserved", "a=2"], "two reservations"),
        (vec!["--reserved", "a"], "not FUNCTION=N"),
        (vec!["--quota", "many"], "--quota"),
    ] {
        let run = sample.insq(&[vec!["concurrency", "app.log"], arguments].concat());
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(run.stderr.contains(words), "{run:?}");
    }
    for bad in ["7s", "2h", "1ms"] {
        let run = sample.insq(&["concurrency", "app.log", "--bin", bad]);
        assert_eq!(run.code, Some(2), "{run:?}");
    }
}

#[test]
fn any_series_can_be_scored() {
    let sample = Sample::new();
    let mut series = String::from("timestamp,value\n");
    for point in 0..400i64 {
        let value = if point == 350 { 90.0 } else { (point % 5) as f64 };
        writeln!(series, "{},{value}", MIDNIGHT_MS + point * 300_000).unwrap();
    }
    sample.write("series.csv", series);
    let report = ok(sample.insq(&["spikes", "--series", "series.csv"]));
    assert!(report.starts_with("1 of 400 points stand out"), "{report}");
    let scored = rows(&ok(sample.insq(&[
        "spikes",
        "--series",
        "series.csv",
        "-o",
        "csv",
    ])));
    assert_eq!(scored.len(), 400);
    let score = |row: usize| scored[row]["score"].parse::<f64>().unwrap();
    assert!(score(350) > 0.5 && score(349) < 0.5);
    sample.write("words.csv", "timestamp,value\nsoon,many\n");
    let run = sample.insq(&["spikes", "--series", "words.csv"]);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stderr.contains("line 2"), "{run:?}");
}
