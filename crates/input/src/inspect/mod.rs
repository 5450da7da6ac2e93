//! What inputs are and what is in them, told without a query.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use arrow_array::types::TimestampMillisecondType;
use arrow_array::{Array, RecordBatch, cast::AsArray};
use insq_event::{
    DamageLog, EventKinds, EventSource, FieldPath, MemoryBudget, RunContext, ScanColumn, ScanField,
    ScanRequest, SourceError, SystemField, TimeRange,
};

use crate::ansi::{Uncoloured, is_coloured};
use crate::app_times::TimeShape;
use crate::arrow::Form;
use crate::clock_gap::ClockGaps;
use crate::decompress::decompressed;
use crate::detect::{Container, SAMPLE_BYTES, detect, forced};
use crate::format::LogFormat;
use crate::grammar::LineGrammar;
use crate::leaves::{LeafType, leaves};
use crate::parquet::{PARQUET_MAGIC, is_parquet};
use crate::partition::BYTE_ORDER_MARK;
use crate::paths::files_of;
use crate::reserved::BESIDE;
use crate::source::{Input, LogSource, ReadOptions};

/// Different names, and different fields, that are remembered; more are only counted as more.
pub const NAMES_MAX: usize = 10_000;

/// Rows of a batch.
const BATCH_ROWS: usize = 8_192;

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

/// Different values, and how many events have each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Events by value.
    pub counts: BTreeMap<String, u64>,
    /// True when there are more than [`NAMES_MAX`].
    pub is_cut: bool,
}

impl Names {
    fn add(&mut self, name: &str) {
        if let Some(count) = self.counts.get_mut(name) {
            *count += 1;
        } else if self.counts.len() < NAMES_MAX {
            self.counts.insert(name.to_owned(), 1);
        } else {
            self.is_cut = true;
        }
    }
}

/// What was found in some inputs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inspection {
    /// Every file.
    pub files: Vec<FileKind>,
    /// Events in all.
    pub events: u64,
    /// Events without a time.
    pub events_without_time: u64,
    /// Time of the earliest event, milliseconds since the epoch.
    pub first_ms: Option<i64>,
    /// Time of the latest event, milliseconds since the epoch.
    pub last_ms: Option<i64>,
    /// By how many minutes the times of events are later than those that their messages begin with, where most of the latter
    /// name a zone and agree: what [`crate::LogClock::zone`] should be instead, if it is UTC.
    pub clock_gap_minutes: Option<i64>,
    /// Events by `@type`.
    pub types: Names,
    /// Events by `@log`.
    pub log_groups: Names,
    /// Events by `@logStream`.
    pub log_streams: Names,
    /// Events by `@function`.
    pub functions: Names,
    /// Discovered fields, and columns of other tools: events that have one, by type, most frequent field first.
    pub fields: Vec<(String, BTreeMap<LeafType, u64>)>,
    /// True when there are more fields than [`NAMES_MAX`].
    pub are_fields_cut: bool,
    /// Why no columns are among the fields, those of sound files neither: the column that is of a type that is not taken.
    pub columns_left_out: Option<String>,
}

/// Reads all of `paths`; damage is noted in `run`. Memory does not grow with the inputs.
///
/// # Errors
/// [`SourceError`] when nothing can be read at all, or for damage in a strict run.
pub fn inspect(paths: &[&Path], options: &ReadOptions, run: &RunContext) -> Result<Inspection, SourceError> {
    let mut found = Inspection::default();
    for path in paths {
        for file in files_of(path).unwrap_or_default() {
            found.files.extend(recognise(&file, options));
        }
    }
    // A column of a type that is not taken is no reason to tell nothing of the rest. What is noted on the way to it would be
    // noted again.
    let first = RunContext {
        damage: DamageLog::default(),
        progress: Arc::default(),
        ..run.clone()
    };
    match found.clone().scan(paths, options, &first, true) {
        Err(SourceError::Limit(why)) => {
            found.columns_left_out = Some(why);
            found.scan(paths, options, run, false)
        }
        told => {
            for entry in first.damage.entries() {
                run.damage.add(entry);
            }
            told
        }
    }
}

/// What is read of every event, in this order.
const COLUMNS: [SystemField; 6] = [
    SystemField::Timestamp,
    SystemField::Message,
    SystemField::Type,
    SystemField::Log,
    SystemField::LogStream,
    SystemField::Function,
];

