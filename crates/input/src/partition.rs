//! One file or part of a file, read by one thread.

use std::collections::VecDeque;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use insq_event::{DamageKind, SharedPartition, SharedReader, SourceError};

use crate::app_times::TimeShape;
use crate::arrow;
use crate::blocks::Blocks;
use crate::cli_text::CliTextEvents;
use crate::clock::LogClock;
use crate::columns::{ColumnMaker, FileNames};
use crate::csv::CsvEvents;
use crate::cuttable::Cuttable;
use crate::decompress::{ByteStream, damage_of, decompressed};
use crate::detect::{Container, detect, forced};
use crate::error::DamageNotes;
use crate::format::LogFormat;
use crate::framed::{Beside, Event, Framed, Lent};
use crate::grammar::LineGrammar;
use crate::json::{JsonEvents, JsonLayout};
use crate::json_lines::JsonLinesEvents;
use crate::lane::Lane;
use crate::mapped_part::MappedPart;
use crate::packed;
use crate::parquet::{LateParquet, PARQUET_MAGIC, ParquetFile, spooled, uses_pages};
use crate::planner::KnownLater;
use crate::remote::RemoteFile;
use crate::sampled::Sampled;
use crate::standing::{FileState, Standing};
use crate::text::TextEvents;

/// Where the bytes of a partition come from.
pub(crate) enum Origin {
    /// A stream that is open already.
    Stream(ByteStream),
    /// A file that lies elsewhere.
    Remote(Arc<dyn RemoteFile>),
    /// A whole file.
    File { path: Arc<PathBuf>, state: FileState },
    /// The events of a plain file that begin in `start..end`.
    Part {
        path: Arc<PathBuf>,
        state: FileState,
        start: u64,
        end: Option<u64>,
        /// True for one part of every file, which stands for it in counts.
        is_first: bool,
        what: Cuttable,
    },
}

/// A partition that waits for a thread.
pub(crate) struct Partition {
    pub(crate) origin: Origin,
    pub(crate) names: FileNames,
    pub(crate) notes: DamageNotes,
    /// The requests that are answered; at least one.
    pub(crate) lanes: Vec<Lane>,
    pub(crate) block_bytes: usize,
    pub(crate) expansion_max: u64,
    /// True to map parts rather than to read them.
    pub(crate) is_mapped: bool,
    pub(crate) known: Arc<KnownLater>,
    pub(crate) format: Option<LogFormat>,
    pub(crate) clock: LogClock,
}

impl SharedPartition for Partition {
    fn requests(&self) -> Vec<usize> {
        self.lanes.iter().map(|lane| lane.number).collect()
    }

    fn open(self: Box<Self>) -> Result<Box<dyn SharedReader>, SourceError> {
        let Self {
            origin,
            names,
            notes,
            lanes,
            block_bytes,
            expansion_max,
            is_mapped,
            known,
            format,
            clock,
        } = *self;
        let opening = Opening {
            notes: notes.clone(),
            lanes: &lanes,
            block_bytes: block_bytes.max(1),
            expansion_max,
            is_mapped,
            is_ahead: known.is_ahead.load(Ordering::Relaxed),
            format,
            clock,
        };
        let plain_file = match &origin {
            Origin::File { path, state } => Some((Arc::clone(path), *state)),
            _ => None,
        };
        let opened = match origin {
            Origin::Stream(stream) => opening.whole(stream, None),
            Origin::Remote(file) => match file.open() {
                Ok(stream) => opening.whole(stream, Some(&file)),
                Err(cause) => opening.damaged(&cause),
            },
            Origin::File { path, state } => match Standing::open(&path, 0, state) {
                Ok(file) => opening.whole(Box::new(file), None),
                Err(cause) => opening.damaged(&cause),
            },
            Origin::Part {
                path,
                state,
                start,
                end,
                is_first,
                what,
            } => {
                if is_first {
                    notes.run.progress.add_file();
                }
                // The byte before tells whether a line starts here.
                match Standing::open(&path, start.saturating_sub(1), state) {
                    Ok(file) => opening.part(file, start, end, what),
                    Err(cause) => opening.damaged(&cause),
                }
            }
        }?;
        let events = match opened {
            Opened::Events(events) => *events,
            Opened::Arrow(opening) => return opening.reader(plain_file, names, notes, lanes),
            Opened::Parquet(file) => {
                let is_last = names.ordinal + 1 == known.files.load(Ordering::Relaxed);
                let late = LateParquet::new(&file, &lanes, &names, &notes, is_last)?;
                return Ok(Box::new(late));
            }
        };
        let outlet = |lane: Lane| Outlet {
            request: lane.number,
            columns: ColumnMaker::new(lane.request, names.clone(), notes.clone()),
            is_stopped: false,
        };
        Ok(Box::new(Reader {
            events,
            outlets: lanes.into_iter().map(outlet).collect(),
            ready: VecDeque::new(),
            room: Framed::default(),
            notes,
        }))
    }
}

