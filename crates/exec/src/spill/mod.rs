//! What does not fit into memory: chunks in files, sorted runs of them, and what is merged of these.

mod file;
mod merge;
mod sorter;

use std::sync::Arc;

use insq_event::{Cancellation, MemoryBudget, Progress, RunContext, Spill};

use crate::chunk::Chunk;
use crate::error::ExecError;
use file::SpillFile;
pub(crate) use file::Stored;
pub(crate) use sorter::Sorter;

/// A step that holds less than this part of the limit stays in memory although that is scarce: others hold more, and many
/// small runs cost more than a few large ones.
const RUN_SHARE: usize = 64;

/// Where one step puts chunks, and when it should.
#[derive(Clone)]
pub(crate) struct Spiller {
    settings: Option<Spill>,
    memory: MemoryBudget,
    cancellation: Cancellation,
    progress: Arc<Progress>,
    file: Option<Arc<SpillFile>>,
}

impl Spiller {
    pub(crate) fn new(run: &RunContext) -> Self {
        Self {
            settings: run.spill.clone(),
            memory: run.memory.clone(),
            cancellation: run.cancellation.clone(),
            progress: Arc::clone(&run.progress),
            file: None,
        }
    }

    /// True when there is a place for files.
    pub(crate) fn is_possible(&self) -> bool {
        self.settings.is_some()
    }

    /// True when a step that holds so many bytes should put them into files.
    pub(crate) fn is_due(&self, held_bytes: usize) -> bool {
        let Some(settings) = &self.settings else {
            return false;
        };
        let is_much = held_bytes >= self.memory.limit_bytes() / RUN_SHARE;
        held_bytes > settings.gathered_bytes || (is_much && self.memory.is_scarce())
    }

    /// Puts a chunk into the file of this step.
    pub(crate) fn store(&mut self, chunk: &Chunk) -> Result<Stored, ExecError> {
        self.check()?;
        let file = match &self.file {
            Some(file) => file,
            None => {
                let settings = self.settings.as_ref();
                let settings =
                    settings.ok_or_else(|| ExecError::Internal("there is no place for files".to_owned()))?;
                self.file.insert(SpillFile::create(&settings.folder)?)
            }
        };
        let stored = file.append(chunk)?;
        self.progress.add_spilled(stored.size_bytes() as u64);
        Ok(stored)
    }

    /// # Errors
    /// [`ExecError::Cancelled`] when somebody asked the run to stop.
    pub(crate) fn check(&self) -> Result<(), ExecError> {
        if self.cancellation.is_cancelled() {
            return Err(ExecError::Cancelled);
        }
        Ok(())
    }
}
