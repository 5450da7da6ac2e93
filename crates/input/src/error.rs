//! Damage of a file: noted, or in a strict run the end of it.

use std::sync::Arc;

use insq_event::{DamageKind, RunContext, SourceError};

/// Notes damage of one file.
#[derive(Clone)]
pub(crate) struct DamageNotes {
    pub(crate) file: Arc<str>,
    pub(crate) run: RunContext,
}

impl DamageNotes {
    /// Notes damage at `offset` of the decompressed file.
    ///
    /// # Errors
    /// [`SourceError::Damaged`] in a strict run.
    pub(crate) fn note(
        &self,
        kind: DamageKind,
        offset: u64,
        detail: Option<String>,
    ) -> Result<(), SourceError> {
        if self.run.strict {
            let description = match detail {
                Some(detail) => format!("{} ({detail})", kind.problem()),
                None => kind.problem().to_owned(),
            };
            return Err(SourceError::Damaged {
                file: self.file.clone(),
                offset,
                description,
            });
        }
        self.run.damage.report(&self.file, kind, offset, detail);
        Ok(())
    }
}
