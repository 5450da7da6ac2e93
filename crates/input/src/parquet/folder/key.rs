//! Which part of a folder an event belongs to, and what the folders of the parts are called.

use std::fmt::Write;
use std::str::FromStr;

use insq_event::MS_PER_DAY;

use crate::foreign::date_text;

/// What divides the events of a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartitionBy {
    /// The day of `@timestamp`, UTC: `date=2026-03-02`.
    Date,
    /// `@function`: `function=orders`.
    Function,
}

impl PartitionBy {
    /// The name before the `=`, under which other tools know the column.
    pub fn name(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::Function => "function",
        }
    }
}

impl FromStr for PartitionBy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Date, Self::Function]
            .into_iter()
            .find(|field| field.name() == text)
            .ok_or_else(|| format!("`{text}` is neither `date` nor `function`"))
    }
}

/// The folder of events that have no time or no function: what Hive, Spark, DuckDB and Arrow take for a missing value.
pub(super) const MISSING: &str = "__HIVE_DEFAULT_PARTITION__";

/// Bytes of a folder's name at most; file systems allow 255. The rest of a longer name is left out: what an event's
/// function is stands in its row.
const FOLDER_NAME_BYTES_MAX: usize = 200;

/// The values of an event for what divides the folder, in that order; empty where nothing does.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub(in crate::parquet) struct PartitionKey(Vec<Option<String>>);

impl PartitionKey {
    pub(in crate::parquet) fn of(by: &[PartitionBy], time_ms: Option<i64>, function: Option<&str>) -> Self {
        let value = |by: &PartitionBy| match by {
            PartitionBy::Date => time_ms.map(|ms| date_text(ms.div_euclid(MS_PER_DAY))),
            PartitionBy::Function => function.filter(|name| !name.is_empty()).map(str::to_owned),
        };
        Self(by.iter().map(value).collect())
    }

    /// The folders of the part, from the outermost: `date=2026-03-02/function=orders/`.
    pub(super) fn folders(&self, by: &[PartitionBy]) -> String {
        let mut path = String::new();
        for (by, value) in by.iter().zip(&self.0) {
            let value = value.as_deref().map_or_else(|| MISSING.to_owned(), escaped);
            // Writing to a text does not fail.
            let _ = write!(path, "{}={value}/", by.name());
        }
        path
    }
}

/// The name with everything but letters, digits, `-`, `_` and `.` as `%` and two digits, as in addresses of the web.
/// Letters beyond ASCII stay: tools don't agree about their bytes.
fn escaped(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for (idx, char) in name.char_indices() {
        // What is called like the folder of missing values is not one of them.
        let is_plain = match char {
            '_' => idx > 0 || name != MISSING,
            '-' | '.' => true,
            _ => char.is_alphanumeric(),
        };
        let before = text.len();
        if is_plain {
            text.push(char);
        } else {
            let mut bytes = [0; 4];
            for byte in char.encode_utf8(&mut bytes).bytes() {
                let _ = write!(text, "%{byte:02X}");
            }
        }
        if text.len() > FOLDER_NAME_BYTES_MAX {
            text.truncate(before);
            break;
        }
    }
    text
}

/// False when the folder `function=…` with the value `folder` holds no event of `function`. File systems that fold letters
/// put functions together whose names differ in nothing else; how they do so beyond ASCII is theirs to know.
pub(super) fn may_be_folder_of(folder: &str, function: &str) -> bool {
    let expected = escaped(function);
    !folder.is_ascii() || !expected.is_ascii() || folder.eq_ignore_ascii_case(&expected)
}

/// The day of a folder `date=2026-03-02` on the path of a file, in days since the epoch.
pub(crate) fn day_of_folder(name: &str) -> Option<i64> {
    let date = name.strip_prefix("date=")?;
    let ms = crate::document_times::iso_ms(&format!("{date}T00:00:00Z"))?;
    let day = ms.div_euclid(MS_PER_DAY);
    (date_text(day) == date).then_some(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_parts() {
        let both = [PartitionBy::Date, PartitionBy::Function];
        let check = |by: &[PartitionBy], time: Option<i64>, function: Option<&str>, expected: &str| {
            assert_eq!(PartitionKey::of(by, time, function).folders(by), expected);
        };
        let day = 1_772_409_600_000;
        check(
            &both,
            Some(day),
            Some("orders"),
            "date=2026-03-02/function=orders/",
        );
        check(
            &both,
            Some(day - 1),
            Some("a.b-c_d"),
            "date=2026-03-01/function=a.b-c_d/",
        );
        check(
            &[PartitionBy::Function, PartitionBy::Date],
            Some(-1),
            Some("x"),
            "function=x/date=1969-12-31/",
        );
        check(
            &both,
            None,
            Some(""),
            &format!("date={MISSING}/function={MISSING}/"),
        );
        check(&both[..1], Some(0), None, "date=1970-01-01/");
        check(&[], Some(0), Some("x"), "");
    }

    #[test]
    fn names_can_neither_leave_the_folder_nor_be_mistaken() {
        for (name, expected) in [
            ("../../etc/passwd", "..%2F..%2Fetc%2Fpasswd"),
            ("a=b c%", "a%3Db%20c%25"),
            ("zürich\n", "zürich%0A"),
            ("_x", "_x"),
            (MISSING, "%5F_HIVE_DEFAULT_PARTITION__"),
        ] {
            assert_eq!(escaped(name), expected);
        }
    }

    #[test]
    fn long_names_are_cut_between_characters() {
        assert_eq!(
            escaped(&"x".repeat(FOLDER_NAME_BYTES_MAX)).len(),
            FOLDER_NAME_BYTES_MAX
        );
        assert_eq!(
            escaped(&"x".repeat(FOLDER_NAME_BYTES_MAX + 1)).len(),
            FOLDER_NAME_BYTES_MAX
        );
        assert_eq!(escaped(&"/".repeat(100)), "%2F".repeat(FOLDER_NAME_BYTES_MAX / 3));
    }

    #[test]
    fn folders_of_functions() {
        for (folder, function, expected) in [
            ("orders", "orders", true),
            ("Orders", "orders", true),
            ("orders", "order", false),
            ("a%3Db", "a=b", true),
            ("a=b", "a=b", false),
            (MISSING, "orders", false),
            ("z\u{fc}rich", "zu\u{308}rich", true),
            (
                &"x".repeat(FOLDER_NAME_BYTES_MAX),
                &"x".repeat(FOLDER_NAME_BYTES_MAX + 1),
                true,
            ),
        ] {
            assert_eq!(
                may_be_folder_of(folder, function),
                expected,
                "{folder} {function}"
            );
        }
    }

    #[test]
    fn days_come_back() {
        assert_eq!(day_of_folder("date=1970-01-02"), Some(1));
        for other in [
            "date=1970-1-2",
            "date=1970-02-30",
            "day=1970-01-02",
            "date=",
            "date=1970-01-02T00",
        ] {
            assert_eq!(day_of_folder(other), None, "{other}");
        }
    }

    #[test]
    fn fields_by_name() {
        assert_eq!("date".parse(), Ok(PartitionBy::Date));
        assert_eq!("function".parse(), Ok(PartitionBy::Function));
        assert!("Date".parse::<PartitionBy>().is_err());
    }
}
