//! Events into files: the containers that log readers meet.

mod archives;
mod containers;
mod export;
mod format;
mod parts;
mod target;

pub use archives::{ArchivedFile, tar, zip};
pub use containers::{CONTAINERS, Container, LoggedEvent, Loss, gzip, input_in};
pub use export::{ExportFiles, write_export_tree};
pub use format::Format;
pub use parts::{End, Parts, write_function_files, write_parts};
pub use target::Compression;

/// What a writer has written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// How many files.
    pub files: usize,
    /// How many events.
    pub events: u64,
    /// How many bytes, before compression.
    pub bytes: u64,
}
