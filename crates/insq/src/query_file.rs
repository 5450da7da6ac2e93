//! Files that hold several queries, each below a line with its name.

use crate::error::Error;

/// Bytes of a query's name at most: files are called after it, and something follows.
pub const QUERY_NAME_BYTES_MAX: usize = 100;

/// A query of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedText<'t> {
    /// Its name; `None` for the query of a file that names none.
    pub name: Option<&'t str>,
    /// Line of its name, from 1.
    pub line: usize,
    /// Where its text begins in the file, bytes. The texts of a file are the whole of it, one behind the other.
    pub start: usize,
    /// Its text, with the line of its name, which is a comment.
    pub text: &'t str,
}

/// The queries of a file. Each begins at a line `# name: NAME`; without such a line the file is one query without a
/// name. Such a line is a comment of the language, so a file of one query stays what it was.
///
/// # Errors
/// [`Error::QueryFile`] for a query before the first name, a name without a query, and a name that is none.
///
/// # Examples
/// ```
/// let file = "# Every morning\n\n# name: slow\nfilter @duration > 1000\n\n# name: all\nstats count(*)\n";
/// let queries = insq::split_queries(file)?;
/// assert_eq!((queries[0].name, queries[1].name), (Some("slow"), Some("all")));
/// assert_eq!(queries[1].text, "# name: all\nstats count(*)\n");
/// assert_eq!(insq::split_queries("stats count(*)")?[0].name, None);
/// # Ok::<(), insq::Error>(())
/// ```
pub fn split_queries(text: &str) -> Result<Vec<NamedText<'_>>, Error> {
    let mut queries: Vec<NamedText<'_>> = Vec::new();
    let mut at = 0;
    for (idx, line) in text.split_inclusive('\n').enumerate() {
        if let Some(name) = name_of_line(line) {
            let number = idx + 1;
            check_query_name(name).map_err(|error| Error::QueryFile(format!("line {number}: {error}")))?;
            if queries.is_empty() && holds_query(&text[..at]) {
                return Err(Error::QueryFile(format!(
                    "line {number}: the query above `# name: {name}` has no name; begin it with such a line, too"
                )));
            }
            queries.push(NamedText {
                name: Some(name),
                line: number,
                // What stands above the first name belongs to it.
                start: if queries.is_empty() { 0 } else { at },
                text,
            });
        }
        at += line.len();
    }
    if queries.is_empty() {
        return Ok(vec![NamedText {
            name: None,
            line: 1,
            start: 0,
            text,
        }]);
    }
    let mut end = text.len();
    for query in queries.iter_mut().rev() {
        query.text = &text[query.start..end];
        end = query.start;
    }
    match queries.iter().find(|query| !holds_query(query.text)) {
        Some(NamedText { name, line, .. }) => Err(Error::QueryFile(format!(
            "line {line}: there is no query below `# name: {}`",
            name.unwrap_or_default()
        ))),
        None => Ok(queries),
    }
}

/// The name that a line gives to the query below it.
fn name_of_line(line: &str) -> Option<&str> {
    let comment = line
        .trim()
        .strip_prefix('#')?
        .trim_start_matches('#')
        .trim_start();
    let (word, name) = comment.split_once(':')?;
    word.trim_end().eq_ignore_ascii_case("name").then(|| name.trim())
}

