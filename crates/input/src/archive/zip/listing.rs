//! The files that are found, one after the other.

use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use insq_event::DamageKind;
use rawzip::CompressionMethod;

use crate::archive::member::{Member, Method, Packing};
use crate::archive::{Archive, Bytes};
use crate::expansion::ExpansionLimit;
use crate::remote::RemoteFile;

/// What an archive says about a file.
pub(super) struct Entry<'a> {
    pub(super) path: &'a [u8],
    /// True for what is no file, but a folder or a link.
    pub(super) is_no_file: bool,
    /// Where its head stands.
    pub(super) offset: u64,
    pub(super) is_encrypted: bool,
    pub(super) method: CompressionMethod,
    /// Its bytes when it is unpacked, and their checksum, where it is known.
    pub(super) length: u64,
    pub(super) sum: Option<u32>,
}

/// What has been found of an archive.
pub(super) struct Listing<'b> {
    pub(super) bytes: &'b Bytes,
    pub(super) archive: Archive,
    files_max: usize,
    members: Vec<Member>,
}

impl<'b> Listing<'b> {
    pub(super) fn new(bytes: &'b Bytes, files_max: usize) -> Self {
        Self {
            bytes,
            archive: Archive::default(),
            files_max,
            members: Vec::new(),
        }
    }

    /// Takes a file in, whose packed bytes are where `range` says, or else why they are nowhere. Breaks when there are too
    /// many files.
    pub(super) fn take(
        &mut self,
        entry: &Entry<'_>,
        range: impl FnOnce() -> Result<Range<u64>, String>,
    ) -> ControlFlow<()> {
        let Some(name) = self.bytes.name_of(entry.path).filter(|_| !entry.is_no_file) else {
            return ControlFlow::Continue(());
        };
        if self.members.len() == self.files_max {
            let words = format!("files behind the first {} are left out", self.files_max);
            self.archive.wrong(DamageKind::BadArchive, entry.offset, words);
            return ControlFlow::Break(());
        }
        match packing(entry).and_then(|packing| Ok((packing, range()?))) {
            Ok((packing, range)) => self.members.push(Member {
                name,
                path: entry.path.into(),
                source: Arc::clone(&self.bytes.source),
                range,
                packing,
            }),
            Err(words) => self.archive.wrong_file(name, words),
        }
        ControlFlow::Continue(())
    }

    /// The archive, of which nothing is read when its files promise too much.
    pub(super) fn finish(mut self, limit: &ExpansionLimit) -> Archive {
        let promised = self.members.iter().map(RemoteFile::size_bytes);
        match limit.check(promised.fold(0, u64::saturating_add)) {
            Ok(()) => self.archive.add(self.members),
            Err(cause) => self
                .archive
                .wrong(DamageKind::ExpandsTooMuch, 0, cause.to_string()),
        }
        self.archive
    }
}

/// # Errors
/// Why it can't be unpacked.
fn packing(entry: &Entry<'_>) -> Result<Packing, String> {
    if entry.is_encrypted {
        return Err("it is encrypted".to_owned());
    }
    let method = match entry.method {
        CompressionMethod::STORE => Method::Stored,
        CompressionMethod::DEFLATE => Method::Deflated,
        CompressionMethod::ZSTD => Method::Zstd,
        other => return Err(format!("it is compressed by method {other}; unpack it first")),
    };
    Ok(Packing::Summed {
        method,
        length: entry.length,
        sum: entry.sum,
    })
}