/// Finds out what a file is.
struct Opening<'a> {
    notes: DamageNotes,
    lanes: &'a [Lane],
    block_bytes: usize,
    expansion_max: u64,
    is_mapped: bool,
    is_ahead: bool,
    format: Option<LogFormat>,
    clock: LogClock,
}

impl Opening<'_> {
    /// `remote` is the file that `raw` comes from, if ranges of it can be had.
    fn whole(self, raw: ByteStream, remote: Option<&Arc<dyn RemoteFile>>) -> Result<Opened, SourceError> {
        let run = &self.notes.run;
        run.progress.add_file();
        let (bytes, layers) = match decompressed(raw, self.expansion_max, &run.progress, &run.memory) {
            Ok(parts) => parts,
            Err(cause) => return self.damaged(&cause),
        };
        let mut sampled = match Sampled::of(bytes).and_then(Sampled::into_plain_text) {
            Ok(sampled) => sampled,
            Err(cause) => return self.damaged(&cause),
        };
        if sampled.sample().starts_with(PARQUET_MAGIC) {
            return self.parquet(sampled.into_stream(), remote.filter(|_| layers == 0));
        }
        if layers > 0 && self.is_ahead {
            sampled.read_ahead(self.block_bytes, &self.notes.run.memory);
        }
        let sample = sampled.sample();
        let mark = if sample.starts_with(BYTE_ORDER_MARK) {
            BYTE_ORDER_MARK.len()
        } else {
            0
        };
        let container = match self.format {
            Some(format) if !sample.is_empty() => forced(format, &sample[mark..], self.clock),
            _ => detect(&sample[mark..], sampled.is_whole(), self.clock),
        };
        if let Container::Arrow(form) = container {
            return Ok(Opened::Arrow(arrow::Opening {
                bytes: sampled.into_stream(),
                form,
                is_compressed: layers > 0,
                expansion_max: self.expansion_max,
            }));
        }
        self.remark_on_times(&container, sample);
        let advice = packed::advice(sample);
        let mut blocks = sampled.into_blocks(self.block_bytes, self.notes.clone());
        if mark > 0 {
            skip_mark(&mut blocks)?;
        }
        Ok(Opened::of(match container {
            // The latter has been opened already.
            Container::Empty | Container::Arrow(_) => Events::None,
            Container::Binary => {
                self.notes
                    .note(DamageKind::NotALog, 0, advice.map(str::to_owned))?;
                Events::None
            }
            Container::Lines(grammar) => Events::Text(TextEvents::whole(blocks, grammar, self.lanes)),
            Container::Csv => Events::Csv(Box::new(CsvEvents::new(blocks, self.lanes, self.clock))),
            Container::CliText => Events::CliText(CliTextEvents::new(blocks, self.lanes)),
            Container::Json(JsonLayout::Lines) => {
                Events::JsonLines(JsonLinesEvents::first_part(blocks, self.lanes, self.clock, None))
            }
            Container::Json(JsonLayout::Values) => {
                Events::Json(JsonEvents::new(blocks, self.lanes, self.clock))
            }
        }))
    }

    /// Counts a file in which nobody finds the times that are asked for, since they name no year.
    fn remark_on_times(&self, container: &Container, sample: &[u8]) {
        let is_asked = self.lanes.iter().any(|lane| lane.request.asks_for_times());
        if is_asked
            && matches!(container, Container::Lines(LineGrammar::Bare))
            && TimeShape::any_lacks_year(sample)
        {
            let progress = &self.notes.run.progress;
            progress.add_file_without_year(&self.notes.file);
        }
    }

    /// A file that turned out to be Parquet: read by ranges where it lies, or else put where that can be done.
    fn parquet(
        self,
        stream: ByteStream,
        remote: Option<&Arc<dyn RemoteFile>>,
    ) -> Result<Opened, SourceError> {
        let run = &self.notes.run;
        let with_pages = self.lanes.iter().any(|lane| uses_pages(&lane.request));
        let opened = remote.and_then(|file| ParquetFile::far_if_ranged(file, run, with_pages));
        let opened = opened.unwrap_or_else(|| spooled(stream, run, with_pages));
        match opened {
            Ok(file) => Ok(Opened::Parquet(Box::new(file))),
            Err(stop) => {
                stop.note(&self.notes, 0)?;
                Ok(Opened::of(Events::None))
            }
        }
    }

    fn part(
        self,
        file: Standing,
        start: u64,
        end: Option<u64>,
        what: Cuttable,
    ) -> Result<Opened, SourceError> {
        let mut blocks = self.blocks_of_part(file, start.saturating_sub(1));
        if start == 0 {
            skip_mark(&mut blocks)?;
        }
        let (lanes, clock) = (self.lanes, self.clock);
        Ok(Opened::of(match what {
            Cuttable::Text(grammar) if start == 0 => {
                Events::Text(TextEvents::first_part(blocks, grammar, lanes, end))
            }
            Cuttable::Text(grammar) => Events::Text(TextEvents::later_part(blocks, grammar, lanes, end)),
            Cuttable::JsonLines if start == 0 => {
                Events::JsonLines(JsonLinesEvents::first_part(blocks, lanes, clock, end))
            }
            Cuttable::JsonLines => Events::JsonLines(JsonLinesEvents::later_part(blocks, lanes, clock, end)),
        }))
    }

    fn blocks_of_part(&self, mut file: Standing, from: u64) -> Blocks {
        if self.is_mapped {
            match MappedPart::open(file, from) {
                Ok(part) => return Blocks::mapped(part, from, self.block_bytes, self.notes.clone()),
                Err(unmapped) => file = unmapped,
            }
        }
        let progress = Arc::clone(&self.notes.run.progress);
        let counted = Box::new(CountedPart { file, progress });
        Blocks::new(counted, from, self.block_bytes, self.notes.clone())
    }

    /// A file of which nothing can be read.
    fn damaged(self, cause: &std::io::Error) -> Result<Opened, SourceError> {
        self.notes.note(damage_of(cause), 0, Some(cause.to_string()))?;
        Ok(Opened::of(Events::None))
    }
}

