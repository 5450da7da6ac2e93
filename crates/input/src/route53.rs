//! Query logs of public zones in Route 53.

use crate::text_fields::{is_digits, split};
use crate::timestamp::read_iso;

/// Columns of a line.
const COLUMNS: usize = 10;

/// The names of the columns, in their order.
pub(crate) const NAMES: [&str; COLUMNS] = [
    "version",
    "queryTimestamp",
    "hostZoneId",
    "queryName",
    "queryType",
    "responseCode",
    "protocol",
    "edgeLocation",
    "resolverIp",
    "ednsClientSubnet",
];

/// Length of `2017-12-13T08:16:02Z`.
const TIME_BYTES_MIN: usize = 20;

/// Longest time that is taken for one: more digits than any service writes.
const TIME_BYTES_MAX: usize = 40;

/// Bytes in which a line must tell its version, for a first look that costs next to nothing.
const VERSION_BYTES_MAX: usize = 16;

/// The columns of a query, or `None` when the line is anything else.
pub(crate) fn read(line: &[u8]) -> Option<[&[u8]; COLUMNS]> {
    let head = &line[..line.len().min(VERSION_BYTES_MAX + 1)];
    let version_end = memchr::memchr(b' ', head)?;
    if !is_version(&line[..version_end]) {
        return None;
    }
    let columns = split::<COLUMNS>(line)?;
    let [_, time, zone, _, _, _, protocol, edge, _, _] = columns;
    let is_query =
        is_utc_time(time) && is_zone(zone) && matches!(protocol, b"UDP" | b"TCP") && is_edge_location(edge);
    is_query.then_some(columns)
}

/// `1.0`
fn is_version(text: &[u8]) -> bool {
    parted(text, b'.').is_some_and(|(major, minor)| is_digits(major) && is_digits(minor))
}

/// `2017-12-13T08:16:02.130Z`, with or without the fraction.
fn is_utc_time(text: &[u8]) -> bool {
    (TIME_BYTES_MIN..=TIME_BYTES_MAX).contains(&text.len())
        && text[10] == b'T'
        && text.ends_with(b"Z")
        && (text.len() == TIME_BYTES_MIN || text[19] == b'.' && text[20].is_ascii_digit())
        && read_iso(text).is_some_and(|(_, end)| end == text.len())
}

