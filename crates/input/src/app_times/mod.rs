//! Times at the start of the lines that applications write by themselves.

use crate::timestamp::read_iso;

/// Bytes of a line within which its time must begin.
const START_MAX: usize = 64;

/// The shape in which the lines of a file tell their time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimeShape {
    /// `2015-10-18 18:10:54,546`, `2015-10-18T18:10:54.546+02:00`, perhaps in brackets.
    Iso,
    /// `web-1 2015-10-18 18:10:54.546`: one word before it.
    SecondWord,
    /// `2015/10/18 18:10:54.546`
    Slashes,
    /// `10.0.0.1 - - [18/Oct/2015:18:10:54 +0000]`, as web servers write it.
    Web,
    /// `[Sun Dec 04 04:47:44 2005]`
    Ctime,
    /// `081109 203615`
    Compact,
    /// `17/06/09 20:10:40`
    ShortSlashes,
    /// `1772582400`, `1772582400.123` or `1772582400123`, and a blank.
    Epoch,
}

/// In the order in which they are tried.
const SHAPES: [TimeShape; 8] = [
    TimeShape::Iso,
    TimeShape::SecondWord,
    TimeShape::Slashes,
    TimeShape::Web,
    TimeShape::Ctime,
    TimeShape::Compact,
    TimeShape::ShortSlashes,
    TimeShape::Epoch,
];

impl TimeShape {
    /// The shape of a line's time, if it has one.
    pub(crate) fn of(line: &[u8]) -> Option<Self> {
        SHAPES.into_iter().find(|shape| shape.read(line).is_some())
    }

