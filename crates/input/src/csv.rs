//! Results of queries and logs that the console saved as CSV.

use csv_core::{ReadRecordResult, Reader};
use insq_event::{DamageKind, SourceError, SystemField};

use crate::blocks::{Blocks, EVENT_BYTES_MAX};
use crate::clock::LogClock;
use crate::framed::Framed;
use crate::json_event::JsonEvent;
use crate::lane::Lane;
use crate::rows::Row;
use crate::sieve::{LaneFields, Sieve};

/// Columns of a file at most; what stands behind them is left out.
const COLUMNS_MAX: usize = 4_096;

/// Bytes of a record that there is room for at the start.
const RECORD_BYTES: usize = 4 << 10;

/// The column names of the console's log viewer.
const VIEWER_NAMES: [(&str, SystemField); 3] = [
    ("timestamp", SystemField::Timestamp),
    ("message", SystemField::Message),
    ("logStreamName", SystemField::LogStream),
];

/// True when `line` is the head of such a file.
pub(crate) fn is_head(line: &[u8]) -> bool {
    let names: Vec<&[u8]> = line.split(|byte| *byte == b',').map(bare).collect();
    let holds = |name: &str| names.contains(&name.as_bytes());
    names.len() > 1 && (holds("@timestamp") || holds("@message") || (holds("timestamp") && holds("message")))
}

fn bare(name: &[u8]) -> &[u8] {
    let name = name.trim_ascii();
    let inner = name.strip_prefix(b"\"").and_then(|name| name.strip_suffix(b"\""));
    inner.unwrap_or(name)
}

/// Reads the rows of a CSV file as events.
pub(crate) struct CsvEvents {
    blocks: Blocks,
    sieve: Sieve,
    reader: Reader,
    /// The names of the columns, once the head has been read.
    names: Option<Vec<String>>,
    clock: LogClock,
    record: Record,
    is_done: bool,
}

/// The record that is being read.
struct Record {
    bytes: Vec<u8>,
    /// Of fields that are too many, the last one is that of all of them.
    ends: Vec<usize>,
    n_bytes: usize,
    n_ends: usize,
    /// Where it begins in the file.
    offset: u64,
    /// True when it is longer than any may be: its bytes are dropped.
    is_too_long: bool,
}

impl Record {
    fn fields(&self) -> impl Iterator<Item = &[u8]> {
        let ends = &self.ends[..self.n_ends.min(COLUMNS_MAX)];
        let starts = std::iter::once(&0).chain(ends);
        starts.zip(ends).map(|(start, end)| &self.bytes[*start..*end])
    }

    /// True when there are more fields than are read.
    fn is_too_wide(&self) -> bool {
        self.n_ends > COLUMNS_MAX
    }

    fn begin_next(&mut self, offset: u64) {
        (self.n_bytes, self.n_ends) = (0, 0);
        (self.offset, self.is_too_long) = (offset, false);
    }
}

impl CsvEvents {
    pub(crate) fn new(blocks: Blocks, lanes: &[Lane], clock: LogClock) -> Self {
        let record = Record {
            bytes: vec![0; RECORD_BYTES],
            ends: vec![0; COLUMNS_MAX + 1],
            n_bytes: 0,
            n_ends: 0,
            offset: blocks.offset(),
            is_too_long: false,
        };
        Self {
            blocks,
            sieve: Sieve::new(lanes),
            reader: Reader::new(),
            names: None,
            clock,
            record,
            is_done: false,
        }
    }

    /// Nobody wants more events of a lane.
    pub(crate) fn stop(&mut self, lane: usize) {
        self.sieve.stop(lane);
    }