/// `Z123412341234`
fn is_zone(text: &[u8]) -> bool {
    text.first() == Some(&b'Z')
        && text
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// `FRA6`, the airport and a number; newer places add a part, `MAD51-C2`.
fn is_edge_location(text: &[u8]) -> bool {
    match parted(text, b'-') {
        Some((place, part)) => is_letters_and_digits(place) && is_letters_and_digits(part),
        None => is_letters_and_digits(text),
    }
}

/// Some letters, then some digits.
fn is_letters_and_digits(text: &[u8]) -> bool {
    let letters = text.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    letters > 0 && is_digits(&text[letters..])
}

/// What stands before the first `mark` and behind it.
fn parted(text: &[u8], mark: u8) -> Option<(&[u8], &[u8])> {
    let at = memchr::memchr(mark, text)?;
    Some((&text[..at], &text[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUERY: &str =
        "1.0 2017-12-13T08:16:02.130Z Z123412341234 example.com A NOERROR UDP FRA6 192.0.2.1 198.51.100.0/24";

    fn is_query(line: &str) -> bool {
        read(line.as_bytes()).is_some()
    }

    /// `QUERY` with another text in one of its columns.
    fn with(idx: usize, text: &str) -> String {
        let mut columns: Vec<&str> = QUERY.split(' ').collect();
        columns[idx] = text;
        columns.join(" ")
    }

    #[test]
    fn every_field() {
        let columns = read(QUERY.as_bytes()).unwrap();
        let found: Vec<(&str, &str)> = NAMES
            .into_iter()
            .zip(columns.map(|column| std::str::from_utf8(column).unwrap()))
            .collect();
        let expected = [
            ("version", "1.0"),
            ("queryTimestamp", "2017-12-13T08:16:02.130Z"),
            ("hostZoneId", "Z123412341234"),
            ("queryName", "example.com"),
            ("queryType", "A"),
            ("responseCode", "NOERROR"),
            ("protocol", "UDP"),
            ("edgeLocation", "FRA6"),
            ("resolverIp", "192.0.2.1"),
            ("ednsClientSubnet", "198.51.100.0/24"),
        ];
        assert_eq!(found, expected);
        assert_eq!(read(with(9, "-").as_bytes()).unwrap()[9], b"-");
    }

    #[test]
    fn columns_are_counted() {
        let short = QUERY.replace(" NOERROR", "");
        let shorter = QUERY.rsplit_once(' ').unwrap().0.to_owned();
        for line in [short, shorter, format!("{QUERY} IN"), format!("{QUERY} -")] {
            assert!(!is_query(&line), "{line}");
        }
    }

    #[test]
    fn blanks_are_single() {
        for (at, _) in QUERY.match_indices(' ') {
            let (head, tail) = QUERY.split_at(at);
            assert!(!is_query(&format!("{head} {tail}")), "two blanks at {at}");
            // The count is right again when the empty column takes the place of another one.
            let rest = tail[1..].split_once(' ').map_or("", |(_, rest)| rest);
            assert!(!is_query(&format!("{head}  {rest}")), "an empty column at {at}");
        }
        for line in [
            format!(" {QUERY}"),
            format!("{QUERY} "),
            QUERY.replace(' ', "\t"),
            format!("{QUERY}\nmore"),
        ] {
            assert!(!is_query(&line), "{line}");
        }
    }

    #[test]
    fn columns_that_tell_a_query() {
        for (idx, sound, unsound) in [
            (
                0,
                &["1.0", "12.34"][..],
                &["1", "1.", ".0", "1.0.0", "v1.0", "-", "1,0"][..],
            ),
            (
                1,
                &[
                    "2017-12-13T08:16:02Z",
                    "2017-12-13T08:16:02.1Z",
                    "2017-12-13T08:16:02.123456789Z",
                ],
                &[
                    "2017-12-13T08:16:02",
                    "2017-12-13T08:16:02.Z",
                    "2017-12-13T08:16:02,130Z",
                    "2017-12-13T08:16:02.130+00:00",
                    "2017-12-13T08:16:02.130ZZ",
                    "2017-13-13T08:16:02.130Z",
                    "2017-12-13T25:16:02.130Z",
                    "2017-12-13t08:16:02.130Z",
                    "Z",
                    "-",
                ],
            ),
            (2, &["Z0195849T189"], &["z123", "123Z", "Z12a", "Z-1", "-"]),
            (
                3,
                &["*.example.com", "\\052.example.com", "example.com."],
                &["é.example"],
            ),
            (4, &["AAAA", "TYPE65"], &[]),
            (6, &["UDP", "TCP"], &["udp", "ICMP", "6", "-"]),
            (
                7,
                &["IAD12", "MAD51-C2", "HEL5"],
                &[
                    "FRA", "6", "6FRA", "FRA6a", "-", "FRA-6", "MAD51-", "MAD51-2", "A1-B2-C3",
                ],
            ),
            (8, &["2001:db8::1234"], &[]),
            (9, &["-", "2001:db8:abcd::/48"], &[]),
        ] {
            for text in sound {
                assert!(is_query(&with(idx, text)), "{text} in {idx}");
            }
            for text in unsound {
                assert!(!is_query(&with(idx, text)), "{text} in {idx}");
            }
        }
    }

    #[test]
    fn limits_on_both_sides() {
        let version = |bytes: usize| with(0, &format!("1.{}", "0".repeat(bytes - 2)));
        assert!(is_query(&version(VERSION_BYTES_MAX)));
        assert!(!is_query(&version(VERSION_BYTES_MAX + 1)));
        let time = |bytes: usize| with(1, &format!("2017-12-13T08:16:02.{}Z", "1".repeat(bytes - 21)));
        assert!(is_query(&time(TIME_BYTES_MAX)));
        assert!(!is_query(&time(TIME_BYTES_MAX + 1)));
    }

    #[test]
    fn hostile_long_lines() {
        let long = "1".repeat(1 << 20);
        for line in [
            long.clone(),
            format!("1.{long}"),
            format!("1.0 {long}"),
            format!("1.0 {}", "- ".repeat(1 << 20)),
            format!("1.0{}", " ".repeat(1 << 20)),
            with(1, &long),
            with(7, &long),
        ] {
            assert!(!is_query(&line));
        }
        // A long value is a value still.
        assert_eq!(read(with(3, &long).as_bytes()).unwrap()[3].len(), 1 << 20);
    }
}
