//! Archives that are cut or not valid, and those that hide under other names.

use super::DamagedFile;
use super::files::{calls, of_calls};
use super::gzip::{offset_of, stored_member};
use crate::write::ArchivedFile;

/// Every file in a tar archive begins at a multiple of this, and so does its end.
const TAR_BLOCK_BYTES: usize = 512;

/// Bytes of the end of a tar archive.
const TAR_END_BYTES: usize = 2 * TAR_BLOCK_BYTES;

pub(super) fn archives() -> Vec<DamagedFile> {
    [sound(), tars(), zips(), hidden()].concat()
}

/// Two logs, an invocation each.
fn logs() -> Vec<ArchivedFile> {
    let log = |name: &str, call: usize| (name.to_owned(), calls(call..call + 1).into_bytes());
    vec![log("a.log", 1), log("b.log", 2)]
}

fn sound() -> Vec<DamagedFile> {
    let of_two = |name, wrong, bytes| DamagedFile {
        is_reported: false,
        ..of_calls(name, wrong, 2, bytes)
    };
    let tar = tar(&logs());
    vec![
        of_two(
            "archive.tar.gz",
            "nothing: a tar archive in gzip",
            stored_member(&tar),
        ),
        of_two("archive.tar", "nothing: a tar archive", tar),
        of_two(
            "archive.zip",
            "nothing: a zip archive of files that are not compressed",
            zip(&logs()),
        ),
    ]
}

/// What is left of the second file where it is cut behind three of its lines.
fn three_lines() -> usize {
    calls(2..3).lines().take(3).map(|line| line.len() + 1).sum()
}

/// An archive that is cut there.
fn cut_in_second(name: &'static str, wrong: &'static str, bytes: Vec<u8>) -> DamagedFile {
    DamagedFile {
        outcome: "the first file; what is left of the second".to_owned(),
        events: 7,
        reports: 1,
        durations: 1,
        ..of_calls(name, wrong, 1, bytes)
    }
}

fn tars() -> Vec<DamagedFile> {
    let whole = tar(&logs());
    // Heads of one block each, and contents of so many bytes.
    let contents = logs().iter().map(|(_, bytes)| bytes.len()).max().unwrap_or(0);
    let second = whole.len() - TAR_END_BYTES - TAR_BLOCK_BYTES - contents.next_multiple_of(TAR_BLOCK_BYTES);
    let without_end = whole[..whole.len() - TAR_END_BYTES].to_vec();
    let mut bad_head = whole.clone();
    bad_head[second] ^= 1;
    let cut = whole[..second + TAR_BLOCK_BYTES + calls(2..3).len() - 10].to_vec();
    let mut cut_in_gz = stored_member(&whole);
    cut_in_gz.truncate(offset_of(second + TAR_BLOCK_BYTES + three_lines()));
    vec![
        DamagedFile {
            outcome: "all that is there; the last REPORT line is cut".to_owned(),
            offset: None,
            ..of_calls(
                "archive-cut.tar",
                "a tar archive that ends in the middle of a file",
                2,
                cut,
            )
        },
        cut_in_second(
            "archive-cut.tar.gz",
            "a tar archive in gzip that ends early",
            cut_in_gz,
        ),
        DamagedFile {
            outcome: "the files before".to_owned(),
            offset: Some(second as u64),
            ..of_calls(
                "archive-head.tar",
                "the head of the second file of a tar archive does not add up",
                1,
                bad_head,
            )
        },
        DamagedFile {
            outcome: "all files; more may be missing".to_owned(),
            offset: Some(without_end.len() as u64),
            ..of_calls(
                "archive-end.tar",
                "a tar archive that was cut between two files, or behind its last",
                2,
                without_end,
            )
        },
    ]
}

