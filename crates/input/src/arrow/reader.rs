//! What requests want of the batches of a file or stream.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use insq_event::{DamageKind, Reservation, ScanRequest, SharedReader, SourceError};

use super::batches::{Content, Decoder, content, unpacked_bytes};
use super::file::{ArrowPart, Blocks};
use super::form::Form;
use super::messages::{Broken, Message, Messages};
use crate::columns::FileNames;
use crate::decompress::{ByteStream, damage_of};
use crate::error::DamageNotes;
use crate::expansion::ExpansionLimit;
use crate::foreign::ForeignPlan;
use crate::lane::Lane;
use crate::standing::FileState;

/// A file or stream that is to be read.
pub(crate) struct Opening {
    pub(crate) bytes: ByteStream,
    pub(crate) form: Form,
    /// True when the bytes are not those of the file.
    pub(crate) is_compressed: bool,
    /// How many times its size a compressed batch may expand.
    pub(crate) expansion_max: u64,
}

impl Opening {
    /// Reads it: by the table of contents where it is a plain file that has one, else from the first byte to the last.
    ///
    /// # Errors
    /// As [`SharedReader::next_batch`].
    pub(crate) fn reader(
        self,
        file: Option<(Arc<PathBuf>, FileState)>,
        names: FileNames,
        notes: DamageNotes,
        lanes: Vec<Lane>,
    ) -> Result<Box<dyn SharedReader>, SourceError> {
        if let Some((path, state)) = file.filter(|_| self.form == Form::File && !self.is_compressed)
            && let Some(part) = ArrowPart::whole(&path, state, &notes)
        {
            return part.partition(names, notes, lanes, self.expansion_max).open();
        }
        Ok(Box::new(ArrowReader::new(self, names, notes, lanes)))
    }
}

/// A request, and how its columns are made; `None` before the schema is known.
struct Outlet {
    number: usize,
    request: Arc<ScanRequest>,
    plan: Option<ForeignPlan>,
    is_stopped: bool,
}

/// Reads one file or stream for several requests: columns are decoded once for all of them.
pub(crate) struct ArrowReader {
    messages: Messages,
    /// What else there is to read.
    blocks: Option<Blocks>,
    outlets: Vec<Outlet>,
    names: FileNames,
    notes: DamageNotes,
    /// `None` before the schema is known.
    decoder: Option<Decoder>,
    /// What is left of the batch at hand, and the number of its first row.
    rest: Option<(RecordBatch, u64)>,
    next_row: u64,
    /// Batches of a file whose dictionaries stand behind them, with the numbers of their first rows and their memory.
    waiting: VecDeque<(Message, u64, Reservation)>,
    ready: VecDeque<(usize, RecordBatch)>,
    expansion: ExpansionLimit,
    expanded_bytes: u64,
    is_over: bool,
    /// The memory of the message at hand.
    held: Reservation,
    /// That of what it was unpacked to.
    unpacked: Reservation,
    dictionaries: Reservation,
}

impl ArrowReader {
    pub(crate) fn new(opening: Opening, names: FileNames, notes: DamageNotes, lanes: Vec<Lane>) -> Self {
        let reservation = || notes.run.memory.reservation("Arrow");
        let outlet = |lane: Lane| Outlet {
            number: lane.number,
            request: lane.request,
            plan: None,
            is_stopped: false,
        };
        Self {
            messages: Messages::new(opening.bytes, opening.form),
            blocks: None,
            outlets: lanes.into_iter().map(outlet).collect(),
            names,
            decoder: None,
            rest: None,
            next_row: 0,
            waiting: VecDeque::new(),
            ready: VecDeque::new(),
            expansion: ExpansionLimit::new(opening.expansion_max),
            expanded_bytes: 0,
            is_over: false,
            held: reservation(),
            unpacked: reservation(),
            dictionaries: reservation(),
            notes,
        }
    }

