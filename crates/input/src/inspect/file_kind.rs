//! What a file is.

use std::sync::Arc;

use insq_event::MemoryBudget;

use crate::app_times::TimeShape;
use crate::decompress::{ByteStream, decompressed};
use crate::detect::{Container, SAMPLE_BYTES, detect, forced};
use crate::format::LogFormat;
use crate::grammar::LineGrammar;
use crate::parquet::PARQUET_MAGIC;
use crate::partition::BYTE_ORDER_MARK;
use crate::sampled::Sampled;
use crate::source::ReadOptions;

/// A file, and what it was recognised as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileKind {
    /// The file, as it was found, or what messages call the stream.
    pub file: String,
    /// Its size: that of a stream is known when it has been read.
    pub bytes: u64,
    /// How many layers of compression are around it.
    pub layers: usize,
    /// The container; `None` for what is empty or no log.
    pub format: Option<LogFormat>,
    /// True when its lines begin with times that name no year, so that they have none; [`crate::LogClock::year`] tells it.
    pub lacks_year: bool,
}

impl FileKind {
    /// What a file of this size is that begins like `beginning`.
    pub(super) fn of(file: String, bytes: u64, beginning: ByteStream, options: &ReadOptions) -> Self {
        let (sample, layers) = sample(beginning, options);
        let of_format = |format: Option<LogFormat>| Self {
            file,
            bytes,
            layers,
            format,
            lacks_year: false,
        };
        let sample = sample.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&sample);
        if sample.starts_with(PARQUET_MAGIC) {
            return of_format(Some(LogFormat::Parquet));
        }
        let container = match options.format {
            Some(format) if !sample.is_empty() => forced(format, sample, options.clock),
            _ => detect(sample, sample.len() < SAMPLE_BYTES, options.clock),
        };
        let lacks_year =
            matches!(container, Container::Lines(LineGrammar::Bare)) && TimeShape::any_lacks_year(sample);
        let format = match container {
            Container::Empty | Container::Binary => None,
            other => other.format(),
        };
        Self {
            lacks_year,
            ..of_format(format)
        }
    }
}

/// The beginning of what a file holds, and how many layers of compression are around it.
fn sample(file: ByteStream, options: &ReadOptions) -> (Vec<u8>, usize) {
    // Bytes that are read twice are counted once, by the scan.
    let progress = Arc::default();
    // Its beginning is enough, so nothing is to be decoded whole.
    let no_memory = MemoryBudget::new(0);
    let Ok((bytes, layers)) = decompressed(file, options.expansion_max, &progress, &no_memory) else {
        return (Vec::new(), 0);
    };
    let sampled = Sampled::of(bytes).and_then(Sampled::into_plain_text);
    let sample = sampled.map_or_else(|_| Vec::new(), |sampled| sampled.sample().to_vec());
    (sample, layers)
}
