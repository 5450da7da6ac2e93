//! A Parquet file that lies elsewhere: few requests, and only for the bytes that are wanted.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use insq_event::{Progress, Reservation};

use super::file::PARQUET_MAGIC;
use crate::ranged::RangedRead;
use crate::remote::RemoteFile;

/// Bytes at the end of a file that are asked for first. The footer of most files lies within them, with the places of
/// pages, and so do small files as a whole.
pub(super) const TAIL_BYTES: u64 = 64 << 10;

/// Wanted bytes that lie no further apart are fetched together: at the usual speeds of stores, what is between them takes
/// less time than another request.
pub(super) const GAP_BYTES_MAX: u64 = 128 << 10;

/// Bytes of a request at most: what is asked for again when an answer breaks off.
pub(super) const REQUEST_BYTES_MAX: u64 = 8 << 20;

/// Reads ranges of a remote file, and counts what is fetched: what it has already is read for nothing.
pub(super) struct FarRanges {
    file: Arc<dyn RemoteFile>,
    tail: Tail,
    progress: Arc<Progress>,
    /// The memory of the tail, when it stays.
    _held: Option<Reservation>,
}

/// The last bytes of a file.
#[derive(Clone, Default)]
pub(super) struct Tail {
    start: u64,
    bytes: Bytes,
}

impl Tail {
    /// Asks for the end of `file`.
    ///
    /// # Errors
    /// What the store says.
    pub(super) fn fetch(file: &dyn RemoteFile, bytes: u64, progress: &Progress) -> io::Result<Self> {
        let size = file.size_bytes();
        let start = size.saturating_sub(bytes);
        let bytes = Bytes::from(file.read_range(start..size)?);
        progress.add_read(bytes.len() as u64);
        Ok(Self { start, bytes })
    }

    /// True for the end of a Parquet file.
    pub(super) fn is_parquet(&self) -> bool {
        self.bytes.ends_with(PARQUET_MAGIC)
    }

    pub(super) fn is_whole(&self) -> bool {
        self.start == 0
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The bytes of `range`, if they are among these.
    fn get(&self, range: &Range<u64>) -> Option<Bytes> {
        let from = usize::try_from(range.start.checked_sub(self.start)?).ok()?;
        let to = usize::try_from(range.end.checked_sub(self.start)?).ok()?;
        (from <= to && to <= self.bytes.len()).then(|| self.bytes.slice(from..to))
    }
}

impl FarRanges {
    pub(super) fn new(
        file: &Arc<dyn RemoteFile>,
        tail: Tail,
        progress: &Arc<Progress>,
        held: Option<Reservation>,
    ) -> Self {
        Self {
            file: Arc::clone(file),
            tail,
            progress: Arc::clone(progress),
            _held: held,
        }
    }

    /// The bytes that requests for `ranges` bring, gaps and all; what memory they take.
    pub(super) fn bytes_for(&self, ranges: &[Range<u64>]) -> u64 {
        let missing = ranges.iter().filter(|range| self.tail.get(range).is_none());
        let joined = joined(missing.cloned().collect());
        joined.iter().map(|range| range.end - range.start).sum()
    }

    /// The bytes of every range, with as few requests as that takes.
    ///
    /// # Errors
    /// What the store says, and ranges that reach beyond the file.
    pub(super) fn fetch(&self, ranges: &[Range<u64>]) -> io::Result<Vec<Bytes>> {
        let missing = ranges.iter().filter(|range| self.tail.get(range).is_none());
        let mut fetched: Vec<Tail> = Vec::new();
        for range in joined(missing.cloned().collect()) {
            let start = range.start;
            let bytes = self.joined_bytes(range)?;
            fetched.push(Tail { start, bytes });
        }
        let lost = || io::Error::from(io::ErrorKind::UnexpectedEof);
        let found = |range: &Range<u64>| {
            let pieces = std::iter::once(&self.tail).chain(&fetched);
            pieces.into_iter().find_map(|piece| piece.get(range))
        };
        ranges.iter().map(|range| found(range).ok_or_else(lost)).collect()
    }

    /// All bytes of a range, in requests that are not too large.
    fn joined_bytes(&self, range: Range<u64>) -> io::Result<Bytes> {
        if range.end > self.file.size_bytes() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut bytes = Vec::new();
        let mut start = range.start;
        while start < range.end {
            let end = range.end.min(start.saturating_add(REQUEST_BYTES_MAX));
            let piece = self.file.read_range(start..end)?;
            self.progress.add_read(piece.len() as u64);
            match bytes.is_empty() {
                true => bytes = piece,
                false => bytes.extend_from_slice(&piece),
            }
            start = end;
        }
        Ok(bytes.into())
    }
}

impl RangedRead for FarRanges {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let end = offset.saturating_add(buffer.len() as u64);
        let range = offset..end;
        let bytes = match self.tail.get(&range) {
            Some(bytes) => bytes,
            None => self.joined_bytes(range)?,
        };
        if bytes.len() != buffer.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        buffer.copy_from_slice(&bytes);
        Ok(())
    }
}

