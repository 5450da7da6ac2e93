//! What the name of a file says about the times in it.

use std::path::Path;

use insq_event::TimeRange;

use crate::lambda_names::StreamName;
use crate::names::stream_of;
use crate::timestamp::read_iso;

/// Clocks of writers may be off by so much, milliseconds.
const CLOCK_SLACK_MS: i64 = 3_600_000;

/// An event may be dated so much ahead of its arrival: what the service accepts, milliseconds.
const AHEAD_MS: i64 = 2 * 3_600_000;

const HOUR_MS: i64 = 3_600_000;

/// Characters of the date at the start of a stream's name.
const DATE_CHARS: usize = 10;

/// The times that the events of a file can have, by its path alone; [`TimeRange::ALL`] when it says nothing.
pub(crate) fn times_by_name(path: &Path) -> TimeRange {
    TimeRange {
        start_ms: environment_start(path),
        end_ms: arrival_end(path),
    }
}

/// An environment writes nothing before the day that its stream is named after.
fn environment_start(path: &Path) -> Option<i64> {
    let stream = stream_of(path)?;
    StreamName::of(&stream).environment?;
    let day = &stream[..DATE_CHARS];
    midnight(&day.replace('/', "-")).map(|ms| ms - CLOCK_SLACK_MS)
}

/// A delivery stream names its objects `<stream>-<version>-YYYY-MM-DD-HH-mm-ss-<uuid>`, in a folder of the hour of
/// arrival.
fn arrival_end(path: &Path) -> Option<i64> {
    let file = path.file_name()?.to_str()?;
    let folders: Vec<&str> = path
        .parent()?
        .iter()
        .rev()
        .take(4)
        .filter_map(|f| f.to_str())
        .collect();
    let [hour, day, month, year] = folders[..] else {
        return None;
    };
    if hour.len() != 2 || !file.contains(&format!("-{year}-{month}-{day}-")) {
        return None;
    }
    let hours: i64 = hour.parse().ok().filter(|hours| (0..24).contains(hours))?;
    midnight(&format!("{year}-{month}-{day}")).map(|ms| ms + (hours + 1) * HOUR_MS + AHEAD_MS)
}

/// The first instant of a day written `YYYY-MM-DD`.
fn midnight(day: &str) -> Option<i64> {
    let text = format!("{day}T00:00:00Z");
    read_iso(text.as_bytes())
        .filter(|(_, end)| *end == text.len())
        .map(|(ms, _)| ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_tell_times() {
        let midnight_ms = 1_772_582_400_000;
        for (path, expected) in [
            (
                "e/t/2026-03-04-[$LATEST]00aa11bb22cc33dd44ee55ff66007788/000000.gz",
                (Some(midnight_ms - CLOCK_SLACK_MS), None),
            ),
            (
                "e/t/2026-03-04-orders[7]00aa11bb22cc33dd44ee55ff66007788/000000",
                (Some(midnight_ms - CLOCK_SLACK_MS), None),
            ),
            ("e/t/2026-03-04-[7]00aa/000000", (None, None)),
            ("e/t/2026-03-04-nightly/000000.gz", (None, None)),
            (
                "e/t/2026-13-04-[7]00aa11bb22cc33dd44ee55ff66007788/000000",
                (None, None),
            ),
            (
                "logs/2026/03/04/05/to-s3-1-2026-03-04-05-10-00-6a1b2c3d",
                (None, Some(midnight_ms + 6 * HOUR_MS + AHEAD_MS)),
            ),
            ("logs/2026/03/04/05/app.log", (None, None)),
            (
                "logs/2026/03/04/29/to-s3-1-2026-03-04-29-10-00-6a1b2c3d",
                (None, None),
            ),
            ("app.log", (None, None)),
        ] {
            let found = times_by_name(Path::new(path));
            assert_eq!((found.start_ms, found.end_ms), expected, "{path}");
        }
    }
}
