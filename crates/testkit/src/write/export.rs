//! The folder tree of an S3 export task.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::Written;
use super::format::Format;
use super::target::{Compression, Target};
use crate::Generator;

/// What the object that the service writes to test its permissions holds.
const WRITE_TEST: &[u8] = b"Permission Check Successful";

/// Which files an export tree has.
#[derive(Clone, Copy, Debug)]
pub struct ExportFiles<'a> {
    /// `000000.gz`, or unpacked `000000`.
    pub compression: Compression,
    /// The functions to write; the others leave no file.
    pub functions: &'a [&'a str],
    /// A function whose files are not in the order of time: the second half of every stream comes first.
    /// Real exports promise no order either.
    pub disordered: Option<&'a str>,
}

/// Writes `exportedlogs/<task>/<stream>/000000.gz` below `folder`, with one task per function, and the test
/// object that the service leaves beside the tasks.
///
/// # Memory
/// All events are held until the end: for small logs only.
///
/// # Errors
/// What the file system says.
pub fn write_export_tree(
    generator: &mut Generator<'_>,
    folder: &Path,
    files: &ExportFiles<'_>,
) -> io::Result<Written> {
    let root = folder.join("exportedlogs");
    std::fs::create_dir_all(&root)?;
    std::fs::write(root.join("aws-logs-write-test"), WRITE_TEST)?;

    // Per stream: its bytes, and where its events begin.
    let mut streams: BTreeMap<(usize, String), (Vec<u8>, Vec<usize>)> = BTreeMap::new();
    let mut written = Written::default();
    while let Some(event) = generator.next_event() {
        if files.functions.contains(&event.function.name) {
            let (bytes, starts) = streams
                .entry((event.function_idx, event.stream.to_owned()))
                .or_default();
            starts.push(bytes.len());
            Format::ExportLines.push_event(bytes, &event, 0);
            written.events += 1;
        }
    }
    let disordered_idx = files.disordered.and_then(|name| generator.function_index(name));
    for ((function_idx, stream), (bytes, starts)) in streams {
        let name = match files.compression {
            Compression::Gzip => "000000.gz",
            Compression::Plain => "000000",
        };
        let path = root
            .join(generator.model().export_task(function_idx))
            .join(stream.replace('/', "-"))
            .join(name);
        let split = match disordered_idx == Some(function_idx) {
            true => starts[starts.len() / 2],
            false => 0,
        };
        let mut target = Target::create(&path, files.compression)?;
        target.write(&bytes[split..])?;
        target.write(&bytes[..split])?;
        target.finish()?;
        written.files += 1;
        written.bytes += bytes.len() as u64;
    }
    Ok(written)
}
