//! Paths that give their bytes only once, such as the pipes that a shell makes of `<(command)`.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// What a path leads to that is neither file nor folder. It is opened when it is first read, which may mean to wait for
/// whoever writes into it.
pub(crate) enum Pipe {
    Closed(PathBuf),
    Open(File),
}

impl Pipe {
    /// The pipe at `path`; `None` for files, for folders, and where nothing is.
    pub(crate) fn at(path: &Path) -> Option<Self> {
        let facts = std::fs::metadata(path).ok()?;
        (!facts.is_file() && !facts.is_dir()).then(|| Self::Closed(path.to_owned()))
    }
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self {
                Self::Open(file) => return file.read(buffer),
                Self::Closed(path) => *self = Self::Open(File::open(path)?),
            }
        }
    }
}
