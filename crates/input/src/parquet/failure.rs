//! Why a Parquet file, or a part of one, is not read.

use std::io;

use insq_event::{DamageKind, MemoryExceeded, SourceError};
use parquet::errors::ParquetError;

use crate::error::DamageNotes;
use crate::remote::RemoteChanged;

/// What is noted of it.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) kind: DamageKind,
    pub(crate) words: String,
}

impl Failure {
    /// What the decoder says.
    pub(crate) fn of(cause: &ParquetError) -> Self {
        Self::bad(cause.to_string())
    }

    /// Parquet that can't be read.
    pub(super) fn bad(words: String) -> Self {
        let kind = DamageKind::BadParquet;
        Self { kind, words }
    }

    /// What the decoder says of a file that lies elsewhere: mostly what the store told it.
    pub(super) fn of_far(cause: &ParquetError) -> Self {
        let told = match cause {
            ParquetError::External(inner) => inner.downcast_ref::<io::Error>(),
            _ => None,
        };
        told.map_or_else(|| Self::of(cause), Self::far)
    }

    /// What a store says.
    pub(super) fn far(cause: &io::Error) -> Self {
        let is_changed = cause.get_ref().is_some_and(|inner| inner.is::<RemoteChanged>());
        Self {
            kind: match is_changed {
                true => DamageKind::Changed,
                false => DamageKind::Unreadable,
            },
            words: cause.to_string(),
        }
    }

    /// Notes it.
    ///
    /// # Errors
    /// [`SourceError::Damaged`] in a strict run.
    pub(crate) fn note(self, notes: &DamageNotes, offset: u64) -> Result<(), SourceError> {
        notes.note(self.kind, offset, Some(self.words))
    }
}

/// Why something of Parquet is not read.
pub(crate) enum Stop {
    Damage(Failure),
    /// The run ends.
    Run(SourceError),
    /// Nobody wants it any more.
    Cancelled,
}

impl Stop {
    /// Notes damage.
    ///
    /// # Errors
    /// [`SourceError::Damaged`] in a strict run, and what ends every run.
    pub(crate) fn note(self, notes: &DamageNotes, offset: u64) -> Result<(), SourceError> {
        match self {
            Self::Damage(failure) => failure.note(notes, offset),
            Self::Run(error) => Err(error),
            Self::Cancelled => Ok(()),
        }
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Damage(failure)
    }
}

impl From<ParquetError> for Stop {
    fn from(cause: ParquetError) -> Self {
        Self::Damage(Failure::of(&cause))
    }
}

impl From<MemoryExceeded> for Stop {
    fn from(cause: MemoryExceeded) -> Self {
        Self::Run(cause.into())
    }
}
