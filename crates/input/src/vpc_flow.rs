//! VPC flow logs in the default format of version 2.

use crate::text_fields::{is_digits, split};

/// Columns of a line.
const COLUMNS: usize = 14;

/// The names of the columns, in their order.
pub(crate) const NAMES: [&str; COLUMNS] = [
    "version",
    "accountId",
    "interfaceId",
    "srcAddr",
    "dstAddr",
    "srcPort",
    "dstPort",
    "protocol",
    "packets",
    "bytes",
    "startTime",
    "endTime",
    "action",
    "logStatus",
];

/// Digits of an account id.
const ACCOUNT_DIGITS: usize = 12;

/// The columns of a flow log record, or `None` when the line is anything else. Records of NODATA and
/// SKIPDATA have `-` nearly everywhere, so only what every record has is asked for.
pub(crate) fn read(line: &[u8]) -> Option<[&[u8]; COLUMNS]> {
    if !line.starts_with(b"2 ") {
        return None;
    }
    let columns = split::<COLUMNS>(line)?;
    let [_, account, interface, .., start, end, _, status] = columns;
    let is_record = is_account(account)
        && is_interface(interface)
        && is_digits(start)
        && is_digits(end)
        && matches!(status, b"OK" | b"NODATA" | b"SKIPDATA");
    is_record.then_some(columns)
}

fn is_account(text: &[u8]) -> bool {
    matches!(text, b"-" | b"unknown") || text.len() == ACCOUNT_DIGITS && is_digits(text)
}

fn is_interface(text: &[u8]) -> bool {
    text == b"-" || text.strip_prefix(b"eni-").is_some_and(|id| !id.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OK: &str = "2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 \
                      1418530010 1418530070 ACCEPT OK";
    const NODATA: &str = "2 123456789010 eni-1235b8ca123456789 - - - - - - - 1431280876 1431280934 - NODATA";
    const SKIPDATA: &str = "2 unknown - - - - - - - - 1431280876 1431280934 - SKIPDATA";

    fn is_record(line: &str) -> bool {
        read(line.as_bytes()).is_some()
    }

    #[test]
    fn every_field() {
        let columns = read(OK.as_bytes()).unwrap();
        let found: Vec<(&str, &str)> = NAMES
            .into_iter()
            .zip(columns.map(|column| std::str::from_utf8(column).unwrap()))
            .collect();
        let expected = [
            ("version", "2"),
            ("accountId", "123456789010"),
            ("interfaceId", "eni-1235b8ca123456789"),
            ("srcAddr", "172.31.16.139"),
            ("dstAddr", "172.31.16.21"),
            ("srcPort", "20641"),
            ("dstPort", "22"),
            ("protocol", "6"),
            ("packets", "20"),
            ("bytes", "4249"),
            ("startTime", "1418530010"),
            ("endTime", "1418530070"),
            ("action", "ACCEPT"),
            ("logStatus", "OK"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn records_without_data() {
        for (line, status) in [(NODATA, "NODATA"), (SKIPDATA, "SKIPDATA")] {
            let columns = read(line.as_bytes()).unwrap();
            assert_eq!(columns[13], status.as_bytes());
            assert!(
                [3, 4, 5, 6, 7, 8, 9, 12].iter().all(|idx| columns[*idx] == b"-"),
                "{line}"
            );
        }
    }

    #[test]
    fn columns_are_counted() {
        assert!(is_record(OK));
        let short = OK.replace(" 20641", "");
        for line in [short, format!("{OK} OK"), format!("{OK} -")] {
            assert!(!is_record(&line), "{line}");
        }
    }

    #[test]
    fn blanks_are_single() {
        for (at, _) in OK.match_indices(' ') {
            let (head, tail) = OK.split_at(at);
            assert!(!is_record(&format!("{head} {tail}")), "two blanks at {at}");
            // The count is right again when the empty column takes the place of another one.
            let rest = tail[1..].split_once(' ').map_or("", |(_, rest)| rest);
            assert!(!is_record(&format!("{head}  {rest}")), "an empty column at {at}");
        }
        for line in [
            format!(" {OK}"),
            format!("{OK} "),
            OK.replace(' ', "\t"),
            format!("{OK}\nmore"),
        ] {
            assert!(!is_record(&line), "{line}");
        }
    }

    /// `OK` with another text in one of its columns.
    fn with(idx: usize, text: &str) -> String {
        let mut columns: Vec<&str> = OK.split(' ').collect();
        columns[idx] = text;
        columns.join(" ")
    }

    #[test]
    fn columns_that_tell_a_record() {
        for (idx, sound, unsound) in [
            (0, &["2"][..], &["3", "22", "-", "1.0", "02"][..]),
            (
                1,
                &["000000000000", "unknown", "-"],
                &["12345678901", "1234567890123", "12345678901a", "Unknown", "--"],
            ),
            (2, &["eni-0", "-"], &["eni-", "eni", "i-1", "ENI-1"]),
            (3, &["-", "2001:db8::1"], &["é"]),
            (10, &["0"], &["-", "1x", "-1"]),
            (11, &["0"], &["-", "1x", "1.5"]),
            (12, &["-", "REJECT"], &[]),
            (
                13,
                &["OK", "NODATA", "SKIPDATA"],
                &["ok", "-", "OKAY", "NO", "NODATA2"],
            ),
        ] {
            for text in sound {
                assert!(is_record(&with(idx, text)), "{text} in {idx}");
            }
            for text in unsound {
                assert!(!is_record(&with(idx, text)), "{text} in {idx}");
            }
        }
    }

    #[test]
    fn hostile_long_lines() {
        let long = "9".repeat(1 << 20);
        assert!(!is_record(&format!("2 {long}")));
        assert!(!is_record(&format!("2 {}", "- ".repeat(1 << 20))));
        assert!(!is_record(&format!("2{}", " ".repeat(1 << 20))));
        assert!(!is_record(&with(1, &long)));
        // A long value is a value still.
        assert_eq!(read(with(3, &long).as_bytes()).unwrap()[3].len(), 1 << 20);
    }
}
