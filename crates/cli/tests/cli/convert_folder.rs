//! `insq convert -o DIR/`: folders, their parts, and what goes on after a run that was stopped.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::sample::Sample;

const ORDERS: &str = "\
2026-03-01T23:59:59.999Z START RequestId: 0b9d64c1-7d7f-4c3e-9a55-0d6a6b1c2e01 Version: 1
2026-03-02T00:00:00.000Z {\"function\":\"inner\",\"date\":\"x\",\"n\":1}
2026-03-02T00:00:00.000Z second at the same time
2026-03-02T00:00:01.000Z REPORT RequestId: 0b9d64c1-7d7f-4c3e-9a55-0d6a6b1c2e01\tDuration: 7.31 ms\tBilled Duration: 8 ms\tMemory Size: 128 MB\tMax Memory Used: 73 MB\t
";

const PAYMENTS: &str = "\
2026-03-02T00:00:00.000Z {\"n\":2.5,\"user\":{\"id\":\"a\"}}
2026-03-03T00:00:00.000Z {\"n\":3}
";

const QUERIES: [&str; 6] = [
    "fields @timestamp, @log, @function, @ptr, @message, n, function, date, user.id",
    "fields @ptr | sort @timestamp asc",
    "stats count(*), sum(n), max(@duration) by @log",
    "filter @function = \"orders\" | fields @ptr, @type",
    "dedup @timestamp | fields @ptr",
    "limit 2",
];

/// Two functions over three days, and a file without times or a function.
fn logs() -> Sample {
    let sample = Sample::new();
    for name in ["orders", "payments"] {
        fs::create_dir_all(sample.path(&format!("logs/aws/lambda/{name}"))).unwrap();
    }
    sample.write("logs/aws/lambda/orders/a.log", ORDERS);
    sample.write("logs/aws/lambda/payments/a.log", PAYMENTS);
    sample.write("logs/plain.txt", "no time and no function\nnor here\n");
    sample
}

/// The files below a folder that is not hidden, by their paths in it.
fn files(folder: &Path) -> Vec<String> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            match entry.file_type().unwrap().is_dir() {
                true => walk(&entry.path(), found),
                false => found.push(entry.path()),
            }
        }
    }
    let mut found = Vec::new();
    walk(folder, &mut found);
    let name = |path: &PathBuf| path.strip_prefix(folder).unwrap().display().to_string();
    let mut names: Vec<String> = found.iter().map(name).collect();
    names.sort();
    names
}

fn same_answers(sample: &Sample, logs: &str, folder: &str) {
    for query in QUERIES {
        for range in [
            &[][..],
            &["--since", "2026-03-02", "--until", "2026-03-03"],
            &["--since", "2026-03-03"],
        ] {
            let answer = |input: &str| {
                let run = sample.insq(&[range, &[query, input]].concat());
                assert_eq!(run.code, Some(0), "{query}: {run:?}");
                run.stdout
            };
            assert_eq!(answer(folder), answer(logs), "{query} {range:?}");
        }
    }
}

fn converted(sample: &Sample, arguments: &[&str]) -> String {
    let run = sample.insq(&[&["convert", "logs"], arguments].concat());
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""), "{run:?}");
    run.stderr
}

#[test]
fn folders_are_divided_by_day_and_function_and_answer_like_the_logs() {
    let sample = logs();
    assert_eq!(
        converted(&sample, &["-o", "both", "--partition-by", "date,function"]),
        ""
    );
    let missing = "__HIVE_DEFAULT_PARTITION__";
    assert_eq!(
        files(&sample.path("both")),
        [
            "date=2026-03-01/function=orders/part-00001.parquet",
            "date=2026-03-02/function=orders/part-00002.parquet",
            "date=2026-03-02/function=payments/part-00003.parquet",
            "date=2026-03-03/function=payments/part-00004.parquet",
            &format!("date={missing}/function={missing}/part-00000.parquet"),
        ]
    );
    same_answers(&sample, "logs", "both");
    assert_eq!(
        converted(&sample, &["-o", "functions", "--partition-by", "function"]),
        ""
    );
    assert_eq!(files(&sample.path("functions")).len(), 3);
    same_answers(&sample, "logs", "functions");
    assert_eq!(converted(&sample, &["-o", "whole/"]), "");
    assert_eq!(files(&sample.path("whole")), ["part-00000.parquet"]);
    same_answers(&sample, "logs", "whole");
    // A folder can be converted again, and two of them are not taken for one.
    let run = sample.insq(&[
        "convert",
        "both",
        "-o",
        "again/",
        "--partition-by",
        "function,date",
    ]);
    assert_eq!(run.code, Some(0), "{run:?}");
    same_answers(&sample, "logs", "again");
    let count = |inputs: &[&str]| {
        sample
            .insq(&[&["-o", "csv", "stats count(*) as n"], inputs].concat())
            .stdout
    };
    assert_eq!(count(&["both", "whole", "both"]), "n\n16\n");
}