    /// Some events, put into `room`, or `None` at the end. The lists may be empty.
    ///
    /// # Errors
    /// [`SourceError`] when memory is refused, or for damage in a strict run.
    pub(crate) fn next(&mut self, room: Framed) -> Result<Option<Framed>, SourceError> {
        if self.is_done {
            return Ok(None);
        }
        self.blocks.more()?;
        let mut framed = self.sieve.framed(room);
        let mut at = 0;
        loop {
            let input = &self.blocks.bytes()[at..];
            if input.is_empty() && !self.blocks.is_at_end() {
                break;
            }
            let record = &mut self.record;
            let (result, read, written, ends) = self.reader.read_record(
                input,
                &mut record.bytes[record.n_bytes..],
                &mut record.ends[record.n_ends..],
            );
            at += read;
            record.n_bytes += written;
            record.n_ends += ends;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.grow_record()?,
                // Surplus fields share the end that is one too many.
                ReadRecordResult::OutputEndsFull => record.n_ends -= 1,
                ReadRecordResult::Record => {
                    self.take_record(&mut framed)?;
                    self.record.begin_next(self.blocks.offset() + at as u64);
                }
                ReadRecordResult::End => {
                    self.is_done = true;
                    break;
                }
            }
        }
        self.blocks.skip(at);
        Ok(Some(framed))
    }

    fn grow_record(&mut self) -> Result<(), SourceError> {
        if self.record.bytes.len() < EVENT_BYTES_MAX {
            let bytes = self.record.bytes.len() * 2;
            self.record.bytes.resize(bytes, 0);
            return Ok(());
        }
        if !self.record.is_too_long {
            let offset = self.record.offset;
            self.blocks.notes().note(DamageKind::EventTooLong, offset, None)?;
            self.record.is_too_long = true;
        }
        (self.record.n_bytes, self.record.n_ends) = (0, 0);
        Ok(())
    }

    fn note_row(&self, detail: String) -> Result<(), SourceError> {
        let notes = self.blocks.notes();
        notes.note(DamageKind::BadRow, self.record.offset, Some(detail))
    }

    fn take_record(&mut self, framed: &mut Framed) -> Result<(), SourceError> {
        // Of a record that is too long, the ends of its fields are left and their bytes are not.
        if self.record.is_too_long {
            return Ok(());
        }
        if self.record.is_too_wide() {
            let detail = format!("more than {COLUMNS_MAX} fields, of which the first are used");
            self.note_row(detail)?;
        }
        let fields: Vec<String> = self
            .record
            .fields()
            .map(|field| String::from_utf8_lossy(field).into_owned())
            .collect();
        let Some(names) = &self.names else {
            self.names = Some(column_names(fields));
            return Ok(());
        };
        // The last record of a file that broke off is not whole, nor is one with fields too many or too few.
        if fields.len() != names.len() {
            let detail = format!("{} fields instead of {}", fields.len(), names.len());
            self.note_row(detail)?;
        }
        let mut row = Row::new(self.clock);
        names
            .iter()
            .zip(&fields)
            .for_each(|(name, value)| row.add(name, value));
        let event: JsonEvent<'_> = row.into();
        self.sieve.push(
            &self.record.bytes[..self.record.n_bytes],
            event,
            &LaneFields::NONE,
            self.record.offset,
            framed,
        );
        Ok(())
    }
}

/// The names of system fields for the console's own names.
fn column_names(names: Vec<String>) -> Vec<String> {
    let is_result = names.iter().any(|name| name.starts_with('@'));
    let named = |name: String| {
        let known = VIEWER_NAMES
            .iter()
            .find(|(viewer, _)| !is_result && *viewer == name);
        known.map_or(name, |(_, field)| field.name().to_owned())
    };
    names.into_iter().map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::is_head;

    #[test]
    fn heads() {
        for (line, expected) in [
            ("@timestamp,@message", true),
            ("\"@timestamp\",\"@message\",user", true),
            ("timestamp,message", true),
            ("user,@message\r", true),
            ("message", false),
            ("timestamp,level", false),
            ("@timestamp", false),
            ("2026-03-04T00:00:00.123Z hello, world", false),
        ] {
            assert_eq!(is_head(line.as_bytes()), expected, "{line}");
        }
    }
}
