//! Parquet that comes as a stream: its footer comes last, so all of it is put aside first.

use std::io;
use std::sync::Arc;

use insq_event::RunContext;

use super::failure::{Failure, Stop};
use super::file::ParquetFile;
use super::ranged::CountedRanges;
use crate::decompress::{ByteStream, damage_of};
use crate::spool::{self, Unspooled};

/// Puts a stream aside and reads its footer. Whoever hands it over counts its bytes.
pub(crate) fn spooled(stream: ByteStream, run: &RunContext, with_pages: bool) -> Result<ParquetFile, Stop> {
    let spooled = spool::spooled(stream, run, "Parquet of a stream").map_err(stop_of)?;
    if let Some(cause) = &spooled.broken_off {
        return Err(broken_off(cause).into());
    }
    let ranges = CountedRanges {
        source: spooled.source,
        length: spooled.length,
        progress: Arc::default(),
    };
    let mut file = ParquetFile::of_ranges(ranges, with_pages)?;
    file.is_spooled = true;
    Ok(file)
}

fn stop_of(why: Unspooled) -> Stop {
    let words = match why {
        Unspooled::Memory(cause) => return Stop::Run(cause.into()),
        Unspooled::Cancelled => return Stop::Cancelled,
        Unspooled::TooLong(bytes_max) => {
            format!("Parquet that comes as a stream is taken up to {bytes_max} bytes; put it into a file")
        }
        Unspooled::Unwritten(cause) => format!(
            "Parquet that comes as a stream waits in a temporary file, which can't be written: {cause}"
        ),
    };
    Failure::bad(words).into()
}

fn broken_off(cause: &io::Error) -> Failure {
    Failure {
        kind: damage_of(cause),
        words: format!("{cause}; Parquet can't be read without its end"),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read};

    use insq_event::{DamageKind, MemoryBudget, Spill};

    use super::*;
    use crate::failing::Failing;

    /// Why a stream is not read.
    fn refusal(stream: ByteStream, run: &RunContext) -> (Option<DamageKind>, String) {
        match spooled(stream, run, false) {
            Ok(_) => (None, "taken".to_owned()),
            Err(Stop::Damage(failure)) => (Some(failure.kind), failure.words),
            Err(Stop::Run(error)) => (None, error.to_string()),
            Err(Stop::Cancelled) => (None, "cancelled".to_owned()),
        }
    }

    #[test]
    fn why_a_stream_is_not_read() {
        // Not Parquet, which shows only after all of it was taken.
        let stream = || -> ByteStream { Box::new(Cursor::new(vec![7; 3 << 20])) };
        let mut run = RunContext::new(MemoryBudget::new(3 << 20));
        assert!(refusal(stream(), &run).1.contains("memory"));
        run.spill = Some(Spill::to(std::path::Path::new("/none/at/all")));
        let (kind, words) = refusal(stream(), &run);
        assert_eq!(kind, Some(DamageKind::BadParquet));
        assert!(words.contains("temporary file"), "{words}");
        run.spill = None;
        run.memory = MemoryBudget::unlimited();
        assert_eq!(refusal(stream(), &run).0, Some(DamageKind::BadParquet));
        let broken = Failing::new(io::ErrorKind::InvalidData.into());
        let (kind, words) = refusal(Box::new(stream().chain(broken)), &run);
        assert_eq!(kind, Some(DamageKind::BadCompression));
        assert!(words.ends_with("can't be read without its end"), "{words}");
        let Stop::Damage(too_long) = stop_of(Unspooled::TooLong(7)) else {
            panic!("no damage");
        };
        assert!(too_long.words.contains("up to 7 bytes"), "{}", too_long.words);
        run.cancellation.cancel();
        assert_eq!(refusal(stream(), &run).1, "cancelled");
    }
}