fn zips() -> Vec<DamagedFile> {
    let whole = zip(&logs());
    let mut other_sum = whole.clone();
    // In the first file, in the words of the second event.
    let at = find(&whole, b"hello");
    other_sum[at] = b'j';
    let mut encrypted = whole.clone();
    for mark in [&b"PK\x03\x04"[..], b"PK\x01\x02"] {
        let flags = find(&whole, mark) + if mark[2] == 3 { 6 } else { 8 };
        encrypted[flags] |= 1;
    }
    let mut other_method = whole.clone();
    for mark in [&b"PK\x03\x04"[..], b"PK\x01\x02"] {
        let method = find(&whole, mark) + if mark[2] == 3 { 8 } else { 10 };
        other_method[method] = 12;
    }
    let cut = whole[..whole.len() - 10].to_vec();
    let second = find(&whole, calls(2..3).as_bytes());
    let cut_in_file = whole[..second + three_lines()].to_vec();
    vec![
        DamagedFile {
            outcome: "all events; the checksum tells that one of them is not as it was".to_owned(),
            ..of_calls(
                "archive-sum.zip",
                "a changed byte in a file of a zip archive",
                2,
                other_sum,
            )
        },
        DamagedFile {
            outcome: "the other file".to_owned(),
            offset: Some(0),
            ..of_calls(
                "archive-encrypted.zip",
                "the first of two files of a zip archive is encrypted",
                1,
                encrypted,
            )
        },
        DamagedFile {
            outcome: "the other file".to_owned(),
            offset: Some(0),
            ..of_calls(
                "archive-bzip2.zip",
                "the first of two files of a zip archive is compressed by bzip2",
                1,
                other_method,
            )
        },
        DamagedFile {
            outcome: "all files, although the directory comes last: each has a head of its own".to_owned(),
            offset: Some(cut.len() as u64),
            ..of_calls(
                "archive-cut.zip",
                "a zip archive that ends within its directory",
                2,
                cut,
            )
        },
        cut_in_second(
            "archive-cut-file.zip",
            "a zip archive that ends in the middle of a file",
            cut_in_file,
        ),
    ]
}

/// A text in an archive would be taken for a log, and heads for its lines.
fn hidden() -> Vec<DamagedFile> {
    let hidden = |name, wrong, bytes| DamagedFile {
        outcome: "nothing, but advice what to do: its heads would be taken for text".to_owned(),
        offset: Some(0),
        ..of_calls(name, wrong, 0, bytes)
    };
    let mut old = tar(&logs());
    // Without the mark that younger archives have; the sum is smaller by it.
    old[257..265].fill(0);
    sum_up(&mut old[..TAR_BLOCK_BYTES]);
    vec![
        hidden(
            "tar-named.log",
            "a tar archive that is called a log",
            tar(&logs()),
        ),
        hidden("tar-old-named.log", "the same in the oldest form", old),
        hidden(
            "zip-named.log",
            "a zip archive that is called a log",
            zip(&logs()),
        ),
    ]
}

fn find(bytes: &[u8], wanted: &[u8]) -> usize {
    let mut windows = bytes.windows(wanted.len());
    windows.position(|window| window == wanted).unwrap_or(0)
}

fn tar(files: &[ArchivedFile]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (name, bytes) in files {
        let mut head = vec![0; TAR_BLOCK_BYTES];
        let mut put = |at: usize, field: &str| head[at..at + field.len()].copy_from_slice(field.as_bytes());
        put(0, name);
        put(100, "0000644");
        put(124, &format!("{:011o}", bytes.len()));
        put(136, "15153756620");
        put(156, "0");
        put(257, "ustar\x0000");
        sum_up(&mut head);
        archive.extend(head);
        archive.extend(bytes);
        archive.resize(archive.len().next_multiple_of(TAR_BLOCK_BYTES), 0);
    }
    archive.resize(archive.len() + TAR_END_BYTES, 0);
    archive
}

/// Puts the sum of a head into it, which counts its own place as blanks.
fn sum_up(head: &mut [u8]) {
    head[148..156].fill(b' ');
    let sum: u32 = head.iter().copied().map(u32::from).sum();
    head[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

fn zip(files: &[ArchivedFile]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        let mut sum = flate2::Crc::new();
        sum.update(bytes);
        let (sum, size) = (sum.sum().to_le_bytes(), (bytes.len() as u32).to_le_bytes());
        let name_length = (name.len() as u16).to_le_bytes();
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
        let place = (archive.len() as u32).to_le_bytes();
        archive.extend([b"PK\x03\x04", &facts[..], name.as_bytes(), bytes].concat());
        directory.extend([b"PK\x01\x02\x14\0", &facts[..], &[0; 10], &place, name.as_bytes()].concat());
    }
    let count = (files.len() as u16).to_le_bytes();
    let end = [
        b"PK\x05\x06\0\0\0\0",
        &count[..],
        &count,
        &(directory.len() as u32).to_le_bytes(),
        &(archive.len() as u32).to_le_bytes(),
        &[0, 0],
    ]
    .concat();
    [archive, directory, end].concat()
}