/// Ranges in their order, those near each other as one.
fn joined(mut ranges: Vec<Range<u64>>) -> Vec<Range<u64>> {
    ranges.sort_unstable_by_key(|range| range.start);
    let mut joined: Vec<Range<u64>> = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start <= last.end.saturating_add(GAP_BYTES_MAX) => {
                last.end = last.end.max(range.end);
            }
            _ => joined.push(range),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read};
    use std::sync::Mutex;

    use super::*;

    /// Remembers what it was asked for.
    struct Recorded {
        bytes: Vec<u8>,
        asked: Mutex<Vec<Range<u64>>>,
    }

    impl RemoteFile for Recorded {
        fn name(&self) -> &str {
            "s3://logs/a"
        }

        fn size_bytes(&self) -> u64 {
            self.bytes.len() as u64
        }

        fn open(&self) -> io::Result<Box<dyn Read + Send>> {
            Ok(Box::new(Cursor::new(self.bytes.clone())))
        }

        fn read_range(&self, range: Range<u64>) -> io::Result<Vec<u8>> {
            self.asked.lock().unwrap().push(range.clone());
            Ok(self.bytes[range.start as usize..range.end as usize].to_vec())
        }
    }

    fn recorded(length: u64) -> Arc<Recorded> {
        Arc::new(Recorded {
            bytes: (0..length).map(|idx| (idx % 251) as u8).collect(),
            asked: Mutex::default(),
        })
    }

    fn ranges_of(file: &Arc<Recorded>, tail_bytes: u64) -> FarRanges {
        let progress = Arc::default();
        let tail = Tail::fetch(&**file, tail_bytes, &progress).unwrap();
        let file: Arc<dyn RemoteFile> = Arc::clone(file) as _;
        FarRanges::new(&file, tail, &progress, None)
    }

    #[test]
    fn near_ranges_are_one_request_and_far_ones_are_two() {
        let near = joined(vec![GAP_BYTES_MAX + 10..GAP_BYTES_MAX + 20, 0..10]);
        assert_eq!(near, std::slice::from_ref(&(0..GAP_BYTES_MAX + 20)));
        let far = [0..10, GAP_BYTES_MAX + 11..GAP_BYTES_MAX + 20];
        assert_eq!(joined(far.to_vec()), far);
        assert_eq!(joined(vec![0..100, 10..20]), std::slice::from_ref(&(0..100)));
        assert_eq!(joined(Vec::new()), []);
    }

    #[test]
    fn every_range_gets_its_bytes_and_what_is_fetched_is_counted() {
        let file = recorded(10 * GAP_BYTES_MAX);
        let ranges = ranges_of(&file, 100);
        let end = file.size_bytes();
        let wanted = [
            5..9,
            1_000..1_010,
            end - 50..end - 40,
            5 * GAP_BYTES_MAX..5 * GAP_BYTES_MAX + 1,
        ];
        let found = ranges.fetch(&wanted).unwrap();
        for (range, bytes) in wanted.iter().zip(found) {
            assert_eq!(bytes, file.bytes[range.start as usize..range.end as usize]);
        }
        let asked = file.asked.lock().unwrap().clone();
        assert_eq!(asked[1..], [5..1_010, 5 * GAP_BYTES_MAX..5 * GAP_BYTES_MAX + 1]);
        assert_eq!(ranges.progress.snapshot().bytes_read, 100 + 1_005 + 1);
        assert_eq!(ranges.bytes_for(&wanted), 1_005 + 1);
        assert!(ranges.fetch(std::slice::from_ref(&(end - 1..end + 1))).is_err());
    }

    #[test]
    fn a_request_has_a_size_at_most() {
        for (length, requests) in [(REQUEST_BYTES_MAX, 1), (REQUEST_BYTES_MAX + 1, 2)] {
            let file = recorded(length);
            let ranges = ranges_of(&file, 0);
            let found = ranges.fetch(std::slice::from_ref(&(0..length))).unwrap();
            assert!(found[0] == file.bytes, "{length}");
            assert_eq!(file.asked.lock().unwrap().len() - 1, requests);
        }
    }

    #[test]
    fn the_tail_is_not_asked_for_again() {
        let file = recorded(1_000);
        let ranges = ranges_of(&file, 10);
        let mut buffer = [0; 10];
        ranges.read_at(990, &mut buffer).unwrap();
        assert_eq!(
            (buffer[0], file.asked.lock().unwrap().len()),
            (file.bytes[990], 1)
        );
        ranges.read_at(989, &mut buffer).unwrap();
        assert_eq!(
            (buffer[0], file.asked.lock().unwrap().len()),
            (file.bytes[989], 2)
        );
        assert!(ranges.read_at(991, &mut buffer).is_err());
    }
}
