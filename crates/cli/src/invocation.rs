//! From the words of the command line to a query and its inputs; what makes no sense is refused with a hint.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::args::Args;
use crate::{query_file, remote};

pub(crate) const EXAMPLE: &str = "example: insq 'stats count(*) by bin(1m)' logs/";

/// A command line that makes no sense.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct UsageError {
    pub(crate) message: String,
    pub(crate) help: String,
}

impl UsageError {
    pub(crate) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: help.into(),
        }
    }
}

/// One input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// `-`, or nothing at all.
    Stdin,
    /// A file, a folder or a pattern.
    Path(PathBuf),
    /// What a URL names in an object store.
    Store(String),
}

/// What is asked, and of what.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Invocation {
    pub(crate) query: String,
    /// Empty only where a catalog says what is read.
    pub(crate) inputs: Vec<Input>,
    /// True when standard input is read only because no path was given.
    pub(crate) is_stdin_implied: bool,
}

impl Invocation {
    /// Takes the words apart and reads the query file, if there is one.
    ///
    /// # Errors
    /// [`UsageError`] when there is no query, or when a path stands where the query should, or the reverse.
    pub(crate) fn new(args: &Args) -> Result<Self, UsageError> {
        let words: Vec<&OsString> = args.words().collect();
        let has_catalog = args.run.catalog.is_some();
        let (text, paths) = match &args.query_file {
            Some(file) => {
                refuse_query_among_paths(&words)?;
                if query_file::is_stdin(file) && !args.explain {
                    query_file::refuse_stdin_as_logs(&inputs(&words, has_catalog)?.0)?;
                }
                (only_query(file, query_file::read(file)?)?, words.as_slice())
            }
            None => {
                let (first, paths) = words.split_first().ok_or_else(missing_query)?;
                (query_argument(first, paths)?, paths)
            }
        };
        let (inputs, is_stdin_implied) = inputs(paths, has_catalog)?;
        let values: Vec<(&str, &str)> = args
            .run
            .params
            .iter()
            .map(|(name, value)| (&**name, &**value))
            .collect();
        let query = insq::fill_parameters(&text, &values)
            .map_err(|error| UsageError::new(error.to_string(), "example: --param region=eu-north-1"))?;
        Ok(Self {
            query,
            inputs,
            is_stdin_implied,
        })
    }
}

/// The inputs that words of the command line name, and whether standard input is one of them only because there are no
/// words and no catalog.
///
/// # Errors
/// [`UsageError`] for what can't be read, or not twice.
pub(crate) fn inputs(paths: &[&OsString], has_catalog: bool) -> Result<(Vec<Input>, bool), UsageError> {
    let mut inputs: Vec<Input> = paths.iter().map(|word| input(word)).collect::<Result<_, _>>()?;
    let is_stdin_implied = inputs.is_empty() && !has_catalog;
    if is_stdin_implied {
        inputs.push(Input::Stdin);
    }
    if inputs.iter().filter(|input| **input == Input::Stdin).count() > 1 {
        let message = "standard input is named more than once";
        return Err(UsageError::new(
            message,
            "it can be read only once; give `-` one time",
        ));
    }
    Ok((inputs, is_stdin_implied))
}

/// The input that a word of the command line names.
///
/// # Errors
/// [`UsageError`] for a URL that this build can't read.
pub(crate) fn input(word: &OsStr) -> Result<Input, UsageError> {
    if word == "-" {
        return Ok(Input::Stdin);
    }
    match word.to_str().filter(|text| remote::is_url(text)) {
        Some(url) => remote::accept(url).map(|()| Input::Store(url.to_owned())),
        None => Ok(Input::Path(word.into())),
    }
}

fn missing_query() -> UsageError {
    UsageError::new("QUERY is missing", EXAMPLE)
}

fn query_argument(word: &OsString, paths: &[&OsString]) -> Result<String, UsageError> {
    let shown = word.to_string_lossy();
    if shown.trim().is_empty() {
        return Err(UsageError::new("QUERY is empty", EXAMPLE));
    }
    if word == "-" {
        return Err(UsageError::new(
            "`-` stands where the query should",
            "the query comes first: insq 'stats count(*)' -",
        ));
    }
    if looks_like_path(word) {
        // `insq logs/ 'stats count(*)'` is the same mistake with the query in the wrong place.
        let query = paths.iter().find(|path| looks_like_query(path));
        let query = query.map_or("stats count(*)".into(), |query| query.to_string_lossy());
        let message = format!("`{shown}` looks like a path, not like a query");
        return Err(UsageError::new(
            message,
            format!("the query comes first: insq '{query}' {shown}"),
        ));
    }
    match word.to_str() {
        Some(query) => Ok(query.to_owned()),
        None => Err(UsageError::new(format!("`{shown}` is not valid UTF-8"), EXAMPLE)),
    }
}

