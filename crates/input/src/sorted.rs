//! Where in a file that is in the order of time a range of times lies.
//!
//! That a file is in order can't be known without reading it all. It is taken to be when samples all over it are,
//! within a slack that grows with the disorder in them, and the run tells what was left unread for it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

use insq_event::{Progress, TimeRange};
use memchr::memchr;

use crate::grammar::LineGrammar;

/// Samples that are taken all over a file.
pub(crate) const SAMPLES: u64 = 64;

/// Bytes of a sample.
pub(crate) const SAMPLE_BYTES: u64 = 64 << 10;

/// A file smaller than this is read whole: finding the place would cost as much.
pub(crate) const SORTED_BYTES_MIN: u64 = 4 * SAMPLES * SAMPLE_BYTES;

/// Events of an ordered file stand no further than this behind a later one, milliseconds.
pub(crate) const DISORDER_MAX_MS: i64 = 60_000;

/// So many times the disorder that the samples show is allowed for.
const SLACK_FACTOR: i64 = 8;

/// Added to the slack, milliseconds.
const SLACK_MIN_MS: i64 = 1_000;

/// The search ends when so few bytes are left to search in.
const SEARCH_BYTES_MIN: u64 = 4 * SAMPLE_BYTES;

/// The bytes of `file` that hold every event of `range`, as far as its order can be trusted; `None` when it is not in
/// order, or too small to be worth it. What is read to find out is counted.
///
/// # Errors
/// What the system says.
pub(crate) fn bytes_of_range(
    file: &mut File,
    size: u64,
    grammar: &LineGrammar,
    range: TimeRange,
    progress: &Progress,
) -> io::Result<Option<Range<u64>>> {
    if size < SORTED_BYTES_MIN || range.is_all() || !grammar.keeps_order() {
        return Ok(None);
    }
    let mut probe = Probe {
        file,
        size,
        grammar: grammar.clone(),
        buffer: Vec::new(),
        progress,
    };
    let Some(order) = probe.order()? else {
        return Ok(None);
    };
    let start = match range.start_ms {
        Some(start_ms) => {
            probe
                .search(&order, start_ms.saturating_sub(order.slack_ms))?
                .start
        }
        None => 0,
    };
    let end = match range.end_ms {
        Some(end_ms) => probe.search(&order, end_ms.saturating_add(order.slack_ms))?.end,
        None => size,
    };
    Ok(Some(start..end.max(start)))
}

/// What the samples show of a file in order.
struct Order {
    /// Offsets of the samples and their first times, both ascending but for the slack.
    samples: Vec<(u64, i64)>,
    slack_ms: i64,
}

/// Reads pieces of a file.
struct Probe<'a> {
    file: &'a mut File,
    size: u64,
    grammar: LineGrammar,
    buffer: Vec<u8>,
    progress: &'a Progress,
}

