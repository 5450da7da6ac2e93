//! Bytes that are read where they are wanted, not from the first to the last.

use std::fs::File;
use std::io;
use std::sync::Arc;

use bytes::Bytes;

/// Something of which any range can be read, from any thread.
pub(crate) trait RangedRead: Send + Sync {
    /// Reads exactly `buffer`, from `offset` on.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()>;
}

#[cfg(unix)]
impl RangedRead for File {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(self, buffer, offset)
    }
}

#[cfg(not(unix))]
impl RangedRead for std::sync::Mutex<File> {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        use std::io::{Read, Seek, SeekFrom};
        let mut file = self.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(buffer)
    }
}

/// What lies in memory.
impl RangedRead for Bytes {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        let found = self.get(start..).and_then(|rest| rest.get(..buffer.len()));
        buffer.copy_from_slice(found.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

/// A file as something of which ranges are read.
pub(crate) fn ranged(file: File) -> Arc<dyn RangedRead> {
    #[cfg(unix)]
    return Arc::new(file);
    #[cfg(not(unix))]
    Arc::new(std::sync::Mutex::new(file))
}
