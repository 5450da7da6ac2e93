//! The directory at the end of an archive, which says where its files are.

use std::io;

use rawzip::{RECOMMENDED_BUFFER_SIZE, ReaderAt, ZipLocator};

use super::listing::{Entry, Listing};
use crate::archive::Bytes;

/// Why there is no directory, or no more of it.
pub(super) struct Lost {
    pub(super) offset: u64,
    pub(super) words: String,
}

/// Takes in all files that the directory tells of.
///
/// # Errors
/// [`Lost`] where it can't be read from its first entry to its last.
pub(super) fn read(listing: &mut Listing<'_>) -> Result<(), Lost> {
    let bytes = listing.bytes;
    let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
    let zip = ZipLocator::new()
        .locate_in_reader(Located(bytes), &mut buffer, bytes.length)
        .map_err(|(_, cause)| Lost {
            offset: bytes.length,
            words: format!("its directory is not found ({cause})"),
        })?;
    let mut entries = zip.entries(&mut buffer);
    loop {
        let damaged = |cause| Lost {
            offset: zip.directory_offset(),
            words: format!("its directory is damaged ({cause})"),
        };
        let Some(record) = entries.next_entry().map_err(damaged)? else {
            return Ok(());
        };
        let entry = Entry {
            path: record.file_path().as_bytes(),
            is_no_file: record.is_dir() || record.mode().is_symlink(),
            offset: record.local_header_offset(),
            is_encrypted: record.flags().is_encrypted(),
            method: record.compression_method(),
            length: record.uncompressed_size_hint(),
            sum: Some(record.crc32()),
        };
        let range = || {
            let found = zip.get_entry(record.wayfinder());
            let (start, end) = found.map_err(|cause| cause.to_string())?.compressed_data_range();
            match start <= end && end <= bytes.length {
                true => Ok(start..end),
                false => Err("it lies behind the end of the archive".to_owned()),
            }
        };
        if listing.take(&entry, range).is_break() {
            return Ok(());
        }
    }
}

/// The bytes of an archive, as the library asks for them.
struct Located<'a>(&'a Bytes);

impl ReaderAt for Located<'_> {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let left = self.0.length.saturating_sub(offset);
        let wanted = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        self.0.source.read_at(offset, &mut buffer[..wanted])?;
        Ok(wanted)
    }
}
