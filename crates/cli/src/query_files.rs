//! The queries of a batch: read from files and folders, each with its name and its place.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use insq::{Span, check_query_name, fill_parameters, split_queries};

use crate::diagnostics::{Diagnostics, InQuery, Severity};
use crate::invocation::UsageError;
use crate::query_file;

/// Queries of one batch at most: each of them holds memory as long as the inputs are read.
pub(crate) const QUERIES_MAX: usize = 1_000;

/// How the queries of a file are told apart.
pub(crate) const NAME_EXAMPLE: &str = "each query begins with a line such as `# name: errors-per-hour`";

/// What the name of a file of queries ends with.
const ENDING: &str = "insq";

/// A query with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NamedQuery {
    pub(crate) name: String,
    pub(crate) file: PathBuf,
    /// The text, with the values of its parameters.
    pub(crate) text: String,
    /// What stands before it in the file.
    before: String,
}

impl NamedQuery {
    /// Tells what is to be said about a place of the query, by the lines of its file.
    pub(crate) fn tell(
        &self,
        diagnostics: Diagnostics,
        severity: Severity,
        code: &str,
        message: &str,
        help: Option<&str>,
        span: Option<Span>,
    ) {
        let (file, message) = (
            self.file.display().to_string(),
            format!("`{}`: {message}", self.name),
        );
        let Some(span) = span else {
            return diagnostics.coded(severity, code, &message, help);
        };
        let query = format!("{}{}", self.before, self.text);
        let span = Span::new(span.start + self.before.len(), span.end + self.before.len());
        let shown = match severity {
            Severity::Error => insq::Severity::Error,
            Severity::Warning | Severity::Note => insq::Severity::Warning,
        };
        let rendered = insq::render_diagnostic(&query, shown, &message, span, None, help);
        diagnostics.in_query(&InQuery {
            severity,
            code,
            message: &message,
            help,
            query: &query,
            file: Some(&file),
            span,
            rendered: &rendered.replacen("\n", &format!("\n --> {file}\n"), 1),
        });
    }
}

/// Reads the queries of files, and of the files `*.insq` of folders, and fills their parameters in.
///
/// # Errors
/// [`UsageError`] for what can't be read, for names that are none or not the only ones, and for parameters.
pub(crate) fn read(paths: &[PathBuf], params: &[(String, String)]) -> Result<Vec<NamedQuery>, UsageError> {
    let mut queries = Vec::new();
    let mut used = vec![false; params.len()];
    for file in files(paths)? {
        let text = query_file::read(&file)?;
        queries.extend(queries_of(&file, &text, params, &mut used)?);
    }
    if queries.len() > QUERIES_MAX {
        return Err(UsageError::new(
            format!(
                "these are {} queries; at most {QUERIES_MAX} run in one pass",
                queries.len()
            ),
            "run them in several batches",
        ));
    }
    if let Some(((name, _), _)) = params.iter().zip(&used).find(|(_, used)| !**used) {
        return Err(UsageError::new(
            format!("no query has the parameter `{{{{{name}}}}}`"),
            "leave its --param out, or write its name as the queries do",
        ));
    }
    refuse_equal_names(&queries)?;
    Ok(queries)
}

/// Files as they are, and the query files of folders by their names.
fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, UsageError> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let entries = std::fs::read_dir(path).map_err(|cause| {
            UsageError::new(
                format!("cannot read the folder of queries `{}`: {cause}", path.display()),
                "may you read it?",
            )
        })?;
        let mut found: Vec<PathBuf> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.is_file() && is_query_file(path))
            .collect();
        if found.is_empty() {
            return Err(UsageError::new(
                format!("there are no files *.{ENDING} in the folder `{}`", path.display()),
                "the queries come first, then the logs: insq batch queries/ logs/",
            ));
        }
        found.sort();
        files.extend(found);
    }
    Ok(files)
}

/// True for a file that is named as query files are.
pub(crate) fn is_query_file(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == ENDING)
}

