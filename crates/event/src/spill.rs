//! Where a run puts what does not fit into memory.

use std::path::Path;
use std::sync::Arc;

/// Files for what does not fit into memory: without a name where the system has such, and gone with the process.
#[derive(Clone, Debug)]
pub struct Spill {
    /// The folder that they are made in.
    pub folder: Arc<Path>,
    /// A step that has gathered more than this goes to files however much memory is left, bytes. A setting for tests: it
    /// never changes an answer.
    pub gathered_bytes: usize,
}

impl Spill {
    /// Files in `folder`, once memory is scarce.
    pub fn to(folder: impl Into<Arc<Path>>) -> Self {
        Self {
            folder: folder.into(),
            gathered_bytes: usize::MAX,
        }
    }
}
