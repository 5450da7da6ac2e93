//! The heads that stand before each file, for archives without a directory.
//!
//! A head tells less than the directory does: not what is a link, and often not how long a file is, since whoever wrote it in
//! one go did not know yet. Then the file is unpacked to find its end, behind which a descriptor has what the head lacks.

use std::ops::Range;

use insq_event::DamageKind;
use rawzip::CompressionMethod;

use super::listing::{Entry, Listing};
use super::measure::{Measure, Measured};
use super::{ENTRY_MARK, HEAD_MARK};
use crate::archive::Bytes;
use crate::expansion::ExpansionLimit;

/// A head without its names and other things of variable length.
const HEAD_BYTES: usize = 30;

const ENCRYPTED: u16 = 1;
const HAS_DESCRIPTOR: u16 = 1 << 3;

/// What stands for a length that only an extra field has room for.
const LENGTH_ELSEWHERE: u32 = u32::MAX;

/// The extra field with lengths of 64 bits.
const LONG_LENGTHS: u16 = 1;

/// May begin a descriptor.
const DESCRIPTOR_MARK: &[u8] = b"PK\x07\x08";

/// Its mark, a checksum, two lengths of 64 bits, and the mark of what follows, by which it is told.
const DESCRIPTOR_BYTES_MAX: u64 = 4 + 4 + 16 + 4;

/// Takes in the files from the first byte on, as far as one follows the other.
pub(super) fn read(listing: &mut Listing<'_>, limit: &ExpansionLimit) {
    let (bytes, mut measure) = (listing.bytes, Measure::new());
    let mut at = 0;
    while let Some(begun) = Head::at(bytes, at) {
        let found = begun.and_then(|head| Ok((head.extent(bytes, limit, &mut measure)?, head)));
        let (extent, head) = match found {
            Ok(found) => found,
            Err(stop) => return stop.note(listing, at),
        };
        let entry = Entry {
            path: &head.path,
            is_no_file: head.path.ends_with(b"/"),
            offset: at,
            is_encrypted: head.flags & ENCRYPTED != 0,
            method: head.method,
            length: extent.length,
            sum: extent.sum,
        };
        if listing.take(&entry, || Ok(extent.packed)).is_break() {
            return;
        }
        let Some(next) = extent.next else {
            return Stop::Lost.note(listing, at);
        };
        at = next;
    }
}

/// Why no more files are found.
enum Stop {
    /// Something else stands where a file should begin.
    NoHead,
    /// Where the file ends isn't known.
    Lost,
    /// The archive ends before it tells; that it ends early is told already.
    Cut,
    TooMuch(std::io::Error),
}

impl Stop {
    fn note(self, listing: &mut Listing<'_>, at: u64) {
        let (kind, words) = match self {
            Self::NoHead => (
                DamageKind::BadArchive,
                "no file begins here; what follows is left out".to_owned(),
            ),
            Self::Lost => (
                DamageKind::BadArchive,
                "where this file ends is not known; what follows is left out".to_owned(),
            ),
            Self::Cut => return,
            Self::TooMuch(cause) => (DamageKind::ExpandsTooMuch, cause.to_string()),
        };
        listing.archive.wrong(kind, at, words);
    }
}

/// What the head of a file says.
struct Head {
    path: Vec<u8>,
    flags: u16,
    method: CompressionMethod,
    sum: u32,
    /// Bytes when it is packed and when it is not.
    packed: u64,
    length: u64,
    /// Where its bytes begin.
    start: u64,
}

/// Where a file stands, and what comes out of it.
struct Extent {
    packed: Range<u64>,
    length: u64,
    sum: Option<u32>,
    /// Where the next one begins; `None` when that isn't known.
    next: Option<u64>,
}

impl Head {
    /// The head at `at`; `None` where the directory begins or the archive ends, within a head, too.
    fn at(bytes: &Bytes, at: u64) -> Option<Result<Self, Stop>> {
        let mark = read_at(bytes, at, HEAD_MARK.len())?;
        if mark == ENTRY_MARK {
            return None;
        }
        if mark != HEAD_MARK {
            return Some(Err(Stop::NoHead));
        }
        let fixed = read_at(bytes, at, HEAD_BYTES)?;
        let (path_length, extra_length) = (u16_at(&fixed, 26)?, u16_at(&fixed, 28)?);
        let path_start = at + HEAD_BYTES as u64;
        let path = read_at(bytes, path_start, path_length.into())?;
        let extra_start = path_start + u64::from(path_length);
        let extra = read_at(bytes, extra_start, extra_length.into())?;
        let mut long = long_lengths(&extra).into_iter();
        let mut length_at = |at: usize| match u32_at(&fixed, at)? {
            LENGTH_ELSEWHERE => long.next(),
            length => Some(length.into()),
        };
        // In the extra field they stand in this order.
        let (length, packed) = (length_at(22), length_at(18));
        let (Some(length), Some(packed)) = (length, packed) else {
            return Some(Err(Stop::Lost));
        };
        Some(Ok(Self {
            path,
            flags: u16_at(&fixed, 6)?,
            method: u16_at(&fixed, 8)?.into(),
            sum: u32_at(&fixed, 14)?,
            packed,
            length,
            start: extra_start + u64::from(extra_length),
        }))
    }

