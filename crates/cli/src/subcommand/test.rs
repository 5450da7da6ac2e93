//! `insq test`: golden tests of query files.

use std::path::{Path, PathBuf};

use clap::Parser;
use insq_cases::{Case, CaseFile, Setting, answer, parse_cases};

use super::print;
use crate::diagnostics::{Diagnostics, use_colour};
use crate::exit::Exit;

/// Run golden tests: files *.case of inputs, queries and answers
#[derive(Debug, Parser)]
pub(crate) struct TestArgs {
    /// Files of cases, or folders with such files
    #[arg(value_name = "DIR|FILE", required = true)]
    paths: Vec<PathBuf>,

    /// Write the answers that are found into the files; look at the difference before you keep it
    #[arg(long)]
    bless: bool,
}

/// Cases that passed, and what to say of those that failed.
#[derive(Default)]
struct Outcome {
    passed: usize,
    failures: Vec<String>,
}

pub(super) fn test(args: &TestArgs) -> Exit {
    let diagnostics = Diagnostics {
        colour: use_colour(crate::args::ColourArg::Auto, &std::io::stderr()),
        quiet: false,
        json: false,
    };
    let mut outcome = Outcome::default();
    let files: Vec<PathBuf> = args.paths.iter().flat_map(|path| case_files(path)).collect();
    if files.is_empty() {
        diagnostics.error(
            "there are no files *.case in there",
            Some("example: insq test tests/"),
        );
        return Exit::Usage;
    }
    for path in files {
        if let Err(message) = run_file(&path, args.bless, &mut outcome) {
            diagnostics.error(&format!("{}: {message}", path.display()), None);
            return Exit::Failure;
        }
    }
    for failure in &outcome.failures {
        print(failure);
    }
    print(&format!(
        "{} passed, {} failed",
        outcome.passed,
        outcome.failures.len()
    ));
    if outcome.failures.is_empty() {
        Exit::Success
    } else {
        Exit::Failure
    }
}

/// The file, or the files of a folder, by name.
fn case_files(path: &Path) -> Vec<PathBuf> {
    if !path.is_dir() {
        return vec![path.to_owned()];
    }
    let mut files: Vec<PathBuf> = std::fs::read_dir(path)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "case"))
        .collect();
    files.sort();
    files
}

fn run_file(path: &Path, bless: bool, outcome: &mut Outcome) -> Result<(), String> {
    let text = std::fs::read_to_string(path).map_err(|cause| cause.to_string())?;
    let file: CaseFile = parse_cases(&text).map_err(|error| error.to_string())?;
    let mut answers = Vec::with_capacity(file.cases().len());
    for case in file.cases() {
        let found =
            answer(case, &Setting::default()).map_err(|error| format!("line {}: {error}", case.line))?;
        if !bless {
            compare(path, case, &found, outcome);
        }
        answers.push(found);
    }
    if bless {
        let blessed = file.with_answers(&answers).map_err(|error| error.to_string())?;
        if blessed != text {
            std::fs::write(path, blessed).map_err(|cause| cause.to_string())?;
            print(&format!("{}: written", path.display()));
        }
        outcome.passed += answers.len();
    }
    Ok(())
}

fn compare(path: &Path, case: &Case, found: &str, outcome: &mut Outcome) {
    let place = format!("{}:{}", path.display(), case.line);
    let title = case
        .title
        .last()
        .map(|title| format!(": {title}"))
        .unwrap_or_default();
    match &case.expected {
        Some(expected) if expected.trim_end() == found.trim_end() => outcome.passed += 1,
        Some(expected) => outcome
            .failures
            .push(format!("{place}{title}\n{}", difference(expected, found))),
        None => outcome
            .failures
            .push(format!("{place}{title}\n  has no answer yet; --bless writes it")),
    }
}

/// Lines that are expected with `-`, lines that were found with `+`, and the lines around that both have.
fn difference(expected: &str, found: &str) -> String {
    let (expected, found): (Vec<&str>, Vec<&str>) =
        (expected.lines().collect(), found.trim_end().lines().collect());
    let same_start = expected.iter().zip(&found).take_while(|(a, b)| a == b).count();
    let (rest, rest_found) = (&expected[same_start..], &found[same_start..]);
    let same_end = rest
        .iter()
        .rev()
        .zip(rest_found.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let mut lines: Vec<String> = expected[..same_start]
        .iter()
        .map(|line| format!("   {line}"))
        .collect();
    lines.extend(
        rest[..rest.len() - same_end]
            .iter()
            .map(|line| format!("  -{line}")),
    );
    lines.extend(
        rest_found[..rest_found.len() - same_end]
            .iter()
            .map(|line| format!("  +{line}")),
    );
    lines.extend(
        rest[rest.len() - same_end..]
            .iter()
            .map(|line| format!("   {line}")),
    );
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn differences_show_what_changed() {
        assert_eq!(
            difference("n\n1\n2\n9", "n\n3\n9\n"),
            "   n\n  -1\n  -2\n  +3\n   9"
        );
        assert_eq!(difference("", "n"), "  +n");
    }
}