    /// The time of a line in this shape, milliseconds since the epoch; UTC where the line names no zone.
    #[inline]
    pub(crate) fn read(self, line: &[u8]) -> Option<i64> {
        match self {
            Self::Iso => iso(line),
            Self::SecondWord => {
                let blank = line.iter().take(START_MAX).position(|byte| *byte == b' ')?;
                iso(&line[blank + 1..])
            }
            Self::Slashes => slashes(line),
            Self::Web => web(line),
            Self::Ctime => ctime(line),
            Self::Compact => compact(line),
            Self::ShortSlashes => short_slashes(line),
            Self::Epoch => epoch(line),
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

fn iso(line: &[u8]) -> Option<i64> {
    let text = unbracketed(line);
    let (ms, end) = read_iso(text)?;
    ends_word(text, end).then_some(ms)
}

/// True when no letter or digit follows.
fn ends_word(text: &[u8], end: usize) -> bool {
    text.get(end).is_none_or(|byte| !byte.is_ascii_alphanumeric())
}

fn slashes(line: &[u8]) -> Option<i64> {
    let text = unbracketed(line);
    let date = text.get(..10)?;
    if date[4] != b'/' || date[7] != b'/' {
        return None;
    }
    with_date(&[&date[..4], &date[5..7], &date[8..10]], text.get(10..)?)
}

fn short_slashes(line: &[u8]) -> Option<i64> {
    let text = unbracketed(line);
    let date = text.get(..8)?;
    if date[2] != b'/' || date[5] != b'/' {
        return None;
    }
    let year = [b"20", &date[..2]].concat();
    with_date(&[&year, &date[3..5], &date[6..8]], text.get(8..)?)
}

/// Puts a date before ` 18:10:54…` and reads both.
fn with_date(date: &[&[u8]; 3], time: &[u8]) -> Option<i64> {
    let time = time.strip_prefix(b" ").or_else(|| time.strip_prefix(b"T"))?;
    // Beyond these bytes no time goes on.
    let time = &time[..time.len().min(START_MAX)];
    let text = [date[0], b"-", date[1], b"-", date[2], b"T", time].concat();
    let (ms, end) = read_iso(&text)?;
    ends_word(&text, end).then_some(ms)
}

fn month_number(name: &[u8]) -> Option<&'static [u8]> {
    let month = match name {
        b"Jan" => "01",
        b"Feb" => "02",
        b"Mar" => "03",
        b"Apr" => "04",
        b"May" => "05",
        b"Jun" => "06",
        b"Jul" => "07",
        b"Aug" => "08",
        b"Sep" => "09",
        b"Oct" => "10",
        b"Nov" => "11",
        b"Dec" => "12",
        _ => return None,
    };
    Some(month.as_bytes())
}

/// `[18/Oct/2015:18:10:54 +0000]`
fn web(line: &[u8]) -> Option<i64> {
    let bracket = line.iter().take(START_MAX).position(|byte| *byte == b'[')?;
    let text = line.get(bracket + 1..bracket + 27)?;
    if text[2] != b'/' || text[6] != b'/' || text[11] != b':' || text[20] != b' ' {
        return None;
    }
    let month = month_number(&text[3..6])?;
    let time = [b" ", &text[12..20], &text[21..26]].concat();
    with_date(&[&text[7..11], month, &text[..2]], &time)
}

/// `[Sun Dec 04 04:47:44 2005]`, `Sun Dec  4 04:47:44.123456 2005`
fn ctime(line: &[u8]) -> Option<i64> {
    let text = unbracketed(line);
    let head = text.get(..19)?;
    if head[3] != b' ' || head[7] != b' ' || head[10] != b' ' {
        return None;
    }
    let month = month_number(&head[4..7])?;
    let day = [if head[8] == b' ' { b'0' } else { head[8] }, head[9]];
    let rest = &text[19..];
    let fraction = rest
        .iter()
        .take_while(|byte| byte.is_ascii_digit() || **byte == b'.')
        .count();
    let year = rest.get(fraction..)?.strip_prefix(b" ")?.get(..4)?;
    let time = [b" ", &head[11..19], &rest[..fraction]].concat();
    with_date(&[year, month, &day], &time)
}

/// `081109 203615 143 INFO …`
fn compact(line: &[u8]) -> Option<i64> {
    let text = line.get(..14)?;
    let is_digits = |range: std::ops::Range<usize>| text[range].iter().all(u8::is_ascii_digit);
    if !is_digits(0..6) || text[6] != b' ' || !is_digits(7..13) || text[13] != b' ' {
        return None;
    }
    let year = [b"20", &text[..2]].concat();
    let time = [b" ", &text[7..9], b":", &text[9..11], b":", &text[11..13]].concat();
    with_date(&[&year, &text[2..4], &text[4..6]], &time)
}

/// Numbers from here on are times: earlier ones are counters and the like.
const EPOCH_SECONDS_MIN: i64 = 1_000_000_000;

fn epoch(line: &[u8]) -> Option<i64> {
    let digits = line
        .iter()
        .take(20)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let number: i64 = std::str::from_utf8(&line[..digits]).ok()?.parse().ok()?;
    let rest = &line[digits..];
    match digits {
        10 => {
            let fraction = match rest.strip_prefix(b".") {
                Some(fraction) => fraction.iter().take_while(|byte| byte.is_ascii_digit()).count(),
                None => 0,
            };
            let behind = digits + if fraction > 0 { 1 + fraction } else { 0 };
            let mut ms = 0;
            for place in 0..3 {
                let digit = rest
                    .get(1 + place)
                    .filter(|_| place < fraction)
                    .map_or(0, |byte| byte - b'0');
                ms = ms * 10 + i64::from(digit);
            }
            let is_time = number >= EPOCH_SECONDS_MIN && ends_field(line, behind);
            is_time.then_some(number * 1_000 + ms)
        }
        13 => (number >= EPOCH_SECONDS_MIN * 1_000 && ends_field(line, digits)).then_some(number),
        16 => (number >= EPOCH_SECONDS_MIN * 1_000_000 && ends_field(line, digits)).then_some(number / 1_000),
        19 => (number >= EPOCH_SECONDS_MIN * 1_000_000_000 && ends_field(line, digits))
            .then_some(number / 1_000_000),
        _ => None,
    }
}

fn ends_field(line: &[u8], end: usize) -> bool {
    matches!(line.get(end), None | Some(b' ' | b'\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

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
                "[INFO]\t2015-10-18T18:10:54.546Z\tid\tx",
                Some((TimeShape::Iso, 1_445_191_854_546)),
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
            ("0772582400 x", None),
            ("1772582400x", None),
            ("2015-10-18 18:10:54abc", None),
            ("2015-13-18 18:10:54", None),
            ("START RequestId: x", None),
            ("123456 789 x", None),
            ("", None),
        ] {
            let found =
                TimeShape::of(line.as_bytes()).map(|shape| (shape, shape.read(line.as_bytes()).unwrap()));
            assert_eq!(found, expected, "{line}");
        }
    }
}
