//! From batches to the files of their parts.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Scope, ScopedJoinHandle};

use insq_event::RunContext;

use super::convert::{ConvertError, ConvertOptions};
use super::encode::{FileColumns, PartFiles};
use super::layout::Layout;
use super::merge::Merged;
use super::write::Writer;

/// Bytes that are written at a time.
const OUTPUT_BUFFER_BYTES: usize = 1 << 20;

/// What is written, and how.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) columns: &'a FileColumns,
    pub(super) files: &'a dyn PartFiles,
    pub(super) options: &'a ConvertOptions,
    pub(super) run: &'a RunContext,
}

impl Target<'_> {
    fn begin(&self, rank: u32) -> Result<OpenPart, ConvertError> {
        let (file, layout) = self.files.begin(rank)?;
        let events = self.files.events(rank);
        // A small part needs no large buffer.
        let buffer_bytes = OUTPUT_BUFFER_BYTES.min(usize::try_from(events).unwrap_or(usize::MAX) << 10);
        let out = BufWriter::with_capacity(buffer_bytes, file);
        let stretch_rows = self.options.stretch_rows.max(1);
        Ok(OpenPart {
            rank,
            writer: Writer::new(out, &self.columns.schema, stretch_rows, events)?,
            layout: Layout {
                fields: self.columns.names(),
                ..layout
            },
            held: self.run.memory.reservation("convert"),
        })
    }

    fn end(&self, part: OpenPart) -> Result<(), ConvertError> {
        let mut out = part.writer.finish(part.layout.to_metadata())?;
        out.flush()?;
        let file = out.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        self.files.end(part.rank, file)?;
        self.run.progress.add_written();
        Ok(())
    }
}

/// A part that is being written.
pub(super) struct OpenPart {
    rank: u32,
    writer: Writer<BufWriter<File>>,
    layout: Layout,
    held: insq_event::Reservation,
}

impl OpenPart {
    fn write(&mut self, events: &Merged) -> Result<(), ConvertError> {
        self.writer.write(&events.batch, events.reports)?;
        self.held.resize(self.writer.memory_bytes())?;
        Ok(())
    }
}

/// Deals batches out to the files of their parts. However many parts there are, one file is open: events come part after
/// part.
pub(super) struct Parts<'a> {
    pub(super) open: Option<OpenPart>,
    pub(super) begun: usize,
    pub(super) target: Target<'a>,
}

impl Parts<'_> {
    pub(super) fn write(&mut self, events: &Merged) -> Result<(), ConvertError> {
        if self.open.as_ref().is_some_and(|part| part.rank != events.rank) {
            self.end()?;
        }
        match &mut self.open {
            Some(part) => part.write(events),
            None => self.begin(events.rank)?.write(events),
        }
    }

    pub(super) fn begin(&mut self, rank: u32) -> Result<&mut OpenPart, ConvertError> {
        self.begun += 1;
        Ok(self.open.insert(self.target.begin(rank)?))
    }

    /// Ends the part that is open, if one is.
    pub(super) fn end(&mut self) -> Result<(), ConvertError> {
        match self.open.take() {
            Some(part) => self.target.end(part),
            None => Ok(()),
        }
    }
}

/// Parts of a single batch, written on several threads.
pub(super) struct SmallParts<'scope> {
    waiting: SyncSender<Merged>,
    writers: Vec<ScopedJoinHandle<'scope, Result<(), ConvertError>>>,
}

impl<'scope> SmallParts<'scope> {
    pub(super) fn start<'env>(scope: &'scope Scope<'scope, 'env>, target: Target<'env>) -> Self {
        let threads = target.options.threads.get();
        let (waiting, next) = sync_channel(threads);
        let next = Arc::new(Mutex::new(next));
        let writer = |_| {
            let next = Arc::clone(&next);
            scope.spawn(move || write_small(&target, &next))
        };
        Self {
            waiting,
            writers: (0..threads).map(writer).collect(),
        }
    }

    /// False when a writer has met an error.
    pub(super) fn put(&mut self, events: Merged) -> bool {
        let has_failed = self.writers.iter().any(ScopedJoinHandle::is_finished);
        !has_failed && self.waiting.send(events).is_ok()
    }

    /// Waits for the parts that are being written.
    pub(super) fn finish(self) -> Result<(), ConvertError> {
        drop(self.waiting);
        let mut result = Ok(());
        for writer in self.writers {
            let written = match writer.join() {
                Ok(written) => written,
                Err(panic) => std::panic::resume_unwind(panic),
            };
            result = result.and(written);
        }
        result
    }
}

fn write_small(target: &Target<'_>, waiting: &Mutex<Receiver<Merged>>) -> Result<(), ConvertError> {
    loop {
        // Not in the head of the loop, where the lock would be held while the part is written.
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(events) = next else {
            return Ok(());
        };
        let mut part = target.begin(events.rank)?;
        part.write(&events)?;
        target.end(part)?;
    }
}
