//! What is where in a zip archive.

use std::io;
use std::sync::Arc;

use insq_event::DamageKind;
use rawzip::{
    CompressionMethod, RECOMMENDED_BUFFER_SIZE, ReaderAt, ZipArchive, ZipFileHeaderRecord, ZipLocator,
};

use super::member::{Member, Method, Packing};
use super::{ARCHIVE_FILES_MAX, Archive, Bytes};
use crate::expansion::ExpansionLimit;
use crate::remote::RemoteFile;

/// Begins the head of a file.
const MARK: &[u8] = b"PK\x03\x04";

/// Begins what ends an archive with nothing in it.
const EMPTY_MARK: &[u8] = b"PK\x05\x06";

/// True for the first bytes of an archive.
pub(super) fn begins(head: &[u8]) -> bool {
    head.starts_with(MARK) || head.starts_with(EMPTY_MARK)
}

/// Its directory says what there is. What may be promised of all files together is limited, since many of them may share
/// the same bytes.
pub(super) fn list(bytes: &Bytes, expansion_max: u64) -> Archive {
    list_up_to(ARCHIVE_FILES_MAX, bytes, expansion_max)
}

pub(super) fn list_up_to(files_max: usize, bytes: &Bytes, expansion_max: u64) -> Archive {
    let mut archive = Archive::default();
    let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
    let located = ZipLocator::new().locate_in_reader(Located(bytes), &mut buffer, bytes.length);
    let zip = match located {
        Ok(zip) => zip,
        Err((_, cause)) => {
            let words = format!("its directory is not found: {cause}");
            archive.wrong(DamageKind::BadArchive, bytes.length, words);
            return archive;
        }
    };
    let mut members = Vec::new();
    let mut entries = zip.entries(&mut buffer);
    loop {
        let record = match entries.next_entry() {
            Ok(Some(record)) => record,
            Ok(None) => break,
            Err(cause) => {
                let words = format!("its directory is damaged: {cause}");
                archive.wrong(DamageKind::BadArchive, zip.directory_offset(), words);
                break;
            }
        };
        let Some(name) = bytes.name_of(record.file_path().as_bytes()) else {
            continue;
        };
        if record.is_dir() || record.mode().is_symlink() {
            continue;
        }
        if members.len() == files_max {
            let words = format!("files behind the first {files_max} are left out");
            archive.wrong(DamageKind::BadArchive, record.local_header_offset(), words);
            break;
        }
        match member(bytes, &zip, &record, name.clone()) {
            Ok(member) => members.push(member),
            Err(words) => archive.wrong_file(name, words),
        }
    }
    let promised = members.iter().map(|member| member.size_bytes());
    let promised = promised.fold(0, u64::saturating_add);
    let limit = ExpansionLimit::new(expansion_max);
    limit.add_compressed(bytes.length);
    match limit.check(promised) {
        Ok(()) => archive.add(members),
        Err(cause) => archive.wrong(DamageKind::ExpandsTooMuch, 0, cause.to_string()),
    }
    archive
}

/// # Errors
/// Why it can't be read.
fn member(
    bytes: &Bytes,
    zip: &ZipArchive<Located<'_>>,
    record: &ZipFileHeaderRecord<'_>,
    name: String,
) -> Result<Member, String> {
    if record.flags().is_encrypted() {
        return Err("it is encrypted".to_owned());
    }
    let method = match record.compression_method() {
        CompressionMethod::STORE => Method::Stored,
        CompressionMethod::DEFLATE => Method::Deflated,
        CompressionMethod::ZSTD => Method::Zstd,
        other => {
            return Err(format!("it is compressed by method {other}; unpack it first"));
        }
    };
    let entry = zip.get_entry(record.wayfinder());
    let (start, end) = entry.map_err(|cause| cause.to_string())?.compressed_data_range();
    if start > end || end > bytes.length {
        return Err("it lies behind the end of the archive".to_owned());
    }
    Ok(Member {
        name,
        path: record.file_path().as_bytes().into(),
        source: Arc::clone(&bytes.source),
        range: start..end,
        packing: Packing::Summed {
            method,
            length: record.uncompressed_size_hint(),
            sum: record.crc32(),
        },
    })
}

/// The bytes of an archive, as the library asks for them.
struct Located<'a>(&'a Bytes);

impl ReaderAt for Located<'_> {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let left = self.0.length.saturating_sub(offset);
        let wanted = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        self.0.source.read_at(offset, &mut buffer[..wanted])?;
        Ok(wanted)
    }
}
