//! The same answers in every format.

use crate::sample::Sample;

const QUERY: &str = "fields @timestamp, @type, @duration | sort @timestamp | limit 2";

#[test]
fn pipes_get_csv_unless_told_otherwise() {
    let sample = Sample::new();
    let csv = "@timestamp,@type,@duration\n\
               2026-03-04 00:00:00.100,START,\n\
               2026-03-04 00:00:01.200,,\n";
    assert_eq!(sample.answer(QUERY, &[]), csv);
    assert_eq!(sample.answer(QUERY, &["-o", "csv"]), csv);
    assert_eq!(sample.answer(QUERY, &["--output=csv"]), csv);
}

#[test]
fn every_format_can_be_asked_for() {
    let sample = Sample::new();
    assert_eq!(
        sample.answer(QUERY, &["-o", "json"]),
        "[\n\
         {\"@timestamp\":\"2026-03-04 00:00:00.100\",\"@type\":\"START\",\"@duration\":null},\n\
         {\"@timestamp\":\"2026-03-04 00:00:01.200\",\"@type\":null,\"@duration\":null}\n\
         ]\n"
    );
    assert_eq!(
        sample.answer("stats count(*), max(@duration)", &["-o", "jsonl"]),
        "{\"count(*)\":4,\"max(@duration)\":7.31}\n"
    );
    assert_eq!(
        sample.answer("stats count(*) as n, avg(@duration) as ms", &["-o", "markdown"]),
        "| n | ms |\n| ---: | ---: |\n| 4 | 7.31 |\n"
    );
    assert_eq!(
        sample.answer("stats count(*) as n", &["-o", "table"]),
        "┌───┐\n│ n │\n╞═══╡\n│ 4 │\n└───┘\n"
    );
}

#[test]
fn columns_bear_their_expression_as_written() {
    let header = |query: &str| {
        Sample::new()
            .answer(query, &[])
            .lines()
            .next()
            .unwrap()
            .to_owned()
    };
    assert_eq!(header("stats count(*) by bin(1s)"), "bin(1s),count(*)");
    assert_eq!(header("stats  max( @duration ) "), "max( @duration )");
    assert_eq!(header("filter @type = \"REPORT\""), "@timestamp,@message");
}

#[test]
fn results_without_rows_still_have_their_columns() {
    let sample = Sample::new();
    let query = "filter @message like /nowhere/ | fields @timestamp";
    assert_eq!(sample.answer(query, &["-o", "csv"]), "@timestamp\n");
    assert_eq!(sample.answer(query, &["-o", "json"]), "[]\n");
    assert_eq!(sample.answer(query, &["-o", "jsonl"]), "");
}

#[test]
fn limits_cap_rows_and_without_one_there_is_no_cap() {
    let sample = Sample::new();
    let lines: String = (0..12_000)
        .map(|n| {
            format!(
                "2026-03-04T00:{:02}:{:02}.{:03}Z line {n}\n",
                n / 60_000,
                n / 1000,
                n % 1000
            )
        })
        .collect();
    sample.write("app.log", lines);
    assert_eq!(sample.answer("fields @message", &[]).lines().count(), 12_001);
    assert_eq!(
        sample
            .answer("fields @message", &["--limit", "7"])
            .lines()
            .count(),
        8
    );
    assert_eq!(
        sample
            .answer("fields @message | limit 3", &["--limit", "7"])
            .lines()
            .count(),
        4
    );
}

#[test]
fn log_content_stays_as_it_is_in_a_pipe_and_harmless_in_tables() {
    let sample = Sample::new();
    sample.write(
        "app.log",
        "2026-03-04T00:00:00.000Z \x1b[2J\u{9b}31m \u{202e}evil\x07 end\n",
    );
    let message = "\x1b[2J\u{9b}31m \u{202e}evil\x07 end";
    assert_eq!(
        sample.answer("fields @message", &[]),
        format!("@message\n{message}\n")
    );
    for format in ["table", "markdown", "json", "jsonl"] {
        let shown = sample.answer("fields @message", &["-o", format]);
        assert!(
            shown
                .chars()
                .all(|c| c == '\n' || !(c.is_control() || c == '\u{202e}')),
            "{format}: {shown:?}"
        );
        assert!(shown.contains("evil"), "{format}: {shown:?}");
    }
}

#[test]
fn threads_never_change_the_answer() {
    let sample = Sample::new();
    for query in [
        "fields @message",
        "stats count(*), pct(@duration, 50) by bin(1s)",
        "stats count(*) by @type",
    ] {
        let one = sample.answer(query, &["--threads", "1"]);
        assert_eq!(sample.answer(query, &["--threads", "4"]), one, "{query}");
    }
}

#[test]
fn explain_tells_the_plan_and_reads_nothing() {
    let sample = Sample::new();
    let plan = sample.answer(
        "filter @type = \"REPORT\" | stats count(*) by bin(1m)",
        &["--explain"],
    );
    assert!(
        plan.contains("Filter @type = \"REPORT\"") && plan.contains("Scan"),
        "{plan}"
    );
    assert_eq!(
        sample.insq(&["limit 5", "no-such-file.log", "--explain"]).code,
        Some(0)
    );
}

#[test]
fn log_groups_can_be_given() {
    let shown = Sample::new().answer(
        "stats count(*) by @log",
        &["--log-group", "/aws/lambda/orders", "-o", "jsonl"],
    );
    assert_eq!(shown, "{\"@log\":\"/aws/lambda/orders\",\"count(*)\":4}\n");
}
