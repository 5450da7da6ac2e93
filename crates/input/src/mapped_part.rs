//! Parts of plain files that are mapped rather than read, for users who vouch that the files stand still.

use std::io;

use arrow_buffer::Buffer;
use bytes::Bytes;
use insq_mapped::Mapped;

use crate::standing::Standing;

/// The bytes of a file from some byte on, mapped as far as they were planned.
pub(crate) struct MappedPart {
    /// Columns share them; the mapping goes with the last of them.
    bytes: Buffer,
    file: Standing,
}

impl MappedPart {
    /// Maps `file` from `from` on; gives it back, to be read, when the system can't.
    pub(crate) fn open(file: Standing, from: u64) -> Result<Self, Standing> {
        let mapped = file.handle().and_then(|handle| {
            let end = file.end_of_planned()?;
            Mapped::new(&handle, from.min(end)..end)
        });
        match mapped {
            Ok(mapped) => Ok(Self {
                bytes: Buffer::from(Bytes::from_owner(mapped)),
                file,
            }),
            Err(_) => Err(file),
        }
    }

    pub(crate) fn bytes(&self) -> &Buffer {
        &self.bytes
    }

    /// Says, once, whether the file has changed.
    pub(crate) fn end(&mut self) -> io::Result<()> {
        self.file.end().map(|_| ())
    }
}
