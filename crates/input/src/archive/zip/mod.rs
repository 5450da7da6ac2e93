//! What is where in a zip archive.

mod directory;
mod heads;
mod listing;
mod measure;

use insq_event::DamageKind;

use self::listing::Listing;
use super::{ARCHIVE_FILES_MAX, Archive, Bytes};
use crate::expansion::ExpansionLimit;

/// Begins the head of a file.
const HEAD_MARK: &[u8] = b"PK\x03\x04";

/// Begins what the directory says of a file.
const ENTRY_MARK: &[u8] = b"PK\x01\x02";

/// Begins what ends an archive with nothing in it.
const EMPTY_MARK: &[u8] = b"PK\x05\x06";

/// True for the first bytes of an archive.
pub(super) fn begins(head: &[u8]) -> bool {
    head.starts_with(HEAD_MARK) || head.starts_with(EMPTY_MARK)
}

/// Its directory says what there is. What may be promised of all files together is limited, since many of them may share
/// the same bytes.
pub(super) fn list(bytes: &Bytes, expansion_max: u64) -> Archive {
    list_up_to(ARCHIVE_FILES_MAX, bytes, expansion_max)
}

pub(super) fn list_up_to(files_max: usize, bytes: &Bytes, expansion_max: u64) -> Archive {
    let limit = ExpansionLimit::new(expansion_max);
    limit.add_compressed(bytes.length);
    let mut listing = Listing::new(bytes, files_max);
    if let Err(lost) = directory::read(&mut listing) {
        // The directory comes last, so an archive that was cut has none; but each file has a head of its own.
        listing = Listing::new(bytes, files_max);
        let words = format!("{}; its files are told by the heads before them", lost.words);
        listing.archive.wrong(DamageKind::BadArchive, lost.offset, words);
        heads::read(&mut listing, &limit);
    }
    listing.finish(&limit)
}

#[cfg(test)]
mod tests;
