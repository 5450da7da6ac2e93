//! Times as a number since the epoch.

use super::START_MAX;
use crate::clock::WrittenTime;

/// Numbers from here on are times: earlier ones are counters and the like.
const EPOCH_SECONDS_MIN: i64 = 1_000_000_000;

/// `1772582400`, `1772582400.123`, `1772582400123`
pub(super) fn epoch(line: &[u8]) -> Option<WrittenTime> {
    let names_zone = true;
    epoch_ms(line).map(|ms| WrittenTime { ms, names_zone })
}

/// `- 1772582400`, `FATAL 1772582400`: behind a word that is no other than a tag.
pub(super) fn tagged_epoch(line: &[u8]) -> Option<WrittenTime> {
    let tag = line.iter().take(START_MAX).position(|byte| *byte == b' ')?;
    let is_of_tag = |byte: &u8| byte.is_ascii_uppercase() || matches!(byte, b'-' | b'_');
    let is_tag = tag > 0 && line[..tag].iter().all(is_of_tag);
    epoch(&line[tag + 1..]).filter(|_| is_tag)
}

fn epoch_ms(line: &[u8]) -> Option<i64> {
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
