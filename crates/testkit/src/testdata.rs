//! The files of `testdata/`, made from a fixed seed.

use std::fs;
use std::io;
use std::path::Path;

use crate::write::{Compression, ExportFiles, Format, write_export_tree, write_function_files};
use crate::{Generator, damaged, profile};

/// Seed of the committed files.
pub const TESTDATA_SEED: u64 = 7;

/// All functions of the sample.
const ALL: &[&str] = &[
    "checkout",
    "orders-api",
    "inventory",
    "thumbnails",
    "payments",
    "audit-trail",
];

/// Writes everything that `testdata/` holds below `folder`, except for its README.
///
/// # Errors
/// What the file system says.
pub fn write_testdata(folder: &Path, seed: u64) -> io::Result<()> {
    let model = profile::sample(seed);

    let mut generator = Generator::new(&model);
    let zipped = ExportFiles {
        compression: Compression::Gzip,
        functions: ALL,
        disordered: Some("thumbnails"),
    };
    write_export_tree(&mut generator, &folder.join("sample-logs"), &zipped)?;
    let mut truth = serde_json::to_vec_pretty(&generator.truth())?;
    truth.push(b'\n');
    fs::write(folder.join("sample-logs.truth.json"), truth)?;

    let plain = folder.join("plain");
    let unzipped = ExportFiles {
        compression: Compression::Plain,
        functions: &["thumbnails"],
        disordered: Some("thumbnails"),
    };
    write_export_tree(&mut Generator::new(&model), &plain, &unzipped)?;
    write_function_files(
        &mut Generator::new(&model),
        &plain,
        Format::ExportLines,
        Compression::Plain,
        |name| matches!(name, "checkout" | "inventory"),
    )?;

    let json = folder.join("filter-log-events");
    for (format, function) in [
        (Format::EventsJsonPretty, "payments"),
        (Format::EventsJsonCompact, "audit-trail"),
    ] {
        write_function_files(
            &mut Generator::new(&model),
            &json,
            format,
            Compression::Plain,
            |name| name == function,
        )?;
    }
    damaged::write_damaged(&folder.join("damaged"))
}
