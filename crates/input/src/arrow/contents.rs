//! The table of contents of a file.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use arrow_ipc::convert::fb_to_schema;
use arrow_ipc::{Block, Endianness, root_as_footer};
use arrow_schema::SchemaRef;

use super::form::{FILE_HEAD_BYTES, MAGIC};
use super::messages::{METADATA_BYTES_MAX, TAIL_BYTES};
use crate::guarded::guarded;

/// Bytes between the last message and the contents: the mark of the end, and what fills up to a multiple of 64. More is a
/// file that something else stands before.
const GAP_BYTES_MAX: u64 = 8 + 64;

/// What stands where.
pub(super) struct Contents {
    pub(super) schema: SchemaRef,
    pub(super) dictionaries: Vec<Place>,
    pub(super) batches: Vec<Place>,
}

/// Where a message lies.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// All of its bytes, with its body.
    pub(super) bytes: Range<u64>,
    head_bytes: u64,
}

impl Contents {
    /// Reads the contents of a file of `size` bytes, of which `read` gives ranges. `None` for those that make no sense:
    /// then the file is read from its first byte on, and tells what is wrong.
    pub(super) fn of(
        size: u64,
        read: &mut dyn FnMut(Range<u64>) -> io::Result<Vec<u8>>,
    ) -> io::Result<Option<Self>> {
        let Some(tail) = size
            .checked_sub(TAIL_BYTES as u64)
            .filter(|at| *at > FILE_HEAD_BYTES as u64)
        else {
            return Ok(None);
        };
        let bytes = read(tail..size)?;
        let Some(length) = bytes
            .strip_suffix(MAGIC)
            .and_then(|length| length.try_into().ok())
        else {
            return Ok(None);
        };
        let length = u64::from(u32::from_le_bytes(length));
        let start = tail
            .checked_sub(length)
            .filter(|at| *at >= FILE_HEAD_BYTES as u64);
        match start.filter(|_| length <= METADATA_BYTES_MAX as u64) {
            Some(start) => Ok(Self::decoded(&read(start..tail)?, start)),
            None => Ok(None),
        }
    }

    /// Of contents that begin at `start`.
    fn decoded(bytes: &[u8], start: u64) -> Option<Self> {
        let decode = || -> Result<Option<Self>, String> {
            let footer = root_as_footer(bytes).map_err(|cause| cause.to_string())?;
            let Some(schema) = footer
                .schema()
                .filter(|found| found.endianness() != Endianness::Big)
            else {
                return Ok(None);
            };
            let dictionaries = places(footer.dictionaries().into_iter().flatten(), start);
            let batches = places(footer.recordBatches().into_iter().flatten(), start);
            let found = dictionaries.zip(batches).map(|(dictionaries, batches)| Self {
                schema: Arc::new(fb_to_schema(schema)),
                dictionaries,
                batches,
            });
            Ok(found.filter(|found| found.reach_to(start)))
        };
        guarded(decode, str::to_owned).ok().flatten()
    }
}

impl Contents {
    /// True when messages fill all of the file before its contents, as far as that can be told.
    fn reach_to(&self, start: u64) -> bool {
        let places = self.dictionaries.iter().chain(&self.batches);
        let last = places.map(|place| place.bytes.end).max();
        last.is_none_or(|last| start - last <= GAP_BYTES_MAX)
    }
}

/// Where messages lie, all of which must be before `end`.
fn places<'a>(blocks: impl Iterator<Item = &'a Block>, end: u64) -> Option<Vec<Place>> {
    blocks.map(|block| Place::of(block, end)).collect()
}

impl Place {
    fn of(block: &Block, end: u64) -> Option<Self> {
        let start = u64::try_from(block.offset()).ok()?;
        let head_bytes = u64::try_from(block.metaDataLength()).ok()?;
        let body_bytes = u64::try_from(block.bodyLength()).ok()?;
        let behind = start.checked_add(head_bytes)?.checked_add(body_bytes)?;
        let is_sound = start >= FILE_HEAD_BYTES as u64 && head_bytes > 0 && behind <= end;
        is_sound.then_some(Self {
            bytes: start..behind,
            head_bytes,
        })
    }

    /// The bytes of the message without its body.
    pub(super) fn head(&self) -> Range<u64> {
        self.bytes.start..self.bytes.start + self.head_bytes
    }

    pub(super) fn size(&self) -> u64 {
        self.bytes.end - self.bytes.start
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_reach_to_the_contents() {
        let place = |range: Range<u64>| Place {
            bytes: range,
            head_bytes: 8,
        };
        let contents = Contents {
            schema: Arc::new(arrow_schema::Schema::empty()),
            dictionaries: vec![place(300..400)],
            batches: vec![place(100..300)],
        };
        assert!(contents.reach_to(400 + GAP_BYTES_MAX));
        assert!(!contents.reach_to(400 + GAP_BYTES_MAX + 1));
    }

    #[test]
    fn places_lie_before_the_contents() {
        let is_place = |offset, head, body| Place::of(&Block::new(offset, head, body), 1_000).is_some();
        assert!(is_place(8, 8, 984));
        assert!(!is_place(8, 8, 985));
        assert!(!is_place(7, 8, 8) && !is_place(8, 0, 8) && !is_place(8, 8, -1) && !is_place(-8, 8, 8));
        assert!(!is_place(i64::MAX, 8, i64::MAX));
    }
}
