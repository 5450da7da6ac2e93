//! Arrow IPC, written and read again.

use std::fs;
use std::path::Path;

use crate::sample::Sample;

const QUERY: &str = "stats count(*) as n, max(@duration) as longest by @type as kind | sort kind";

/// A sample with the answer in files of both forms, and the same as CSV.
fn written() -> (Sample, String) {
    let sample = Sample::new();
    for name in ["out.arrow", "out.feather", "out.arrows"] {
        let run = sample.insq(&[QUERY, "app.log", "--output-file", name]);
        assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""), "{run:?}");
    }
    let csv = sample.insq(&[QUERY, "app.log", "-o", "csv"]).stdout;
    (sample, csv)
}

#[test]
fn what_is_written_is_a_log_of_its_own() {
    let (sample, csv) = written();
    let bytes = |name: &str| fs::read(sample.path(name)).unwrap();
    assert!(bytes("out.arrow").starts_with(b"ARROW1"));
    assert_eq!(bytes("out.feather"), bytes("out.arrow"));
    assert!(bytes("out.arrows").starts_with(&[0xff; 4]));
    let again = ["display kind, n, longest | sort kind", "-o", "csv"];
    let expected = csv.replacen("kind,n,longest", "", 1);
    let check = |run: crate::sample::Run| {
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");
        assert_eq!(run.stdout.replacen("kind,n,longest", "", 1), expected);
    };
    for name in ["out.arrow", "out.arrows"] {
        check(sample.insq(&[&again[..], &[name]].concat()));
        check(sample.insq_with_stdin(&[&again[..], &["-"]].concat(), &bytes(name)));
    }
}

#[test]
fn a_file_that_was_cut_is_told() {
    let (sample, _) = written();
    let sound = fs::read(sample.path("out.arrow")).unwrap();
    sample.write("cut.arrow", &sound[..sound.len() - 1]);
    let run = sample.insq(&["stats count(*) as n", "cut.arrow", "out.arrow"]);
    assert_eq!(run.code, Some(3), "{run:?}");
    sample.write("whole.arrow", &sound);
    let both = sample
        .insq(&["stats count(*) as n", "whole.arrow", "out.arrow"])
        .stdout;
    assert_eq!(run.stdout, both);
    let told = "cut.arrow: Arrow data are damaged or cannot be read; the sound batches were used";
    assert!(
        run.stderr.contains(told) && run.stderr.contains("at byte"),
        "{run:?}"
    );
    let strict = sample.insq(&["--strict", "stats count(*) as n", "cut.arrow"]);
    assert_eq!((strict.code, strict.stdout.as_str()), (Some(1), ""), "{strict:?}");
}

#[test]
fn inspect_and_format_know_it() {
    let (sample, _) = written();
    let run = sample.insq(&["inspect", "out.arrow", "out.arrows"]);
    assert!(
        run.stdout.contains("arrow") && run.stdout.contains(" 2 "),
        "{run:?}"
    );
    let run = sample.insq(&["--format", "arrow", "stats count(*) as n", "out.arrows"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let run = sample.insq(&["--format", "arrow", "stats count(*) as n", "app.log"]);
    assert_eq!(run.code, Some(3), "{run:?}");
    let run = sample.insq(&["concurrency", "app.log", "--output-file", "bins.arrow"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(
        fs::read(sample.path("bins.arrow"))
            .unwrap()
            .starts_with(b"ARROW1")
    );
}

/// What other tools wrote gives the same rows, in `tests/columns/answer.csv`, from a file and through a pipe.
#[test]
fn files_of_other_tools_give_the_same_rows() {
    let query =
        "fields @timestamp, level, price, user.id, user.tags.1, counts.0, jsonStringify(user) as whole
        | sort @timestamp asc";
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/columns");
    let expected = fs::read_to_string(folder.join("answer.csv")).unwrap();
    let sample = Sample::new();
    let mut files = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.display().to_string();
        let ending = path.extension().unwrap().to_str().unwrap();
        if !["arrow", "arrows", "feather", "parquet"].contains(&ending) {
            continue;
        }
        files += 1;
        let check = |run: crate::sample::Run| {
            assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{name}: {run:?}");
            assert_eq!(run.stdout, expected, "{name}");
        };
        check(sample.insq(&[query, &name, "-o", "csv"]));
        if ending != "parquet" {
            check(sample.insq_with_stdin(&[query, "-", "-o", "csv"], &fs::read(&path).unwrap()));
        }
    }
    assert_eq!(files, 9);
}
