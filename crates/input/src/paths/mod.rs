//! From what the user names to a list of files.

mod identity;
mod pattern;
mod walk;
mod would_read;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;
use std::io;
use std::path::{Path, PathBuf};

use identity::Identities;
pub(crate) use walk::is_passed_over;
use walk::{Found, Walk};
pub use would_read::{names_below, would_read};

/// What a path names.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// In the order of their names.
    pub(crate) files: Vec<PathBuf>,
    /// Those that were named as archives: they are if they hold what their names promise.
    pub(crate) archives: Vec<PathBuf>,
    /// Files that hold nothing but what another one holds, uncompressed.
    pub(crate) copies: Vec<PathBuf>,
    pub(crate) troubles: Vec<Trouble>,
}

/// What could not be looked at, such as a folder that is locked and a link that leads nowhere.
#[derive(Debug)]
pub(crate) struct Trouble {
    pub(crate) path: PathBuf,
    pub(crate) cause: io::Error,
}

impl Trouble {
    /// What the system said, for another who keeps it.
    pub(crate) fn copy_of_cause(&self) -> io::Error {
        match self.cause.raw_os_error() {
            Some(code) => io::Error::from_raw_os_error(code),
            None => io::Error::new(self.cause.kind(), self.cause.to_string()),
        }
    }
}

/// The files that each of `named` names: the path itself, everything below it, or all matches of a pattern.
///
/// However many ways lead to a file, it is listed once for each of the values that go with the paths: the first way
/// without a link is kept, or else the first. One that names it as an archive comes before those that don't.
pub(crate) fn list<P: AsRef<Path>, T: Eq + Hash>(named: &[(P, T)]) -> Vec<Listing> {
    let walks: Vec<Walk> = named.iter().map(|(path, _)| Walk::from(path.as_ref())).collect();
    // One walk through folders without links comes to nothing twice.
    let are_apart = walks.len() < 2 && !walks.iter().any(Walk::may_repeat);
    let kept = match are_apart {
        true => None,
        false => Some(kept_of(named, &walks)),
    };
    let listing = |(number, walk): (usize, Walk)| {
        let is_kept = |file: usize| kept.as_ref().is_none_or(|kept| kept[number][file]);
        let found = walk.found.into_iter().enumerate();
        let found = found.filter(|(file, _)| is_kept(*file)).map(|(_, found)| found);
        let (archives, files): (Vec<Found>, Vec<Found>) = found.partition(|found| found.is_archive);
        let paths = |found: Vec<Found>| found.into_iter().map(|found| found.path).collect();
        Listing {
            files: paths(files),
            archives: paths(archives),
            copies: Vec::new(),
            troubles: walk.troubles,
        }
    };
    walks.into_iter().enumerate().map(listing).collect()
}

