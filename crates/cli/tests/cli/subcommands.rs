//! `insq functions`, `commands`, `check`, `explain`, `fmt`, `test`, `inspect`, and errors for machines.

use std::fs;
use std::process::{Command, Stdio};

use crate::sample::{LOG, Sample};

/// What a run of the binary gave.
struct Run {
    code: i32,
    stdout: String,
    stderr: String,
}

fn execute(arguments: &[&str]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_insq"))
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Run {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The standard output of a run that ends well.
fn insq(arguments: &[&str]) -> String {
    let run = execute(arguments);
    assert_eq!(run.code, 0, "{arguments:?}: {}{}", run.stderr, run.stdout);
    run.stdout
}

fn check_output(arguments: &[&str], code: i32, said: &str) {
    let run = execute(arguments);
    assert_eq!(run.code, code, "{arguments:?}: {}{}", run.stderr, run.stdout);
    assert!(run.stderr.contains(said), "{arguments:?}: {}", run.stderr);
}

fn sample() -> String {
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/sample-logs").to_owned()
}

#[test]
fn functions_are_listed_and_described() {
    let all = insq(&["functions"]);
    assert!(
        all.contains("strings\n") && all.contains("substr(text, number[, number])"),
        "{all}"
    );
    let one = insq(&["functions", "SUBSTR"]);
    assert!(
        one.starts_with("substr(text, number[, number])\n  gives    text\n"),
        "{one}"
    );
    let json: serde_json::Value = serde_json::from_str(&insq(&["functions", "pct", "-o", "json"])).unwrap();
    assert_eq!(json[0]["signature"], "pct(number, number)");
    check_output(&["functions", "substrr"], 2, "did you mean `substr`");
    check_output(&["functions", "qqqqq"], 2, "`insq functions` lists all");
}

#[test]
fn commands_are_listed_and_described() {
    let all = insq(&["commands"]);
    assert!(all.contains("fillmissing") && all.contains("pattern"), "{all}");
    assert!(insq(&["commands", "JOIN"]).contains("example  join type=left"));
    check_output(&["commands", "jion"], 2, "did you mean `join`");
}

#[test]
fn checks_tell_what_the_service_would_say() {
    assert_eq!(insq(&["check", "stats count(*) by bin(5m)"]), "query: ok\n");
    let folder = tempfile::tempdir().unwrap();
    let sound = folder.path().join("sound.insq");
    let long_bin = folder.path().join("bin.insq");
    let wrong = folder.path().join("wrong.insq");
    fs::write(&sound, "filter a = {{b}}\n").unwrap();
    fs::write(&long_bin, "stats count(*) by bin(300s)\n").unwrap();
    fs::write(&wrong, "filter a =\n").unwrap();
    let paths = [&sound, &long_bin, &wrong].map(|path| path.to_str().unwrap().to_owned());
    let run = execute(&["check", "--param", "b=5", &paths[0], &paths[1], &paths[2]]);
    assert_eq!(run.code, 4);
    let shown = &run.stdout;
    assert!(shown.contains(&format!("{}: ok\n", paths[0])), "{shown}");
    assert!(
        shown.contains("bin.insq: ok, with 1 remark") && shown.contains("`300s` for `60s`"),
        "{shown}"
    );
    assert!(
        shown.contains("wrong.insq: refused") && shown.contains("has nothing on its right"),
        "{shown}"
    );
    // Tables are looked for, logs are not.
    check_output(&["check", "lookup users id OUTPUT name"], 4, "");
    assert_eq!(execute(&["check", "SOURCE \"/aws/lambda/a\" | limit 5"]).code, 0);
    check_output(&["check"], 2, "nothing to check");
    let json = execute(&["check", "-o", "json", "limit 200000"]);
    let object: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(
        (&object["ok"], &object["warnings"][0]["line"]),
        (&true.into(), &1.into())
    );
}

#[test]
fn explain_is_the_option() {
    let text = insq(&["explain", "limit 5", &sample()]);
    assert!(text.starts_with("Logical plan, as written\n"), "{text}");
    assert_eq!(text, insq(&["--explain", "limit 5", &sample()]));
}

#[test]
fn files_are_laid_out_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.insq");
    let name = path.to_str().unwrap();
    fs::write(&path, "# title\nFIELDS a,b|limit 5").unwrap();
    let check = execute(&["fmt", "--check", name]);
    assert_eq!((check.code, check.stdout.trim()), (1, name));
    assert_eq!(fs::read_to_string(&path).unwrap(), "# title\nFIELDS a,b|limit 5");
    assert_eq!(insq(&["fmt", name]).trim(), name);
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        "# title\nfields a, b\n| limit 5\n"
    );
    assert_eq!(insq(&["fmt", name]), "");
    assert_eq!(execute(&["fmt", "--check", name]).code, 0);
    fs::write(&path, "fields a |").unwrap();
    check_output(&["fmt", name], 2, "left as it is");
    assert_eq!(fs::read_to_string(&path).unwrap(), "fields a |");
    check_output(&["fmt", "/no/such/file"], 1, "/no/such/file");
}