    /// # Errors
    /// [`Stop`] for a file that can't be told from the next one, or has too much in it.
    fn extent(&self, bytes: &Bytes, limit: &ExpansionLimit, measure: &mut Measure) -> Result<Extent, Stop> {
        let has_descriptor = self.flags & HAS_DESCRIPTOR != 0;
        let measured = match has_descriptor && self.packed == 0 {
            true => self.measured(bytes, limit, measure)?,
            false => {
                let end = self.start.saturating_add(self.packed);
                Measured {
                    end,
                    length: self.length,
                    is_whole: end <= bytes.length,
                }
            }
        };
        let Measured {
            end,
            length,
            is_whole,
        } = measured;
        let (sum, next) = match (is_whole, has_descriptor) {
            (true, true) => descriptor_at(bytes, end).unzip(),
            (true, false) => (Some(self.sum), Some(end)),
            (false, _) => (None, None),
        };
        // Behind a file that is cut, or whose descriptor is, there is nothing to miss.
        let room = if is_whole { DESCRIPTOR_BYTES_MAX } else { 0 };
        let is_cut = end.saturating_add(room) > bytes.length || end == bytes.length;
        let next = next.or(is_cut.then_some(bytes.length));
        let packed_end = if is_whole { end } else { bytes.length };
        Ok(Extent {
            packed: self.start..packed_end,
            length,
            sum,
            next,
        })
    }

    /// How long a file is of which only the bytes tell.
    fn measured(
        &self,
        bytes: &Bytes,
        limit: &ExpansionLimit,
        measure: &mut Measure,
    ) -> Result<Measured, Stop> {
        if self.flags & ENCRYPTED != 0 {
            return Err(Stop::Lost);
        }
        match self.method {
            CompressionMethod::DEFLATE => measure.deflated(bytes, self.start, limit).map_err(Stop::TooMuch),
            // Of folders, for one.
            CompressionMethod::STORE if descriptor_at(bytes, self.start).is_some_and(|(sum, _)| sum == 0) => {
                Ok(Measured {
                    end: self.start,
                    length: 0,
                    is_whole: true,
                })
            }
            CompressionMethod::STORE if self.start + DESCRIPTOR_BYTES_MAX > bytes.length => Err(Stop::Cut),
            _ => Err(Stop::Lost),
        }
    }
}

/// The lengths of an extra field, which have 64 bits.
fn long_lengths(mut extra: &[u8]) -> Vec<u64> {
    while let (Some(id), Some(length)) = (u16_at(extra, 0), u16_at(extra, 2)) {
        let Some((field, rest)) = extra[4..].split_at_checked(length.into()) else {
            break;
        };
        if id == LONG_LENGTHS {
            let (lengths, _) = field.as_chunks::<8>();
            return lengths.iter().map(|length| u64::from_le_bytes(*length)).collect();
        }
        extra = rest;
    }
    Vec::new()
}

/// The checksum that stands at `at`, behind a file, and the place behind it and the lengths beside it, which have 32 bits or
/// 64: whichever lets a file, the directory or the end of the archive follow.
fn descriptor_at(bytes: &Bytes, at: u64) -> Option<(u32, u64)> {
    let mark = read_at(bytes, at, DESCRIPTOR_MARK.len())?;
    let at = match mark == DESCRIPTOR_MARK {
        true => at + mark.len() as u64,
        false => at,
    };
    let sum = u32_at(&read_at(bytes, at, 4)?, 0)?;
    let next = [at + 12, at + 20].into_iter().find(|next| {
        let mark = read_at(bytes, *next, HEAD_MARK.len());
        *next == bytes.length || mark.is_some_and(|mark| mark == HEAD_MARK || mark == ENTRY_MARK)
    })?;
    Some((sum, next))
}

/// As many bytes; `None` behind the end, and where they can't be read.
fn read_at(bytes: &Bytes, at: u64, length: usize) -> Option<Vec<u8>> {
    let end = at.checked_add(length as u64)?;
    if end > bytes.length {
        return None;
    }
    let mut found = vec![0; length];
    bytes.source.read_at(at, &mut found).ok()?;
    Some(found)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}
