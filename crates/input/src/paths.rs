//! From what the user names to a list of files.

use std::io;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

/// Written into the target of every export to try the permission; it holds no log.
const WRITE_TEST_NAME: &str = "aws-logs-write-test";

/// The files that `path` names: itself, everything below it, or all matches of a pattern; in the order of
/// their names.
///
/// # Errors
/// What the system says about a path that can't be looked at; `NotFound` for one that matches nothing.
pub(crate) fn files_of(path: &Path) -> io::Result<Vec<PathBuf>> {
    match std::fs::metadata(path) {
        Ok(facts) if facts.is_dir() => files_below(path),
        Ok(_) => Ok(vec![path.to_owned()]),
        Err(cause) => match matches_of(path) {
            Some(matches) => {
                let mut files = Vec::new();
                for path in matches {
                    files.extend(if path.is_dir() {
                        files_below(&path)?
                    } else {
                        vec![path]
                    });
                }
                Ok(files)
            }
            None => Err(cause),
        },
    }
}

/// Hidden files and folders are left out, and links are followed.
fn files_below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let is_hidden = |name: &std::ffi::OsStr| {
        name.to_str()
            .is_some_and(|name| name.starts_with('.') && name.len() > 1)
    };
    let walk = WalkDir::new(folder)
        .follow_links(true)
        .sort_by_file_name()
        .into_iter();
    let mut files = Vec::new();
    for entry in walk.filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry.file_name())) {
        let entry = entry.map_err(io::Error::from)?;
        if entry.file_type().is_file() && entry.file_name() != WRITE_TEST_NAME {
            files.push(entry.into_path());
        }
    }
    Ok(files)
}

/// Matches of a pattern with `*`, `?` or `[…]`; `None` when it is none or matches nothing.
fn matches_of(path: &Path) -> Option<Vec<PathBuf>> {
    let pattern = path.to_str()?;
    if !pattern.contains(['*', '?', '[']) {
        return None;
    }
    let mut matches: Vec<PathBuf> = glob::glob(pattern).ok()?.filter_map(Result::ok).collect();
    matches.sort();
    (!matches.is_empty()).then_some(matches)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_patterns_and_files() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        };
        for name in [
            "b/[1]x/000000",
            "a/000000.gz",
            "aws-logs-write-test",
            ".hidden/x",
            "c.log",
            "d.log",
        ] {
            write(name);
        }
        let found = |path: &Path| -> Vec<String> {
            let files = files_of(path).unwrap();
            files
                .iter()
                .map(|file| {
                    file.strip_prefix(folder.path())
                        .unwrap()
                        .to_string_lossy()
                        .into_owned()
                })
                .collect()
        };
        assert_eq!(
            found(folder.path()),
            ["a/000000.gz", "b/[1]x/000000", "c.log", "d.log"]
        );
        assert_eq!(found(&folder.path().join("*.log")), ["c.log", "d.log"]);
        assert_eq!(found(&folder.path().join("b/[1]x")), ["b/[1]x/000000"]);
        assert_eq!(found(&folder.path().join("c.log")), ["c.log"]);
        assert!(files_of(&folder.path().join("none")).is_err());
        assert!(files_of(&folder.path().join("*.none")).is_err());
    }
}
