//! The files of the folder, and where they wait until all of them are complete.

use std::collections::BTreeMap;
use std::fs::File;

use super::key::{PartitionBy, PartitionKey};
use super::state::WaitingParts;
use crate::parquet::convert::ConvertError;
use crate::parquet::encode::PartFiles;
use crate::parquet::layout::{FolderPart, Layout};
use crate::parquet::runs::Run;

/// A file of the folder.
pub(super) struct Part {
    pub(super) rank: u32,
    pub(super) path: String,
    pub(super) events: u64,
}

impl Part {
    /// The parts that runs give, in their order. Their files are numbered, since file systems may take two names for one.
    pub(super) fn all(runs: &[Run], by: &[PartitionBy]) -> BTreeMap<PartitionKey, Self> {
        let mut parts: BTreeMap<PartitionKey, Self> = BTreeMap::new();
        for span in runs.iter().flat_map(|run| &run.spans) {
            let part = parts.entry(span.part.clone()).or_insert_with(|| Self {
                rank: 0,
                path: String::new(),
                events: 0,
            });
            part.events += span.rows;
        }
        for (number, (key, part)) in parts.iter_mut().enumerate() {
            part.rank = number as u32;
            part.path = format!("{}part-{number:05}.parquet", key.folders(by));
        }
        parts
    }
}

/// Parts are written where they wait for each other.
pub(super) struct FolderFiles<'a> {
    pub(super) set: &'a str,
    pub(super) files: u64,
    pub(super) waiting: &'a WaitingParts,
    pub(super) parts: &'a [&'a Part],
}

impl PartFiles for FolderFiles<'_> {
    fn events(&self, rank: u32) -> u64 {
        self.parts[rank as usize].events
    }

    fn begin(&self, rank: u32) -> Result<(File, Layout), ConvertError> {
        let path = &self.parts[rank as usize].path;
        let layout = Layout {
            files: self.files,
            fields: Vec::new(),
            part: Some(FolderPart {
                set: self.set.to_owned(),
                path: path.clone(),
            }),
        };
        Ok((self.waiting.begin(path)?, layout))
    }

    fn end(&self, rank: u32, file: File) -> Result<(), ConvertError> {
        Ok(self.waiting.end(&self.parts[rank as usize].path, &file)?)
    }
}