/// Of every file of every walk, whether it is the way to it that is kept.
fn kept_of<P, T: Eq + Hash>(named: &[(P, T)], walks: &[Walk]) -> Vec<Vec<bool>> {
    let mut identities = Identities::default();
    let mut kept: Vec<Vec<bool>> = walks.iter().map(|walk| vec![true; walk.found.len()]).collect();
    let mut ways: HashMap<(PathBuf, &T), (usize, usize)> = HashMap::new();
    let found_at = |(walk, file): (usize, usize)| -> &Found { &walks[walk].found[file] };
    for (number, walk) in walks.iter().enumerate() {
        for (file, found) in walk.found.iter().enumerate() {
            // What can't be told is reported by whoever reads it.
            let Some(identity) = identities.of(found) else {
                continue;
            };
            let this = (number, file);
            match ways.entry((identity, &named[number].1)) {
                Entry::Vacant(first) => {
                    first.insert(this);
                }
                Entry::Occupied(mut way) => {
                    let rank = |found: &Found| (!found.is_archive, found.is_linked);
                    let is_better = rank(found) < rank(found_at(*way.get()));
                    let lost = if is_better { way.insert(this) } else { this };
                    kept[lost.0][lost.1] = false;
                }
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::*;

    /// A folder with files in it, by their names from `logs` in it.
    struct Folder(tempfile::TempDir);

    impl Folder {
        fn with(names: &[&str]) -> Self {
            let folder = Self(tempfile::tempdir().unwrap());
            for name in names {
                let path = folder.path(name);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, "x").unwrap();
            }
            folder
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join("logs").join(name)
        }

        fn list(&self, names: &[&str]) -> Vec<Listing> {
            let named: Vec<_> = names.iter().map(|name| (self.path(name), ())).collect();
            list(&named)
        }

        /// The files of each that is named, if all is well.
        fn files(&self, names: &[&str]) -> Vec<Vec<String>> {
            let logs = self.path("");
            let name = |file: &PathBuf| file.strip_prefix(&logs).unwrap().to_string_lossy().into_owned();
            let files = |listing: Listing| {
                assert!(listing.troubles.is_empty(), "{listing:?}");
                listing.files.iter().map(name).collect()
            };
            self.list(names).into_iter().map(files).collect()
        }

        #[cfg(unix)]
        fn link(&self, name: &str, target: &str) {
            std::os::unix::fs::symlink(target, self.path(name)).unwrap();
        }
    }

    #[test]
    fn folders_patterns_and_files() {
        let folder = Folder::with(&[
            "b/[1]x/000000",
            "a/000000.gz",
            "aws-logs-write-test",
            ".hidden/x",
            ".e.log",
            "c.log",
            "d.log",
        ]);
        for (name, files) in [
            ("", &["a/000000.gz", "b/[1]x/000000", "c.log", "d.log"][..]),
            ("*.log", &["c.log", "d.log"]),
            (".*.log", &[".e.log"]),
            (".h*", &[".hidden/x"]),
            ("b/[1]x", &["b/[1]x/000000"]),
            ("c.log", &["c.log"]),
            (".e.log", &[".e.log"]),
        ] {
            assert_eq!(folder.files(&[name]), [files], "{name}");
        }
        for name in ["none", "*.none"] {
            let listings = folder.list(&[name]);
            let [Listing { files, troubles, .. }] = &listings[..] else {
                panic!("{listings:?}");
            };
            assert_eq!(
                (files.len(), &*troubles[0].path, troubles[0].cause.kind()),
                (0, &*folder.path(name), ErrorKind::NotFound)
            );
        }
    }

    #[test]
    fn files_that_several_ways_lead_to_are_listed_once() {
        let folder = Folder::with(&["a/b/c.log", "a/d.log", "e.log"]);
        let all = ["a/b/c.log", "a/d.log", "e.log"];
        // The pattern matches the files, and the folders that they are in.
        assert_eq!(folder.files(&["**/*"]), [&all[..]]);
        assert_eq!(folder.files(&["", "a", "e.log"]), [&all[..], &[], &[]]);
        assert_eq!(
            folder.files(&["a/d.log", "a/b/../d.log", "a/../a", "*"]),
            [&["a/d.log"][..], &[], &["a/../a/b/c.log"], &["e.log"]]
        );
        let named = [("one", "a"), ("two", "a"), ("one", "a/b")].map(|(log, name)| (folder.path(name), log));
        let files = list(&named).into_iter().map(|listing| listing.files.len());
        assert_eq!(files.collect::<Vec<_>>(), [2, 2, 0]);
    }

    #[test]
    fn archives_are_opened_where_they_are_meant() {
        let folder = Folder::with(&["a.log", "b.zip", "c/d.tar.gz"]);
        for (names, archives) in [
            (&[""][..], &[][..]),
            (&["*"], &[]),
            (&["**/*.gz"], &[]),
            (&["b.zip"], &["b.zip"]),
            (&["*.zip"], &["b.zip"]),
            (&["**/*.tar.gz"], &["c/d.tar.gz"]),
            // Whoever names it beside the folder that it lies in wants it opened.
            (&["", "b.zip", "c/*.tar.gz"], &["b.zip", "c/d.tar.gz"]),
            (&["a.log"], &[]),
        ] {
            let listings = folder.list(names);
            let found: Vec<&PathBuf> = listings.iter().flat_map(|listing| &listing.archives).collect();
            let expected: Vec<PathBuf> = archives.iter().map(|name| folder.path(name)).collect();
            assert_eq!(found, expected.iter().collect::<Vec<_>>(), "{names:?}");
            let files = listings.iter().flat_map(|listing| &listing.files);
            assert!(
                files.into_iter().all(|file| !expected.contains(file)),
                "{names:?}"
            );
        }
    }

    #[cfg(unix)]
    #[test]
    fn files_that_links_lead_to_are_listed_once() {
        let folder = Folder::with(&[
            "a.log",
            "b/c.log",
            ".data/hidden.log",
            "../elsewhere/d.log",
            "../elsewhere/sub/e.log",
        ]);
        for (link, target) in [
            ("b/up", ".."),
            ("b/again.log", "c.log"),
            ("b/nowhere.log", "none"),
            ("Latest.log", "b/c.log"),
            ("Shown.log", ".data/hidden.log"),
            ("X", "../elsewhere"),
            ("y.log", "../elsewhere/d.log"),
        ] {
            folder.link(link, target);
        }
        for name in ["", "*"] {
            let listings = folder.list(&[name]);
            let expected = ["Shown.log", "X/d.log", "X/sub/e.log", "a.log", "b/c.log"];
            assert_eq!(listings[0].files, expected.map(|name| folder.path(name)));
            let trouble = &listings[0].troubles[0];
            assert_eq!(
                (&trouble.path, trouble.cause.kind()),
                (&folder.path("b/nowhere.log"), ErrorKind::NotFound)
            );
        }
        // Whoever names a link alone wants what it leads to.
        assert_eq!(folder.files(&["Latest.log"]), [["Latest.log"]]);
        assert_eq!(folder.files(&["X"]), [["X/d.log", "X/sub/e.log"]]);
        assert_eq!(
            folder.files(&["Latest.log", "b/c.log", "y.log", "X"]),
            [&[][..], &["b/c.log"], &["y.log"], &["X/sub/e.log"]]
        );
        // The folder of the pattern is a link, which its matches don't show.
        assert_eq!(folder.files(&["X/*.log", "../elsewhere/d.log"])[0], ["X/d.log"]);
        assert_eq!(folder.files(&["X/*.log", "../elsewhere/d.log"])[1], [""; 0]);
    }

    #[cfg(unix)]
    #[test]
    fn what_a_pattern_matches_that_is_neither_file_nor_folder_is_told() {
        let folder = Folder::with(&["a.log"]);
        let _socket = std::os::unix::net::UnixListener::bind(folder.path("b.log")).unwrap();
        let listings = folder.list(&["*.log", ""]);
        assert_eq!(listings[0].files, [folder.path("a.log")]);
        let trouble = &listings[0].troubles[0];
        assert_eq!(
            (&trouble.path, trouble.cause.kind()),
            (&folder.path("b.log"), ErrorKind::Unsupported)
        );
        assert_eq!(
            trouble.copy_of_cause().to_string(),
            "neither a file nor a folder; name it in full to read it"
        );
        assert!(listings[1].files.is_empty() && listings[1].troubles.is_empty());
    }
}
