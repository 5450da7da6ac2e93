//! Parquet that comes as a stream: its footer comes last, so all of it is put where any part can be read.

use std::io::{self, Read, Write};
use std::sync::Arc;

use bytes::Bytes;
use insq_event::{Reservation, RunContext};

use super::failure::{Failure, Stop};
use super::file::ParquetFile;
use super::ranged::{CountedRanges, RangedRead, ranged};
use crate::decompress::{ByteStream, damage_of};

/// Bytes of a stream at most. Nothing tells beforehand how much comes, and the disk is others' too.
pub(crate) const SPOOLED_BYTES_MAX: u64 = 64 << 30;

/// Bytes that are moved at a time.
const PIECE_BYTES: usize = 1 << 20;

/// Puts a stream into a file without a name, where the run has a folder for such, and else into memory, and reads its footer.
/// Whoever hands the stream over counts its bytes.
pub(crate) fn spooled(stream: ByteStream, run: &RunContext, with_pages: bool) -> Result<ParquetFile, Stop> {
    spooled_up_to(SPOOLED_BYTES_MAX, stream, run, with_pages)
}

fn spooled_up_to(
    bytes_max: u64,
    stream: ByteStream,
    run: &RunContext,
    with_pages: bool,
) -> Result<ParquetFile, Stop> {
    let mut incoming = Incoming {
        stream,
        run,
        bytes: 0,
        bytes_max,
    };
    let source = match &run.spill {
        Some(spill) => {
            let mut file = tempfile::tempfile_in(&spill.folder).map_err(unwritten)?;
            incoming.move_into(|piece| file.write_all(piece).map_err(unwritten))?;
            ranged(file)
        }
        None => incoming.kept()?,
    };
    let ranges = CountedRanges {
        source,
        length: incoming.bytes,
        progress: Arc::default(),
    };
    let mut file = ParquetFile::of_ranges(ranges, with_pages)?;
    file.is_spooled = true;
    Ok(file)
}

fn unwritten(cause: io::Error) -> Stop {
    let words =
        format!("Parquet that comes as a stream waits in a temporary file, which can't be written: {cause}");
    Failure::bad(words).into()
}

/// A stream that is put somewhere.
struct Incoming<'a> {
    stream: ByteStream,
    run: &'a RunContext,
    bytes: u64,
    bytes_max: u64,
}

impl Incoming<'_> {
    fn move_into(&mut self, mut put: impl FnMut(&[u8]) -> Result<(), Stop>) -> Result<(), Stop> {
        let mut piece = vec![0; PIECE_BYTES];
        loop {
            if self.run.cancellation.is_cancelled() {
                return Err(Stop::Cancelled);
            }
            let read = match self.stream.read(&mut piece) {
                Ok(0) => return Ok(()),
                Ok(read) => read,
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
                Err(cause) => return Err(broken_off(&cause).into()),
            };
            self.bytes += read as u64;
            if self.bytes > self.bytes_max {
                let words = format!(
                    "Parquet that comes as a stream is taken up to {} bytes; put it into a file",
                    self.bytes_max
                );
                return Err(Failure::bad(words).into());
            }
            put(&piece[..read])?;
        }
    }

    fn kept(&mut self) -> Result<Arc<dyn RangedRead>, Stop> {
        let mut held = self.run.memory.reservation("Parquet of a stream");
        let mut kept = Vec::new();
        self.move_into(|piece| {
            if kept.capacity() - kept.len() < piece.len() {
                // Room doubles, and for a moment both lie there.
                held.resize(3 * (kept.len() + piece.len()))?;
            }
            kept.extend_from_slice(piece);
            Ok(())
        })?;
        held.resize(kept.capacity())?;
        Ok(Arc::new(Kept {
            bytes: kept.into(),
            _held: held,
        }))
    }
}

fn broken_off(cause: &io::Error) -> Failure {
    Failure {
        kind: damage_of(cause),
        words: format!("{cause}; Parquet can't be read without its end"),
    }
}

/// A stream in memory.
struct Kept {
    bytes: Bytes,
    _held: Reservation,
}

impl RangedRead for Kept {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.bytes.read_at(offset, buffer)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use insq_event::{DamageKind, MemoryBudget, Spill};

    use super::*;

    /// Not Parquet, which shows only after all of it was taken.
    fn stream(bytes: usize) -> ByteStream {
        Box::new(Cursor::new(vec![7; bytes]))
    }

    fn refusal(bytes_max: u64, bytes: usize, run: &RunContext) -> String {
        match spooled_up_to(bytes_max, stream(bytes), run, false) {
            Ok(_) => "taken".to_owned(),
            Err(Stop::Damage(failure)) => {
                assert_eq!(failure.kind, DamageKind::BadParquet);
                failure.words
            }
            Err(Stop::Run(error)) => error.to_string(),
            Err(Stop::Cancelled) => "cancelled".to_owned(),
        }
    }

    #[test]
    fn a_stream_has_a_length_at_most() {
        let run = RunContext::new(MemoryBudget::unlimited());
        let too_long = "taken up to 3000000 bytes";
        assert!(!refusal(3_000_000, 3_000_000, &run).contains(too_long));
        assert!(refusal(3_000_000, 3_000_001, &run).contains(too_long));
    }

    #[test]
    fn without_a_folder_memory_is_the_limit_and_with_one_it_is_not() {
        let limited = |bytes| RunContext::new(MemoryBudget::new(bytes));
        let is_refused = |run: &RunContext| refusal(u64::MAX, 3 << 20, run).contains("memory");
        assert!(!is_refused(&limited(12 << 20)));
        assert!(is_refused(&limited(3 << 20)));
        let folder = tempfile::tempdir().unwrap();
        let mut run = limited(1 << 20);
        run.spill = Some(Spill::to(folder.path()));
        assert!(!is_refused(&run));
        run.spill = Some(Spill::to(folder.path().join("none")));
        assert!(refusal(u64::MAX, 10, &run).contains("temporary file"));
    }

    #[test]
    fn a_wish_to_stop_is_heard() {
        let run = RunContext::new(MemoryBudget::unlimited());
        run.cancellation.cancel();
        assert_eq!(refusal(u64::MAX, 10, &run), "cancelled");
    }
}