/// What is asked of the events, and whether also for what stands beside their messages.
fn request(with_beside: bool) -> Arc<ScanRequest> {
    let fields = COLUMNS.map(|field| (field.name(), ScanField::System(field)));
    let beside = (BESIDE, ScanField::Discovered(FieldPath::new(BESIDE)));
    let fields = fields.into_iter().chain(with_beside.then_some(beside));
    Arc::new(ScanRequest {
        columns: fields
            .map(|(name, field)| ScanColumn {
                name: name.into(),
                field,
            })
            .collect(),
        kinds: EventKinds::ALL,
        time_range: TimeRange::ALL,
        literals: Vec::new(),
        request_id: None,
        function: None,
        batch_rows: BATCH_ROWS,
        bar: None,
    })
}

impl Inspection {
    /// Reads all events.
    fn scan(
        mut self,
        paths: &[&Path],
        options: &ReadOptions,
        run: &RunContext,
        with_beside: bool,
    ) -> Result<Self, SourceError> {
        let inputs = paths.iter().map(|path| Input::Path(path.to_path_buf())).collect();
        let source = LogSource::new(inputs, options.clone());
        let (mut fields, mut gaps) = (Fields::default(), ClockGaps::default());
        for partition in source.partitions(&request(with_beside), run)? {
            let mut reader = partition.open()?;
            while let Some(batch) = reader.next_batch()? {
                self.take(&batch, &mut fields, &mut gaps);
            }
        }
        self.clock_gap_minutes = gaps.usual_minutes();
        self.are_fields_cut = fields.is_cut;
        self.fields = fields.sorted();
        Ok(self)
    }

    fn take(&mut self, batch: &RecordBatch, fields: &mut Fields, gaps: &mut ClockGaps) {
        self.events += batch.num_rows() as u64;
        let times = batch.column(0).as_primitive::<TimestampMillisecondType>();
        self.events_without_time += times.null_count() as u64;
        for time in times.iter().flatten() {
            self.first_ms = Some(self.first_ms.map_or(time, |first| first.min(time)));
            self.last_ms = Some(self.last_ms.map_or(time, |last| last.max(time)));
        }
        let messages = batch.column(1).as_string_view();
        let beside = batch
            .columns()
            .get(COLUMNS.len())
            .map(|texts| texts.as_string_view());
        for row in 0..batch.num_rows() {
            fields.begin();
            if let Some(beside) = beside.filter(|beside| beside.is_valid(row)) {
                fields.take(beside.value(row), |path| !is_system(path));
            }
            if messages.is_valid(row) {
                fields.take(messages.value(row), |_| true);
                if times.is_valid(row) {
                    gaps.add(times.value(row), messages.value(row));
                }
            }
        }
        let names = [
            &mut self.types,
            &mut self.log_groups,
            &mut self.log_streams,
            &mut self.functions,
        ];
        for (column, names) in batch.columns()[2..COLUMNS.len()].iter().zip(names) {
            column
                .as_string_view()
                .iter()
                .flatten()
                .for_each(|name| names.add(name));
        }
    }
}

/// True for a system field, which containers hold under the name that discovered fields have with one more sign.
fn is_system(path: &str) -> bool {
    let name = path.strip_prefix('@').filter(|name| name.starts_with('@'));
    name.is_some_and(|name| SystemField::from_name(name).is_some())
}

/// Discovered fields and how many events have them.
#[derive(Default)]
struct Fields {
    counts: HashMap<String, BTreeMap<LeafType, u64>>,
    /// Those of the event at hand: a key may stand in it twice.
    seen: HashSet<String>,
    is_cut: bool,
}

impl Fields {
    /// Begins another event.
    fn begin(&mut self) {
        self.seen.clear();
    }

    /// Takes those fields of a text of the event that are `wanted`; what an earlier text of it told is known.
    fn take(&mut self, text: &str, wanted: impl Fn(&str) -> bool) {
        let (counts, seen, is_cut) = (&mut self.counts, &mut self.seen, &mut self.is_cut);
        leaves(text.as_bytes(), &mut |path, kind| {
            if !wanted(path) || !seen.insert(path.to_owned()) {
                return;
            }
            if let Some(kinds) = counts.get_mut(path) {
                *kinds.entry(kind).or_default() += 1;
            } else if counts.len() < NAMES_MAX {
                counts.insert(path.to_owned(), BTreeMap::from([(kind, 1)]));
            } else {
                *is_cut = true;
            }
        });
    }

