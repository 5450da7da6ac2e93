//! A file that stands still while it is read, or is said not to.
//!
//! Logs grow, are cut and are moved away by whoever writes them. A run reads what a file held when the run was
//! planned, and says so when that is not all there is, or not there any more.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// What a file was when its reading was planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileState {
    /// `None` for what has no size of its own, such as a pipe.
    bytes: Option<u64>,
    identity: Option<(u64, u64)>,
}

impl FileState {
    pub(crate) fn of(facts: &Metadata) -> Self {
        Self {
            // Files of the system's own, and logs that nobody has written to yet, say zero.
            bytes: Some(facts.len()).filter(|bytes| facts.is_file() && *bytes > 0),
            identity: identity(facts),
        }
    }
}

/// Device and number of a file: the same as long as it is the same file, whatever its name.
#[cfg(unix)]
fn identity(facts: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Some((facts.dev(), facts.ino()))
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> Option<(u64, u64)> {
    None
}

/// What happened to a file between the plan and the end of its reading.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FileChanged {
    #[error("it grew from {before} to {after} bytes")]
    Grew { before: u64, after: u64 },
    #[error("it shrank from {before} to {after} bytes")]
    Shrank { before: u64, after: u64 },
    #[error("another file has its name now")]
    Replaced,
}

/// Reads a file from some byte on to what was its end when reading was planned.
pub(crate) struct Standing {
    file: File,
    at: u64,
    state: FileState,
    is_told: bool,
}

impl Standing {
    /// Opens the file at `from`.
    ///
    /// # Errors
    /// What the system says; [`FileChanged::Replaced`] when it is another file by now.
    pub(crate) fn open(path: &Path, from: u64, state: FileState) -> io::Result<Self> {
        let mut file = File::open(path)?;
        if identity(&file.metadata()?) != state.identity {
            return Err(io::Error::other(FileChanged::Replaced));
        }
        if from > 0 {
            file.seek(SeekFrom::Start(from))?;
        }
        Ok(Self {
            file,
            at: from,
            state,
            is_told: false,
        })
    }

    /// The file, for whoever reads it in another way.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn handle(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    /// Where the planned bytes end, or the file does by now.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn end_of_planned(&self) -> io::Result<u64> {
        let bytes = self.file.metadata()?.len();
        Ok(self.state.bytes.map_or(bytes, |planned| planned.min(bytes)))
    }

    /// At the planned end, or at an earlier one: an error, once, when the file has changed.
    pub(crate) fn end(&mut self) -> io::Result<usize> {
        let after = self.file.metadata()?.len();
        let changed = match self.state.bytes {
            _ if self.is_told => None,
            Some(before) if after > before => Some(FileChanged::Grew { before, after }),
            Some(before) if after < before => Some(FileChanged::Shrank { before, after }),
            _ => None,
        };
        self.is_told = true;
        changed.map_or(Ok(0), |changed| Err(io::Error::other(changed)))
    }
}

impl Read for Standing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(planned) = self.state.bytes else {
            return self.file.read(buffer);
        };
        let left = planned.saturating_sub(self.at);
        let wanted = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let read = self.file.read(&mut buffer[..wanted])?;
        self.at += read as u64;
        if read == 0 && !buffer.is_empty() {
            return self.end();
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    /// What is read, and what is said at the end, when `change` happens after the plan.
    fn read(change: impl FnOnce(&Path)) -> (io::Result<String>, String) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        std::fs::write(&path, "0123456789").unwrap();
        let state = FileState::of(&std::fs::metadata(&path).unwrap());
        let mut standing = match Standing::open(&path, 0, state) {
            Ok(standing) => standing,
            Err(cause) => return (Err(cause), String::new()),
        };
        change(&path);
        let mut text = String::new();
        let mut bytes = Vec::new();
        let end = standing.read_to_end(&mut bytes);
        text.push_str(&String::from_utf8(bytes).unwrap());
        (end.map(|_| String::new()), text)
    }

    fn changed(end: io::Result<String>) -> Option<FileChanged> {
        end.err()
            .map(|cause| *cause.into_inner().unwrap().downcast().unwrap())
    }

    #[test]
    fn a_file_is_read_to_its_planned_end() {
        let (end, text) = read(|_| {});
        assert_eq!((changed(end), text.as_str()), (None, "0123456789"));

        let grow = |path: &Path| {
            let mut file = File::options().append(true).open(path).unwrap();
            file.write_all(b"abc").unwrap();
        };
        let (end, text) = read(grow);
        let grew = FileChanged::Grew {
            before: 10,
            after: 13,
        };
        assert_eq!((changed(end), text.as_str()), (Some(grew), "0123456789"));

        let shrink = |path: &Path| {
            File::options()
                .write(true)
                .open(path)
                .unwrap()
                .set_len(4)
                .unwrap()
        };
        let (end, text) = read(shrink);
        let shrank = FileChanged::Shrank { before: 10, after: 4 };
        assert_eq!((changed(end), text.as_str()), (Some(shrank), "0123"));
    }

    #[test]
    fn a_file_that_was_moved_away_is_read_on_and_one_that_took_its_name_is_not() {
        let rotate = |path: &Path| {
            std::fs::rename(path, path.with_extension("1")).unwrap();
            std::fs::write(path, "new").unwrap();
        };
        let (end, text) = read(rotate);
        assert_eq!((changed(end), text.as_str()), (None, "0123456789"));

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        std::fs::write(&path, "old").unwrap();
        let state = FileState::of(&std::fs::metadata(&path).unwrap());
        rotate(&path);
        let cause = Standing::open(&path, 0, state).map(|_| String::new());
        assert_eq!(changed(cause), Some(FileChanged::Replaced));
    }
}
