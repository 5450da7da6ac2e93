//! From what the user names to a list of files.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use glob::GlobResult;
use walkdir::WalkDir;

/// Written into the target of every export to try the permission; it holds no log.
const WRITE_TEST_NAME: &str = "aws-logs-write-test";

/// What a path names.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// In the order of their names; a file that links lead to is there once.
    pub(crate) files: Vec<PathBuf>,
    /// What could not be looked at, such as a folder that is locked and a link that leads nowhere.
    pub(crate) troubles: Vec<(PathBuf, io::Error)>,
}

/// The files that `path` names: itself, everything below it, or all matches of a pattern.
///
/// # Errors
/// What the system says about `path` itself; `NotFound` for one that matches nothing.
pub(crate) fn files_of(path: &Path) -> io::Result<Listing> {
    let mut walk = Walk::default();
    match std::fs::metadata(path) {
        Ok(facts) if facts.is_dir() => walk.folder(path, false),
        Ok(_) => walk.files.push((path.to_owned(), false)),
        Err(cause) => match matches_of(path) {
            Some(matches) => matches.into_iter().for_each(|found| walk.pattern(found)),
            None => return Err(cause),
        },
    }
    Ok(walk.listing())
}

/// What was met on a way through folders.
#[derive(Default)]
struct Walk {
    /// Files, and whether a link led to them.
    files: Vec<(PathBuf, bool)>,
    troubles: Vec<(PathBuf, io::Error)>,
}

impl Walk {
    /// Hidden files and folders are left out, and links are followed.
    fn folder(&mut self, folder: &Path, is_linked: bool) {
        let is_hidden = |name: &OsStr| {
            name.to_str()
                .is_some_and(|name| name.starts_with('.') && name.len() > 1)
        };
        let walk = WalkDir::new(folder)
            .follow_links(true)
            .sort_by_file_name()
            .into_iter();
        // How deep the link lies that the entry is behind.
        let mut link_depth = None;
        for entry in walk.filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry.file_name())) {
            let entry = match entry {
                Ok(entry) => entry,
                // All that a link upwards leads to is found without it.
                Err(error) if error.loop_ancestor().is_some() => continue,
                Err(error) => {
                    let path = error.path().unwrap_or(folder).to_owned();
                    let cause = error.into_io_error().unwrap_or_else(|| ErrorKind::Other.into());
                    self.troubles.push((path, cause));
                    continue;
                }
            };
            link_depth = link_depth.filter(|depth| *depth < entry.depth());
            if entry.depth() > 0 && entry.path_is_symlink() {
                link_depth.get_or_insert(entry.depth());
            }
            if entry.file_type().is_file() && entry.file_name() != WRITE_TEST_NAME {
                let is_linked = is_linked || link_depth.is_some();
                self.files.push((entry.into_path(), is_linked));
            }
        }
    }

    fn pattern(&mut self, found: GlobResult) {
        match found {
            Ok(path) if path.is_dir() => self.folder(&path, path.is_symlink()),
            Ok(path) => {
                let is_linked = path.is_symlink();
                self.files.push((path, is_linked));
            }
            Err(error) => self.troubles.push((error.path().to_owned(), error.into())),
        }
    }

    /// Of the ways to a file, the one without links is kept, or else the first.
    fn listing(self) -> Listing {
        let mut seen = HashSet::new();
        if self.files.iter().any(|(_, is_linked)| *is_linked) {
            let direct = self.files.iter().filter(|(_, is_linked)| !is_linked);
            seen.extend(direct.filter_map(|(path, _)| path.canonicalize().ok()));
        }
        let is_new = |(path, is_linked): &(PathBuf, bool)| {
            !is_linked || path.canonicalize().map_or(true, |target| seen.insert(target))
        };
        Listing {
            files: self
                .files
                .into_iter()
                .filter(is_new)
                .map(|(path, _)| path)
                .collect(),
            troubles: self.troubles,
        }
    }
}

/// Matches of a pattern with `*`, `?` or `[…]`; `None` when it is none or matches nothing.
fn matches_of(path: &Path) -> Option<Vec<GlobResult>> {
    let pattern = path.to_str()?;
    if !pattern.contains(['*', '?', '[']) {
        return None;
    }
    let mut matches: Vec<GlobResult> = glob::glob(pattern).ok()?.collect();
    matches.sort_by(|a, b| path_of(a).cmp(path_of(b)));
    (!matches.is_empty()).then_some(matches)
}

fn path_of(found: &GlobResult) -> &Path {
    match found {
        Ok(path) => path,
        Err(error) => error.path(),
    }
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
            let listing = files_of(path).unwrap();
            assert!(listing.troubles.is_empty(), "{listing:?}");
            let files = listing.files;
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

    #[cfg(unix)]
    #[test]
    fn files_that_links_lead_to_are_read_once() {
        use std::os::unix::fs::symlink;

        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join("logs").join(name);
        for name in ["b", ".data", "../elsewhere/sub"] {
            std::fs::create_dir_all(path(name)).unwrap();
        }
        for name in [
            "a.log",
            "b/c.log",
            ".data/hidden.log",
            "../elsewhere/d.log",
            "../elsewhere/sub/e.log",
        ] {
            std::fs::write(path(name), "x").unwrap();
        }
        for (target, link) in [
            ("..", "b/up"),
            ("c.log", "b/again.log"),
            ("none", "b/nowhere.log"),
            ("b/c.log", "Latest.log"),
            (".data/hidden.log", "Shown.log"),
            ("../elsewhere", "X"),
            ("../elsewhere/d.log", "y.log"),
        ] {
            symlink(target, path(link)).unwrap();
        }
        // A pattern matches what is hidden, too.
        for (named, hidden) in [("", "Shown.log"), ("*", ".data/hidden.log")] {
            let listing = files_of(&path(named)).unwrap();
            let expected = [hidden, "X/d.log", "X/sub/e.log", "a.log", "b/c.log"];
            assert_eq!(listing.files, expected.map(path));
            let (lost, cause) = &listing.troubles[0];
            assert_eq!(
                (lost, cause.kind()),
                (&path("b/nowhere.log"), ErrorKind::NotFound)
            );
        }
        assert_eq!(files_of(&path(".d*")).unwrap().files, [path(".data/hidden.log")]);
        // Whoever names a link wants what it leads to.
        assert_eq!(files_of(&path("Latest.log")).unwrap().files, [path("Latest.log")]);
        assert_eq!(
            files_of(&path("X")).unwrap().files,
            [path("X/d.log"), path("X/sub/e.log")]
        );
    }
}
