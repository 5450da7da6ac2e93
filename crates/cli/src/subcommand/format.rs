//! `insq fmt`: query files in one layout.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use clap::Parser;

use super::print;
use crate::diagnostics::{Diagnostics, use_colour};
use crate::exit::Exit;
use crate::failure::Failure;

/// Lay out query files: one command per line, comments kept
#[derive(Debug, Parser)]
pub(crate) struct FormatArgs {
    /// Files of queries, which are written in place; `-` or none is standard input to standard output
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Write nothing; name the files that would change, and end with exit code 1 if there are any
    #[arg(long)]
    check: bool,
}

pub(super) fn format(args: &FormatArgs) -> Exit {
    let diagnostics = Diagnostics {
        colour: use_colour(crate::args::ColourArg::Auto, &std::io::stderr()),
        quiet: false,
        json: false,
    };
    let is_stdin = args.files.is_empty() || args.files == [Path::new("-")];
    let result = if is_stdin {
        format_stdin(args.check, diagnostics)
    } else {
        format_files(args, diagnostics)
    };
    result.unwrap_or_else(|exit| exit)
}

fn format_stdin(is_check: bool, diagnostics: Diagnostics) -> Result<Exit, Exit> {
    let mut text = String::new();
    if let Err(cause) = std::io::stdin().read_to_string(&mut text) {
        diagnostics.error(&format!("standard input: {cause}"), None);
        return Err(Exit::Failure);
    }
    let formatted = laid_out(&text, diagnostics)?;
    if is_check {
        return Ok(if formatted == text {
            Exit::Success
        } else {
            Exit::Failure
        });
    }
    // When nobody reads it any more, there is nobody to tell.
    let _ = std::io::stdout().lock().write_all(formatted.as_bytes());
    Ok(Exit::Success)
}

fn format_files(args: &FormatArgs, diagnostics: Diagnostics) -> Result<Exit, Exit> {
    let mut exit = Exit::Success;
    for path in &args.files {
        let text = std::fs::read_to_string(path).map_err(|cause| refuse(path, &cause, diagnostics))?;
        let formatted = match laid_out(&text, diagnostics) {
            Ok(formatted) => formatted,
            Err(_) => {
                diagnostics.error(&format!("{}: left as it is", path.display()), None);
                exit = Exit::Usage;
                continue;
            }
        };
        if formatted == text {
            continue;
        }
        print(&path.display().to_string());
        if args.check {
            exit = Exit::Failure;
        } else {
            replace(path, &formatted).map_err(|cause| refuse(path, &cause, diagnostics))?;
        }
    }
    Ok(exit)
}

fn laid_out(text: &str, diagnostics: Diagnostics) -> Result<String, Exit> {
    let told = |error, text| Failure::engine(error, text).tell(diagnostics);
    let parts = insq::split_queries(text).map_err(|error| told(error, ""))?;
    let laid_out = parts
        .iter()
        .map(|part| insq::format_query(part.text).map_err(|error| told(error, part.text)))
        .collect::<Result<Vec<_>, _>>()?;
    // An empty line parts the queries of a file.
    Ok(laid_out.join("\n"))
}

fn refuse(path: &Path, cause: &std::io::Error, diagnostics: Diagnostics) -> Exit {
    diagnostics.error(&format!("{}: {cause}", path.display()), None);
    Exit::Failure
}

/// Writes beside the file and renames, so that a file is never half written.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut unfinished = tempfile::NamedTempFile::new_in(folder)?;
    unfinished.write_all(text.as_bytes())?;
    unfinished.as_file().sync_all()?;
    std::fs::set_permissions(unfinished.path(), std::fs::metadata(path)?.permissions())?;
    unfinished.persist(path).map_err(|error| error.error)?;
    Ok(())
}
