//! Small damaged inputs, and generators of large awkward ones.

use std::io;
use std::path::Path;

/// Writes the damaged files into `folder`.
///
/// # Errors
/// What the file system says.
pub fn write_damaged(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)
}