#[test]
fn golden_tests_run_and_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.case");
    let name = folder.path().to_str().unwrap();
    let case = "input text\nhello\nworld\n\n# how many\nquery\nstats count(*) as n\n";
    fs::write(&path, case).unwrap();
    check_output(&["test", name], 1, "");
    assert!(execute(&["test", name]).stdout.contains("has no answer yet"));
    assert!(insq(&["test", "--bless", name]).contains("written"));
    assert_eq!(insq(&["test", name]), "1 passed, 0 failed\n");
    let blessed = fs::read_to_string(&path).unwrap();
    assert_eq!(blessed, format!("{case}----\nn\n2\n"));
    fs::write(&path, blessed.replace("\n2\n", "\n3\n")).unwrap();
    let failed = execute(&["test", name]);
    assert_eq!(failed.code, 1);
    assert!(
        failed.stdout.contains("a.case:6: how many\n   n\n  -3\n  +2\n"),
        "{}",
        failed.stdout
    );
    check_output(&["test", "/no/such/folder"], 1, "/no/such/folder");
}

#[test]
fn errors_for_machines_are_one_object_per_line() {
    let run = execute(&["--errors", "json", "filter a = 1 or"]);
    let object: serde_json::Value = serde_json::from_str(&run.stderr).unwrap();
    assert_eq!(run.code, 2);
    assert_eq!(
        (&object["code"], &object["severity"]),
        (&"nothing_on_right".into(), &"error".into())
    );
    assert_eq!((&object["line"], &object["start"]), (&1.into(), &15.into()));
    let run = execute(&["--errors", "json", "stats count(*)", "/no/such/file"]);
    let object: serde_json::Value = serde_json::from_str(&run.stderr).unwrap();
    assert_eq!(
        (&object["code"], &object["line"]),
        (&"input".into(), &serde_json::Value::Null)
    );
}

#[test]
fn tables_catalogs_parameters_and_zones() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(at("users.csv"), "id,name\n7,Ann\n").unwrap();
    fs::write(at("a.log"), "2026-03-04T23:30:00.000Z {\"id\": 7}\n").unwrap();
    fs::write(at("catalog.json"), "{\"logGroups\": {\"/app\": \"a.log\"}}").unwrap();
    let query =
        "SOURCE '/app' | filter id = {{id}} | lookup users id OUTPUT name | display bin(1d) as day, name";
    let (tables, catalog) = (folder.path().to_str().unwrap().to_owned(), at("catalog.json"));
    let options = ["--lookups", &tables, "--catalog", &catalog, "--param", "id=7"];
    let with = |more: &[&str]| insq(&[&options[..], more, &[query]].concat());
    assert_eq!(with(&[]), "day,name\n2026-03-04 00:00:00.000,Ann\n");
    assert_eq!(
        with(&["--tz", "Europe/Berlin"]),
        "day,name\n2026-03-05 00:00:00.000+01:00,Ann\n"
    );
    check_output(&["--tz", "Mars", "limit 1", &at("a.log")], 2, "no time zone");
    check_output(&["--catalog", "/no/such/file", "limit 1"], 1, "/no/such/file");
    check_output(&["filter a = {{id}}", &at("a.log")], 2, "--param id=");
    let filled = insq(&["--fill-bins", "stats count(*) as n by bin(1h)", &at("a.log")]);
    assert_eq!(filled, "bin(1h),n\n2026-03-04 23:00:00.000,1\n");
    check_output(
        &["--compat", "limit 100001", &at("a.log")],
        2,
        "the service refuses",
    );
}

