//! Large logs as a few files: parts in the order of time, or one file per function.

use std::io;
use std::path::{Path, PathBuf};

use super::Written;
use super::format::Format;
use super::target::{Compression, Target};
use crate::{Event, Generator};

/// How a log is cut into parts.
#[derive(Clone, Debug)]
pub struct Parts<'a> {
    /// Folder of the parts; made when it is missing.
    pub folder: &'a Path,
    /// How many parts; at least 1.
    pub files: usize,
    /// Size of all parts together, before compression; decides where one part ends and the next begins.
    pub bytes: u64,
    /// Where the last part ends.
    pub end: End,
    /// How events are written.
    pub format: Format,
    /// Whether parts are compressed.
    pub compression: Compression,
}

/// Where a log in parts ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// When the asked size is reached, or with the model when that is earlier.
    AtSize,
    /// With the model, whatever size that gives.
    WithModel,
}

/// Writes the rest of a generator's events into parts of equal size: `part-000.log`, `part-001.log` and so on.
///
/// Bounded memory; a part ends with a whole event.
///
/// # Errors
/// What the file system says.
pub fn write_parts(generator: &mut Generator<'_>, parts: &Parts<'_>) -> io::Result<Written> {
    let mut written = Written::default();
    let files = parts.files.max(1);
    let mut current: Option<OpenFile> = None;
    while (parts.end == End::WithModel || written.bytes < parts.bytes)
        && let Some(event) = generator.next_event()
    {
        // The border is computed from the total, so that parts do not drift.
        let border = parts.bytes / files as u64 * written.files as u64;
        let is_full = current.is_none() || (written.bytes >= border && written.files < files);
        if is_full {
            if let Some(file) = current.take() {
                written.bytes += file.finish()?;
            }
            let path = parts
                .folder
                .join(part_name(written.files, parts.format, parts.compression));
            current = Some(OpenFile::create(&path, parts.format, parts.compression)?);
            written.files += 1;
        }
        if let Some(file) = &mut current {
            written.bytes += file.write(&event)?;
            written.events += 1;
        }
    }
    if let Some(file) = current {
        written.bytes += file.finish()?;
    }
    Ok(written)
}

/// Writes one file per function, `<function>.log`, each with all streams of the function in the order of time.
///
/// `wanted` chooses the functions by name; the others leave no file.
///
/// # Errors
/// What the file system says.
pub fn write_function_files(
    generator: &mut Generator<'_>,
    folder: &Path,
    format: Format,
    compression: Compression,
    wanted: impl Fn(&str) -> bool,
) -> io::Result<Written> {
    let mut written = Written::default();
    let mut files: Vec<Option<OpenFile>> = Vec::new();
    while let Some(event) = generator.next_event() {
        if !wanted(event.function.name) {
            continue;
        }
        if files.len() <= event.function_idx {
            files.resize_with(event.function_idx + 1, || None);
        }
        let file = match &mut files[event.function_idx] {
            Some(file) => file,
            empty => {
                written.files += 1;
                let name = format!("{}{}", event.function.name, extension(format, compression));
                empty.insert(OpenFile::create(&folder.join(name), format, compression)?)
            }
        };
        written.bytes += file.write(&event)?;
        written.events += 1;
    }
    for file in files.into_iter().flatten() {
        written.bytes += file.finish()?;
    }
    Ok(written)
}

/// Name of a part.
fn part_name(idx: usize, format: Format, compression: Compression) -> PathBuf {
    format!("part-{idx:03}{}", extension(format, compression)).into()
}

fn extension(format: Format, compression: Compression) -> &'static str {
    match (format, compression) {
        (Format::ExportLines, Compression::Plain) => ".log",
        (Format::ExportLines, Compression::Gzip) => ".log.gz",
        (_, Compression::Plain) => ".json",
        (_, Compression::Gzip) => ".json.gz",
    }
}

/// A file with the events written to it so far.
#[derive(Debug)]
struct OpenFile {
    target: Target,
    format: Format,
    events: u64,
    buffer: Vec<u8>,
}

impl OpenFile {
    fn create(path: &Path, format: Format, compression: Compression) -> io::Result<Self> {
        Ok(Self {
            target: Target::create(path, compression)?,
            format,
            events: 0,
            buffer: Vec::new(),
        })
    }

    /// Returns how many bytes the event took.
    fn write(&mut self, event: &Event<'_>) -> io::Result<u64> {
        self.buffer.clear();
        if self.events == 0 {
            self.buffer.extend_from_slice(self.format.head());
        }
        self.format.push_event(&mut self.buffer, event, self.events);
        self.events += 1;
        self.target.write(&self.buffer)?;
        Ok(self.buffer.len() as u64)
    }

    /// Returns how many bytes the end took.
    fn finish(mut self) -> io::Result<u64> {
        self.target.write(self.format.tail())?;
        self.target.finish()?;
        Ok(self.format.tail().len() as u64)
    }
}
