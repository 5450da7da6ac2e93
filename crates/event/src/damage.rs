//! Damage: places of the input that could not be read, while the rest was.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What is wrong at a place of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum DamageKind {
    /// The file could not be opened or read to its end.
    Unreadable,
    /// Neither a log nor anything else insq reads.
    NotALog,
    /// Compressed data end before their end mark, or are not valid.
    BadCompression,
    /// An archive that ends early or is not valid.
    BadArchive,
    /// Compressed data that expand to more than is allowed; what came before the limit was used.
    ExpandsTooMuch,
    /// A file that grew, shrank or was replaced while it was read; what it held at the start was used, if it was there.
    Changed,
    /// The saved result of a query that had not given all of its rows.
    Unfinished,
    /// A text that is not UTF-8; the bad bytes are shown as U+FFFD.
    InvalidUtf8,
    /// An event longer than the largest that is read; it was left out.
    EventTooLong,
    /// A REPORT line that stops in the middle; its sound values were used.
    CutReport,
    /// A row that does not fit its table, or an event of the command line's text without a time.
    BadRow,
    /// A JSON document that stops in the middle or is not valid; it was left out.
    BadJson,
    /// A Parquet file, or a row group of one, that cannot be decoded; what could be was used.
    BadParquet,
    /// An Arrow file or stream, or a batch of one, that cannot be decoded; the sound batches were used.
    BadArrow,
    /// A folder of Parquet files of which a conversion has put only some into place.
    HalfConverted,
}

impl DamageKind {
    /// Every kind.
    pub const ALL: [Self; 15] = [
        Self::Unreadable,
        Self::NotALog,
        Self::BadCompression,
        Self::BadArchive,
        Self::ExpandsTooMuch,
        Self::Changed,
        Self::Unfinished,
        Self::InvalidUtf8,
        Self::EventTooLong,
        Self::CutReport,
        Self::BadRow,
        Self::BadJson,
        Self::BadParquet,
        Self::BadArrow,
        Self::HalfConverted,
    ];

    /// What happened, in words, for one occurrence.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Unreadable => "cannot be read",
            Self::NotALog => "is not a log that insq knows",
            Self::BadCompression => "compressed data are damaged or end early; what came before was used",
            Self::BadArchive => "archive is damaged or ends early; what could be found in it was used",
            Self::ExpandsTooMuch => "compressed data expand too much; no more of them is read",
            Self::Changed => {
                "changed while it was read; what it held at the start was used as far as it was there"
            }
            Self::Unfinished => {
                "is the result of a query that was not finished; the rows that are there were used"
            }
            Self::InvalidUtf8 => "text is not valid UTF-8; bad bytes are shown as U+FFFD",
            Self::EventTooLong => "event is longer than the limit; it was left out",
            Self::CutReport => "REPORT line is cut; its sound values were used",
            Self::BadRow => "row does not fit its table; what could be told was used",
            Self::BadParquet => "Parquet data are damaged or cannot be read; what came before was used",
            Self::BadArrow => "Arrow data are damaged or cannot be read; the sound batches were used",
            Self::HalfConverted => {
                "lies in a folder that a conversion has not finished; run the same `insq convert` again"
            }
            Self::BadJson => "JSON document is damaged; it was left out",
        }
    }

    /// As [`Self::describe`], less what was made of it: for a run that stops there.
    ///
    /// # Examples
    /// ```
    /// use insq_event::DamageKind;
    ///
    /// assert_eq!(DamageKind::BadJson.problem(), "JSON document is damaged");
    /// ```
    pub fn problem(self) -> &'static str {
        let description = self.describe();
        match self {
            // What follows is not what was done but what is to be done.
            Self::HalfConverted => description,
            _ => description
                .split_once(';')
                .map_or(description, |(problem, _)| problem),
        }
    }
}

/// All damage of one kind in one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The input, as the user named it or as it was found.
    pub file: Arc<str>,
    /// What is wrong.
    pub kind: DamageKind,
    /// Byte offset of the first occurrence, in the decompressed file. 0 when it concerns the whole file.
    pub offset: u64,
    /// How many occurrences there are.
    pub count: u64,
    /// What the operating system or a decoder said about the first occurrence, if anything.
    pub detail: Option<String>,
}

/// Damage by file and kind.
type Entries = BTreeMap<(Arc<str>, DamageKind), Damage>;

/// Collects damage from all threads of a run. Cheap to clone; clones share one log.
///
/// # Examples
/// ```
/// use insq_event::{DamageKind, DamageLog};
///
/// let log = DamageLog::default();
/// log.report("a.log", DamageKind::InvalidUtf8, 700, None);
/// log.report("a.log", DamageKind::InvalidUtf8, 20, None);
/// let damage = &log.entries()[0];
/// assert_eq!((damage.offset, damage.count), (20, 2));
/// ```
#[derive(Clone, Debug, Default)]
pub struct DamageLog {
    entries: Arc<Mutex<Entries>>,
    any: Arc<AtomicBool>,
}

impl DamageLog {
    /// Notes one occurrence.
    pub fn report(&self, file: &str, kind: DamageKind, offset: u64, detail: Option<String>) {
        self.any.store(true, Ordering::Relaxed);
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let file: Arc<str> = file.into();
        let damage = entries
            .entry((Arc::clone(&file), kind))
            .or_insert_with(|| Damage {
                file,
                kind,
                offset: u64::MAX,
                count: 0,
                detail: None,
            });
        damage.count += 1;
        if offset < damage.offset {
            damage.offset = offset;
            damage.detail = detail;
        }
    }

    /// Takes in what was noted elsewhere.
    pub fn add(&self, other: Damage) {
        self.any.store(true, Ordering::Relaxed);
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        match entries.get_mut(&(Arc::clone(&other.file), other.kind)) {
            None => {
                entries.insert((Arc::clone(&other.file), other.kind), other);
            }
            Some(own) => {
                own.count += other.count;
                if other.offset < own.offset {
                    (own.offset, own.detail) = (other.offset, other.detail);
                }
            }
        }
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        !self.any.load(Ordering::Relaxed)
    }

    /// All damage, by file and kind, so that threads do not show in the order.
    pub fn entries(&self) -> Vec<Damage> {
        self.entries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .values()
            .cloned()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_the_beginning_of_its_description() {
        for kind in DamageKind::ALL {
            let (problem, description) = (kind.problem(), kind.describe());
            assert!(
                description.starts_with(problem) && !problem.is_empty(),
                "{kind:?}"
            );
            for done in ["used", "left out", "shown as"] {
                assert!(!problem.contains(done), "{kind:?}: {problem}");
            }
        }
        let unfinished = DamageKind::HalfConverted;
        assert_eq!(unfinished.problem(), unfinished.describe());
    }
}
