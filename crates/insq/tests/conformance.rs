//! The conformance table: every command, function, operator and field of the language runs, or is refused by name.
//!
//! `INSQ_BLESS=1 cargo test -p insq --test conformance` writes `docs/conformance.md`. Read the difference before you
//! commit it.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::{Path, PathBuf};

use insq_cases::{Case, Setting, answer, parse_cases};

/// What is expected of a row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Status {
    Runs,
    Refused,
}

struct Row {
    kind: String,
    name: String,
    status: Status,
    query: String,
    note: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance")
}

fn rows() -> Vec<Row> {
    let text = std::fs::read_to_string(folder().join("language.tsv")).unwrap();
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let mut cells = line.split('\t');
            let mut next = || cells.next().unwrap_or_default().to_owned();
            Row {
                kind: next(),
                name: next(),
                status: match next().as_str() {
                    "runs" => Status::Runs,
                    "refused" => Status::Refused,
                    other => panic!("`{other}` is no status: {line}"),
                },
                query: next(),
                note: next(),
            }
        })
        .collect()
}

/// What a query answers over the events of the table, below its remarks.
fn answer_of(query: &str, data: &Case) -> String {
    let mut case = data.clone();
    case.query = query.to_owned();
    case.options = [
        ("now", "1767312010000"),
        ("since", "1767225600000"),
        ("until", "1767484800000"),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .into();
    let text = answer(&case, &Setting::default()).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with("note: "));
    lines.collect::<Vec<_>>().join("\n")
}

/// The first row of a table, its columns separated by single blanks.
fn first_row(table: &str) -> Option<String> {
    let row = table.lines().nth(1)?;
    Some(row.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[test]
fn everything_runs_or_is_refused_by_name() {
    let data = parse_cases(&std::fs::read_to_string(folder().join("data.case")).unwrap()).unwrap();
    let data = &data.cases()[0];
    let rows = rows();
    let mut page = String::from(INTRODUCTION);
    let (mut kind, mut runs, mut later) = (String::new(), 0, 0);
    for row in &rows {
        if row.kind != kind {
            kind.clone_from(&row.kind);
            page.push_str(&format!(
                "\n## {kind}s\n\n| name | | query | gives |\n| --- | --- | --- | --- |\n"
            ));
        }
        let found = answer_of(&row.query, data);
        let is_refused = found.starts_with("error");
        let (word, gives) = match row.status {
            Status::Runs => {
                runs += 1;
                assert!(!is_refused, "{}: {found}", row.query);
                let first = first_row(&found).unwrap_or_else(|| panic!("{} gives no row", row.query));
                ("runs", first)
            }
            Status::Refused => {
                later += 1;
                assert!(
                    is_refused && found.contains("does not run yet"),
                    "{}: {found}",
                    row.query
                );
                ("refused", found.lines().next().unwrap_or_default().to_owned())
            }
        };
        let note = if row.note.is_empty() {
            String::new()
        } else {
            format!(" ({})", row.note)
        };
        let cell = |text: &str| text.replace('|', "\\|");
        page.push_str(&format!(
            "| `{}` | {word}{note} | `{}` | {} |\n",
            cell(&row.name),
            cell(&row.query),
            cell(&gives)
        ));
    }
    page.push_str(&format!(
        "\n{runs} of {} run. The {later} others are refused by name: they compare patterns of messages.\n",
        rows.len()
    ));
    assert!(rows.len() >= 228 && later <= 14, "{runs} of {} run", rows.len());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/conformance.md");
    if std::env::var_os("INSQ_BLESS").is_some() {
        std::fs::write(path, page).unwrap();
        return;
    }
    let written = std::fs::read_to_string(path).unwrap();
    assert!(
        written == page,
        "docs/conformance.md is not what the queries give; bless it and read the difference"
    );
}

/// The page of decisions is made of the case file, whose cases are run beside all others.
#[test]
fn decisions_are_documented() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/decisions.case");
    let file = parse_cases(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut page = String::from(DECISIONS);
    page.push_str(&format!("\n```json\n{}```\n", file.cases()[0].inputs[0].content));
    for case in file.cases() {
        if let [decision, reasons @ ..] = &case.title[..] {
            assert!(!reasons.is_empty(), "line {}: a decision has a reason", case.line);
            page.push_str(&format!("\n## {decision}\n\n{}\n", reasons.join(" ")));
        }
        let expected = case.expected.as_deref().unwrap_or_default();
        page.push_str(&format!(
            "\n```text\n{}\n----\n{}\n```\n",
            case.query,
            expected.trim_end()
        ));
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/decisions.md");
    if std::env::var_os("INSQ_BLESS").is_some() {
        std::fs::write(path, page).unwrap();
        return;
    }
    let written = std::fs::read_to_string(path).unwrap();
    assert!(
        written == page,
        "docs/decisions.md is not what the cases say; bless it and read the difference"
    );
}

const DECISIONS: &str = "# Where the manual is silent

What this program does where the language's manual leaves a point open, with the reason and an example. Every example
is a test (`crates/insq/tests/cases/decisions.case`). With `--compat` the limits and number formats of the service hold.

The events of the examples:
";

#[test]
fn every_function_and_command_has_a_row() {
    let rows = rows();
    let has = |kind: &str, name: &str| {
        rows.iter().any(|row| {
            let first = row.name.split([' ', '(']).next().unwrap_or_default();
            row.kind == kind && first.eq_ignore_ascii_case(name)
        })
    };
    for function in insq::functions() {
        assert!(has("function", function.name), "{}", function.name);
    }
    let other_words = ["order", "count_frequent", "json"];
    for command in insq::commands()
        .iter()
        .filter(|command| !other_words.contains(&command.name))
    {
        assert!(has("command", command.name), "{}", command.name);
    }
}

const INTRODUCTION: &str = "# Conformance

What the language has, and what this program makes of it. Every row is run by a test over a handful of events
(`crates/insq/tests/conformance/`), and this page is what they gave: the first row of the answer.
";
