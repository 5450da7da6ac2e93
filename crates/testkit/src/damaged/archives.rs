//! Archives, in which a log lies as it is and does not look damaged.

use super::DamagedFile;
use super::files::{calls, of_calls};
use super::gzip::stored_member;

/// Every file in a tar archive begins at a multiple of this, and so does its end.
const TAR_BLOCK_BYTES: usize = 512;

/// The name of the log in each archive.
const MEMBER: &str = "calls.log";

pub(super) fn archives() -> Vec<DamagedFile> {
    let tar = tar(&calls(1..3));
    let packed = |name, wrong, bytes| DamagedFile {
        outcome: "nothing, but advice to unpack it: its heads would be taken for text".to_owned(),
        offset: Some(0),
        ..of_calls(name, wrong, 0, bytes)
    };
    vec![
        packed(
            "archive.tar.gz",
            "a tar archive of a log in gzip",
            stored_member(&tar),
        ),
        packed("archive.tar", "a tar archive of a log", tar),
        packed(
            "archive.zip",
            "a zip archive of a log that is not compressed",
            zip(&calls(1..3)),
        ),
    ]
}

fn tar(text: &str) -> Vec<u8> {
    let mut head = vec![0; TAR_BLOCK_BYTES];
    let mut put = |at: usize, field: &str| head[at..at + field.len()].copy_from_slice(field.as_bytes());
    put(0, MEMBER);
    put(100, "0000644");
    put(124, &format!("{:011o}", text.len()));
    put(136, "15153756620");
    put(156, "0");
    put(257, "ustar\x0000");
    // The sum counts its own place as blanks.
    put(148, "        ");
    let sum: u32 = head.iter().copied().map(u32::from).sum();
    head[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut archive = head;
    archive.extend(text.bytes());
    archive.resize(
        archive.len().next_multiple_of(TAR_BLOCK_BYTES) + 2 * TAR_BLOCK_BYTES,
        0,
    );
    archive
}

fn zip(text: &str) -> Vec<u8> {
    let mut sum = flate2::Crc::new();
    sum.update(text.as_bytes());
    let (sum, size) = (sum.sum().to_le_bytes(), (text.len() as u32).to_le_bytes());
    let name_length = (MEMBER.len() as u16).to_le_bytes();
    // What the head of the file and its entry in the directory have in common.
    let facts = [
        &[20, 0, 0, 0, 0, 0, 0, 0, 0x6a, 0x5c][..],
        &sum,
        &size,
        &size,
        &name_length,
        &[0, 0],
    ]
    .concat();
    let file = [b"PK\x03\x04", &facts[..], MEMBER.as_bytes(), text.as_bytes()].concat();
    let entry = [b"PK\x01\x02\x14\0", &facts[..], &[0; 14], MEMBER.as_bytes()].concat();
    let end = [
        b"PK\x05\x06\0\0\0\0\x01\0\x01\0",
        &(entry.len() as u32).to_le_bytes()[..],
        &(file.len() as u32).to_le_bytes(),
        &[0, 0],
    ]
    .concat();
    [file, entry, end].concat()
}
