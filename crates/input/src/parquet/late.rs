//! Parquet that showed only when it was read: inside of compression, or under a name that promised something else.

use std::collections::VecDeque;

use arrow_array::RecordBatch;
use insq_event::{EventReader, ScanPartition, SharedReader, SourceError};

use super::failure::Failure;
use super::file::ParquetFile;
use crate::columns::FileNames;
use crate::error::DamageNotes;
use crate::lane::Lane;

/// Answers all requests for a file, one after the other: it is one partition, since nobody knew of its row groups.
pub(crate) struct LateParquet {
    waiting: VecDeque<(usize, Box<dyn ScanPartition>)>,
    open: Option<(usize, Box<dyn EventReader>)>,
}

impl LateParquet {
    /// `is_last` tells that no input comes after it, so that there is room for the positions of many files.
    ///
    /// # Errors
    /// [`SourceError`] in a strict run.
    pub(crate) fn new(
        file: &ParquetFile,
        lanes: &[Lane],
        names: &FileNames,
        notes: &DamageNotes,
        is_last: bool,
    ) -> Result<Self, SourceError> {
        let mut waiting = VecDeque::new();
        if file.files() > 1 && !is_last {
            let words = format!(
                "it was made of {} files, which have no place among other inputs; name it last, or decompress it",
                file.files()
            );
            Failure::bad(words).note(notes, 0)?;
        } else {
            for lane in lanes {
                let (partitions, _) = file.partitions(&lane.request, names.clone(), notes)?;
                waiting.extend(partitions.into_iter().map(|partition| (lane.number, partition)));
            }
        }
        Ok(Self { waiting, open: None })
    }
}

impl SharedReader for LateParquet {
    fn next_batch(&mut self) -> Result<Option<(usize, RecordBatch)>, SourceError> {
        loop {
            let Some((request, reader)) = &mut self.open else {
                let Some((request, partition)) = self.waiting.pop_front() else {
                    return Ok(None);
                };
                self.open = Some((request, partition.open()?));
                continue;
            };
            match reader.next_batch()? {
                Some(batch) => return Ok(Some((*request, batch))),
                None => self.open = None,
            }
        }
    }

    fn stop(&mut self, request: usize) {
        self.waiting.retain(|(waiting, _)| *waiting != request);
        if self.open.as_ref().is_some_and(|(open, _)| *open == request) {
            self.open = None;
        }
    }
}
