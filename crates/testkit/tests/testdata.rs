//! The committed test data is what the generator writes, so that neither can drift.

#![allow(clippy::expect_used)] // The lint lets test functions panic, but not the functions that they share.
use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use insq_testkit::{TESTDATA_SEED, write_testdata};

/// Most bytes that the committed test data may take.
const COMMITTED_BYTES_MAX: u64 = 3_000_000;

fn committed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata")
}

/// Every file below `folder` by its relative path.
fn files(folder: &Path) -> BTreeMap<String, PathBuf> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).expect("folder can be listed") {
            let path = entry.expect("entry can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("path lies below the folder");
                found.insert(name.to_string_lossy().into_owned(), path);
            }
        }
    }
    found
}

/// What a file holds; for sound gzip files their content, because encoders may change.
fn content(path: &Path) -> Vec<u8> {
    let bytes = fs::read(path).expect("file can be read");
    let is_sound_gzip =
        path.extension().is_some_and(|ext| ext == "gz") && !path.iter().any(|part| part == "damaged");
    if !is_sound_gzip {
        return bytes;
    }
    let mut inflated = Vec::new();
    MultiGzDecoder::new(&bytes[..])
        .read_to_end(&mut inflated)
        .expect("gzip is sound");
    inflated
}

#[test]
fn committed_files_are_what_the_generator_writes() {
    let folder = tempfile::tempdir().expect("temporary folder");
    write_testdata(folder.path(), TESTDATA_SEED).expect("testdata can be written");
    let fresh = files(folder.path());
    let mut old = files(&committed());
    old.retain(|name, _| {
        !matches!(name.as_str(), "README.md" | ".gitattributes") && !name.starts_with("generated")
    });

    let names = |files: &BTreeMap<String, PathBuf>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&fresh), names(&old));
    for (name, path) in &fresh {
        assert!(
            content(path) == content(&old[name]),
            "{name} differs; see testdata/README.md for how to remake it"
        );
    }
}

#[test]
fn committed_files_stay_small() {
    let total: u64 = files(&committed())
        .values()
        .map(|path| fs::metadata(path).expect("file has a size").len())
        .sum();
    assert!(total <= COMMITTED_BYTES_MAX, "testdata takes {total} bytes");
}