    /// Reads messages of a file whose columns are known; the first batch among them begins with the row `first_row`.
    ///
    /// # Errors
    /// [`SourceError::Limit`] for a wanted column of a type that is not taken.
    pub(super) fn of_blocks(
        blocks: Blocks,
        schema: SchemaRef,
        first_row: u64,
        expansion_max: u64,
        asked: (FileNames, DamageNotes, Vec<Lane>),
    ) -> Result<Self, SourceError> {
        let (names, notes, lanes) = asked;
        let opening = Opening {
            bytes: Box::new(std::io::empty()),
            form: Form::Stream,
            is_compressed: false,
            expansion_max,
        };
        let mut reader = Self::new(opening, names, notes, lanes);
        reader.plan(schema)?;
        (reader.blocks, reader.next_row) = (Some(blocks), first_row);
        Ok(reader)
    }

    /// Goes on with the next block; false when there is none.
    fn next_block(&mut self) -> Result<bool, SourceError> {
        let Some(blocks) = &mut self.blocks else {
            return Ok(false);
        };
        match blocks.next() {
            None => Ok(false),
            Some(Ok(messages)) => {
                (self.messages, self.is_over) = (messages, false);
                Ok(true)
            }
            Some(Err((offset, cause))) => {
                self.notes
                    .note(damage_of(&cause), offset, Some(cause.to_string()))?;
                Ok(true)
            }
        }
    }

    /// Reads one message.
    fn advance(&mut self) -> Result<(), SourceError> {
        let before = self.messages.offset();
        let next = self.messages.next(&mut self.held);
        let taken = self.messages.offset() - before;
        self.notes.run.progress.add_scanned(taken);
        self.expansion.add_compressed(taken);
        match next {
            Ok(Some(message)) => self.take(message),
            Ok(None) => {
                self.is_over = true;
                Ok(())
            }
            Err(Broken::Memory(exceeded)) => Err(exceeded.into()),
            Err(broken) => {
                self.is_over = true;
                let kind = match &broken {
                    Broken::Io(cause) => damage_of(cause),
                    _ => DamageKind::BadArrow,
                };
                self.notes
                    .note(kind, self.messages.begin(), Some(broken.to_string()))
            }
        }
    }

    fn take(&mut self, message: Message) -> Result<(), SourceError> {
        match content(&message.head) {
            Ok(Content::Schema(schema)) => self.begin(schema, &message),
            Ok(Content::Dictionary) => self.dictionary(&message),
            Ok(Content::Batch(rows)) => {
                let first_row = self.next_row;
                self.next_row += rows;
                self.batch_or_wait(message, first_row)
            }
            Ok(Content::Other) => Ok(()),
            Err(cause) => {
                // Without a schema, nothing that follows can be understood.
                self.is_over = self.decoder.is_none();
                self.bad(&message, cause)
            }
        }
    }

    fn bad(&self, message: &Message, cause: String) -> Result<(), SourceError> {
        self.notes.note(DamageKind::BadArrow, message.offset, Some(cause))
    }

    /// Plans what is read, now that the columns are known.
    fn begin(&mut self, schema: SchemaRef, message: &Message) -> Result<(), SourceError> {
        if self.decoder.is_some() {
            self.is_over = true;
            return self.bad(message, "there is a second schema".to_owned());
        }
        self.plan(schema)
    }

    fn plan(&mut self, schema: SchemaRef) -> Result<(), SourceError> {
        let mut projection: Vec<usize> = Vec::new();
        for outlet in &mut self.outlets {
            let plan = ForeignPlan::new(&schema, &outlet.request, self.names.clone())?;
            projection.extend(plan.columns());
            outlet.plan = Some(plan);
        }
        projection.sort_unstable();
        projection.dedup();
        self.decoder = Some(Decoder::new(schema, projection)?);
        Ok(())
    }

    /// Takes memory for what a message is unpacked to; false, and the end of it all, where that is too much for its size.
    fn unpacks(&mut self, message: &Message) -> Result<bool, SourceError> {
        let unpacked = unpacked_bytes(message);
        if let Err(cause) = self.expansion.check(self.expanded_bytes.saturating_add(unpacked)) {
            self.is_over = true;
            self.notes
                .note(damage_of(&cause), message.offset, Some(cause.to_string()))?;
            return Ok(false);
        }
        self.expanded_bytes += unpacked;
        self.unpacked.resize(in_memory(unpacked))?;
        Ok(true)
    }

