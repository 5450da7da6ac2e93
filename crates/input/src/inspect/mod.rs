//! What inputs are and what is in them, told without a query.

mod field_counts;
mod file_kind;
mod kinds;
mod names;
mod scan;
mod tally;

use std::collections::BTreeMap;

use insq_event::{DamageLog, RunContext, SourceError, SystemField};

use crate::source::LogSource;
pub use field_counts::LeafType;
pub use file_kind::FileKind;
use kinds::Kinds;
pub use names::Names;
use tally::Tally;

/// Different names, and different fields, that are remembered; more are only counted as more.
pub const NAMES_MAX: usize = 10_000;

/// What was found in some inputs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inspection {
    /// Every file.
    pub files: Vec<FileKind>,
    /// Files beside these that were not read: compressed copies of some of them.
    pub copies: u64,
    /// Events in all.
    pub events: u64,
    /// Events without a time.
    pub events_without_time: u64,
    /// Time of the earliest event, milliseconds since the epoch.
    pub first_ms: Option<i64>,
    /// Time of the latest event, milliseconds since the epoch.
    pub last_ms: Option<i64>,
    /// By how many minutes the times of events are later than those that their messages begin with, where most of the latter
    /// name a zone and agree: what [`crate::LogClock::zone`] should be instead, if it is UTC.
    pub clock_gap_minutes: Option<i64>,
    /// Events by `@type`.
    pub types: Names,
    /// Events by `@log`.
    pub log_groups: Names,
    /// Events by `@logStream`.
    pub log_streams: Names,
    /// Events by `@function`.
    pub functions: Names,
    /// Events that have each system field, most frequent first. Those that none has are left out, and so is `@ptr`, which
    /// every event has.
    pub system_fields: Vec<(SystemField, u64)>,
    /// Discovered fields, and columns of other tools: events that have one, by type, most frequent field first.
    pub fields: Vec<(String, BTreeMap<LeafType, u64>)>,
    /// True when there are more fields than [`NAMES_MAX`], or any with a path of more than 1,024 bytes.
    pub are_fields_cut: bool,
    /// Why no columns are among the fields, those of sound files neither: the column that is of a type that is not taken.
    /// Then not all system fields are counted either.
    pub columns_left_out: Option<String>,
}

/// Reads all of `source`, on as many threads as its options name; damage is noted in `run`. Memory does not grow with the
/// inputs.
///
/// # Errors
/// [`SourceError`] when nothing can be read at all, for damage in a strict run, and for a column of a type that is not taken in a
/// stream, which can't be read again without it.
pub fn inspect(source: &LogSource, run: &RunContext) -> Result<Inspection, SourceError> {
    let kinds = Kinds::of(source, run)?;
    // A column of a type that is not taken is no reason to tell nothing of the rest. What is noted on the way to it would be
    // noted again.
    let first = RunContext {
        damage: DamageLog::default(),
        ..run.clone()
    };
    let (tally, columns_left_out) = match scan::scan(source, &first, true) {
        Err(SourceError::Limit(why)) if source.is_lasting() => (scan::scan(source, run, false)?, Some(why)),
        told => {
            for entry in first.damage.entries() {
                run.damage.add(entry);
            }
            (told?, None)
        }
    };
    Ok(Inspection::new(kinds, tally, columns_left_out))
}

impl Inspection {
    fn new(kinds: Kinds, tally: Tally, columns_left_out: Option<String>) -> Self {
        let mut system_fields: Vec<_> = tally.system_fields().filter(|(_, events)| *events > 0).collect();
        system_fields.sort_by_key(|(_, events)| std::cmp::Reverse(*events));
        let [types, log_groups, log_streams, functions] = tally.names;
        Self {
            copies: kinds.copies,
            files: kinds.into_files(),
            events: tally.events,
            events_without_time: tally.events_without_time,
            first_ms: tally.first_ms,
            last_ms: tally.last_ms,
            clock_gap_minutes: tally.gaps.usual_minutes(),
            types,
            log_groups,
            log_streams,
            functions,
            system_fields,
            are_fields_cut: tally.fields.is_cut,
            fields: tally.fields.sorted(),
            columns_left_out,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::LogFormat;
    use crate::source::{Input, ReadOptions};
    use insq_event::MemoryBudget;
    use std::path::Path;

    fn inspected(path: &Path, options: ReadOptions) -> Inspection {
        let run = RunContext::new(MemoryBudget::unlimited());
        inspect(&LogSource::new(vec![Input::Path(path.to_owned())], options), &run).unwrap()
    }

    #[test]
    fn files_events_names_and_fields() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write(
            "a.log",
            "1970-01-01T00:00:01.000Z {\"level\":\"INFO\",\"n\":1,\"n\":2}\n1970-01-01T00:00:02.000Z {\"level\":7}\n",
        );
        write("b.log", "no time\n");
        write("empty.log", "");
        let found = inspected(folder.path(), ReadOptions::default());
        let formats: Vec<Option<LogFormat>> = found.files.iter().map(|file| file.format).collect();
        assert_eq!(formats, [Some(LogFormat::Export), Some(LogFormat::Lines), None]);
        assert_eq!((found.events, found.events_without_time), (3, 1));
        assert_eq!((found.first_ms, found.last_ms), (Some(1_000), Some(2_000)));
        let level = BTreeMap::from([(LeafType::Text, 1), (LeafType::Number, 1)]);
        let n = BTreeMap::from([(LeafType::Number, 1)]);
        assert_eq!(found.fields, [("level".to_owned(), level), ("n".to_owned(), n)]);
    }
    #[test]
    fn threads_do_not_show() {
        let folder = tempfile::tempdir().unwrap();
        // More different fields than are remembered, in files that threads take in turns.
        let (files, fields) = (30, NAMES_MAX / 20);
        for file in 0..files {
            let members: Vec<String> = (0..fields)
                .map(|field| format!("\"{file}-{field}\":1,\"all-{field}\":\"x\""))
                .collect();
            let text = format!("1970-01-01T00:00:{file:02}.000Z {{{}}}\n", members.join(","));
            std::fs::write(folder.path().join(format!("{file:02}.log")), text).unwrap();
        }
        let inspected = |threads: usize| {
            let options = ReadOptions {
                threads,
                ..ReadOptions::default()
            };
            inspected(folder.path(), options)
        };
        let alone = inspected(1);
        assert!(alone.are_fields_cut && alone.fields.len() == NAMES_MAX);
        assert_eq!(alone.fields[0].1, BTreeMap::from([(LeafType::Text, files)]));
        for threads in [2, 7] {
            assert_eq!(inspected(threads), alone);
        }
    }

    #[test]
    fn system_fields_are_counted_and_every_event_has_ptr() {
        let folder = tempfile::tempdir().unwrap();
        let text = "1970-01-01T00:00:01.000Z REPORT RequestId: 4facf443-808c-467a-a878-b91a88a33686\tDuration: 1.5 ms\t\n\
                    1970-01-01T00:00:02.000Z words\n";
        std::fs::write(folder.path().join("a.log"), text).unwrap();
        let found = inspected(folder.path(), ReadOptions::default());
        let expected = [
            (SystemField::Timestamp, 2),
            (SystemField::Message, 2),
            (SystemField::Type, 1),
            (SystemField::RequestId, 1),
            (SystemField::Duration, 1),
        ];
        assert_eq!(found.system_fields, expected);
    }
}
