//! A folder with one small log, and the binary to ask about it.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// Three seconds of one function: four events, one of them an error, one a REPORT.
pub(crate) const LOG: &str = "\
2026-03-04T00:00:00.100Z START RequestId: 0b9d64c1-7d7f-4c3e-9a55-0d6a6b1c2e01 Version: $LATEST
2026-03-04T00:00:01.200Z ERROR payment refused
2026-03-04T00:00:02.300Z END RequestId: 0b9d64c1-7d7f-4c3e-9a55-0d6a6b1c2e01
2026-03-04T00:00:02.400Z REPORT RequestId: 0b9d64c1-7d7f-4c3e-9a55-0d6a6b1c2e01\tDuration: 7.31 ms\tBilled Duration: 8 ms\tMemory Size: 128 MB\tMax Memory Used: 73 MB\t
";

/// How the binary ended and what it said.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A folder of its own for every test.
pub(crate) struct Sample {
    folder: TempDir,
}

impl Sample {
    /// A folder with `app.log`, which holds [`LOG`].
    pub(crate) fn new() -> Self {
        let sample = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        sample.write("app.log", LOG);
        sample
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn file_names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// The binary, in this folder, with nothing inherited that could change what it prints.
    pub(crate) fn command(&self, arguments: &[impl AsRef<OsStr>]) -> Command {
        command_in(self.folder.path(), arguments)
    }

    /// Runs the binary with an empty standard input.
    pub(crate) fn insq(&self, arguments: &[&str]) -> Run {
        self.insq_with_stdin(arguments, b"")
    }

    pub(crate) fn insq_with_stdin(&self, arguments: &[&str], stdin: &[u8]) -> Run {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A run that refuses its arguments reads nothing and closes the pipe.
        let _ = child.stdin.take().unwrap().write_all(stdin);
        let output = child.wait_with_output().unwrap();
        Run {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs the binary on `app.log`, expects it to be content and silent, and gives what it printed.
    pub(crate) fn answer(&self, query: &str, options: &[&str]) -> String {
        let run = self.insq(&[options, &[query, "app.log"]].concat());
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{query}: {run:?}");
        run.stdout
    }
}

fn command_in(folder: &Path, arguments: &[impl AsRef<OsStr>]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_insq"));
    command
        .current_dir(folder)
        .args(arguments)
        .env_remove("NO_COLOR")
        .env("TERM", "xterm");
    command
}