fn queries_of(
    file: &Path,
    text: &str,
    params: &[(String, String)],
    used: &mut [bool],
) -> Result<Vec<NamedQuery>, UsageError> {
    let in_file =
        |error: insq::Error, help: &str| UsageError::new(format!("{}: {error}", file.display()), help);
    let parts = split_queries(text).map_err(|error| in_file(error, NAME_EXAMPLE))?;
    let mut queries = Vec::with_capacity(parts.len());
    let mut before = String::new();
    for part in parts {
        let name = match part.name {
            Some(name) => name.to_owned(),
            None => {
                let stem = file
                    .file_stem()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned();
                check_query_name(&stem).map_err(|error| {
                    in_file(
                        error,
                        "rename the file, or begin it with a line such as `# name: slow`",
                    )
                })?;
                stem
            }
        };
        let mut values = Vec::new();
        for ((key, value), used) in params.iter().zip(used.iter_mut()) {
            if part.text.contains(&format!("{{{{{key}}}}}")) {
                *used = true;
                values.push((key.as_str(), value.as_str()));
            }
        }
        let filled = fill_parameters(part.text, &values)
            .map_err(|error| in_file(error, "example: --param region=eu-north-1"))?;
        queries.push(NamedQuery {
            name,
            file: file.to_owned(),
            text: filled.clone(),
            before: before.clone(),
        });
        before.push_str(&filled);
    }
    Ok(queries)
}

/// Their results would be one file: on some systems also where only the case differs.
fn refuse_equal_names(queries: &[NamedQuery]) -> Result<(), UsageError> {
    let mut known: BTreeMap<String, &NamedQuery> = BTreeMap::new();
    for query in queries {
        if let Some(first) = known.insert(query.name.to_lowercase(), query) {
            let (names, files) = (
                [&first.name, &query.name],
                [first.file.display(), query.file.display()],
            );
            return Err(UsageError::new(
                format!(
                    "two queries have one name: `{}` of {} and `{}` of {}",
                    names[0], files[0], names[1], files[1]
                ),
                "rename one of them; each result is a file of that name, and not every system tells cases apart",
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    fn read_folder(files: &[(&str, &str)], params: &[(&str, &str)]) -> Result<Vec<NamedQuery>, UsageError> {
        let folder = folder(files);
        let params: Vec<(String, String)> = params
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        read(&[folder.path().to_owned()], &params)
    }

    fn check_error(files: &[(&str, &str)], params: &[(&str, &str)], message: &str) {
        let error = read_folder(files, params).unwrap_err();
        assert!(error.message.contains(message), "{error:?}");
    }

    #[test]
    fn queries_are_named_by_their_files_or_by_lines() {
        let queries = read_folder(
            &[
                ("b.insq", "# name: two\nlimit 2\n# name: three\nlimit {{n}}\n"),
                ("a.insq", "limit 1"),
                ("notes.txt", "no query"),
            ],
            &[("n", "3")],
        )
        .unwrap();
        let found: Vec<(&str, &str)> = queries.iter().map(|query| (&*query.name, &*query.text)).collect();
        assert_eq!(
            found,
            [
                ("a", "limit 1"),
                ("two", "# name: two\nlimit 2\n"),
                ("three", "# name: three\nlimit 3\n")
            ]
        );
        assert_eq!(queries[2].before, "# name: two\nlimit 2\n");
    }

    #[test]
    fn names_and_parameters_that_make_no_sense_are_refused() {
        check_error(&[("x.txt", "limit 1")], &[], "there are no files *.insq");
        check_error(&[("a{b}.insq", "limit 1")], &[], "`a{b}` can't name a query");
        check_error(
            &[("a.insq", "# name: ../x\nlimit 1")],
            &[],
            "a.insq: line 1: `../x`",
        );
        check_error(
            &[("a.insq", "limit 1"), ("b.insq", "# name: A\nlimit 1")],
            &[],
            "two queries have one name: `a`",
        );
        check_error(
            &[("a.insq", "# name: x\nlimit 1\n# name: x\nlimit 2")],
            &[],
            "two queries have one name: `x`",
        );
        check_error(
            &[("a.insq", "limit {{n}}")],
            &[],
            "the parameter `{{n}}` has no value",
        );
        check_error(
            &[("a.insq", "limit 1")],
            &[("n", "1")],
            "no query has the parameter `{{n}}`",
        );
        check_error(&[("a.insq", " ")], &[], "is empty");
    }

    #[test]
    fn a_batch_has_a_greatest_number_of_queries() {
        let text =
            |count: usize| -> String { (0..count).map(|n| format!("# name: q{n}\nlimit 1\n")).collect() };
        let (most, more) = (text(QUERIES_MAX), text(QUERIES_MAX + 1));
        assert_eq!(
            read_folder(&[("a.insq", &*most)], &[]).unwrap().len(),
            QUERIES_MAX
        );
        check_error(&[("a.insq", &*more)], &[], "these are 1001 queries");
    }
}
