//! What the files of a source are, before all of them are read.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use insq_event::{RunContext, SourceError};

use super::file_kind::FileKind;
use crate::archive::Archive;
use crate::at_once::{LOOKS_AT_ONCE, at_once};
use crate::decompress::ByteStream;
use crate::detect::SAMPLE_BYTES;
use crate::failing::Failing;
use crate::remote::RemoteFile;
use crate::source::{LogSource, Slot};

/// Bytes of a file, compressed where it is, that tell what it is.
const BEGINNING_BYTES: usize = 2 * SAMPLE_BYTES;

/// What the files of a source were recognised as.
pub(super) struct Kinds {
    /// In the order of the source; `None` for those that can't be opened, which whoever reads them reports.
    files: Vec<Option<FileKind>>,
    /// Files that are compressed copies of others, and are not read.
    pub(super) copies: u64,
    /// How many bytes were read of streams, by their numbers among `files`.
    streams: Vec<(usize, Arc<AtomicU64>)>,
}

impl Kinds {
    /// Looks at all files of `source`. What is taken out of a stream is put back.
    ///
    /// # Errors
    /// When memory does not suffice.
    pub(super) fn of(source: &LogSource, run: &RunContext) -> Result<Self, SourceError> {
        let (mut files, mut streams, mut copies) = (Vec::new(), Vec::new(), 0);
        for (slot, listing) in source.listings() {
            copies += listing.copies.len() as u64;
            match slot {
                Slot::Path { .. } => {
                    files.extend(listing.files.into_iter().map(Found::Local));
                    for path in listing.archives {
                        add_archive(path, source, run, &mut files)?;
                    }
                }
                Slot::Remote(file) => files.push(Found::Remote(Arc::clone(file))),
                Slot::Once { name, reader } => {
                    let (beginning, count) = peek(reader);
                    streams.push((files.len(), count));
                    files.push(Found::Stream(name.clone(), beginning));
                }
            }
        }
        let files = at_once(&files, LOOKS_AT_ONCE, |file| {
            let (name, bytes, beginning) = file.begin().filter(|_| !run.cancellation.is_cancelled())?;
            Some(FileKind::of(name, bytes, beginning, &source.options))
        });
        Ok(Self {
            files,
            copies,
            streams,
        })
    }

    /// The files, once all has been read.
    pub(super) fn into_files(mut self) -> Vec<FileKind> {
        for (number, count) in self.streams {
            if let Some(Some(file)) = self.files.get_mut(number) {
                file.bytes = count.load(Ordering::Relaxed);
            }
        }
        self.files.into_iter().flatten().collect()
    }
}

/// A file of a source.
enum Found {
    Local(PathBuf),
    Remote(Arc<dyn RemoteFile>),
    /// A stream, by its name, and how it begins.
    Stream(String, Vec<u8>),
}

impl Found {
    /// Its name, its size and how it begins; `None` where it can't be opened.
    fn begin(&self) -> Option<(String, u64, ByteStream)> {
        Some(match self {
            Self::Local(path) => {
                let (bytes, beginning) = begin_local(path).ok()?;
                (path.display().to_string(), bytes, beginning)
            }
            Self::Remote(file) => (
                file.name().to_owned(),
                file.size_bytes(),
                begin_remote(&**file).ok()?,
            ),
            Self::Stream(name, beginning) => (name.clone(), 0, Box::new(Cursor::new(beginning.clone()))),
        })
    }
}

/// Adds the files of an archive. What is unpacked to know them counts when it is read.
fn add_archive(
    path: PathBuf,
    source: &LogSource,
    run: &RunContext,
    files: &mut Vec<Found>,
) -> Result<(), SourceError> {
    let uncounted = RunContext {
        progress: Arc::default(),
        ..run.clone()
    };
    match Archive::open(&path, source.options.expansion_max, &uncounted)? {
        Some(archive) => files.extend(archive.files.into_iter().map(Found::Remote)),
        None => files.push(Found::Local(path)),
    }
    Ok(())
}

fn begin_local(path: &Path) -> io::Result<(u64, ByteStream)> {
    let facts = std::fs::metadata(path)?;
    if !facts.is_file() {
        // To look into a pipe would take away what it gives.
        return Ok((0, Box::new(io::empty())));
    }
    Ok((facts.len(), Box::new(File::open(path)?)))
}

fn begin_remote(file: &dyn RemoteFile) -> io::Result<ByteStream> {
    let length = file.size_bytes().min(BEGINNING_BYTES as u64);
    // Nobody has a range of nothing.
    if length == 0 {
        return Ok(Box::new(io::empty()));
    }
    match file.read_range(0..length) {
        Ok(beginning) => Ok(Box::new(Cursor::new(beginning))),
        // Of some servers there is all or nothing.
        Err(cause) if cause.kind() == io::ErrorKind::Unsupported => Ok(Box::new(file.open()?.take(length))),
        Err(cause) => Err(cause),
    }
}

/// How a stream begins that can be read once, and a count of what is read of it from now on, with that.
fn peek(reader: &Mutex<Option<ByteStream>>) -> (Vec<u8>, Arc<AtomicU64>) {
    let (mut beginning, count) = (Vec::new(), Arc::default());
    let mut reader = reader.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(mut stream) = reader.take() else {
        return (beginning, count);
    };
    let read = stream
        .by_ref()
        .take(BEGINNING_BYTES as u64)
        .read_to_end(&mut beginning);
    let rest: ByteStream = match read {
        Ok(_) => stream,
        // It comes again at its place.
        Err(cause) => Box::new(Failing::new(cause)),
    };
    let whole = Cursor::new(beginning.clone()).chain(rest);
    *reader = Some(Box::new(Counted {
        stream: whole,
        count: Arc::clone(&count),
    }));
    (beginning, count)
}

/// Counts what is read of a stream.
struct Counted<R> {
    stream: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.stream.read(buffer)?;
        self.count.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}
