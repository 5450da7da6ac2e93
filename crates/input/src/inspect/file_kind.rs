//! What a file is.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use insq_event::MemoryBudget;

use crate::ansi::{Uncoloured, is_coloured};
use crate::app_times::TimeShape;
use crate::arrow::Form;
use crate::decompress::decompressed;
use crate::detect::{Container, SAMPLE_BYTES, detect, forced};
use crate::format::LogFormat;
use crate::grammar::LineGrammar;
use crate::parquet::{PARQUET_MAGIC, is_parquet};
use crate::partition::BYTE_ORDER_MARK;
use crate::source::ReadOptions;

/// A file, and what it was recognised as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileKind {
    /// The file, as it was found.
    pub file: String,
    /// Bytes on disk.
    pub bytes: u64,
    /// How many layers of compression are around it.
    pub layers: usize,
    /// The container; `None` for what is empty or no log.
    pub format: Option<LogFormat>,
    /// True when its lines begin with times that name no year, so that they have none; [`crate::LogClock::year`] tells it.
    pub lacks_year: bool,
}

impl FileKind {
    /// What a file is; `None` when it can't be opened, which whoever reads it reports.
    pub(super) fn of(path: &Path, options: &ReadOptions) -> Option<Self> {
        let file = std::fs::File::open(path).ok()?;
        let facts = file.metadata().ok()?;
        let of_format = |layers: usize, format: Option<LogFormat>| Self {
            file: path.display().to_string(),
            bytes: facts.len(),
            layers,
            format,
            lacks_year: false,
        };
        if is_parquet(path, &facts) {
            return Some(of_format(0, Some(LogFormat::Parquet)));
        }
        let (sample, layers) = sample(file, options);
        let sample = sample.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&sample);
        if sample.starts_with(PARQUET_MAGIC) {
            return Some(of_format(layers, Some(LogFormat::Parquet)));
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
        Some(Self {
            lacks_year,
            ..of_format(layers, format)
        })
    }
}

/// The beginning of what a file holds, and how many layers of compression are around it.
fn sample(file: std::fs::File, options: &ReadOptions) -> (Vec<u8>, usize) {
    let mut sample = Vec::new();
    // Bytes that are read twice are counted once, by the scan.
    let progress = Arc::default();
    // Its beginning is enough, so nothing is to be decoded whole.
    let no_memory = MemoryBudget::new(0);
    let Ok((bytes, layers)) = decompressed(Box::new(file), options.expansion_max, &progress, &no_memory)
    else {
        return (sample, 0);
    };
    // A stream that breaks off has a beginning all the same.
    let _ = bytes
        .into_stream()
        .take(SAMPLE_BYTES as u64)
        .read_to_end(&mut sample);
    if Form::of(&sample).is_none() && is_coloured(&sample) {
        let coloured = std::mem::take(&mut sample);
        let _ = Uncoloured::new(&coloured[..]).read_to_end(&mut sample);
    }
    (sample, layers)
}
