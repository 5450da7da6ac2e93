//! Streams of which the end tells where the rest is: put aside, where any part can be read.

use std::io::{self, Read, Write};
use std::sync::Arc;

use bytes::Bytes;
use insq_event::{MemoryExceeded, Reservation, RunContext};

use crate::decompress::ByteStream;
use crate::ranged::{RangedRead, ranged};

/// Bytes of a stream at most. Nothing tells beforehand how much comes, and the disk is others' too.
pub(crate) const SPOOLED_BYTES_MAX: u64 = 64 << 30;

/// Bytes that are moved at a time.
const PIECE_BYTES: usize = 1 << 20;

/// A stream that was put aside.
pub(crate) struct Spooled {
    pub(crate) source: Arc<dyn RangedRead>,
    pub(crate) length: u64,
    /// Why it ended early, if it did: what came before is there.
    pub(crate) broken_off: Option<io::Error>,
}

/// Why a stream was not put aside.
#[derive(Debug)]
pub(crate) enum Unspooled {
    /// It has more bytes than so many.
    TooLong(u64),
    /// The temporary file can't be written.
    Unwritten(io::Error),
    Memory(MemoryExceeded),
    Cancelled,
}

/// Puts a stream into a file without a name, where the run has a folder for such, and else into memory, which is charged to
/// `owner`. Whoever hands the stream over counts its bytes.
pub(crate) fn spooled(
    stream: ByteStream,
    run: &RunContext,
    owner: &'static str,
) -> Result<Spooled, Unspooled> {
    spooled_up_to(SPOOLED_BYTES_MAX, stream, run, owner)
}

fn spooled_up_to(
    bytes_max: u64,
    stream: ByteStream,
    run: &RunContext,
    owner: &'static str,
) -> Result<Spooled, Unspooled> {
    let mut incoming = Incoming {
        stream,
        run,
        bytes: 0,
        bytes_max,
        broken_off: None,
    };
    let source = match &run.spill {
        Some(spill) => {
            let mut file = tempfile::tempfile_in(&spill.folder).map_err(Unspooled::Unwritten)?;
            incoming.move_into(|piece| file.write_all(piece).map_err(Unspooled::Unwritten))?;
            ranged(file)
        }
        None => incoming.kept(owner)?,
    };
    Ok(Spooled {
        source,
        length: incoming.bytes,
        broken_off: incoming.broken_off,
    })
}

/// A stream that is put somewhere.
struct Incoming<'a> {
    stream: ByteStream,
    run: &'a RunContext,
    bytes: u64,
    bytes_max: u64,
    broken_off: Option<io::Error>,
}

impl Incoming<'_> {
    fn move_into(&mut self, mut put: impl FnMut(&[u8]) -> Result<(), Unspooled>) -> Result<(), Unspooled> {
        let mut piece = vec![0; PIECE_BYTES];
        loop {
            if self.run.cancellation.is_cancelled() {
                return Err(Unspooled::Cancelled);
            }
            let read = match self.stream.read(&mut piece) {
                Ok(0) => return Ok(()),
                Ok(read) => read,
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
                Err(cause) => {
                    self.broken_off = Some(cause);
                    return Ok(());
                }
            };
            self.bytes += read as u64;
            if self.bytes > self.bytes_max {
                return Err(Unspooled::TooLong(self.bytes_max));
            }
            put(&piece[..read])?;
        }
    }

    fn kept(&mut self, owner: &'static str) -> Result<Arc<dyn RangedRead>, Unspooled> {
        let mut held = self.run.memory.reservation(owner);
        let mut kept = Vec::new();
        self.move_into(|piece| {
            if kept.capacity() - kept.len() < piece.len() {
                // Room doubles, and for a moment both lie there.
                held.resize(3 * (kept.len() + piece.len()))
                    .map_err(Unspooled::Memory)?;
            }
            kept.extend_from_slice(piece);
            Ok(())
        })?;
        held.resize(kept.capacity()).map_err(Unspooled::Memory)?;
        Ok(Arc::new(Kept {
            bytes: kept.into(),
            _held: held,
        }))
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

    use insq_event::{MemoryBudget, Spill};

    use super::*;
    use crate::failing::Failing;

    fn stream(bytes: usize) -> ByteStream {
        Box::new(Cursor::new(vec![7; bytes]))
    }

    fn put_aside(bytes_max: u64, bytes: usize, run: &RunContext) -> Result<u64, Unspooled> {
        spooled_up_to(bytes_max, stream(bytes), run, "a test").map(|spooled| spooled.length)
    }

    #[test]
    fn a_stream_has_a_length_at_most() {
        let run = RunContext::new(MemoryBudget::unlimited());
        assert_eq!(put_aside(3_000_000, 3_000_000, &run).unwrap(), 3_000_000);
        let refused = put_aside(3_000_000, 3_000_001, &run);
        assert!(matches!(refused, Err(Unspooled::TooLong(3_000_000))));
    }

    #[test]
    fn without_a_folder_memory_is_the_limit_and_with_one_it_is_not() {
        let limited = |bytes| RunContext::new(MemoryBudget::new(bytes));
        let is_refused = |run: &RunContext| match put_aside(u64::MAX, 3 << 20, run) {
            Ok(_) => false,
            Err(Unspooled::Memory(_)) => true,
            Err(why) => panic!("{why:?}"),
        };
        assert!(!is_refused(&limited(12 << 20)));
        assert!(is_refused(&limited(3 << 20)));
        let folder = tempfile::tempdir().unwrap();
        let mut run = limited(1 << 20);
        run.spill = Some(Spill::to(folder.path()));
        assert!(!is_refused(&run));
        run.spill = Some(Spill::to(folder.path().join("none")));
        assert!(matches!(
            put_aside(u64::MAX, 10, &run),
            Err(Unspooled::Unwritten(_))
        ));
    }

    #[test]
    fn what_came_before_an_error_is_kept() {
        let run = RunContext::new(MemoryBudget::unlimited());
        let broken = Failing::new(io::ErrorKind::InvalidData.into());
        let stream = Box::new(stream(10).chain(broken));
        let spooled = spooled(stream, &run, "a test").unwrap();
        let mut found = [0; 10];
        spooled.source.read_at(0, &mut found).unwrap();
        assert_eq!((spooled.length, found), (10, [7; 10]));
        assert_eq!(
            spooled.broken_off.map(|cause| cause.kind()),
            Some(io::ErrorKind::InvalidData)
        );
    }

    #[test]
    fn a_wish_to_stop_is_heard() {
        let run = RunContext::new(MemoryBudget::unlimited());
        run.cancellation.cancel();
        assert!(matches!(put_aside(u64::MAX, 10, &run), Err(Unspooled::Cancelled)));
    }
}
