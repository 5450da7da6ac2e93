//! Refused queries and what is said about them: every file under `tests/errors`. Set `INSQ_BLESS=1` to write the
//! answers into the files, then read the difference.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A query and what is to be said about it.
struct Case {
    query: String,
    expected: String,
}

/// A file: what stands above its first case, and its cases.
fn read(path: &Path) -> (String, Vec<Case>) {
    let text = std::fs::read_to_string(path).unwrap();
    let mut parts = text.split("\nquery\n");
    let intro = parts.next().unwrap().to_owned();
    let cases = parts
        .map(|part| {
            let (query, expected) = part.split_once("\n----").unwrap_or((part.trim_end(), ""));
            Case {
                query: query.to_owned(),
                expected: expected.trim().to_owned(),
            }
        })
        .collect();
    (intro, cases)
}

fn write(path: &Path, intro: &str, cases: &[(String, String)]) {
    let cases: String = cases
        .iter()
        .map(|(query, said)| format!("\nquery\n{query}\n----\n{said}\n"))
        .collect();
    std::fs::write(path, format!("{intro}{cases}")).unwrap();
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

fn refuse(path: &Path, query: &str) -> insq_syntax::SyntaxError {
    match insq_syntax::parse(query) {
        Ok(parsed) => panic!("{}: accepted as {}", path.display(), parsed.query),
        Err(error) => error,
    }
}

/// `UnknownCommand`
fn kind_of(error: &insq_syntax::SyntaxError) -> String {
    format!("{:?}", error.kind)
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect()
}

/// `unknown_command`
fn snake_case(kind: &str) -> String {
    kind.chars()
        .enumerate()
        .map(|(idx, c)| {
            if idx > 0 && c.is_uppercase() {
                format!("_{}", c.to_lowercase())
            } else {
                c.to_lowercase().to_string()
            }
        })
        .collect()
}

#[test]
fn every_mistake_is_explained() {
    let bless = std::env::var_os("INSQ_BLESS").is_some();
    for path in files() {
        let (intro, cases) = read(&path);
        assert!(!cases.is_empty(), "{} holds no case", path.display());
        let mut said = Vec::new();
        for case in &cases {
            let error = refuse(&path, &case.query);
            assert_eq!(
                snake_case(&kind_of(&error)),
                path.file_stem().unwrap().to_string_lossy(),
                "{}",
                case.query
            );
            said.push((case.query.clone(), error.render(&case.query)));
        }
        if bless {
            write(&path, &intro, &said);
            continue;
        }
        for (case, (query, said)) in cases.iter().zip(&said) {
            assert_eq!(said, &case.expected, "{}: {query}", path.display());
        }
    }
}

/// A text of this length is no file for people; `limits.rs` has the case.
const TOO_LONG_FOR_A_FILE: &[&str] = &["query_too_long"];

#[test]
fn every_kind_has_a_case() {
    let kinds: BTreeSet<String> = include_str!("../src/error/kind.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()))
        .map(|line| snake_case(line.trim_end_matches([' ', '{', ','])))
        .filter(|kind| !TOO_LONG_FOR_A_FILE.contains(&kind.as_str()))
        .collect();
    let named: BTreeSet<String> = files()
        .iter()
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(kinds, named);
}

#[test]
fn help_can_be_pasted() {
    for (query, repaired) in [
        ("filter kind <> \"a\"", "filter kind != \"a\""),
        ("filter a exists", "filter ispresent(a)"),
        ("filter a like /b/i", "filter a like /(?i)b/"),
        ("filter a like /b/c/", "filter a like /b\\/c/"),
        ("fields a as 5xx", "fields a as `5xx`"),
        ("filter a = https://b.org", "filter a = \"https://b.org\""),
    ] {
        let help = insq_syntax::parse(query).unwrap_err().kind.help().unwrap();
        let offered = help.trim_end_matches([' ', '`']).rsplit('`').next().unwrap();
        assert!(repaired.contains(offered), "{help} is no part of {repaired}");
        assert!(insq_syntax::parse(repaired).is_ok(), "{repaired}");
    }
}
