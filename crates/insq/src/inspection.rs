//! What inputs are and what is in them, without a query.

use insq_event::{Damage, MemoryBudget, RunContext, SourceError};
use insq_exec::ExecError;
use insq_input::Inspection;

use crate::engine::{Engine, Inputs};
use crate::error::Error;
use crate::options::RunControl;

impl Engine {
    /// Reads all of the inputs, and tells what they are and what is in them; beside it, what is damaged, unless `strict` takes the
    /// first damage for an error.
    ///
    /// # Errors
    /// [`Error::Input`] when nothing can be read at all, when the run was cancelled, for damage if `strict`, and for record batches,
    /// which are no files.
    ///
    /// # Examples
    /// ```
    /// use insq::{Engine, RunControl};
    ///
    /// let engine = Engine::builder().reader("a.log", "2026-03-04T00:00:00.123Z hello\n".as_bytes()).build()?;
    /// let (found, damage) = engine.inspect(false, &RunControl::default())?;
    /// assert_eq!((found.events, found.first_ms, damage.len()), (1, Some(1_772_582_400_123), 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn inspect(&self, strict: bool, control: &RunControl) -> Result<(Inspection, Vec<Damage>), Error> {
        let Inputs::Logs(source) = &self.source else {
            let message = "record batches are no files: their columns are in their schema".to_owned();
            return Err(SourceError::NoInput(message).into());
        };
        let mut run = RunContext::new(MemoryBudget::new(self.memory_limit_bytes()));
        run.strict = strict;
        run.cancellation = control.cancellation.clone();
        run.progress = control.progress.clone();
        let found = insq_input::inspect(source, &run)?;
        // Readers just end then.
        if run.cancellation.is_cancelled() {
            return Err(ExecError::Cancelled.into());
        }
        Ok((found, run.damage.entries()))
    }
}
