//! Ways through folders.

use std::ffi::OsStr;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use glob::GlobResult;
use walkdir::WalkDir;

use super::Trouble;
use super::pattern::matches_of;
use crate::archive::has_ending;

/// Written into the target of every export to try the permission; it holds no log.
const WRITE_TEST_NAME: &str = "aws-logs-write-test";

/// True for a name that folders are read without.
pub(super) fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".") && name.len() > 1
}

/// True for a name of a file or folder that folders are read without.
pub(crate) fn is_passed_over(name: &OsStr) -> bool {
    is_hidden(name) || name == WRITE_TEST_NAME
}

/// A file on the way.
pub(super) struct Found {
    pub(super) path: PathBuf,
    /// True when it was named as an archive: itself, or by a pattern of such.
    pub(super) is_archive: bool,
    /// True for a file that is named by a link.
    pub(super) is_link: bool,
    /// True when a link is known to be on the way to it.
    pub(super) is_linked: bool,
}

/// What was met on a way through folders.
#[derive(Default)]
pub(super) struct Walk {
    pub(super) found: Vec<Found>,
    pub(super) troubles: Vec<Trouble>,
    is_by_pattern: bool,
}

impl Walk {
    /// To what `path` names.
    pub(super) fn from(path: &Path) -> Self {
        let mut walk = Self::default();
        match std::fs::metadata(path) {
            Ok(facts) if facts.is_dir() => walk.folder(path),
            Ok(_) => walk.file(path.to_owned(), has_ending(path)),
            Err(cause) => match matches_of(path) {
                Some(matches) => {
                    walk.is_by_pattern = true;
                    let of_archives = has_ending(path);
                    matches
                        .into_iter()
                        .for_each(|found| walk.pattern(found, of_archives));
                }
                None => walk.trouble(path.to_owned(), cause),
            },
        }
        walk
    }

    /// True when it may have met a file twice.
    pub(super) fn may_repeat(&self) -> bool {
        self.is_by_pattern || self.found.iter().any(|found| found.is_linked)
    }

    /// Hidden files and folders are left out, and links are followed.
    fn folder(&mut self, folder: &Path) {
        let walk = WalkDir::new(folder)
            .follow_links(true)
            .sort_by_file_name()
            .into_iter();
        // How deep the link lies that the entry is behind.
        let mut link_depth = None;
        let is_linked = folder.is_symlink();
        for entry in walk.filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry.file_name())) {
            let entry = match entry {
                Ok(entry) => entry,
                // All that a link upwards leads to is found without it.
                Err(error) if error.loop_ancestor().is_some() => continue,
                Err(error) => {
                    let path = error.path().unwrap_or(folder).to_owned();
                    let cause = error.into_io_error();
                    self.trouble(path, cause.unwrap_or_else(|| ErrorKind::Other.into()));
                    continue;
                }
            };
            link_depth = link_depth.filter(|depth| *depth < entry.depth());
            let is_link = entry.depth() > 0 && entry.path_is_symlink();
            if is_link {
                link_depth.get_or_insert(entry.depth());
            }
            if entry.file_type().is_file() && entry.file_name() != WRITE_TEST_NAME {
                self.found.push(Found {
                    path: entry.into_path(),
                    is_archive: false,
                    is_link,
                    is_linked: is_linked || link_depth.is_some(),
                });
            }
        }
    }

    fn pattern(&mut self, found: GlobResult, of_archives: bool) {
        match found {
            Ok(path) => match std::fs::metadata(&path) {
                Ok(facts) if facts.is_dir() => self.folder(&path),
                Ok(facts) if !facts.is_file() => {
                    let advice = "neither a file nor a folder; name it in full to read it";
                    self.trouble(path, io::Error::new(ErrorKind::Unsupported, advice));
                }
                Ok(_) | Err(_) => self.file(path, of_archives),
            },
            Err(error) => self.trouble(error.path().to_owned(), error.into()),
        }
    }

    /// What can't be looked at is found out by whoever reads it.
    fn file(&mut self, path: PathBuf, is_archive: bool) {
        let is_link = path.is_symlink();
        self.found.push(Found {
            path,
            is_archive,
            is_link,
            is_linked: is_link,
        });
    }

    fn trouble(&mut self, path: PathBuf, cause: io::Error) {
        self.troubles.push(Trouble { path, cause });
    }
}
