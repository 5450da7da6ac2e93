//! Runs the case files beside this file under several settings; a setting never changes an answer.
//!
//! `INSQ_BLESS=1 cargo test -p insq --test cases` writes the answers into the files. Read the difference
//! before you commit it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};

use insq_cases::{CaseKind, Setting, parse_cases};

const PLAIN: Setting = Setting::PLAIN;

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
        name: "mapped",
        threads: 2,
        split_bytes: 97,
        block_bytes: 64,
        mmap: true,
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
        name: "files after every chunk",
        spill_bytes: Some(0),
        batch_rows: 2,
        threads: 2,
        split_bytes: 300,
        ..PLAIN
    },
    Setting {
        name: "groups and rows put aside after every chunk",
        gathered_rows: 1,
        batch_rows: 2,
        threads: 2,
        split_bytes: 300,
        ..PLAIN
    },
    Setting {
        name: "groups and rows put aside now and then, no optimiser",
        gathered_rows: 3,
        batch_rows: 1,
        optimize: false,
        ..PLAIN
    },
    Setting {
        name: "gzip",
        gzip: true,
        block_bytes: 100,
        ..PLAIN
    },
    Setting {
        name: "parquet",
        parquet: true,
        threads: 2,
        ..PLAIN
    },
    Setting {
        name: "parquet of tiny row groups, no optimiser",
        parquet: true,
        split_bytes: 2,
        batch_rows: 3,
        optimize: false,
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

fn answer(case: &insq_cases::Case, setting: Setting) -> String {
    insq_cases::answer(case, &setting).unwrap_or_else(|error| panic!("line {}: {error}", case.line))
}