#[test]
fn days_that_are_not_wanted_are_not_even_opened() {
    let sample = logs();
    converted(&sample, &["-o", "out/", "--partition-by", "date,function"]);
    let files_read = |range: &[&str]| -> String {
        let run = sample.insq(&[&["--stats", "stats count(*)", "out"], range].concat());
        let line = run.stderr.lines().find(|line| line.contains("files read"));
        line.unwrap_or_else(|| panic!("{run:?}"))
            .split_whitespace()
            .nth(3)
            .unwrap()
            .to_owned()
    };
    assert_eq!(files_read(&[]), "5");
    // What has no time is looked into: only statistics tell that no event of it has one.
    assert_eq!(files_read(&["--since", "2026-03-03"]), "2");
    assert_eq!(
        files_read(&["--since", "2026-03-01", "--until", "2026-03-02"]),
        "2"
    );
}

#[test]
fn events_of_other_functions_are_left_unread() {
    let sample = logs();
    converted(&sample, &["-o", "out/", "--partition-by", "function"]);
    for (condition, events) in [
        ("@function = \"orders\"", "4"),
        ("@function = \"none\"", "0"),
        ("@function != \"orders\"", "8"),
        ("@function = \"orders\" or n = 3", "8"),
    ] {
        let query = format!("filter {condition} | stats count(*), sum(n)");
        let run = sample.insq(&["--stats", &query, "out"]);
        let line = run.stderr.lines().find(|line| line.contains("events read"));
        let line = line.unwrap_or_else(|| panic!("{run:?}"));
        assert_eq!(line.split_whitespace().last(), Some(events), "{condition}");
        assert_eq!(run.stdout, sample.insq(&[&query, "logs"]).stdout, "{condition}");
    }
}

#[test]
fn a_folder_is_up_to_date_until_its_inputs_change() {
    let sample = logs();
    let arguments = ["-o", "out", "--partition-by", "date"];
    converted(&sample, &arguments);
    assert!(converted(&sample, &arguments).contains("out is up to date"));
    sample.write(
        "logs/aws/lambda/payments/a.log",
        format!("{PAYMENTS}2026-03-04T00:00:00.000Z new\n"),
    );
    let said = converted(&sample, &arguments);
    assert!(said.contains("payments/a.log has changed"), "{said}");
    same_answers(&sample, "logs", "out");
    fs::remove_file(sample.path("logs/plain.txt")).unwrap();
    sample.write("logs/other.log", "2026-03-09T00:00:00.000Z other\n");
    let said = converted(&sample, &arguments);
    assert!(
        said.contains("other.log is new") && said.contains("plain.txt is no input any more"),
        "{said}"
    );
    same_answers(&sample, "logs", "out");
    let by_function = ["-o", "out", "--partition-by", "function"];
    assert!(converted(&sample, &by_function).contains("the options are others"));
    assert!(
        files(&sample.path("out"))
            .iter()
            .all(|file| file.starts_with("function="))
    );
    let part = files(&sample.path("out")).remove(0);
    fs::remove_file(sample.path("out").join(&part)).unwrap();
    assert!(converted(&sample, &by_function).contains("were changed or removed"));
    same_answers(&sample, "logs", "out");
}

