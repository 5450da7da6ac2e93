//! Times with a date that has a year.

use super::{START_MAX, are_digits, unbracketed};
use crate::clock::WrittenTime;
use crate::timestamp::read_written;

pub(super) fn iso(line: &[u8]) -> Option<WrittenTime> {
    whole_word(unbracketed(line))
}

/// The labels under which loggers write their time first.
const LABELS: [&[u8]; 4] = [b"time=", b"ts=", b"timestamp=", b"t="];

/// `time="2015-10-18T18:10:54Z" level=info`
pub(super) fn labelled(line: &[u8]) -> Option<WrittenTime> {
    let text = LABELS.iter().find_map(|label| line.strip_prefix(*label))?;
    whole_word(text.strip_prefix(b"\"").unwrap_or(text))
}

/// A time of ISO 8601 behind which a word ends.
fn whole_word(text: &[u8]) -> Option<WrittenTime> {
    let (mut written, end) = read_written(text)?;
    let rest = &text[end..];
    if rest.first().is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    written.names_zone |= rest.starts_with(b" UTC") || rest.starts_with(b" GMT");
    Some(written)
}

/// Puts a date before ` 18:10:54…` and reads both.
pub(super) fn with_date(date: &[&[u8]; 3], time: &[u8]) -> Option<WrittenTime> {
    let time = time.strip_prefix(b" ").or_else(|| time.strip_prefix(b"T"))?;
    // Beyond these bytes no time goes on.
    let time = &time[..time.len().min(START_MAX)];
    whole_word(&[date[0], b"-", date[1], b"-", date[2], b"T", time].concat())
}

pub(super) fn slashes(line: &[u8]) -> Option<WrittenTime> {
    let text = unbracketed(line);
    let date = text.get(..10)?;
    if date[4] != b'/' || date[7] != b'/' {
        return None;
    }
    with_date(&[&date[..4], &date[5..7], &date[8..10]], text.get(10..)?)
}

pub(super) fn short_slashes(line: &[u8]) -> Option<WrittenTime> {
    let text = unbracketed(line);
    let date = text.get(..8)?;
    if date[2] != b'/' || date[5] != b'/' {
        return None;
    }
    let year = [b"20", &date[..2]].concat();
    with_date(&[&year, &date[3..5], &date[6..8]], text.get(8..)?)
}

pub(super) fn month_number(name: &[u8]) -> Option<&'static [u8]> {
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
pub(super) fn web(line: &[u8]) -> Option<WrittenTime> {
    let bracket = line.iter().take(START_MAX).position(|byte| *byte == b'[')?;
    let text = line.get(bracket + 1..bracket + 27)?;
    if text[2] != b'/' || text[6] != b'/' || text[11] != b':' || text[20] != b' ' {
        return None;
    }
    let month = month_number(&text[3..6])?;
    let time = [b" ", &text[12..20], &text[21..26]].concat();
    with_date(&[&text[7..11], month, &text[..2]], &time)
}

/// `18-Oct-2015 18:10:54.546`, `18 Oct 2015 18:10:54`
pub(super) fn day_first(line: &[u8]) -> Option<WrittenTime> {
    let text = unbracketed(line);
    let date = text.get(..11)?;
    if !matches!(date[2], b'-' | b' ' | b'/') || date[6] != date[2] {
        return None;
    }
    let month = month_number(&date[3..6])?;
    with_date(&[&date[7..], month, &date[..2]], text.get(11..)?)
}

/// `[Sun Dec 04 04:47:44 2005]`, `Sun Dec  4 04:47:44.123456 2005`
pub(super) fn ctime(line: &[u8]) -> Option<WrittenTime> {
    let text = unbracketed(line);
    let head = text.get(..19)?;
    if head[3] != b' ' || head[7] != b' ' || head[10] != b' ' {
        return None;
    }
    let month = month_number(&head[4..7])?;
    let day = padded(&head[8..10]);
    let rest = &text[19..];
    let fraction = rest
        .iter()
        .take_while(|byte| byte.is_ascii_digit() || **byte == b'.')
        .count();
    let year = rest.get(fraction..)?.strip_prefix(b" ")?.get(..4)?;
    let time = [b" ", &head[11..19], &rest[..fraction]].concat();
    with_date(&[year, month, &day], &time)
}

/// Two digits, of which the first may be a blank.
pub(super) fn padded(day: &[u8]) -> [u8; 2] {
    [if day[0] == b' ' { b'0' } else { day[0] }, day[1]]
}

/// `081109 203615 143 INFO …`
pub(super) fn compact(line: &[u8]) -> Option<WrittenTime> {
    let text = line.get(..14)?;
    if !are_digits(&text[..6]) || text[6] != b' ' || !are_digits(&text[7..13]) || text[13] != b' ' {
        return None;
    }
    let year = [b"20", &text[..2]].concat();
    let time = [b" ", &text[7..9], b":", &text[9..11], b":", &text[11..13]].concat();
    with_date(&[&year, &text[2..4], &text[4..6]], &time)
}

/// `20151018-18:10:54:546|`, `20151018-0:7:5:46|`, `20151018T181054.546Z`
pub(super) fn compact_date(line: &[u8]) -> Option<WrittenTime> {
    let text = unbracketed(line);
    let date = text.get(..8).filter(|date| are_digits(date))?;
    let time = match text.get(8)? {
        b'-' | b'T' | b' ' | b'_' => &text[9..],
        _ => return None,
    };
    let time = match time.get(..6) {
        Some(clock) if are_digits(clock) => {
            let rest = &time[6..time.len().min(START_MAX)];
            [b" ", &clock[..2], b":", &clock[2..4], b":", &clock[4..], rest].concat()
        }
        _ => spread(time)?,
    };
    with_date(&[&date[..4], &date[4..6], &date[6..]], &time)
}

/// Digits of milliseconds.
const MILLIS_DIGITS: usize = 3;

/// ` 18:10:54.546…` of `18:10:54:546…`, whose parts may lack their leading zeros.
fn spread(time: &[u8]) -> Option<Vec<u8>> {
    let mut text = vec![b' '];
    let mut rest = time;
    for part in 0..3 {
        let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let digits = &rest[..length];
        rest = &rest[length..];
        match digits {
            [ones] => text.extend([b'0', *ones]),
            [tens, ones] => text.extend([*tens, *ones]),
            _ => return None,
        }
        if part < 2 {
            rest = rest.strip_prefix(b":")?;
            text.push(b':');
        }
    }
    // What a colon sets off are milliseconds, which may lack their zeros, too.
    if let Some(millis) = rest.strip_prefix(b":") {
        let length = millis.iter().take_while(|byte| byte.is_ascii_digit()).count();
        text.push(b'.');
        text.extend(std::iter::repeat_n(b'0', MILLIS_DIGITS.saturating_sub(length)));
        rest = millis;
    }
    text.extend_from_slice(&rest[..rest.len().min(START_MAX)]);
    Some(text)
}
