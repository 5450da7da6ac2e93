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
