//! What does not fit into memory: chunks in files, sorted runs of them, and what is merged of these.

mod file;
mod kept;
mod merge;
mod sorter;

use std::sync::Arc;

use insq_event::{Cancellation, MemoryBudget, Progress, RunContext, Spill};

use crate::chunk::Chunk;
use crate::error::ExecError;
use file::SpillFile;
use file::Stored;
pub(crate) use kept::Kept;
pub(crate) use sorter::Sorter;

/// A step that holds less than this part of the limit stays in memory although that is scarce: others hold more, and many
/// small runs cost more than a few large ones.
const RUN_SHARE: usize = 64;

/// This part of the limit is for what steps put aside in memory.
const ASIDE_SHARE: usize = 4;

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

    /// True when so much is in use that what a step puts aside is likely to end in files anyway: it goes there at once, since
    /// memory that is given back all at a time stays with the process for a while.
    pub(crate) fn is_due_soon(&self) -> bool {
        self.is_possible() && self.memory.used_bytes() > self.memory.limit_bytes() / ASIDE_SHARE
    }

    /// Puts a chunk into the file of this step.
    fn store(&mut self, chunk: &Chunk) -> Result<Stored, ExecError> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_of_the_limit_is_for_what_is_put_aside() {
        let mut run = RunContext::new(MemoryBudget::new(800));
        let without_files = Spiller::new(&run);
        run.spill = Some(Spill::to(std::env::temp_dir()));
        let spiller = Spiller::new(&run);
        let mut held = run.memory.reservation("stats");
        held.resize(200).unwrap();
        assert!(!spiller.is_due_soon());
        held.resize(201).unwrap();
        assert!(spiller.is_due_soon() && !without_files.is_due_soon());
    }
}
