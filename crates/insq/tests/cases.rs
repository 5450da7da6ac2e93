//! Runs the case files beside this file under several settings; a setting never changes an answer.
//!
//! `INSQ_BLESS=1 cargo test -p insq --test cases` writes the answers into the files. Read the difference
//! before you commit it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use insq::{Engine, Error, QueryOptions, ReadOptions, Severity, Value, render_diagnostic};
use insq_testkit::cases::{Case, CaseKind, format_table, parse_cases};

/// One way to run a query.
#[derive(Clone, Copy, Debug)]
struct Setting {
    name: &'static str,
    threads: usize,
    batch_rows: usize,
    block_bytes: usize,
    split_bytes: u64,
    gzip: bool,
    optimize: bool,
}

const PLAIN: Setting = Setting {
    name: "one thread",
    threads: 1,
    batch_rows: 8_192,
    block_bytes: 1 << 20,
    split_bytes: 1 << 24,
    gzip: false,
    optimize: true,
};

const SETTINGS: &[Setting] = &[
    PLAIN,
    Setting {
        name: "many threads, tiny parts",
        threads: 3,
        split_bytes: 97,
        block_bytes: 64,
        ..PLAIN
    },
    Setting {
        name: "batches of one row",
        batch_rows: 1,
        threads: 2,
        split_bytes: 256,
        ..PLAIN
    },
    Setting {
        name: "no optimiser",
        optimize: false,
        ..PLAIN
    },
    Setting {
        name: "gzip",
        gzip: true,
        block_bytes: 100,
        ..PLAIN
    },
];

#[test]
fn every_case_under_every_setting() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let bless = std::env::var_os("INSQ_BLESS").is_some();
    let (mut cases, mut failures) = (0, Vec::new());
    for path in paths
        .iter()
        .filter(|path| path.extension().is_some_and(|ending| ending == "case"))
    {
        let file =
            parse_cases(&std::fs::read_to_string(path).unwrap()).unwrap_or_else(|e| panic!("{path:?}: {e}"));
        let answers: Vec<String> = file.cases().iter().map(|case| answer(case, PLAIN)).collect();
        cases += answers.len();
        if bless {
            std::fs::write(path, file.with_answers(&answers).unwrap()).unwrap();
            continue;
        }
        for (case, found) in file.cases().iter().zip(&answers) {
            let place = format!("{}:{}", path.display(), case.line);
            match &case.expected {
                Some(expected) if expected.trim_end() == found.trim_end() => {}
                Some(expected) => failures.push(format!("{place}\nexpected:\n{expected}\nfound:\n{found}")),
                None => failures.push(format!("{place} has no answer")),
            }
            // What is done differs between settings; what comes out does not.
            for setting in SETTINGS[1..].iter().filter(|_| case.kind != CaseKind::Explain) {
                let other = answer(case, *setting);
                if other != *found {
                    failures.push(format!(
                        "{place} under {}:\n{other}\ninstead of:\n{found}",
                        setting.name
                    ));
                }
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {cases} cases fail:\n\n{}",
        failures.len(),
        failures.join("\n\n")
    );
    assert!(cases > 50, "only {cases} cases were found");
}

/// What a query says under a setting: its rows, its plan, or why it is refused.
fn answer(case: &Case, setting: Setting) -> String {
    let folder = tempfile::tempdir().unwrap();
    for (idx, input) in case.inputs.iter().enumerate() {
        write_input(
            folder.path(),
            &format!("{idx}.log"),
            input.content.as_bytes(),
            setting.gzip,
        );
    }
    let read_options = ReadOptions {
        block_bytes: setting.block_bytes,
        split_bytes: setting.split_bytes,
        ..ReadOptions::default()
    };
    let mut builder = Engine::builder()
        .threads(setting.threads)
        .read_options(read_options);
    if !case.inputs.is_empty() {
        builder = builder.path(folder.path());
    }
    let engine = builder.build().unwrap();
    let options = QueryOptions {
        batch_rows: setting.batch_rows,
        optimize: setting.optimize,
        ..QueryOptions::default()
    };
    let outcome = engine
        .prepare(&case.query, &options)
        .and_then(|query| match case.kind {
            CaseKind::Explain => Ok(query
                .explain()
                .replace(&folder.path().display().to_string(), "INPUT")),
            CaseKind::Query | CaseKind::Error => {
                let notes: Vec<String> = query
                    .warnings()
                    .iter()
                    .map(|w| format!("note: {}\n", w.message))
                    .collect();
                Ok(notes.concat() + &table(&query.run()?))
            }
        });
    match outcome {
        Ok(text) => text,
        Err(error) => refusal(&case.query, &error),
    }
}

fn write_input(folder: &Path, name: &str, bytes: &[u8], gzip: bool) {
    let mut file = std::fs::File::create(folder.join(name)).unwrap();
    if gzip {
        let mut encoder = GzEncoder::new(file, Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap();
    } else {
        file.write_all(bytes).unwrap();
    }
}

fn table(result: &insq::QueryResult) -> String {
    let columns: Vec<String> = result
        .schema()
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect();
    let cell = |value: &Value| match value {
        Value::Null => None,
        value => Some(value.to_string()),
    };
    let rows: Vec<Vec<Option<String>>> = result
        .rows()
        .iter()
        .map(|row| row.values().iter().map(cell).collect())
        .collect();
    format_table(&columns, &rows)
}

fn refusal(query: &str, error: &Error) -> String {
    match error.span() {
        Some(span) => {
            let (message, help) = (error.to_string(), error.help());
            render_diagnostic(query, Severity::Error, &message, span, None, help.as_deref())
        }
        None => format!("error: {error}"),
    }
}