fn refuse_query_among_paths(words: &[&OsString]) -> Result<(), UsageError> {
    match words.iter().find(|word| looks_like_query(word)) {
        None => Ok(()),
        Some(word) => Err(UsageError::new(
            format!(
                "`{}` is given besides -f, but it is not a path",
                word.to_string_lossy()
            ),
            "with -f every argument is a path; give the query either in a file or as an argument",
        )),
    }
}

/// No query is a single word, so a single word with a separator, a known ending or a file of that name is
/// a path.
fn looks_like_path(word: &OsString) -> bool {
    const ENDINGS: [&str; 11] = [
        ".log", ".gz", ".zst", ".json", ".jsonl", ".txt", ".csv", ".parquet", ".arrow", ".arrows", ".feather",
    ];
    let text = word.to_string_lossy();
    let is_one_word = !text.contains(char::is_whitespace) && !text.contains(['|', '(']);
    let path = Path::new(word);
    path.exists()
        || (is_one_word
            && (text.contains(['/', '\\']) || ENDINGS.iter().any(|ending| text.ends_with(ending))))
}

fn looks_like_query(word: &OsString) -> bool {
    let text = word.to_string_lossy();
    text.trim().contains([' ', '\n', '|']) && !text.contains(['/', '\\']) && !Path::new(word).exists()
}

/// The query of a file that may give it a name.
fn only_query(file: &Path, text: String) -> Result<String, UsageError> {
    match insq::split_queries(&text) {
        Ok(queries) if queries.len() > 1 => Err(UsageError::new(
            format!(
                "the query file `{}` holds {} queries",
                file.display(),
                queries.len()
            ),
            format!(
                "run all of them in one pass: insq batch {} logs/ -o 'results/{{name}}.csv'",
                file.display()
            ),
        )),
        _ => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    fn invocation(words: &[&str]) -> Result<Invocation, UsageError> {
        Invocation::new(&Args::parse_from(std::iter::once(&"insq").chain(words)))
    }

    fn check_error(words: &[&str], message: &str, help: &str) {
        let error = invocation(words).unwrap_err();
        assert!(
            error.message.contains(message) && error.help.contains(help),
            "{words:?}: {error:?}"
        );
    }

    #[test]
    fn the_query_comes_first_and_paths_follow() {
        let found = invocation(&["stats count(*)", "logs", "-", "more/*.gz"]).unwrap();
        assert_eq!(found.query, "stats count(*)");
        assert_eq!(
            found.inputs,
            [
                Input::Path("logs".into()),
                Input::Stdin,
                Input::Path("more/*.gz".into())
            ]
        );
        assert!(!found.is_stdin_implied);

        let found = invocation(&["limit 5"]).unwrap();
        assert_eq!((found.inputs, found.is_stdin_implied), (vec![Input::Stdin], true));
    }

    #[test]
    fn queries_that_resemble_paths_are_queries() {
        for query in [
            "filter @message like /a b/",
            "fields a/b",
            "filter x = \"a.log\" | limit 5.gz",
        ] {
            assert_eq!(invocation(&[query]).unwrap().query, query);
        }
    }

    #[test]
    fn words_in_the_wrong_place_get_a_hint() {
        check_error(&[], "QUERY is missing", "insq 'stats");
        check_error(&[" "], "QUERY is empty", "insq 'stats");
        check_error(
            &["-"],
            "`-` stands where the query should",
            "the query comes first",
        );
        check_error(&["/"], "`/` looks like a path", "insq 'stats count(*)' /");
        check_error(
            &["no/such/file"],
            "`no/such/file` looks like a path",
            "the query comes first",
        );
        check_error(
            &["app.log.gz"],
            "looks like a path",
            "insq 'stats count(*)' app.log.gz",
        );
        check_error(
            &["logs/", "limit 5"],
            "`logs/` looks like a path",
            "insq 'limit 5' logs/",
        );
        check_error(
            &["limit 5", "-", "-"],
            "standard input is named more than once",
            "once",
        );
    }

    #[test]
    fn with_a_query_file_every_word_is_a_path() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("query");
        let file_name = file.to_str().unwrap();
        std::fs::write(&file, "limit 5\n").unwrap();
        let found = invocation(&["-f", file_name, "logs"]).unwrap();
        assert_eq!(found.query, "limit 5\n");
        assert_eq!(found.inputs, [Input::Path("logs".into())]);
        check_error(
            &["-f", file_name, "stats count(*) | limit 5"],
            "besides -f",
            "every argument is a path",
        );
    }

    #[test]
    fn standard_input_is_not_both_the_query_and_the_logs() {
        for words in [&["-f", "-"][..], &["-f", "-", "-"], &["-f", "-", "logs", "-"]] {
            check_error(words, "`-f -`", "name the logs");
        }
    }
}