#[test]
fn damage_is_told_again_by_the_run_that_finds_the_folder_up_to_date() {
    let sample = Sample::new();
    let logs = format!(
        "{}/../../testdata/damaged/truncated.gz",
        env!("CARGO_MANIFEST_DIR")
    );
    for _ in 0..2 {
        let run = sample.insq(&["convert", &logs, "-o", "out/"]);
        assert_eq!(run.code, Some(3), "{run:?}");
        assert!(run.stderr.contains("compressed data are damaged"), "{run:?}");
    }
    let run = sample.insq(&["convert", &logs, "-o", "out/", "--strict"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    let count = |logs: &str| sample.insq(&["stats count(*)", logs]).stdout;
    assert_eq!(count("out"), count(&logs));
}

#[test]
fn standard_input_becomes_a_folder_anew_every_time() {
    let sample = Sample::new();
    for text in [ORDERS, PAYMENTS] {
        let run = sample.insq_with_stdin(
            &["convert", "-", "-o", "out/", "--partition-by", "date"],
            text.as_bytes(),
        );
        assert_eq!(run.code, Some(0), "{run:?}");
        let count = sample.insq(&["-o", "csv", "stats count(*) as n", "out"]).stdout;
        assert_eq!(count, format!("n\n{}\n", text.lines().count()));
    }
}

#[test]
fn folders_that_make_no_sense_are_refused() {
    let sample = logs();
    fs::create_dir(sample.path("full")).unwrap();
    sample.write("full/mine.txt", "x");
    converted(&sample, &["-o", "out/"]);
    for (arguments, code, said) in [
        (&["convert", "logs", "-o", "full/"][..], 1, "holds other files"),
        (
            &["convert", "logs", "-o", "logs/out/"],
            2,
            "lies in the folder of logs",
        ),
        (
            &["convert", "out/part-00000.parquet", "-o", "out/"],
            2,
            "lies in the folder",
        ),
        (
            &["convert", "out/*.parquet", "-o", "out/"],
            2,
            "`out/*.parquet` lies in the folder `out/`",
        ),
        (
            &["convert", "logs", "-o", "x/", "--partition-by", "hour"],
            2,
            "neither `date` nor `function`",
        ),
        (
            &["convert", "logs", "-o", "x/", "--partition-by", "date,date"],
            2,
            "twice",
        ),
        (
            &["convert", "logs", "-o", "x", "--checkpoint", "1MB"],
            2,
            "--checkpoint",
        ),
        (&["convert", "missing.log", "-o", "x/"], 1, "missing.log"),
    ] {
        let run = sample.insq(arguments);
        assert_eq!(run.code, Some(code), "{run:?}");
        assert!(run.stderr.contains(said), "{run:?}");
    }
    assert_eq!(fs::read_to_string(sample.path("full/mine.txt")).unwrap(), "x");
}

/// Kills conversions at random moments. Each leaves what was there or all of the new, and the last one, which is let
/// be, gives what an undisturbed one gives.
fn kills(count: u32, events_of_day: usize) {
    let sample = Sample::new();
    fs::create_dir(sample.path("logs")).unwrap();
    for number in 0..12 {
        let minute = |n: usize| {
            let (day, minute) = (n / events_of_day, n % events_of_day);
            format!(
                "2026-{:02}-{:02}T{:02}:{:02}:00.000Z",
                3 + day / 28,
                1 + day % 28,
                minute / 60,
                minute % 60
            )
        };
        let line = |n: usize| format!("{} {{\"n\":{n},\"file\":{number}}}\n", minute(n));
        let text: String = (0..4_000).map(line).collect();
        sample.write(&format!("logs/{number:02}.log"), text);
    }
    let arguments = |to| {
        [
            "convert",
            "logs",
            "-o",
            to,
            "--partition-by",
            "date",
            "--checkpoint",
            "150KB",
            "--threads",
            "2",
        ]
    };
    let begun = Instant::now();
    assert_eq!(sample.insq(&arguments("sound")).code, Some(0));
    let whole = begun.elapsed();
    let query = "stats count(*), sum(n), min(@ptr), max(@ptr) by file | sort file asc";
    let answer = |folder: &str| sample.insq(&[query, folder]);
    let expected = answer("sound").stdout;
    let mut random: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut killed = 0;
    for kill in 0..count {
        // From time to time, all begins anew.
        if kill % 8 == 7 {
            let _ = fs::remove_dir_all(sample.path("out"));
        }
        let mut child = sample
            .command(&arguments("out"))
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        std::thread::sleep(whole.mul_f64((random >> 40) as f64 / (1_u64 << 24) as f64));
        child.kill().unwrap();
        killed += u32::from(!child.wait().unwrap().success());
        if !sample.path("out").exists() {
            continue;
        }
        let found = files(&sample.path("out"));
        assert!(found.iter().all(|file| file.ends_with(".parquet")), "{found:?}");
        let run = answer("out");
        // Nothing yet, all of it, or some of it with a warning.
        match run.code {
            Some(0) => assert_eq!(run.stdout, expected),
            Some(3) => assert!(run.stderr.contains("has not finished"), "{run:?}"),
            _ => assert!(run.stderr.contains("no log files in there"), "{run:?}"),
        }
        if run.code == Some(0) {
            fs::remove_dir_all(sample.path("out")).unwrap();
        }
    }
    let run = sample.insq(&arguments("out"));
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(answer("out").stdout, expected);
    assert_eq!(files(&sample.path("out")), files(&sample.path("sound")));
    for file in files(&sample.path("out")) {
        let bytes = |folder: &str| fs::read(sample.path(folder).join(&file)).unwrap();
        assert!(bytes("out") == bytes("sound"), "{file}");
    }
    let mut left: Vec<String> = fs::read_dir(sample.path("out/.insq"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left, ["groups", "lock", "manifest.json"]);
    assert_eq!(fs::read_dir(sample.path("out/.insq/groups")).unwrap().count(), 0);
    assert!(
        killed > 0 || whole < Duration::from_millis(50),
        "no conversion was killed in time"
    );
}

#[test]
fn a_killed_conversion_is_gone_on_with() {
    kills(25, 1_440);
}

/// Parts that are written on many threads.
#[test]
fn a_killed_conversion_of_many_small_parts_is_gone_on_with() {
    kills(12, 40);
}

#[cfg(unix)]
#[test]
fn ctrl_c_tells_that_nothing_is_lost() {
    let sample = Sample::new();
    let mut child = sample
        .command(&["convert", "-", "-o", "out/"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It has begun when its folder is there.
    let begun = Instant::now();
    while !sample.path("out/.insq/plan.json").exists() {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "the conversion does not begin"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
    let sent = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
    let _input = child.stdin.take();
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130));
    assert_eq!(
        String::from_utf8(ended.stderr).unwrap(),
        "error: interrupted; the result is not complete\n  = help: the folder holds what it held before; the same \
         command goes on with what has been read and written\n"
    );
}

#[test]
#[ignore = "takes minutes; run it by hand"]
fn two_hundred_killed_conversions() {
    kills(200, 1_440);
}

#[test]
fn a_folder_that_was_left_half_moved_is_finished_by_the_next_run() {
    let sample = logs();
    let arguments = ["-o", "out", "--partition-by", "date", "--checkpoint", "1"];
    converted(&sample, &arguments);
    let manifest = fs::read_to_string(sample.path("out/.insq/manifest.json")).unwrap();
    // As a run leaves it that is killed while it puts parts into place.
    let part = files(&sample.path("out")).remove(0);
    let moving = format!("{{\"waiting\":\"x\",\"manifest\":{manifest},\"old\":[]}}");
    sample.write("out/.insq/moving.json", moving);
    fs::create_dir_all(sample.path("out/.insq/parts-x").join(&part).parent().unwrap()).unwrap();
    let waiting = sample.path("out/.insq/parts-x").join(format!("{part}.part"));
    fs::rename(sample.path("out").join(&part), waiting).unwrap();
    fs::remove_file(sample.path("out/.insq/manifest.json")).unwrap();
    let run = sample.insq(&["stats count(*)", "out"]);
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(run.stderr.contains("has not finished"), "{run:?}");
    assert!(converted(&sample, &arguments).contains("up to date"));
    same_answers(&sample, "logs", "out");
}

#[test]
fn a_folder_of_no_events_is_an_empty_answer() {
    let sample = Sample::new();
    sample.write("empty.log", "");
    let run = sample.insq(&["convert", "empty.log", "-o", "out/"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(files(&sample.path("out")).is_empty());
    let count =
        |arguments: &[&str]| sample.insq(&[&["-o", "csv", "stats count(*) as n"], arguments].concat());
    let run = count(&["out"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), "n\n0\n"), "{run:?}");
    // Any other folder without logs is rather a slip.
    fs::create_dir(sample.path("other")).unwrap();
    let run = count(&["other"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.stderr.contains("no log files in there"), "{run:?}");
}
