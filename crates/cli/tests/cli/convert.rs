//! `insq convert`, and queries over what it writes.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::sample::Sample;

fn root(path: &str) -> String {
    format!("{}/../../{path}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_ready_made_query_prints_the_same_bytes() {
    let sample = Sample::new();
    let logs = root("testdata/sample-logs");
    let run = sample.insq(&["convert", &logs, "-o", "logs.parquet"]);
    assert_eq!(
        (run.code, run.stdout.as_str(), run.stderr.as_str()),
        (Some(0), "", "")
    );
    assert_eq!(sample.file_names(), ["app.log", "logs.parquet"]);
    let mut queries = 0;
    for entry in fs::read_dir(root("queries")).unwrap() {
        let query = entry.unwrap().path().display().to_string();
        if !query.ends_with(".insq") {
            continue;
        }
        queries += 1;
        let answer = |logs: &str| {
            let run = sample.insq(&["-f", &query, "--log-group", "/aws/lambda/sample", logs]);
            assert_eq!(run.code, Some(0), "{query}: {run:?}");
            run.stdout
        };
        assert_eq!(answer("logs.parquet"), answer(&logs), "{query}");
    }
    assert!(queries >= 26, "{queries}");
}

#[test]
fn positions_and_pointers_are_those_of_the_logs() {
    let sample = Sample::new();
    assert_eq!(
        sample.insq(&["convert", "app.log", "-o", "app.parquet"]).code,
        Some(0)
    );
    let answer = |file: &str| {
        sample
            .insq(&["fields @ptr, @type, @duration | limit any 2", file])
            .stdout
    };
    assert!(answer("app.parquet").contains("app.log:0:"));
    let all = |file: &str| sample.insq(&["fields @ptr, @type, @duration", file]).stdout;
    assert_eq!(all("app.parquet"), all("app.log"));
}

#[test]
fn standard_input_may_be_parquet() {
    let sample = Sample::new();
    assert_eq!(
        sample.insq(&["convert", "app.log", "-o", "app.parquet"]).code,
        Some(0)
    );
    let bytes = fs::read(sample.path("app.parquet")).unwrap();
    let query = "fields @ptr, @type, @duration, @message";
    let expected = sample.insq(&[query, "app.parquet"]).stdout;
    let run = sample.insq_with_stdin(&[query, "-"], &bytes);
    assert_eq!(
        (run.code, run.stdout),
        (Some(0), expected.clone()),
        "{}",
        run.stderr
    );
    let run = sample.insq_with_stdin(&["convert", "-", "-o", "again.parquet"], &bytes);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(sample.insq(&[query, "again.parquet"]).stdout, expected);
    // Nowhere to put it, which is told and not hidden.
    let run = sample.insq_with_stdin(&[query, "-", "--temp-dir", "none"], &bytes);
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(run.stderr.contains("temporary file"), "{run:?}");
    let mut names = sample.file_names();
    names.sort();
    assert_eq!(names, ["again.parquet", "app.log", "app.parquet"]);
}

#[test]
fn damage_is_told_and_the_rest_converted() {
    let sample = Sample::new();
    let logs = root("testdata/damaged/truncated.gz");
    let run = sample.insq(&["convert", &logs, "-o", "logs.parquet"]);
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(run.stderr.contains("compressed data are damaged"), "{run:?}");
    let count = |logs: &str| sample.insq(&["stats count(*)", logs]).stdout;
    assert_eq!(count("logs.parquet"), count(&logs));
    let run = sample.insq(&["convert", "--strict", &logs, "-o", "strict.parquet"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert_eq!(sample.file_names(), ["app.log", "logs.parquet"]);
}

#[test]
fn a_damaged_parquet_file_is_told_in_insqs_own_words() {
    let sample = Sample::new();
    let run = sample.insq(&["convert", "app.log", "-o", "app.parquet"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let sound = fs::read(sample.path("app.parquet")).unwrap();
    for at in (4..sound.len()).step_by(3) {
        let mut bytes = sound.clone();
        bytes[at] = !bytes[at];
        sample.write("broken.parquet", bytes);
        let run = sample.insq(&[
            "fields @message, @ptr, @duration",
            "broken.parquet",
            "--threads",
            "1",
        ]);
        assert!(matches!(run.code, Some(0 | 3)), "byte {at}: {run:?}");
        assert!(!run.stderr.contains("panicked"), "byte {at}: {run:?}");
        assert_eq!(
            run.code == Some(3),
            run.stderr.contains("Parquet data are damaged"),
            "byte {at}: {run:?}"
        );
    }
}

#[test]
fn places_that_make_no_sense_are_refused_before_anything_is_read() {
    let sample = Sample::new();
    fs::create_dir(sample.path("logs")).unwrap();
    fs::copy(sample.path("app.log"), sample.path("logs/a.log")).unwrap();
    for (arguments, code, said) in [
        (
            &["convert", "logs", "-o", "logs/out.parquet"][..],
            2,
            "lies in the folder of logs",
        ),
        (&["convert", "app.log", "-o", "app.log"], 2, "is also an input"),
        (&["convert", "app.log", "-o", "logs"], 1, "holds other files"),
        (
            &["convert", "app.log", "-o", "none/out.parquet"],
            1,
            "none/out.parquet",
        ),
        (&["convert", "missing.log", "-o", "out.parquet"], 1, "missing.log"),
        (&["convert", "app.log"], 2, "--output"),
    ] {
        let run = sample.insq(arguments);
        assert_eq!(run.code, Some(code), "{run:?}");
        assert!(run.stderr.contains(said), "{run:?}");
    }
    assert_eq!(sample.file_names(), ["app.log", "logs"]);
}

#[test]
fn only_the_needed_columns_are_read() {
    let sample = Sample::new();
    let run = sample.insq(&[
        "convert",
        &root("testdata/sample-logs"),
        "-o",
        "logs.parquet",
        "--stats",
    ]);
    assert!(run.stderr.contains("stats: bytes written"), "{run:?}");
    let bytes = |query: &str| -> u64 {
        let run = sample.insq(&["--stats", query, "logs.parquet"]);
        let line = run
            .stderr
            .lines()
            .find(|line| line.contains("bytes read"))
            .unwrap()
            .to_owned();
        let figure = line.split_whitespace().nth(3).unwrap().replace(',', "");
        figure.parse().unwrap()
    };
    let all = bytes("stats sum(strlen(@message))");
    let reports = bytes("filter @type = \"REPORT\" | stats max(@duration) by bin(1m)");
    assert!(reports < all / 3, "{reports} of {all}");
}

/// Starts a conversion, ends it without a warning, and looks at what is there; as often as `INSQ_KILLS` says.
#[test]
fn a_killed_conversion_leaves_no_half_file() {
    let kills: u32 = std::env::var("INSQ_KILLS").map_or(4, |kills| kills.parse().unwrap());
    let sample = Sample::new();
    let logs = root("testdata/sample-logs");
    let convert = ["convert", &logs, "-o", "out.parquet"];
    let begun = Instant::now();
    assert_eq!(sample.insq(&convert).code, Some(0));
    let whole = begun.elapsed();
    let sound = fs::read(sample.path("out.parquet")).unwrap();
    let expected = sample.insq(&["stats count(*)", "out.parquet"]).stdout;
    let mut killed = 0;
    for kill in 0..kills {
        // Once over a file that is there, once where there is none.
        if kill % 2 == 1 {
            let _ = fs::remove_file(sample.path("out.parquet"));
        }
        let mut child = sample.command(&convert).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(whole.mul_f64(f64::from(kill + 1) / f64::from(kills + 1)));
        child.kill().unwrap();
        killed += u32::from(!child.wait().unwrap().success());
        if Path::new(&sample.path("out.parquet")).exists() {
            assert_eq!(fs::read(sample.path("out.parquet")).unwrap().len(), sound.len());
            assert_eq!(sample.insq(&["stats count(*)", "out.parquet"]).stdout, expected);
        }
    }
    assert!(
        killed > 0 || whole < Duration::from_millis(50),
        "no conversion was killed in time"
    );
    // The next run takes away what the killed ones left.
    assert_eq!(sample.insq(&convert).code, Some(0));
    assert_eq!(sample.file_names(), ["app.log", "out.parquet"]);
}
