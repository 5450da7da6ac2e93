//! Which file a path leads to.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::walk::Found;

/// Paths without links, of files by their folders: to resolve each by itself takes longer than to read a small one.
#[derive(Default)]
pub(super) struct Identities {
    folders: HashMap<PathBuf, Option<PathBuf>>,
}

impl Identities {
    /// The path without links of what was found; `None` where there is none, as for a link that leads nowhere.
    pub(super) fn of(&mut self, found: &Found) -> Option<PathBuf> {
        match (found.path.parent(), found.path.file_name()) {
            (Some(folder), Some(name)) if !found.is_link => Some(self.folder(folder)?.join(name)),
            _ => found.path.canonicalize().ok(),
        }
    }

    fn folder(&mut self, folder: &Path) -> Option<&Path> {
        if !self.folders.contains_key(folder) {
            // The folder of a bare name has none.
            let resolved = match folder.as_os_str().is_empty() {
                true => Path::new(".").canonicalize(),
                false => folder.canonicalize(),
            };
            self.folders.insert(folder.to_owned(), resolved.ok());
        }
        self.folders.get(folder)?.as_deref()
    }
}
