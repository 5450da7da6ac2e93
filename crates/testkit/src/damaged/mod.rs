//! Small damaged inputs, each with what must come out of it.

mod archives;
mod compressed;
mod containers;
mod encodings;
mod files;
mod gzip;
mod json;
mod large;
mod text;
mod zstd;

use std::io;
use std::path::Path;

pub use files::damaged_files;
pub use large::{deep_json_event, write_gzip_bomb, write_long_event};

/// A damaged input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DamagedFile {
    /// Its name in `testdata/damaged/`.
    pub name: &'static str,
    /// What is wrong with it.
    pub wrong: &'static str,
    /// What must come out, in words.
    pub outcome: String,
    /// How many events must come out.
    pub events: usize,
    /// How many of them are REPORT.
    pub reports: usize,
    /// How many REPORT events have a duration.
    pub durations: usize,
    /// Whether a reader has to say that the file is damaged.
    pub is_reported: bool,
    /// Where the first damage is, in the decompressed file, for files in which one place alone can be meant.
    pub offset: Option<u64>,
    /// The file.
    pub bytes: Vec<u8>,
}

/// Writes the damaged files and their `index.md` into `folder`.
///
/// # Errors
/// What the file system says.
pub fn write_damaged(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let files = damaged_files();
    for file in &files {
        std::fs::write(folder.join(file.name), &file.bytes)?;
    }
    std::fs::write(folder.join("index.md"), index(&files))
}

fn index(files: &[DamagedFile]) -> String {
    let mut text = "\
# Damaged inputs

Written by `insq_testkit::damaged`, as all of `testdata/`. A reader uses what is sound, says what is not, and goes on
with the next file. \"Events\" and \"REPORT\" count what must come out, \"durations\" the REPORT events with an `@duration`;
\"reported\" tells whether the reader has to name the file as damaged.

| file | what is wrong | events | REPORT | durations | reported | at byte | what must come out |
|---|---|---|---|---|---|---|---|
"
    .to_owned();
    for file in files {
        let DamagedFile {
            name,
            wrong,
            outcome,
            events,
            reports,
            durations,
            ..
        } = file;
        let reported = if file.is_reported { "yes" } else { "no" };
        let at = file.offset.map_or(String::new(), |offset| offset.to_string());
        text.push_str(&format!(
            "| `{name}` | {wrong} | {events} | {reports} | {durations} | {reported} | {at} | {outcome} |\n"
        ));
    }
    text
}
