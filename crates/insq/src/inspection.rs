//! What inputs are and what is in them, without a query.

use std::path::Path;

use insq_event::{Damage, MemoryBudget, RunContext};
use insq_input::{Inspection, ReadOptions};

use crate::error::Error;
use crate::options::MEMORY_LIMIT_DEFAULT_BYTES;

/// Reads all of `paths`, files, folders or patterns, and tells what they are and what is in them; beside it, what is
/// damaged.
///
/// # Errors
/// [`Error::Input`] when nothing can be read at all.
///
/// # Examples
/// ```
/// use insq::{ReadOptions, inspect};
///
/// let folder = tempfile::tempdir()?;
/// std::fs::write(folder.path().join("a.log"), "2026-03-04T00:00:00.123Z hello\n")?;
/// let (found, damage) = inspect(&[folder.path()], &ReadOptions::default())?;
/// assert_eq!((found.events, found.first_ms, damage.len()), (1, Some(1_772_582_400_123), 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn inspect(paths: &[&Path], options: &ReadOptions) -> Result<(Inspection, Vec<Damage>), Error> {
    let run = RunContext::new(MemoryBudget::new(MEMORY_LIMIT_DEFAULT_BYTES));
    let found = insq_input::inspect(paths, options, &run).map_err(Error::Input)?;
    Ok((found, run.damage.entries()))
}
