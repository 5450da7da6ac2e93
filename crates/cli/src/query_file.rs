//! The text of a file of queries, or of standard input, where the name of the file is `-`.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::Path;

use crate::diagnostics::Diagnostics;
use crate::invocation::{EXAMPLE, Input, UsageError};

/// A query file longer than this is surely something else, such as a log.
pub(crate) const QUERY_FILE_BYTES_MAX: u64 = 1 << 20;

/// True for the file that stands for standard input.
pub(crate) fn is_stdin(file: &Path) -> bool {
    file.as_os_str() == "-"
}

/// The text of a file of queries.
///
/// # Errors
/// [`UsageError`] for what can't be read, is far too long or empty.
pub(crate) fn read(file: &Path) -> Result<String, UsageError> {
    let shown = match is_stdin(file) {
        true => "standard input".to_owned(),
        false => format!("the query file `{}`", file.display()),
    };
    let bytes =
        bytes(file).map_err(|error| UsageError::new(format!("cannot read {shown}: {error}"), EXAMPLE))?;
    if bytes.len() as u64 > QUERY_FILE_BYTES_MAX {
        let message = format!("{shown} is longer than {QUERY_FILE_BYTES_MAX} bytes, too long for queries");
        return Err(UsageError::new(
            message,
            "is it a log? the query file follows -f, logs come after it",
        ));
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| UsageError::new(format!("{shown} is not valid UTF-8"), EXAMPLE))?;
    // Some editors begin a file with a byte-order mark, which no query means.
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    if text.trim().is_empty() {
        return Err(UsageError::new(format!("{shown} is empty"), EXAMPLE));
    }
    Ok(text.to_owned())
}

/// One byte more than is allowed, at most.
fn bytes(file: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let source: Box<dyn Read> = match is_stdin(file) {
        true => Box::new(io::stdin()),
        false => Box::new(File::open(file)?),
    };
    source.take(QUERY_FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Says why nothing happens where one of `files` is standard input, and somebody at a terminal is to write the query.
pub(crate) fn note_waiting<'f>(mut files: impl Iterator<Item = &'f Path>, diagnostics: Diagnostics) {
    if files.any(is_stdin) && io::stdin().is_terminal() {
        diagnostics.note("reading the query from standard input until Ctrl-D");
    }
}

/// Standard input gives its bytes once: either queries or logs.
///
/// # Errors
/// [`UsageError`] when it is to give both.
pub(crate) fn refuse_stdin_as_logs(inputs: &[Input]) -> Result<(), UsageError> {
    if !inputs.contains(&Input::Stdin) {
        return Ok(());
    }
    Err(UsageError::new(
        "`-f -` reads the query from standard input, where the logs would come from",
        "name the logs, or give the query as an argument or in a file",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_error(file: &Path, message: &str, help: &str) {
        let error = read(file).unwrap_err();
        assert!(
            error.message.contains(message) && error.help.contains(help),
            "{error:?}"
        );
    }

    #[test]
    fn query_files_have_a_greatest_length() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("query");
        let length = usize::try_from(QUERY_FILE_BYTES_MAX).unwrap();
        std::fs::write(&file, "x".repeat(length)).unwrap();
        assert_eq!(read(&file).unwrap().len(), length);
        std::fs::write(&file, "x".repeat(length + 1)).unwrap();
        check_error(&file, "is longer than", "is it a log?");
    }

    #[test]
    fn query_files_are_read_as_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("query");
        std::fs::write(&file, "\u{feff}# comment\nlimit 5\n").unwrap();
        assert_eq!(read(&file).unwrap(), "# comment\nlimit 5\n");
        check_error(Path::new("/no/such/file"), "cannot read the query file", "insq");
        std::fs::write(&file, b"\xff\xfe").unwrap();
        check_error(&file, "not valid UTF-8", "insq");
        std::fs::write(&file, " \n").unwrap();
        check_error(&file, "is empty", "insq");
    }
}
