//! Parquet among the inputs of a run.

use std::io::{Cursor, Read};
use std::path::Path;
use std::sync::Arc;

use insq_event::{OneOfMany, SourceError};

use super::Planner;
use crate::columns::FileNames;
use crate::decompress::ByteStream;
use crate::error::DamageNotes;
use crate::failing::Failing;
use crate::parquet::{Failure, Looker, PARQUET_MAGIC, ParquetFile, is_of_other_parts, spooled, uses_pages};
use crate::remote::RemoteFile;

impl Planner<'_> {
    /// Looks at all remote files of the run, many at a time; [`Self::add_remote`] takes them in the same order.
    pub(crate) fn look_at(&mut self, files: &[Arc<dyn RemoteFile>]) {
        self.looks = self.looker().look_at(files).into();
    }

    pub(super) fn looker(&self) -> Looker<'_> {
        Looker {
            requests: self.requests,
            trusts_folders: self.options.trust_order,
            with_pages: self.with_pages(),
            run: self.run,
        }
    }

    fn with_pages(&self) -> bool {
        self.requests.iter().any(|request| uses_pages(request))
    }

    pub(super) fn add_parquet_file(&mut self, path: &Path, names: FileNames) -> Result<(), SourceError> {
        let opened = ParquetFile::open(path, &self.run.progress, self.with_pages());
        let opened = opened.map_err(|cause| Failure::of(&cause));
        self.add_parquet(Some(path), opened, names)
    }

    /// Reads a stream to its end, before which nothing is known of it.
    pub(super) fn add_parquet_stream(
        &mut self,
        stream: ByteStream,
        names: FileNames,
    ) -> Result<(), SourceError> {
        let counted = Counted {
            stream,
            progress: Arc::clone(&self.run.progress),
        };
        match spooled(Box::new(counted), self.run, self.with_pages()) {
            Ok(file) => self.add_parquet(None, Ok(file), names),
            Err(stop) => {
                self.run.progress.add_file();
                self.is_any_begun = true;
                stop.note(&self.notes(&names), 0)
            }
        }
    }

    /// Adds the row groups of a file, which lies at `path` if that is known.
    pub(super) fn add_parquet(
        &mut self,
        path: Option<&Path>,
        opened: Result<ParquetFile, Failure>,
        names: FileNames,
    ) -> Result<(), SourceError> {
        let notes = self.notes(&names);
        self.run.progress.add_file();
        self.is_any_begun = true;
        let file = match opened {
            Ok(file) => file,
            Err(failure) => return failure.note(&notes, 0),
        };
        let names = self.place_part(path, &file, names, &notes)?;
        // Its columns are read for each request by itself: what they do not share is what costs.
        for (number, request) in self.requests.iter().enumerate() {
            let (partitions, bytes) = file.partitions(request, names.clone(), &notes)?;
            if file.is_counted() {
                self.run.progress.add_total(bytes);
            }
            for partition in partitions {
                let request = number;
                self.partitions.push(Box::new(OneOfMany { request, partition }));
            }
        }
        Ok(())
    }

    fn notes(&self, names: &FileNames) -> DamageNotes {
        DamageNotes {
            file: Arc::clone(&names.file),
            run: self.run.clone(),
        }
    }

    /// Counts the files that the positions of a Parquet file count. The parts of a folder count the same ones, so that ties
    /// are settled as in the logs that they were made of.
    fn place_part(
        &mut self,
        path: Option<&Path>,
        file: &ParquetFile,
        names: FileNames,
        notes: &DamageNotes,
    ) -> Result<FileNames, SourceError> {
        let Some(part) = file.part() else {
            self.count_files(file.files().saturating_sub(1))?;
            return Ok(names);
        };
        if path.is_some_and(|path| self.parts.is_half_moved(path, part)) {
            notes.note(insq_event::DamageKind::HalfConverted, 0, None)?;
        }
        let ordinal = self.parts.place(part, names.ordinal);
        if ordinal == names.ordinal {
            self.count_files(file.files().saturating_sub(1))?;
        } else {
            self.files -= 1;
        }
        Ok(FileNames { ordinal, ..names })
    }

    /// True for a part of a folder of insq's own, of a day or a function that no request wants.
    pub(super) fn is_outside_by_folder(&mut self, path: &Path) -> bool {
        self.options.trust_order
            && is_of_other_parts(path, self.requests)
            && self.parts.is_in_own_folder(path)
    }
}

/// Whether a stream begins like Parquet, and the stream.
pub(super) fn begun(mut stream: ByteStream) -> (bool, ByteStream) {
    let mut head = Vec::with_capacity(PARQUET_MAGIC.len());
    let read = stream
        .by_ref()
        .take(PARQUET_MAGIC.len() as u64)
        .read_to_end(&mut head);
    let is_parquet = head == PARQUET_MAGIC;
    let head = Cursor::new(head);
    match read {
        Ok(_) => (is_parquet, Box::new(head.chain(stream))),
        // It comes again at its place.
        Err(cause) => (false, Box::new(head.chain(Failing::new(cause)))),
    }
}

/// Counts what is read of a stream.
struct Counted {
    stream: ByteStream,
    progress: Arc<insq_event::Progress>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.stream.read(buffer)?;
        self.progress.add_read(read as u64);
        Ok(read)
    }
}
