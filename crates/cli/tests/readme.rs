//! Runs every example of the documentation that shows a command and its output.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Commands and outputs of the `console` blocks of a document.
fn examples(text: &str) -> Vec<(String, String)> {
    let mut examples: Vec<(String, String)> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        match line {
            "```console" => inside = true,
            "```" => inside = false,
            _ if !inside => {}
            _ => match line.strip_prefix("$ ") {
                Some(command) => examples.push((command.to_owned(), String::new())),
                None => {
                    let (_, output) = examples.last_mut().expect("a block begins with a command");
                    output.push_str(line);
                    output.push('\n');
                }
            },
        }
    }
    examples
}

/// What a command prints, with the freshly built `insq` first on the path.
fn run(command: &str) -> String {
    let folder = Path::new(env!("CARGO_BIN_EXE_insq")).parent().unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let output = Command::new("sh")
        .args(["-c", command])
        .current_dir(root())
        .env("PATH", path)
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn examples_print_what_the_documents_say() {
    let mut count = 0;
    for document in [
        "README.md",
        "benches/README.md",
        "docs/analyses.md",
        "docs/concurrency.md",
    ] {
        let text = std::fs::read_to_string(root().join(document)).unwrap();
        for (command, expected) in examples(&text) {
            assert_eq!(run(&command), expected, "{document}: {command}");
            count += 1;
        }
    }
    assert!(count >= 7, "only {count} examples were found");
}
