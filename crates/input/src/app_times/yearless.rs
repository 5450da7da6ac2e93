//! Times with a date that has no year.

use super::dated::{month_number, padded, with_date};
use super::{are_digits, unbracketed};
use crate::clock::WrittenTime;

/// `Jun 14 15:16:01`, `<34>Jun  4 15:16:01.25`
pub(super) fn syslog(line: &[u8], year: u16) -> Option<WrittenTime> {
    let text = without_priority(line);
    let head = text.get(..6)?;
    if head[3] != b' ' {
        return None;
    }
    let month = month_number(&head[..3])?;
    of_year(year, month, &padded(&head[4..]), &text[6..])
}

/// The line behind `<34>`.
fn without_priority(line: &[u8]) -> &[u8] {
    let Some(rest) = line.strip_prefix(b"<") else {
        return line;
    };
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    match rest[digits..].strip_prefix(b">") {
        Some(behind) if digits > 0 => behind,
        _ => line,
    }
}

/// `03-17 16:13:38.811`
pub(super) fn month_and_day(line: &[u8], year: u16) -> Option<WrittenTime> {
    let text = unbracketed(line);
    let date = text.get(..5)?;
    if date[2] != b'-' {
        return None;
    }
    of_year(year, &date[..2], &date[3..], &text[5..])
}

/// `I0304 15:16:01.123456`, behind a letter for how grave it is.
pub(super) fn klog(line: &[u8], year: u16) -> Option<WrittenTime> {
    let (b'I' | b'W' | b'E' | b'F', text) = line.split_first()? else {
        return None;
    };
    let date = text.get(..4).filter(|date| are_digits(date))?;
    of_year(year, &date[..2], &date[2..], &text[4..])
}

fn of_year(year: u16, month: &[u8], day: &[u8], time: &[u8]) -> Option<WrittenTime> {
    with_date(&[format!("{year:04}").as_bytes(), month, day], time)
}
