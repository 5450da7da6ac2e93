//! What a command writes must be none of what it reads, this time or the next.

use std::path::Path;

use insq::{Catalog, names_below, would_read};

use crate::invocation::{Input, UsageError};

/// Refuses an output that is an input, or would be read as one of them when the same is asked again.
pub(crate) fn refuse_output_among_inputs(output: Option<&Path>, inputs: &[Input]) -> Result<(), UsageError> {
    match output {
        Some(output) => refuse_among(output, output, paths(inputs)),
        None => Ok(()),
    }
}

/// As [`refuse_output_among_inputs`], for what is written into a folder.
pub(crate) fn refuse_outputs_among_inputs(folder: &Path, inputs: &[Input]) -> Result<(), UsageError> {
    refuse_among(folder, &folder.join("part"), paths(inputs))
}

/// As [`refuse_output_among_inputs`], for the logs that a catalog names.
pub(crate) fn refuse_output_among_catalog(output: &Path, catalog: &Catalog) -> Result<(), UsageError> {
    refuse_among(output, output, catalog.paths())
}

/// `output` is what the user named, and `file` one that is written for it.
fn refuse_among<'a>(
    output: &Path,
    file: &Path,
    mut inputs: impl Iterator<Item = &'a Path>,
) -> Result<(), UsageError> {
    let Some(named) = inputs.find(|path| would_read(path, file)) else {
        return Ok(());
    };
    let (is_there, output, shown) = (output.exists(), output.display(), named.display());
    let elsewhere = "write it elsewhere; there it would be read as a log beside those that it was made of";
    let (message, help) = if named.is_dir() {
        (
            format!("`{output}` lies in the folder of logs `{shown}`"),
            elsewhere,
        )
    } else if is_there {
        (
            format!("the output `{output}` is also an input"),
            "choose another name; the result would replace the log",
        )
    } else {
        (format!("`{output}` is matched by `{shown}`"), elsewhere)
    };
    Err(UsageError::new(message, help))
}

/// Refuses inputs in a folder that is made anew: what lies there is taken away when new files are put into its place.
pub(crate) fn refuse_inputs_in_output(output: &Path, inputs: &[Input]) -> Result<(), UsageError> {
    match paths(inputs).find(|path| names_below(path, output)) {
        None => Ok(()),
        Some(path) => Err(UsageError::new(
            format!("`{}` lies in the folder `{}`", path.display(), output.display()),
            "write into another folder; what is in this one would be replaced while it is read",
        )),
    }
}

fn paths(inputs: &[Input]) -> impl Iterator<Item = &Path> {
    inputs.iter().filter_map(|input| match input {
        Input::Path(path) => Some(path.as_path()),
        Input::Stdin | Input::Store(_) => None,
    })
}
