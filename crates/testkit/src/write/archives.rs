//! Files in a tar or zip archive.

use std::io::{self, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use rawzip::{CompressionMethod, ZipArchiveWriter};

/// A file by its path in the archive, and what it holds.
pub type ArchivedFile = (String, Vec<u8>);

/// Every file below `folder`, in the order of their paths.
///
/// # Errors
/// What the file system says.
pub(super) fn files_below(folder: &Path) -> io::Result<Vec<ArchivedFile>> {
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let below = path.strip_prefix(folder).map_err(io::Error::other)?;
            files.push((below.display().to_string(), std::fs::read(&path)?));
        }
    }
    files.sort();
    Ok(files)
}

/// A tar archive, in the form of GNU.
///
/// # Errors
/// Those of the library.
pub fn tar(files: &[ArchivedFile]) -> io::Result<Vec<u8>> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, bytes) in files {
        let mut head = tar::Header::new_gnu();
        head.set_size(bytes.len() as u64);
        head.set_mode(0o644);
        builder.append_data(&mut head, path, &bytes[..])?;
    }
    builder.into_inner()
}

/// A zip archive of files that are deflated.
///
/// # Errors
/// Those of the libraries.
pub fn zip(files: &[ArchivedFile]) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut archive = ZipArchiveWriter::new(&mut bytes);
    for (path, content) in files {
        let (mut entry, config) = archive
            .new_file(path)
            .compression_method(CompressionMethod::DEFLATE)
            .start()
            .map_err(io::Error::other)?;
        let mut writer = config.wrap(DeflateEncoder::new(&mut entry, Compression::fast()));
        writer.write_all(content)?;
        let (encoder, descriptor) = writer.finish().map_err(io::Error::other)?;
        encoder.finish()?;
        entry.finish(descriptor).map_err(io::Error::other)?;
    }
    archive.finish().map_err(io::Error::other)?;
    Ok(bytes)
}
