//! `--output-file`: a file is replaced by a complete result or stays as it was.

use crate::sample::Sample;

#[test]
fn the_result_replaces_the_file() {
    let sample = Sample::new();
    sample.write("out", "old");
    let run = sample.insq(&["stats count(*) as n", "app.log", "--output-file", "out"]);
    assert_eq!(
        (run.code, run.stdout.as_str(), run.stderr.as_str()),
        (Some(0), "", "")
    );
    assert_eq!(sample.read("out"), "n\n4\n");
    assert_eq!(sample.file_names(), ["app.log", "out"]);
}

#[test]
fn names_choose_the_format_and_options_win() {
    let sample = Sample::new();
    for (name, options, expected) in [
        ("out.json", &[][..], "[\n{\"n\":4}\n]\n"),
        ("out.jsonl", &[], "{\"n\":4}\n"),
        ("out.md", &[], "| n |\n| ---: |\n| 4 |\n"),
        ("out.dat", &[], "n\n4\n"),
        ("out.json", &["-o", "csv"], "n\n4\n"),
    ] {
        let run = sample.insq(
            &[
                options,
                &["stats count(*) as n", "app.log", "--output-file", name],
            ]
            .concat(),
        );
        assert_eq!(
            (run.code, sample.read(name).as_str()),
            (Some(0), expected),
            "{name}"
        );
    }
}

#[test]
fn a_failed_run_leaves_the_file_alone() {
    let sample = Sample::new();
    sample.write("out", "old");
    for (arguments, code) in [
        (&["limit 5", "no-such-file.log", "--output-file", "out"], 1),
        (&["stat count(*)", "app.log", "--output-file", "out"], 2),
    ] {
        let run = sample.insq(arguments);
        assert_eq!(
            (run.code, sample.read("out").as_str()),
            (Some(code), "old"),
            "{run:?}"
        );
    }
    assert_eq!(sample.file_names(), ["app.log", "out"]);
}

/// Neither a log, nor a place where the result would be read as one the next time.
#[test]
fn a_result_is_never_among_the_logs() {
    let sample = Sample::new();
    let before = sample.read("app.log");
    for (input, output, expected) in [
        ("*.log", "app.log", "the output `app.log` is also an input"),
        ("./app.*", "app.log", "the output `app.log` is also an input"),
        ("*.log", "new.log", "`new.log` is matched by `*.log`"),
        (".", "new.csv", "`new.csv` lies in the folder of logs `.`"),
    ] {
        for command in [
            &["fields @message", "--output-file"][..],
            &["concurrency", "--output-file"],
            &["concurrency", "--html"],
            &["convert", "--output"],
        ] {
            let run = sample.insq(&[command, &[output, input]].concat());
            assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{run:?}");
            assert!(run.stderr.contains(expected), "{run:?}");
        }
    }
    sample.write("catalog.json", r#"{"logGroups": {"/app": "app.log"}}"#);
    let query = "SOURCE \"/app\" | fields @message";
    for command in [
        &[query, "--output-file", "app.log"][..],
        &["batch", "q.insq", "-o", "{name}.log"],
    ] {
        sample.write("q.insq", format!("# name: app\n{query}\n"));
        let run = sample.insq(&[command, &["--catalog", "catalog.json"]].concat());
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(
            run.stderr.contains("the output `app.log` is also an input"),
            "{run:?}"
        );
    }
    assert_eq!(sample.read("app.log"), before);
    let run = sample.insq(&["stats count(*) as n", "*.log", "--output-file", "new.csv"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(sample.read("new.csv"), "n\n4\n");
}

#[test]
fn places_that_cannot_be_written_are_errors() {
    let sample = Sample::new();
    for place in ["no/such/folder/out", "."] {
        let run = sample.insq(&["limit 5", "app.log", "--output-file", place]);
        assert_eq!(run.code, Some(1), "{run:?}");
        assert!(
            run.stderr
                .starts_with(&format!("error: {place}: cannot write the result")),
            "{run:?}"
        );
    }
}
