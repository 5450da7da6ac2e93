//! Files that lie elsewhere: in object stores, on servers.

use std::io::{self, Read};
use std::ops::Range;

/// A file that is read over a network, by whoever knows how.
///
/// Implementations are called from several threads at once, and block.
pub trait RemoteFile: Send + Sync {
    /// What messages call it, such as `s3://logs/exportedlogs/task/stream/000000.gz`. Names of streams are read off it.
    fn name(&self) -> &str;

    /// Its size when it was listed, bytes.
    fn size_bytes(&self) -> u64;

    /// Its bytes from the first to the last.
    ///
    /// # Errors
    /// What the store says.
    fn open(&self) -> io::Result<Box<dyn Read + Send>>;

    /// The bytes of `range`, which lies within the file.
    ///
    /// # Errors
    /// What the store says; fewer bytes than asked for are an error.
    fn read_range(&self, range: Range<u64>) -> io::Result<Vec<u8>>;
}

/// A file that is not what it was when it was listed.
///
/// What implements [`RemoteFile`] says so with it, as the inside of an [`io::Error`].
///
/// # Examples
/// ```
/// use std::io;
///
/// let error = io::Error::new(io::ErrorKind::InvalidData, insq_input::RemoteChanged);
/// assert!(error.to_string().contains("changed since it was listed"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the object changed since it was listed; run the query again")]
pub struct RemoteChanged;