impl Probe<'_> {
    /// `None` when the samples are not in order, or one of them holds no time.
    fn order(&mut self) -> io::Result<Option<Order>> {
        let mut samples = Vec::new();
        let (mut latest_ms, mut disorder_ms) = (i64::MIN, 0);
        for sample in 0..SAMPLES {
            let offset = (self.size - SAMPLE_BYTES) / (SAMPLES - 1) * sample;
            let times = self.times_at(offset)?;
            let Some(first_ms) = times.first() else {
                return Ok(None);
            };
            samples.push((offset, *first_ms));
            for time_ms in times {
                latest_ms = latest_ms.max(time_ms);
                disorder_ms = disorder_ms.max(latest_ms.saturating_sub(time_ms));
            }
        }
        let slack_ms = SLACK_MIN_MS + SLACK_FACTOR * disorder_ms;
        Ok((disorder_ms <= DISORDER_MAX_MS).then_some(Order { samples, slack_ms }))
    }

    /// A small range of bytes: before its start all times are below `time_ms`, at its end none is any more.
    fn search(&mut self, order: &Order, time_ms: i64) -> io::Result<Range<u64>> {
        let above = order.samples.partition_point(|(_, first_ms)| *first_ms < time_ms);
        let mut low = above.checked_sub(1).map_or(0, |idx| order.samples[idx].0);
        let mut high = order.samples.get(above).map_or(self.size, |(offset, _)| *offset);
        while high - low > SEARCH_BYTES_MIN {
            let middle = low + (high - low) / 2;
            match self.times_at(middle)?.first() {
                Some(first_ms) if *first_ms < time_ms => low = middle,
                Some(_) => high = middle,
                // One event fills the sample: what is left is read.
                None => break,
            }
        }
        // The first event of a sample begins behind its offset.
        let end = high.saturating_add(SAMPLE_BYTES).min(self.size);
        Ok(low..end)
    }

    /// The times of the events that begin within the sample at `offset`, in the order of the file.
    fn times_at(&mut self, offset: u64) -> io::Result<Vec<i64>> {
        self.buffer.clear();
        self.file.seek(SeekFrom::Start(offset))?;
        let mut piece = (&mut *self.file).take(SAMPLE_BYTES);
        let read = piece.read_to_end(&mut self.buffer)?;
        self.progress.add_read(read as u64);
        let bytes = &self.buffer[..];
        let mut at = match offset {
            0 => 0,
            _ => memchr(b'\n', bytes).map_or(bytes.len(), |line_end| line_end + 1),
        };
        let mut times = Vec::new();
        // A line that the sample cuts may lack a part of its time.
        while let Some(length) = memchr(b'\n', &bytes[at..]) {
            times.extend(self.grammar.head(&bytes[at..]).and_then(|head| head.time_ms));
            at += length + 1;
        }
        Ok(times)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app_times::TimeShape;
    use crate::clock::LogClock;
    use crate::timestamp::ExportTimes;
    use insq_event::Zone;
    use std::io::Write;

    /// A file of lines of 100 bytes, one a second; `time_of` says which second.
    fn log(lines: u64, time_of: impl Fn(u64) -> u64) -> File {
        let mut file = std::io::BufWriter::new(tempfile::tempfile().unwrap());
        for line in 0..lines {
            let second = time_of(line);
            let (hour, minute) = (second / 3_600 % 24, second / 60 % 60);
            let day = 1 + second / 86_400;
            let time = format!("2026-01-{day:02}T{hour:02}:{minute:02}:{:02}.000Z", second % 60);
            writeln!(file, "{time} {:<74}", "x").unwrap();
        }
        file.into_inner().unwrap()
    }

    const LINES: u64 = 400_000;

    fn select(file: &mut File, from: i64, to: i64) -> Option<Range<u64>> {
        select_by(&LineGrammar::Export(ExportTimes::new()), file, from, to)
    }

    fn select_by(grammar: &LineGrammar, file: &mut File, from: i64, to: i64) -> Option<Range<u64>> {
        let start_of_year = 1_767_225_600_000;
        let range = TimeRange {
            start_ms: Some(start_of_year + from * 1_000),
            end_ms: Some(start_of_year + to * 1_000),
        };
        let size = file.metadata().unwrap().len();
        bytes_of_range(file, size, grammar, range, &Progress::default()).unwrap()
    }

    #[test]
    fn a_range_is_found_in_a_file_in_order() {
        let mut file = log(LINES, |line| line);
        for (from, to) in [
            (0, 10),
            (100_000, 104_000),
            (399_990, 400_000),
            (-50, -10),
            (500_000, 600_000),
        ] {
            let found = select(&mut file, from, to).unwrap();
            let clamp = |second: i64| (second.max(0) as u64).min(LINES) * 100;
            assert!(
                found.start <= clamp(from) && found.end >= clamp(to),
                "{from} {to} {found:?}"
            );
            let surplus = (found.end - found.start) - (clamp(to) - clamp(from));
            assert!(
                surplus <= 2 * (SEARCH_BYTES_MIN + SAMPLE_BYTES),
                "{from} {to} {found:?}"
            );
        }
    }

    #[test]
    fn small_disorder_widens_the_range_and_large_disorder_forbids_it() {
        // Every tenth line comes so many seconds late: one less behind the line before it.
        let late = |seconds: u64| {
            move |line: u64| {
                if line.is_multiple_of(10) {
                    line.saturating_sub(seconds)
                } else {
                    line
                }
            }
        };
        let mut file = log(LINES, late(61));
        let found = select(&mut file, 200_000, 204_000).unwrap();
        assert!(found.start <= 200_000 * 100 && found.end >= (204_000 + 60) * 100);
        assert_eq!(select(&mut log(LINES, late(62)), 200_000, 204_000), None);
        assert_eq!(
            select(&mut log(LINES, |line| LINES - line), 200_000, 204_000),
            None
        );
    }

    /// In the hour that it shows twice, lines that follow each other are not in the order of instants.
    #[test]
    fn a_clock_that_is_set_back_forbids_the_search() {
        let mut file = log(LINES, |line| line);
        let by = |zone: &str| {
            let zone = Zone::parse(zone).unwrap();
            LineGrammar::Application(TimeShape::Iso, LogClock { zone, year: None })
        };
        assert!(select_by(&by("+01:00"), &mut file, 100_000, 104_000).is_some());
        assert_eq!(select_by(&by("Europe/Berlin"), &mut file, 100_000, 104_000), None);
    }

    #[test]
    fn small_files_are_read_whole() {
        let lines = SORTED_BYTES_MIN / 100;
        assert_eq!(select(&mut log(lines, |line| line), 10, 20), None);
        assert!(select(&mut log(lines + 1, |line| line), 10, 20).is_some());
    }
}