    fn sorted(self) -> Vec<(String, BTreeMap<LeafType, u64>)> {
        let mut fields: Vec<_> = self.counts.into_iter().collect();
        let total = |kinds: &BTreeMap<LeafType, u64>| kinds.values().sum::<u64>();
        fields.sort_by(|a, b| total(&b.1).cmp(&total(&a.1)).then_with(|| a.0.cmp(&b.0)));
        fields
    }
}

/// What a file is; `None` when it can't be opened, which the scan reports.
fn recognise(path: &Path, options: &ReadOptions) -> Option<FileKind> {
    let file = std::fs::File::open(path).ok()?;
    let facts = file.metadata().ok()?;
    let bytes = facts.len();
    if is_parquet(path, &facts) {
        return Some(FileKind {
            file: path.display().to_string(),
            bytes,
            layers: 0,
            format: Some(LogFormat::Parquet),
            lacks_year: false,
        });
    }
    let mut sample = Vec::new();
    // Bytes that are read twice are counted once, by the scan.
    let progress = Arc::default();
    // Its beginning is enough, so nothing is to be decoded whole.
    let no_memory = MemoryBudget::new(0);
    let layers = match decompressed(Box::new(file), options.expansion_max, &progress, &no_memory) {
        Ok((bytes, layers)) => {
            let stream = bytes.into_stream();
            // A stream that breaks off has a beginning all the same.
            let _ = stream.take(SAMPLE_BYTES as u64).read_to_end(&mut sample);
            if Form::of(&sample).is_none() && is_coloured(&sample) {
                let coloured = std::mem::take(&mut sample);
                let _ = Uncoloured::new(&coloured[..]).read_to_end(&mut sample);
            }
            layers
        }
        Err(_) => 0,
    };
    let sample = sample.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&sample);
    let container = match options.format {
        _ if sample.starts_with(PARQUET_MAGIC) => {
            return Some(FileKind {
                file: path.display().to_string(),
                bytes,
                layers,
                format: Some(LogFormat::Parquet),
                lacks_year: false,
            });
        }
        Some(format) if !sample.is_empty() => forced(format, sample, options.clock),
        _ => detect(sample, sample.len() < SAMPLE_BYTES, options.clock),
    };
    let lacks_year =
        matches!(container, Container::Lines(LineGrammar::Bare)) && TimeShape::any_lacks_year(sample);
    let format = match container {
        Container::Empty | Container::Binary => None,
        other => other.format(),
    };
    Some(FileKind {
        file: path.display().to_string(),
        bytes,
        layers,
        format,
        lacks_year,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use insq_event::MemoryBudget;

    #[test]
    fn files_events_names_and_fields() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write(
            "a.log",
            "1970-01-01T00:00:01.000Z {\"level\":\"INFO\",\"n\":1,\"n\":2}\n1970-01-01T00:00:02.000Z {\"level\":7}\n",
        );
        write("b.log", "no time\n");
        write("empty.log", "");
        let run = RunContext::new(MemoryBudget::unlimited());
        let found = inspect(&[folder.path()], &ReadOptions::default(), &run).unwrap();
        let formats: Vec<Option<LogFormat>> = found.files.iter().map(|file| file.format).collect();
        assert_eq!(formats, [Some(LogFormat::Export), Some(LogFormat::Lines), None]);
        assert_eq!((found.events, found.events_without_time), (3, 1));
        assert_eq!((found.first_ms, found.last_ms), (Some(1_000), Some(2_000)));
        let level = BTreeMap::from([(LeafType::Text, 1), (LeafType::Number, 1)]);
        let n = BTreeMap::from([(LeafType::Number, 1)]);
        assert_eq!(found.fields, [("level".to_owned(), level), ("n".to_owned(), n)]);
    }

    #[test]
    fn names_have_a_limit() {
        let mut names = Names::default();
        (0..NAMES_MAX).for_each(|n| names.add(&n.to_string()));
        assert!(!names.is_cut && names.counts.len() == NAMES_MAX);
        names.add("0");
        assert!(!names.is_cut);
        names.add("one more");
        assert!(names.is_cut && names.counts.len() == NAMES_MAX);
    }
}
