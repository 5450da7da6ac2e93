//! What is where in a tar archive.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use insq_event::DamageKind;
use tar::{EntryType, Header};

use super::member::{Member, Packing};
use super::{ARCHIVE_FILES_MAX, Archive, Bytes};

/// Heads and contents begin at multiples of this.
const BLOCK_BYTES: u64 = 512;

/// Bytes that tell an archive.
pub(super) const HEAD_BYTES: usize = BLOCK_BYTES as usize;

/// Where the mark stands, and how it begins.
const MARK_AT: usize = 257;
const MARK: &[u8] = b"ustar";

/// True for the first bytes of an archive: they have the mark or, in the oldest form, add up to the sum that they name.
pub(crate) fn begins(head: &[u8]) -> bool {
    let is_marked = head.get(MARK_AT..).is_some_and(|rest| rest.starts_with(MARK));
    is_marked || head.first_chunk().is_some_and(adds_up)
}

/// True when the sum of a head is the one that stands in it, whose place counts as blanks.
fn adds_up(head: &[u8; HEAD_BYTES]) -> bool {
    // Logs begin with texts, heads with a name and zeros behind it.
    if head[0] == 0 || !head.contains(&0) {
        return false;
    }
    let mut header = Header::new_old();
    header.as_mut_bytes().copy_from_slice(head);
    let told = header.cksum();
    header.set_cksum();
    told.is_ok_and(|told| header.cksum().is_ok_and(|sum| sum == told))
}

pub(super) fn list(bytes: &Bytes) -> Archive {
    list_up_to(ARCHIVE_FILES_MAX, bytes)
}

pub(super) fn list_up_to(files_max: usize, bytes: &Bytes) -> Archive {
    let mut archive = Archive::default();
    let mut members = Vec::new();
    let mut last = Last::default();
    let mut listed = tar::Archive::new(Cursor { bytes, at: 0 });
    let entries = match listed.entries_with_seek() {
        Ok(entries) => entries,
        Err(cause) => {
            archive.wrong(DamageKind::BadArchive, 0, cause.to_string());
            return archive;
        }
    };
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(cause) => {
                archive.wrong(DamageKind::BadArchive, last.end, cause.to_string());
                archive.add(members);
                return archive;
            }
        };
        let start = entry.raw_file_position();
        let end = start.saturating_add(entry.size());
        last = Last::of(end);
        let path = entry.path_bytes();
        let Some(name) = bytes.name_of(&path) else {
            continue;
        };
        match entry.header().entry_type() {
            EntryType::Regular | EntryType::Continuous if !path.ends_with(b"/") => {
                if members.len() == files_max {
                    let words = format!("files behind the first {files_max} are left out");
                    archive.wrong(DamageKind::BadArchive, start, words);
                    archive.add(members);
                    return archive;
                }
                members.push(Member {
                    name,
                    path: path.into(),
                    source: Arc::clone(&bytes.source),
                    range: start.min(bytes.length)..end.min(bytes.length),
                    packing: Packing::Plain,
                });
            }
            EntryType::GNUSparse => {
                archive.wrong_file(name, "it is stored with holes; unpack it first".to_owned());
            }
            // Folders, links, devices.
            _ => {}
        }
    }
    archive.add(members);
    // A block of zeros is the mark of the end.
    if last.end.saturating_add(BLOCK_BYTES) > bytes.length {
        let words = match last.content_end > bytes.length {
            true => "it ends in the middle of a file",
            false => "it lacks the mark of its end, so that files may be missing",
        };
        archive.wrong(DamageKind::BadArchive, bytes.length, words.to_owned());
    }
    archive
}

/// Where the last file ends.
#[derive(Default)]
struct Last {
    content_end: u64,
    /// Where the next head begins.
    end: u64,
}

impl Last {
    fn of(content_end: u64) -> Self {
        Self {
            content_end,
            end: content_end
                .checked_next_multiple_of(BLOCK_BYTES)
                .unwrap_or(u64::MAX),
        }
    }
}

/// Goes through the bytes of an archive.
struct Cursor<'a> {
    bytes: &'a Bytes,
    at: u64,
}

impl Read for Cursor<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.bytes.length.saturating_sub(self.at);
        let wanted = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        self.bytes.source.read_at(self.at, &mut buffer[..wanted])?;
        self.at += wanted as u64;
        Ok(wanted)
    }
}

impl Seek for Cursor<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.bytes.length.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
