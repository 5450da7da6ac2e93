//! Times at the start of the lines that applications write by themselves.

mod dated;
mod epoch;
mod yearless;

use crate::clock::{LogClock, WrittenTime};
use crate::detect::SAMPLE_LINES_MAX;

/// Bytes of a line within which its time must begin.
const START_MAX: usize = 64;

/// The shape in which the lines of a file tell their time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimeShape {
    /// `2015-10-18 18:10:54,546`, `2015-10-18T18:10:54.546+02:00`, perhaps in brackets.
    Iso,
    /// `web-1 2015-10-18 18:10:54.546`: one word before it.
    SecondWord,
    /// `time="2015-10-18T18:10:54Z" level=info`, `ts=2015-10-18T18:10:54.546Z`
    Labelled,
    /// `2015/10/18 18:10:54.546`
    Slashes,
    /// `10.0.0.1 - - [18/Oct/2015:18:10:54 +0000]`, as web servers write it.
    Web,
    /// `[Sun Dec 04 04:47:44 2005]`
    Ctime,
    /// `18-Oct-2015 18:10:54.546`, `18 Oct 2015 18:10:54`
    DayFirst,
    /// `20151018-18:10:54:546|`, `20151018T181054Z`
    CompactDate,
    /// `081109 203615`
    Compact,
    /// `17/06/09 20:10:40`
    ShortSlashes,
    /// `1772582400`, `1772582400.123` or `1772582400123`, and a blank.
    Epoch,
    /// `- 1772582400 …`, `FATAL 1772582400 …`: a tag before it.
    TaggedEpoch,
    /// `Jun 14 15:16:01`, `<34>Jun  4 15:16:01`: no year.
    Syslog,
    /// `03-17 16:13:38.811`: no year.
    MonthAndDay,
    /// `I0304 15:16:01.123456`: no year.
    Klog,
}

/// In the order in which they are tried.
const SHAPES: [TimeShape; 15] = [
    TimeShape::Iso,
    TimeShape::SecondWord,
    TimeShape::Labelled,
    TimeShape::Slashes,
    TimeShape::Web,
    TimeShape::Ctime,
    TimeShape::DayFirst,
    TimeShape::CompactDate,
    TimeShape::Compact,
    TimeShape::ShortSlashes,
    TimeShape::Epoch,
    TimeShape::TaggedEpoch,
    TimeShape::Syslog,
    TimeShape::MonthAndDay,
    TimeShape::Klog,
];

/// The year that is tried for times that name none, to see whether they are times at all: one with a 29th of February.
const LEAP_YEAR: u16 = 2000;

impl TimeShape {
    /// The shape of a line's time, if it has one that `clock` makes an instant of.
    pub(crate) fn of(line: &[u8], clock: LogClock) -> Option<Self> {
        SHAPES.into_iter().find(|shape| shape.read(line, clock).is_some())
    }

    /// True when `line` begins with a time that names no year.
    pub(crate) fn lacks_year(line: &[u8]) -> bool {
        let with_year = LogClock {
            year: Some(LEAP_YEAR),
            ..LogClock::UTC
        };
        Self::of(line, LogClock::UTC).is_none() && Self::of(line, with_year).is_some()
    }

    /// True when one of the first lines of a file begins with a time that names no year.
    pub(crate) fn any_lacks_year(sample: &[u8]) -> bool {
        let lines = sample.split(|byte| *byte == b'\n').take(SAMPLE_LINES_MAX);
        lines.into_iter().any(Self::lacks_year)
    }

    /// The time of a line in this shape, milliseconds since the epoch.
    #[inline]
    pub(crate) fn read(self, line: &[u8], clock: LogClock) -> Option<i64> {
        clock.instant(self.written(line, clock.year)?)
    }