#[test]
fn inspection_tells_what_logs_are() {
    let folder = tempfile::tempdir().unwrap();
    let group = folder.path().join("aws/lambda/orders");
    std::fs::create_dir_all(&group).unwrap();
    let log = "2026-03-04T00:00:00.000Z START RequestId: 1 Version: 7\n2026-03-04T00:01:30.000Z {\"level\":\"INFO\"}\n";
    std::fs::write(group.join("a.log"), log).unwrap();
    let shown = insq(&["inspect", folder.path().to_str().unwrap()]);
    for expected in [
        "files        1 (",
        "  export  ",
        "events       2",
        "2026-03-04 00:00:00.000 to 2026-03-04 00:01:30.000 UTC (1.5 minutes)",
        "  START ",
        "  /aws/lambda/orders ",
        "  orders ",
        "system fields 6",
        "  @requestId ",
        "  level ",
        "  50.0 %  text",
    ] {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    let object: serde_json::Value =
        serde_json::from_str(&insq(&["inspect", "-o", "json", folder.path().to_str().unwrap()])).unwrap();
    assert_eq!(
        (&object["events"], &object["files"][0]["format"]),
        (&2.into(), &"export".into())
    );
    assert_eq!(object["fields"][0]["types"]["text"], 1);
    let type_field = serde_json::json!({"name": "@type", "events": 1, "type": "text"});
    assert!(object["systemFields"].as_array().unwrap().contains(&type_field));

    std::fs::write(folder.path().join("b.json"), "{\"a\":1}\n{\"a\":").unwrap();
    check_output(
        &["inspect", folder.path().to_str().unwrap()],
        3,
        "b.json: JSON document is damaged",
    );
    let missing = folder.path().join("none");
    check_output(&["inspect", missing.to_str().unwrap()], 1, "No such file");
}

#[test]
fn standard_input_is_inspected() {
    let sample = Sample::new();
    let expected = sample.insq(&["inspect", "app.log"]).stdout;
    assert!(expected.contains("events       4\n"), "{expected}");
    for arguments in [&["inspect"][..], &["inspect", "-"]] {
        let run = sample.insq_with_stdin(arguments, LOG.as_bytes());
        assert_eq!((run.code, &run.stdout), (Some(0), &expected), "{run:?}");
    }
    let run = sample.insq_with_stdin(&["inspect", "-", "-"], b"");
    assert_eq!(run.code, Some(2), "{run:?}");
    let run = sample.insq_with_stdin(&["inspect", "--strict", "-"], b"{\"a\":1}\n{\"a\":");
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{run:?}");
    let run = sample.insq_with_stdin(&["inspect", "-q", "-"], b"{\"a\":1}\n{\"a\":");
    assert_eq!((run.code, run.stderr.as_str()), (Some(3), ""), "{run:?}");
}

#[test]
fn an_inspection_is_json_whatever_keys_hold() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.log");
    let path_text = path.to_str().unwrap();
    std::fs::write(&path, "{\"k\u{7f}\u{202e}\":1}\n").unwrap();
    let json = insq(&["inspect", "-o", "json", path_text]);
    let object: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(object["fields"][0]["name"], "k\u{7f}\u{202e}");
    assert!(!json.contains(['\u{7f}', '\u{202e}']), "{json}");
    // A name that is data rather than a name is not listed, and that is told.
    std::fs::write(&path, format!("{{\"{}\":1}}\n", "k".repeat(2_000))).unwrap();
    assert!(
        insq(&["inspect", path_text]).contains("fields       none but with names that are too long to list")
    );
    assert!(insq(&["inspect", "-o", "json", path_text]).contains("\"fieldsComplete\":false"));
}

#[test]
fn a_container_can_be_forced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    std::fs::write(&path, "a,b\n1,2\n").unwrap();
    let path = path.to_str().unwrap();
    let query = "fields a | filter a = 1 | display a, b";
    assert_eq!(insq(&[query, path]), "a,b\n");
    assert_eq!(insq(&["--format", "csv", query, path]), "a,b\n1,2\n");
    check_output(
        &["--format", "xlsx", query, path],
        2,
        "possible values: export, tail",
    );
}
