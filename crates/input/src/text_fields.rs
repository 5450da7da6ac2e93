//! Lines whose fields are columns, parted by single blanks: what the formats of such lines share.

use std::borrow::Cow;

use memchr::memchr;

use crate::json_fields::FieldValues;

/// What stands in the place of a value that the service does not know.
const MISSING: &[u8] = b"-";

/// The `N` columns of `line`, or `None` when it has more or fewer, an empty one, or a byte that is no
/// printable ASCII: line ends and tabs never stand in such a line. A line of any length is walked twice at
/// most.
pub(crate) fn split<const N: usize>(line: &[u8]) -> Option<[&[u8]; N]> {
    let mut columns = [&b""[..]; N];
    let (last, others) = columns.split_last_mut()?;
    let mut rest = line;
    for column in others {
        let end = memchr(b' ', rest)?;
        *column = &rest[..end];
        rest = &rest[end + 1..];
    }
    *last = rest;
    // A column too many shows as a blank in the last one.
    let is_sound = |column: &&[u8]| !column.is_empty() && column.iter().all(u8::is_ascii_graphic);
    columns.iter().all(is_sound).then_some(columns)
}

/// The value of a column; `None` where it is missing.
pub(crate) fn known(column: &[u8]) -> Option<&str> {
    std::str::from_utf8(column).ok().filter(|_| column != MISSING)
}

/// True when `text` is some digits and nothing else.
pub(crate) fn is_digits(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

/// Which columns of a format are wanted, and where their values go.
#[derive(Clone, Debug, Default)]
pub(crate) struct Picks {
    /// Index of the column in the line, index of the value.
    picks: Vec<(usize, usize)>,
}

impl Picks {
    /// The columns called `names` that one of `paths` asks for.
    pub(crate) fn new(names: &[&str], paths: &[String]) -> Self {
        let column = |path: &String| names.iter().position(|name| *name == path.as_str());
        let picks = paths
            .iter()
            .enumerate()
            .filter_map(|(value, path)| Some((column(path)?, value)))
            .collect();
        Self { picks }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.picks.is_empty()
    }

    /// Fills the wanted values from the columns of a line.
    pub(crate) fn fill<'a>(&self, columns: &[&'a [u8]], values: &mut FieldValues<'a>) {
        for &(column, value) in &self.picks {
            values[value] = columns
                .get(column)
                .and_then(|text| known(text))
                .map(Cow::Borrowed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_parted_by_single_blanks() {
        let check = |line: &[u8], expected: Option<[&str; 3]>| {
            let expected = expected.map(|columns| columns.map(str::as_bytes));
            assert_eq!(split::<3>(line), expected, "{}", line.escape_ascii());
        };
        check(b"a bb c", Some(["a", "bb", "c"]));
        check(b"- ~ !", Some(["-", "~", "!"]));
        for line in [
            &b""[..],
            b"a",
            b"a b",
            b"a b c d",
            b"a  b c",
            b"a  b",
            b" a b c",
            b" a b",
            b"a b c ",
            b"a b ",
            b"  ",
            b"a b\tc d",
            b"a b c\n",
            b"a b c\nd",
            b"a b\x7f c",
            b"a b\0 c",
            b"a b \xff",
            "a b é".as_bytes(),
        ] {
            check(line, None);
        }
    }

    #[test]
    fn digits() {
        for (text, expected) in [
            ("0", true),
            ("0129", true),
            ("", false),
            ("-1", false),
            ("1 ", false),
        ] {
            assert_eq!(is_digits(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn every_value_that_asks_for_a_column_gets_it() {
        let paths = ["b", "x", "a", "b", "c", "a.b"].map(str::to_owned);
        let picks = Picks::new(&["a", "b", "c"], &paths);
        assert!(!picks.is_empty());
        let mut values = vec![None; paths.len()];
        picks.fill(&[b"1", b"2", b"-"], &mut values);
        let texts: Vec<Option<&str>> = values.iter().map(|value| value.as_deref()).collect();
        assert_eq!(texts, [Some("2"), None, Some("1"), Some("2"), None, None]);
        assert!(
            values
                .iter()
                .flatten()
                .all(|value| matches!(value, Cow::Borrowed(_)))
        );
        assert!(Picks::new(&["a", "b"], &["A".to_owned(), "ab".to_owned()]).is_empty());
    }
}
