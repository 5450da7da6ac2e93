//! Files by their table of contents.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;

use arrow_schema::SchemaRef;
use insq_event::{Progress, SharedPartition, SharedReader, SourceError};

use super::batches::{Content, content};
use super::contents::{Contents, Place};
use super::messages::{Messages, head_of};
use super::reader::ArrowReader;
use crate::columns::FileNames;
use crate::error::DamageNotes;
use crate::lane::Lane;
use crate::standing::{FileState, Standing};

/// Some batches of a file, with all dictionaries before them.
pub(crate) struct ArrowPart {
    path: Arc<PathBuf>,
    state: FileState,
    schema: SchemaRef,
    places: VecDeque<Place>,
    first_row: u64,
}

impl ArrowPart {
    /// The parts of a file of `size` bytes, each of about `part_bytes`; `None` when it is no Arrow file, or one that has to
    /// be read from its first byte on.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn cut(
        path: &Arc<PathBuf>,
        state: FileState,
        size: u64,
        part_bytes: u64,
        progress: &Progress,
    ) -> io::Result<Option<Vec<Self>>> {
        let mut file = File::open(&**path)?;
        let mut read = |range: std::ops::Range<u64>| -> io::Result<Vec<u8>> {
            file.seek(SeekFrom::Start(range.start))?;
            let mut bytes = Vec::new();
            (&mut file)
                .take(range.end - range.start)
                .read_to_end(&mut bytes)?;
            progress.add_read(bytes.len() as u64);
            Ok(bytes)
        };
        if read(0..super::form::MAGIC.len() as u64)? != super::form::MAGIC {
            return Ok(None);
        }
        let Some(contents) = Contents::of(size, &mut read)? else {
            return Ok(None);
        };
        let (mut parts, mut first_row) = (Vec::new(), 0);
        for batches in groups(&contents, part_bytes) {
            parts.push(Self {
                path: Arc::clone(path),
                state,
                schema: Arc::clone(&contents.schema),
                places: contents.dictionaries.iter().chain(batches).cloned().collect(),
                first_row,
            });
            for batch in batches {
                first_row += rows(&read(batch.head())?);
            }
        }
        Ok(Some(parts))
    }

    /// All of a file; `None` when it has to be read from its first byte on, or can't be read, which shows there.
    pub(super) fn whole(path: &Arc<PathBuf>, state: FileState, notes: &DamageNotes) -> Option<Self> {
        let size = std::fs::metadata(&**path).ok()?.len();
        let parts = Self::cut(path, state, size, u64::MAX, &notes.run.progress);
        parts.ok()??.into_iter().next()
    }

    /// Bytes that are read of it.
    pub(crate) fn size(&self) -> u64 {
        self.places.iter().map(Place::size).sum()
    }

    pub(crate) fn partition(
        self,
        names: FileNames,
        notes: DamageNotes,
        lanes: Vec<Lane>,
        expansion_max: u64,
    ) -> Box<dyn SharedPartition> {
        Box::new(ArrowPartition {
            part: self,
            names,
            notes,
            lanes,
            expansion_max,
        })
    }
}

/// Batches that are read by one thread. Dictionaries are read for every part, so parts are not smaller than these.
fn groups(contents: &Contents, part_bytes: u64) -> Vec<&[Place]> {
    let dictionaries: u64 = contents.dictionaries.iter().map(Place::size).sum();
    let part_bytes = part_bytes.max(dictionaries);
    let (mut groups, mut start, mut bytes) = (Vec::new(), 0, 0);
    for (number, batch) in contents.batches.iter().enumerate() {
        bytes += batch.size();
        if bytes >= part_bytes {
            groups.push(&contents.batches[start..=number]);
            (start, bytes) = (number + 1, 0);
        }
    }
    groups.push(&contents.batches[start..]);
    groups.retain(|group| !group.is_empty());
    groups
}

/// The rows of the batch that begins with `head`. Of one that can't be read none are counted.
fn rows(head: &[u8]) -> u64 {
    match head_of(head).map(|head| content(&head)) {
        Some(Ok(Content::Batch(rows))) => rows,
        _ => 0,
    }
}

/// A part that waits for a thread.
struct ArrowPartition {
    part: ArrowPart,
    names: FileNames,
    notes: DamageNotes,
    lanes: Vec<Lane>,
    expansion_max: u64,
}

impl SharedPartition for ArrowPartition {
    fn requests(&self) -> Vec<usize> {
        self.lanes.iter().map(|lane| lane.number).collect()
    }

    fn open(self: Box<Self>) -> Result<Box<dyn SharedReader>, SourceError> {
        let part = self.part;
        let blocks = Blocks {
            path: part.path,
            state: part.state,
            places: part.places,
            progress: Arc::clone(&self.notes.run.progress),
        };
        let asked = (self.names, self.notes, self.lanes);
        let reader = ArrowReader::of_blocks(blocks, part.schema, part.first_row, self.expansion_max, asked)?;
        Ok(Box::new(reader))
    }
}

/// Messages of a file, each by itself: one that is damaged does not hide the next.
pub(super) struct Blocks {
    path: Arc<PathBuf>,
    state: FileState,
    places: VecDeque<Place>,
    progress: Arc<Progress>,
}

impl Blocks {
    /// The next message, or where it should be and why it is not there.
    pub(super) fn next(&mut self) -> Option<Result<Messages, (u64, io::Error)>> {
        let bytes = self.places.pop_front()?.bytes;
        let length = bytes.end - bytes.start;
        let open = || Standing::open(&self.path, bytes.start, self.state);
        Some(match open() {
            Ok(file) => {
                let input = Counted {
                    file,
                    progress: Arc::clone(&self.progress),
                };
                Ok(Messages::of_block(Box::new(input.take(length)), bytes.start))
            }
            Err(cause) => Err((bytes.start, cause)),
        })
    }
}

/// Counts what is read.
struct Counted {
    file: Standing,
    progress: Arc<Progress>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.progress.add_read(read as u64);
        Ok(read)
    }
}