/// Some editors put this before UTF-8 text.
pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Leaves the mark out, if there is one, however small blocks are.
fn skip_mark(blocks: &mut Blocks) -> Result<(), SourceError> {
    while blocks.bytes().len() < BYTE_ORDER_MARK.len() && !blocks.is_at_end() {
        blocks.more()?;
    }
    if blocks.bytes().starts_with(BYTE_ORDER_MARK) {
        blocks.skip(BYTE_ORDER_MARK.len());
    }
    Ok(())
}

/// A part of a file that counts what is read of it.
struct CountedPart {
    file: Standing,
    progress: Arc<insq_event::Progress>,
}

impl Read for CountedPart {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.progress.add_read(read as u64);
        Ok(read)
    }
}

/// What a partition turned out to be.
enum Opened {
    /// Bytes that events are found in.
    Events(Box<Events>),
    /// Columns.
    Arrow(arrow::Opening),
    /// Parquet, which nobody knew of before.
    Parquet(Box<ParquetFile>),
}

impl Opened {
    fn of(events: Events) -> Self {
        Self::Events(Box::new(events))
    }
}

/// The events of a partition.
enum Events {
    None,
    Text(TextEvents),
    Json(JsonEvents),
    JsonLines(JsonLinesEvents),
    Csv(Box<CsvEvents>),
    CliText(CliTextEvents),
}

