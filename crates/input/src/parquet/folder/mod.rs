//! From logs to a folder of Parquet files, one for every part, that goes on where it was stopped.
//!
//! Inputs are gathered group by group into sorted runs that wait in the folder; then the runs are merged, part after part.
//! A group that has been gathered and a part that has been written are kept by a run that comes later, as long as the
//! inputs are what they were. The parts are put into place when all of them are complete.

mod gathering;
mod key;
mod part_files;
mod place;
mod records;
mod state;
mod work;

use std::path::Path;

use insq_event::RunContext;

use super::convert::{ConvertError, ConvertOptions};
use crate::source::LogSource;

pub use key::PartitionBy;
pub(super) use key::PartitionKey;
pub(super) use place::root_of_parts;
pub(crate) use place::{FolderParts, is_converted_folder, is_of_other_parts};
use state::State;
use work::Work;

/// How a folder is made.
#[derive(Clone, Debug)]
pub struct FolderOptions {
    /// How its files are made. Runs wait in the folder.
    pub files: ConvertOptions,
    /// What divides the events, from the outermost folder to the innermost.
    pub partition_by: Vec<PartitionBy>,
    /// Bytes of input files that are gathered together, at least; by default a share of all.
    pub group_bytes: Option<u64>,
}

/// What a folder holds, and what had to be done for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FolderConverted {
    /// Events in the folder.
    pub events: u64,
    /// The discovered fields that became columns, as queries spell them.
    pub fields: Vec<String>,
    /// Files in the folder.
    pub parts: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Of these, the ones that an earlier run had written that did not finish.
    pub parts_kept: u64,
    /// Groups of input files.
    pub groups: u64,
    /// Of these, the ones that an earlier run had gathered.
    pub groups_kept: u64,
    /// True when the folder held all of it already.
    pub is_up_to_date: bool,
    /// Why what an earlier run had made was made again, in words; empty when it was not.
    pub remade: Vec<String>,
}

/// Writes everything that `source` gives into `folder`.
///
/// # Errors
/// [`ConvertError`]; the folder then holds what it held before, and what the next run goes on with.
pub fn convert_folder(
    source: &LogSource,
    folder: &Path,
    options: &FolderOptions,
    run: &RunContext,
) -> Result<FolderConverted, ConvertError> {
    let state = State::open(folder)?;
    state.finish_moving()?;
    let groups = source.groups(options.group_bytes);
    let work = Work::new(source, &state, options, &groups, run);
    if let Some(found) = work.up_to_date()? {
        return Ok(found);
    }
    work.convert()
}