/// True when there is more than comments.
fn holds_query(text: &str) -> bool {
    text.lines()
        .map(str::trim)
        .any(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Whether a file can be called after a query of this name, wherever it is written.
///
/// # Errors
/// [`Error::QueryFile`] with the reason.
///
/// # Examples
/// ```
/// assert!(insq::check_query_name("errors-per-hour").is_ok());
/// assert!(insq::check_query_name("../x").is_err());
/// ```
pub fn check_query_name(name: &str) -> Result<(), Error> {
    let reason = reason_against(name);
    reason.map_or(Ok(()), |reason| {
        Err(Error::QueryFile(format!("`{name}` can't name a query: {reason}")))
    })
}

fn reason_against(name: &str) -> Option<String> {
    let is_inside = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ');
    if name.is_empty() {
        return Some("it is empty".to_owned());
    }
    if name.len() > QUERY_NAME_BYTES_MAX {
        return Some(format!("it is longer than {QUERY_NAME_BYTES_MAX} bytes"));
    }
    if let Some(odd) = name.chars().find(|c| !is_inside(*c)) {
        return Some(format!(
            "it holds {odd:?}; letters, digits, spaces, `-`, `_` and `.` are taken, since a file is called after it"
        ));
    }
    if !name.starts_with(|c: char| c.is_alphanumeric() || c == '_') {
        return Some("it does not begin with a letter, a digit or `_`".to_owned());
    }
    if name.ends_with(['.', ' ']) {
        return Some("it ends with a dot or a space".to_owned());
    }
    let stem = name.split('.').next().unwrap_or(name);
    DEVICES
        .iter()
        .any(|device| device.eq_ignore_ascii_case(stem))
        .then(|| "some systems have a device of that name".to_owned())
}

/// Names that are no names of files on Windows.
const DEVICES: [&str; 22] = [
    "CON", "PRN", "AUX", "NUL", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9",
    "LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9",
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Name, line and text.
    type Found<'a> = (Option<&'a str>, usize, &'a str);

    fn names(text: &str) -> Result<Vec<Found<'_>>, String> {
        let queries = split_queries(text).map_err(|error| error.to_string())?;
        let whole: String = queries.iter().map(|query| query.text).collect();
        assert_eq!(whole, text, "the texts are the whole file");
        for query in &queries {
            assert!(text[query.start..].starts_with(query.text));
        }
        Ok(queries
            .iter()
            .map(|query| (query.name, query.line, query.text))
            .collect())
    }

    #[test]
    fn names_part_queries() {
        assert_eq!(names("limit 5"), Ok(vec![(None, 1, "limit 5")]));
        assert_eq!(
            names("# about\n# name: a\nlimit 5\n\n  ## Name :  b c \n# more\nlimit 6"),
            Ok(vec![
                (Some("a"), 2, "# about\n# name: a\nlimit 5\n\n"),
                (Some("b c"), 5, "  ## Name :  b c \n# more\nlimit 6")
            ])
        );
        // Only a whole line of comment names.
        assert_eq!(names("limit 5 # name: a\n# a name: b").unwrap()[0].0, None);
        assert_eq!(names("").unwrap()[0].0, None);
    }

    #[test]
    fn what_makes_no_sense_is_told_with_its_line() {
        for (text, message) in [
            (
                "limit 5\n# name: a\nlimit 6",
                "line 2: the query above `# name: a` has no name",
            ),
            (
                "# name: a\n# nothing\n# name: b\nlimit 6",
                "line 1: there is no query below `# name: a`",
            ),
            (
                "# name: a\nlimit 6\n# name: b\n",
                "line 3: there is no query below `# name: b`",
            ),
            ("# name:\nlimit 6", "line 1: `` can't name a query: it is empty"),
            (
                "# name: ../x\nlimit 6",
                "line 1: `../x` can't name a query: it holds '/'",
            ),
        ] {
            let error = names(text).unwrap_err();
            assert!(error.starts_with(message), "{text:?}: {error}");
        }
    }

    #[test]
    fn names_are_names_of_files() {
        for good in [
            "a",
            "errors-per-hour",
            "p99.5",
            "_x",
            "über alles",
            "9",
            "console",
        ] {
            assert!(check_query_name(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            " ",
            ".",
            "..",
            ".a",
            "-a",
            "a/b",
            "a\\b",
            "a:b",
            "a\0",
            "a\n",
            "a.",
            "a{b}",
            "nul",
            "Con.csv",
            "a\u{202e}b",
            "*",
        ] {
            assert!(check_query_name(bad).is_err(), "{bad:?}");
        }
        assert!(check_query_name(&"x".repeat(QUERY_NAME_BYTES_MAX)).is_ok());
        assert!(check_query_name(&"x".repeat(QUERY_NAME_BYTES_MAX + 1)).is_err());
    }
}