impl Events {
    /// Some events, put into `room`.
    fn next(&mut self, room: Framed) -> Result<Option<Framed>, SourceError> {
        match self {
            Self::None => Ok(None),
            Self::Text(events) => events.next(room),
            Self::Json(events) => events.next(room),
            Self::JsonLines(events) => events.next(room),
            Self::Csv(events) => events.next(room),
            Self::CliText(events) => events.next(room),
        }
    }

    fn stop(&mut self, lane: usize) {
        match self {
            Self::None => {}
            Self::Text(events) => events.stop(lane),
            Self::Json(events) => events.stop(lane),
            Self::JsonLines(events) => events.stop(lane),
            Self::Csv(events) => events.stop(lane),
            Self::CliText(events) => events.stop(lane),
        }
    }
}

/// Where the events of a lane come out.
struct Outlet {
    request: usize,
    columns: ColumnMaker,
    /// True when nobody wants more.
    is_stopped: bool,
}

/// Gives out the batches of a partition.
struct Reader {
    events: Events,
    outlets: Vec<Outlet>,
    ready: VecDeque<(usize, RecordBatch)>,
    /// What earlier events were in and is used again: lists, and bytes that no column points into.
    room: Framed,
    notes: DamageNotes,
}

impl SharedReader for Reader {
    fn next_batch(&mut self) -> Result<Option<(usize, RecordBatch)>, SourceError> {
        loop {
            if let Some(batch) = self.ready.pop_front() {
                return Ok(Some(batch));
            }
            let is_stopped = self.outlets.iter().all(|outlet| outlet.is_stopped);
            if is_stopped || self.notes.run.cancellation.is_cancelled() {
                return Ok(None);
            }
            match self.events.next(std::mem::take(&mut self.room))? {
                Some(framed) => self.make(framed)?,
                None => return Ok(None),
            }
        }
    }

    fn stop(&mut self, request: usize) {
        for (lane, outlet) in self.outlets.iter_mut().enumerate() {
            if outlet.request == request {
                outlet.is_stopped = true;
                self.events.stop(lane);
            }
        }
    }
}

impl Reader {
    /// Makes the batches of all lanes of the same bytes, and keeps what can be used again.
    fn make(&mut self, mut framed: Framed) -> Result<(), SourceError> {
        let bytes = std::mem::take(&mut framed.bytes);
        let Framed { events, beside, .. } = &framed;
        let is_kept =
            |(outlet, events): (&Outlet, &Vec<Event>)| outlet.columns.keeps_bytes() && !events.is_empty();
        let is_kept = self.outlets.iter().zip(events).any(is_kept);
        match bytes.lent {
            Some(Lent::Mapped(block)) => {
                self.make_of(&block, is_kept.then_some(&block), events, beside)?;
            }
            // Columns copy what they keep.
            Some(Lent::Decoded(block)) => self.make_of(&block, None, events, beside)?,
            None if is_kept => {
                let block = Buffer::from_vec(bytes.owned);
                self.make_of(&block, Some(&block), events, beside)?;
                // Where no event came out, nothing points into it.
                framed.bytes.owned = block.into_vec().unwrap_or_default();
            }
            None => {
                self.make_of(&bytes.owned, None, events, beside)?;
                framed.bytes = bytes;
            }
        }
        self.room = framed.into_room();
        Ok(())
    }

    fn make_of(
        &mut self,
        bytes: &[u8],
        block: Option<&Buffer>,
        events: &[Vec<Event>],
        beside: &Beside,
    ) -> Result<(), SourceError> {
        for (outlet, events) in self.outlets.iter().zip(events) {
            self.notes.run.progress.add_events(events.len() as u64);
            let batches = outlet.columns.batches(bytes, block, events, beside)?;
            self.ready
                .extend(batches.into_iter().map(|batch| (outlet.request, batch)));
        }
        Ok(())
    }
}