    /// As [`TimeShape::read`], but as it is written.
    pub(crate) fn written(self, line: &[u8], year: Option<u16>) -> Option<WrittenTime> {
        match self {
            Self::Iso => dated::iso(line),
            Self::SecondWord => {
                let blank = line.iter().take(START_MAX).position(|byte| *byte == b' ')?;
                dated::iso(&line[blank + 1..])
            }
            Self::Labelled => dated::labelled(line),
            Self::Slashes => dated::slashes(line),
            Self::Web => dated::web(line),
            Self::Ctime => dated::ctime(line),
            Self::DayFirst => dated::day_first(line),
            Self::CompactDate => dated::compact_date(line),
            Self::Compact => dated::compact(line),
            Self::ShortSlashes => dated::short_slashes(line),
            Self::Epoch => epoch::epoch(line),
            Self::TaggedEpoch => epoch::tagged_epoch(line),
            Self::Syslog => yearless::syslog(line, year?),
            Self::MonthAndDay => yearless::month_and_day(line, year?),
            Self::Klog => yearless::klog(line, year?),
        }
    }
}

/// The line behind a bracket, or behind `[INFO]` and blanks.
fn unbracketed(line: &[u8]) -> &[u8] {
    let Some(rest) = line.strip_prefix(b"[") else {
        return line;
    };
    let letters = rest.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    match rest[letters..].strip_prefix(b"]") {
        Some(behind) if letters > 0 => behind.trim_ascii_start(),
        _ => rest,
    }
}

