//! The test data of the repository, as a user would ask about it.

use std::path::{Path, PathBuf};

use crate::sample::{Run, Sample};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn insq(arguments: &[&str], paths: &[&str]) -> Run {
    let paths: Vec<String> = paths
        .iter()
        .map(|path| repository().join(path).display().to_string())
        .collect();
    let paths = paths.iter().map(String::as_str);
    Sample::new().insq(&arguments.iter().copied().chain(paths).collect::<Vec<_>>())
}

/// The first column of the first row.
fn first_cell(run: &Run) -> &str {
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");
    run.stdout.lines().nth(1).unwrap().split(',').next().unwrap()
}

#[test]
fn the_headline_query_finds_the_spike_by_duration() {
    let query = "filter @type = \"REPORT\"
        | stats count(*) * pct(@duration, 99.5) / 1000 as concurrency by bin(1s)
        | sort concurrency desc | limit 1";
    // Planted from 09:43:00 for 90 s.
    let run = insq(&[query], &["testdata/sample-logs"]);
    let second = first_cell(&run);
    assert!(
        ("2026-03-10 09:43:00.000"..="2026-03-10 09:44:30.000").contains(&second),
        "{second}"
    );
}

#[test]
fn a_query_file_finds_the_spike_by_rate() {
    let query = repository()
        .join("queries/busiest-seconds.insq")
        .display()
        .to_string();
    // Planted from 09:22:00 for 30 s.
    let run = insq(&["-f", &query], &["testdata/sample-logs"]);
    let second = first_cell(&run);
    assert!(
        ("2026-03-10 09:22:00.000"..="2026-03-10 09:22:30.000").contains(&second),
        "{second}"
    );
}

#[test]
fn packed_and_unpacked_logs_have_the_same_answer() {
    let query = "stats count(*), max(@duration), count_distinct(@requestId) by bin(5m), @type";
    let packed = insq(&[query], &["testdata/sample-logs/exportedlogs/254a98dd-*"]);
    let unpacked = insq(&[query], &["testdata/plain/exportedlogs"]);
    assert_eq!((packed.code, unpacked.code), (Some(0), Some(0)), "{packed:?}");
    assert!(packed.stdout.lines().count() > 12, "{packed:?}");
    assert_eq!(packed.stdout, unpacked.stdout);
}

#[test]
fn damaged_files_cost_only_what_is_damaged() {
    let run = insq(
        &["stats count(*) as n by @type", "-o", "jsonl", "--stats"],
        &["testdata/damaged"],
    );
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(run.stdout.contains("\"@type\":\"REPORT\""), "{run:?}");
    for file in [
        "truncated.gz",
        "bad-crc.gz",
        "binary.bin",
        "truncated.json",
        "zst-cut.zst",
    ] {
        assert_eq!(
            run.stderr.lines().filter(|line| line.contains(file)).count(),
            1,
            "{file}: {}",
            run.stderr
        );
    }
    let is_told = |line: &str| line.starts_with("warning: ") || line.starts_with("stats: ");
    assert!(run.stderr.lines().all(is_told), "{}", run.stderr);
}

/// A row of `testdata/damaged/index.md`: the file, whether it has to be reported, and the byte that has to be named.
fn damaged_rows() -> Vec<(String, bool, String)> {
    let index = std::fs::read_to_string(repository().join("testdata/damaged/index.md")).unwrap();
    let rows = index.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<&str> = row
            .split(" | ")
            .map(|cell| cell.trim_matches(['|', ' ', '`']))
            .collect();
        (cells[0].to_owned(), cells[5] == "yes", cells[6].to_owned())
    })
    .collect()
}

#[test]
fn every_damaged_file_is_named_with_its_place_and_ends_a_strict_run() {
    let query = "fields @message, @duration, @billedDuration | stats count(*), max(@message), max(@duration)";
    let rows = damaged_rows();
    assert!(rows.len() >= 50, "{} rows", rows.len());
    for (name, is_reported, at) in rows {
        let file = format!("testdata/damaged/{name}");
        let run = insq(&[query], &[&file]);
        assert_eq!(run.code, Some(if is_reported { 3 } else { 0 }), "{name}: {run:?}");
        assert_eq!(run.stderr.contains(&name), is_reported, "{name}: {run:?}");
        if !at.is_empty() && at != "0" {
            // Thousands are set apart.
            let told = run.stderr.replace(',', "");
            assert!(told.contains(&format!("at byte {at} ")), "{name}: {run:?}");
        }
        let strict = insq(&[query, "--strict"], &[&file]);
        assert_eq!(
            strict.code,
            Some(if is_reported { 1 } else { 0 }),
            "{name}: {strict:?}"
        );
        assert_eq!(strict.stdout.is_empty(), is_reported, "{name}: {strict:?}");
    }
}
