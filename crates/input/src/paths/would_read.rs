//! Whether what is written would be read: results among the logs that they were made of would count as logs.

use std::path::{Component, Path, PathBuf};

use super::pattern::would_match;
use super::walk::{Walk, is_hidden};

/// True when `named`, which is a file, a folder or a pattern, names the file at `path`, or would if there were one.
///
/// Whoever writes results can ask before. Links within folders are not followed here.
///
/// # Examples
/// ```
/// use std::path::Path;
///
/// use insq_input::would_read;
///
/// assert!(would_read(Path::new("."), Path::new("new/results.csv")));
/// assert!(would_read(Path::new("*.csv"), Path::new("results.csv")));
/// assert!(!would_read(Path::new("*.csv"), Path::new("results.json")));
/// assert!(!would_read(Path::new("."), Path::new(".results.csv")), "what is hidden is not read");
/// ```
pub fn would_read(named: &Path, path: &Path) -> bool {
    let Some(path) = place_of(path) else {
        return false;
    };
    match named.canonicalize() {
        Ok(folder) if folder.is_dir() => path
            .strip_prefix(&folder)
            .is_ok_and(|below| below.components().count() > 0 && is_shown(below)),
        Ok(file) => file == path,
        Err(_) => would_match(named, &path),
    }
}

/// True when `named`, which is a file, a folder or a pattern, lies in `folder`, or names something that does.
///
/// # Examples
/// ```
/// use std::path::Path;
///
/// use insq_input::names_below;
///
/// assert!(names_below(Path::new("src/*.rs"), Path::new("src")));
/// assert!(!names_below(Path::new("Cargo.toml"), Path::new("src")));
/// ```
pub fn names_below(named: &Path, folder: &Path) -> bool {
    let Ok(folder) = folder.canonicalize() else {
        return false;
    };
    match named.canonicalize() {
        Ok(found) => found.starts_with(&folder),
        Err(_) => Walk::from(named).found.iter().any(|found| {
            found
                .path
                .canonicalize()
                .is_ok_and(|path| path.starts_with(&folder))
        }),
    }
}

/// The path without links at which a file lies or would be made, below the nearest folder that is there.
pub(super) fn place_of(path: &Path) -> Option<PathBuf> {
    if let Ok(place) = path.canonicalize() {
        return Some(place);
    }
    let name = path.file_name()?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    Some(place_of(folder.unwrap_or(Path::new(".")))?.join(name))
}

/// True when no part of a path is hidden.
pub(super) fn is_shown(path: &Path) -> bool {
    !path
        .components()
        .any(|part| matches!(part, Component::Normal(name) if is_hidden(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_folders_and_patterns_name_what_they_would_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join("[1]").join(name);
        std::fs::create_dir_all(path("logs/day=1")).unwrap();
        std::fs::write(path("logs/a.log"), "x").unwrap();
        for (named, file, is_read) in [
            ("logs", "logs/a.log", true),
            ("logs", "logs/new.csv", true),
            ("logs", "logs/new/deep/new.csv", true),
            ("logs", "logs/.new.csv", false),
            ("logs", "logs/.new/new.csv", false),
            ("logs", "logs/../new.csv", false),
            ("logs", "logs", false),
            ("logs", "new.csv", false),
            ("logs/a.log", "logs/a.log", true),
            ("logs/a.log", "logs/day=1/../a.log", true),
            ("logs/a.log", "logs/b.log", false),
            ("logs/none.log", "logs/none.log", false),
        ] {
            assert_eq!(would_read(&path(named), &path(file)), is_read, "{named} {file}");
        }
        let outer = glob::Pattern::escape(folder.path().to_str().unwrap());
        for (pattern, file, is_read) in [
            ("logs/*.log", "logs/a.log", true),
            ("logs/*.log", "logs/new.log", true),
            ("logs/*.log", "logs/new.csv", false),
            ("logs/*.log", "logs/.new.log", false),
            ("logs/*", "logs/day=1/new.csv", true),
            ("logs/*", "logs/new/new.csv", true),
            ("logs/*", "logs/day=1/.new.csv", false),
            ("logs/day=?", "logs/day=1/new.csv", true),
            ("logs/*/*.csv", "logs/new.csv", false),
            ("logs/**/*.csv", "logs/new.csv", true),
            ("logs/**/*.csv", "logs/a/b/new.csv", true),
            ("none/*", "none/new.csv", true),
        ] {
            let named = Path::new(&outer).join("[[]1]").join(pattern);
            assert_eq!(would_read(&named, &path(file)), is_read, "{pattern} {file}");
        }
    }

    #[test]
    fn what_lies_below_a_folder_is_told_of_patterns_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(path("out/a")).unwrap();
        std::fs::write(path("out/a/1.parquet"), "x").unwrap();
        std::fs::write(path("b.log"), "x").unwrap();
        for (named, is_below) in [
            ("out", true),
            ("out/a/1.parquet", true),
            ("out/*", true),
            ("*/a", true),
            ("*", true),
            ("b*", false),
            ("b.log", false),
            ("none*", false),
        ] {
            assert_eq!(names_below(&path(named), &path("out")), is_below, "{named}");
        }
        assert!(!names_below(&path("out"), &path("none")));
    }
}