    fn dictionary(&mut self, message: &Message) -> Result<(), SourceError> {
        let is_wanted = self
            .decoder
            .as_ref()
            .is_some_and(|decoder| decoder.is_wanted(message));
        if !is_wanted || !self.unpacks(message)? {
            return Ok(());
        }
        let Some(decoder) = &mut self.decoder else {
            return Ok(());
        };
        let result = decoder.dictionary(message);
        self.dictionaries.resize(decoder.dictionary_bytes())?;
        self.unpacked.resize(0)?;
        result.or_else(|cause| self.bad(message, cause))
    }

    /// Some writers put dictionaries behind the batches that refer to them, which the table of contents of a file allows.
    fn batch_or_wait(&mut self, message: Message, first_row: u64) -> Result<(), SourceError> {
        let is_complete = self.decoder.as_ref().is_none_or(Decoder::is_complete);
        if is_complete || self.messages.form() == Form::Stream {
            return self.batch(&message, first_row);
        }
        let mut held = self.notes.run.memory.reservation("Arrow");
        held.resize(self.held.bytes())?;
        self.waiting.push_back((message, first_row, held));
        Ok(())
    }

    fn batch(&mut self, message: &Message, first_row: u64) -> Result<(), SourceError> {
        if self.decoder.is_some() && !self.unpacks(message)? {
            return Ok(());
        }
        let Some(decoder) = &self.decoder else {
            self.is_over = true;
            return self.bad(message, "there is no schema before its batches".to_owned());
        };
        match decoder.batch(message) {
            Ok(batch) => {
                self.rest = Some((batch, first_row));
                Ok(())
            }
            Err(cause) => self.bad(message, cause),
        }
    }

    /// Makes the batches of all requests of the next rows.
    fn make(&mut self, batch: RecordBatch, first_row: u64) -> Result<(), SourceError> {
        let wanted = self.outlets.iter().filter(|outlet| !outlet.is_stopped);
        let rows = wanted
            .map(|outlet| outlet.request.batch_rows)
            .min()
            .unwrap_or(1)
            .max(1);
        let rows = rows.min(batch.num_rows());
        if rows < batch.num_rows() {
            let rest = batch.slice(rows, batch.num_rows() - rows);
            self.rest = Some((rest, first_row + rows as u64));
        }
        let found = batch.slice(0, rows);
        let present = self.decoder.as_ref().map_or(&[][..], Decoder::projection);
        for outlet in self.outlets.iter().filter(|outlet| !outlet.is_stopped) {
            let Some(plan) = &outlet.plan else {
                continue;
            };
            let made = plan.batch(&found, present, first_row)?;
            if made.num_rows() > 0 {
                self.notes.run.progress.add_events(made.num_rows() as u64);
                self.ready.push_back((outlet.number, made));
            }
        }
        Ok(())
    }
}

/// What is too much for memory is too much for its limit.
fn in_memory(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

impl SharedReader for ArrowReader {
    fn next_batch(&mut self) -> Result<Option<(usize, RecordBatch)>, SourceError> {
        loop {
            if let Some(batch) = self.ready.pop_front() {
                return Ok(Some(batch));
            }
            let is_stopped = self.outlets.iter().all(|outlet| outlet.is_stopped);
            if is_stopped || self.notes.run.cancellation.is_cancelled() {
                return Ok(None);
            }
            if let Some((batch, first_row)) = self.rest.take() {
                self.make(batch, first_row)?;
                continue;
            }
            let is_complete = self.decoder.as_ref().is_some_and(Decoder::is_complete);
            if (self.is_over || is_complete)
                && let Some((message, first_row, held)) = self.waiting.pop_front()
            {
                self.held.resize(held.bytes())?;
                drop(held);
                self.batch(&message, first_row)?;
            } else if self.is_over {
                if !self.next_block()? {
                    return Ok(None);
                }
            } else {
                self.advance()?;
            }
        }
    }

    fn stop(&mut self, request: usize) {
        for outlet in &mut self.outlets {
            outlet.is_stopped |= outlet.number == request;
        }
    }
}