fn are_digits(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use insq_event::Zone;

    #[test]
    fn shapes_and_their_times() {
        for (line, expected) in [
            (
                "2015-10-18 18:10:54,546 INFO [main] x",
                Some((TimeShape::Iso, 1_445_191_854_546)),
            ),
            (
                "2015-10-18T20:10:54.546+02:00 x",
                Some((TimeShape::Iso, 1_445_191_854_546)),
            ),
            (
                "[2015-10-18 18:10:54] x",
                Some((TimeShape::Iso, 1_445_191_854_000)),
            ),
            (
                "2015-10-18 18:10:54, Info  CBS  x",
                Some((TimeShape::Iso, 1_445_191_854_000)),
            ),
            (
                "[INFO]\t2015-10-18T18:10:54.546Z\tid\tx",
                Some((TimeShape::Iso, 1_445_191_854_546)),
            ),
            (
                "<34>1 2015-10-18T18:10:54.546Z host app - - x",
                Some((TimeShape::SecondWord, 1_445_191_854_546)),
            ),
            (
                r#"time="2015-10-18T18:10:54Z" level=info msg=x"#,
                Some((TimeShape::Labelled, 1_445_191_854_000)),
            ),
            (
                "ts=2015-10-18T18:10:54.546Z level=info",
                Some((TimeShape::Labelled, 1_445_191_854_546)),
            ),
            (
                "2015/10/18 18:10:54.5 x",
                Some((TimeShape::Slashes, 1_445_191_854_500)),
            ),
            (
                "17/06/09 20:10:40 INFO x",
                Some((TimeShape::ShortSlashes, 1_497_039_040_000)),
            ),
            (
                r#"10.0.0.1 - - [18/Oct/2015:18:10:54 +0000] "GET /""#,
                Some((TimeShape::Web, 1_445_191_854_000)),
            ),
            (
                "[Sun Dec 04 04:47:44 2005] [notice] x",
                Some((TimeShape::Ctime, 1_133_671_664_000)),
            ),
            (
                "Sun Dec  4 04:47:44.25 2005 x",
                Some((TimeShape::Ctime, 1_133_671_664_250)),
            ),
            (
                "18-Oct-2015 18:10:54.546 INFO [main] x",
                Some((TimeShape::DayFirst, 1_445_191_854_546)),
            ),
            (
                "18 Oct 2015 18:10:54,546 x",
                Some((TimeShape::DayFirst, 1_445_191_854_546)),
            ),
            (
                "20151018-18:10:54:546|Step|30|x",
                Some((TimeShape::CompactDate, 1_445_191_854_546)),
            ),
            (
                "20151018-0:7:5:46|x",
                Some((TimeShape::CompactDate, 1_445_126_825_046)),
            ),
            (
                "20151018T181054.5Z x",
                Some((TimeShape::CompactDate, 1_445_191_854_500)),
            ),
            (
                "081109 203615 143 INFO x",
                Some((TimeShape::Compact, 1_226_262_975_000)),
            ),
            ("1772582400 x", Some((TimeShape::Epoch, 1_772_582_400_000))),
            ("1772582400.1239\tx", Some((TimeShape::Epoch, 1_772_582_400_123))),
            ("1772582400123 x", Some((TimeShape::Epoch, 1_772_582_400_123))),
            (
                "1772582400123456789 x",
                Some((TimeShape::Epoch, 1_772_582_400_123)),
            ),
            (
                "- 1117838570 2005.06.03 R02 x",
                Some((TimeShape::TaggedEpoch, 1_117_838_570_000)),
            ),
            ("0772582400 x", None),
            ("1772582400x", None),
            ("hello 1117838570 x", None),
            ("2015-10-18 18:10:54abc", None),
            ("2015-13-18 18:10:54", None),
            ("18-Okt-2015 18:10:54", None),
            ("20151318-18:10:54:546|x", None),
            ("20151018-18:61:54:546|x", None),
            ("START RequestId: x", None),
            ("123456 789 x", None),
            ("Jun 14 15:16:01 combo x", None),
            ("03-17 16:13:38.811 x", None),
            ("I0304 15:16:01.123456 7 x", None),
            ("", None),
        ] {
            let found = TimeShape::of(line.as_bytes(), LogClock::UTC)
                .map(|shape| (shape, shape.read(line.as_bytes(), LogClock::UTC).unwrap()));
            assert_eq!(found, expected, "{line}");
        }
    }

    #[test]
    fn times_without_a_year_are_of_the_year_of_the_clock() {
        let clock = LogClock {
            year: Some(2026),
            ..LogClock::UTC
        };
        for (line, expected) in [
            (
                "Jun 14 15:16:01 combo sshd[1]: x",
                Some((TimeShape::Syslog, 1_781_450_161_000)),
            ),
            (
                "<34>Jun  4 15:16:01.25 combo x",
                Some((TimeShape::Syslog, 1_780_586_161_250)),
            ),
            (
                "06-14 15:16:01.811  1702  2395 D x",
                Some((TimeShape::MonthAndDay, 1_781_450_161_811)),
            ),
            (
                "I0614 15:16:01.123456       7 main.go:1] x",
                Some((TimeShape::Klog, 1_781_450_161_123)),
            ),
            // The year of the clock has no such day.
            ("Feb 29 15:16:01 combo x", None),
            ("Jun 14 25:16:01 combo x", None),
            ("June 4 15:16:01 combo x", None),
            ("<>Jun 14 15:16:01 x", None),
            ("06-14 x", None),
            ("Z0614 15:16:01 x", None),
        ] {
            let found = TimeShape::of(line.as_bytes(), clock)
                .map(|shape| (shape, shape.read(line.as_bytes(), clock).unwrap()));
            assert_eq!(found, expected, "{line}");
            let is_told = expected.is_some() || line.starts_with("Feb");
            assert_eq!(TimeShape::lacks_year(line.as_bytes()), is_told, "{line}");
        }
        assert!(!TimeShape::lacks_year(b"2015-10-18 18:10:54 x"));
    }

    #[test]
    fn times_without_a_zone_are_of_the_zone_of_the_clock() {
        let clock = LogClock {
            zone: Zone::parse("Europe/Berlin").unwrap(),
            year: None,
        };
        for (line, expected_ms) in [
            // Summer, winter, and in the hour that the clock shows twice: the first of both.
            ("2015-07-18 20:10:54 x", 1_437_243_054_000),
            ("2015-12-18 19:10:54 x", 1_450_462_254_000),
            ("2015-10-25 02:30:00 x", 1_445_733_000_000),
            // These name their zone.
            ("2015-07-18T18:10:54Z x", 1_437_243_054_000),
            ("2015-07-18 18:10:54 UTC [12] LOG: x", 1_437_243_054_000),
            ("[18/Jul/2015:18:10:54 +0000] x", 1_437_243_054_000),
            ("1437243054 x", 1_437_243_054_000),
        ] {
            let shape = TimeShape::of(line.as_bytes(), clock).unwrap();
            assert_eq!(shape.read(line.as_bytes(), clock), Some(expected_ms), "{line}");
        }
    }
}
