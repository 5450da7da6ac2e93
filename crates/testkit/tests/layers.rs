//! Holds the table of crates in ARCHITECTURE.md against the manifests.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What the table allows: crate → crates it may use.
fn documented() -> BTreeMap<String, BTreeSet<String>> {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let table = text
        .split("<!-- layers: begin -->")
        .nth(1)
        .and_then(|rest| rest.split("<!-- layers: end -->").next());
    let mut layers = BTreeMap::new();
    for line in table
        .expect("ARCHITECTURE.md has a table of crates")
        .lines()
        .filter(|line| line.starts_with("| `"))
    {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let uses = cells[2]
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect();
        layers.insert(cells[0].trim_matches('`').to_owned(), uses);
    }
    layers
}

/// What the manifests say, development dependencies left out.
fn actual() -> BTreeMap<String, BTreeSet<String>> {
    let mut layers = BTreeMap::new();
    for entry in std::fs::read_dir(root().join("crates")).unwrap() {
        let folder = entry.unwrap().path();
        let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        let uses = manifest
            .split("[dependencies]")
            .nth(1)
            .unwrap_or("")
            .lines()
            .take_while(|line| !line.starts_with('['))
            .filter_map(|line| line.split(['.', ' ', '=']).next())
            .filter_map(|name| {
                if name == "insq" {
                    Some("insq")
                } else {
                    name.strip_prefix("insq-")
                }
            })
            .map(str::to_owned)
            .collect();
        layers.insert(folder.file_name().unwrap().to_string_lossy().into_owned(), uses);
    }
    layers
}

#[test]
fn crates_use_each_other_as_documented() {
    let (documented, actual) = (documented(), actual());
    assert_eq!(
        documented.keys().collect::<Vec<_>>(),
        actual.keys().collect::<Vec<_>>(),
        "the crates of ARCHITECTURE.md and those of the folder differ"
    );
    for (name, uses) in &actual {
        assert_eq!(
            uses, &documented[name],
            "what `{name}` uses differs from ARCHITECTURE.md"
        );
    }
}

#[test]
fn every_source_file_opens_with_a_sentence() {
    let mut silent = Vec::new();
    let mut waiting = vec![root().join("crates")];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                if !text.starts_with("//!") && !text.starts_with("#![") {
                    silent.push(path);
                }
            }
        }
    }
    assert!(silent.is_empty(), "files without an opening `//!`: {silent:#?}");
}

#[test]
fn arrow_is_there_once() {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let mut versions = BTreeSet::new();
    let mut lines = lock.lines();
    while let Some(line) = lines.next() {
        if line.starts_with("name = \"arrow-") || line == "name = \"parquet\"" {
            versions.insert(lines.next().unwrap().to_owned());
        }
    }
    assert_eq!(versions.len(), 1, "{versions:?}");
    assert!(versions.first().unwrap().contains("59."), "{versions:?}");
}
