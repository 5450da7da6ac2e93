//! Compressed files that are damaged.

use super::DamagedFile;
use super::files::{calls, of_calls};
use super::gzip::{HEADER_BYTES, offset_of, stored_member};
use super::zstd::{BLOCK_BYTES, block_at, raw_frame};

/// A window of one mebibyte.
const WINDOW_EXPONENT: u8 = 10;

/// A window of two gibibytes: more than readers allow unless they are told to.
const WINDOW_EXPONENT_HUGE: u8 = 21;

/// Calls of which the first two fill less than one block and the rest several.
const MANY: std::ops::Range<usize> = 1..11;

pub(super) fn compressed_files() -> Vec<DamagedFile> {
    [gzip_beginnings(), gzip_endings(), gzip_insides(), zstd()].concat()
}

/// Files that stop or go wrong before any content.
fn gzip_beginnings() -> Vec<DamagedFile> {
    let member = stored_member(calls(1..3).as_bytes());
    let mut method = member.clone();
    method[2] = 9;
    let nothing = |name, wrong, bytes: &[u8]| DamagedFile {
        outcome: "nothing".to_owned(),
        offset: Some(0),
        ..of_calls(name, wrong, 0, bytes.to_vec())
    };
    vec![
        nothing(
            "gz-magic-only.gz",
            "the two bytes of a gzip file and no more",
            &member[..2],
        ),
        nothing(
            "gz-header-only.gz",
            "a gzip header and no data",
            &member[..HEADER_BYTES],
        ),
        nothing(
            "gz-cut-header.gz",
            "half a gzip header",
            &member[..HEADER_BYTES / 2],
        ),
        nothing(
            "gz-method.gz",
            "a gzip header that names a method of compression that does not exist",
            &method,
        ),
    ]
}

/// Files that go wrong behind all content.
fn gzip_endings() -> Vec<DamagedFile> {
    let content = calls(1..3);
    let member = stored_member(content.as_bytes());
    let end = Some(content.len() as u64);
    let both = |name, wrong, bytes| DamagedFile {
        outcome: "both calls".to_owned(),
        offset: end,
        ..of_calls(name, wrong, 2, bytes)
    };
    let mut length = member.clone();
    let at = length.len() - 4;
    length[at] ^= 1;
    vec![
        both(
            "gz-length.gz",
            "the length at the end of a gzip file is wrong",
            length,
        ),
        both(
            "gz-cut-trailer.gz",
            "a gzip file that stops within its check sum",
            member[..member.len() - 6].to_vec(),
        ),
        both(
            "gz-next-cut.gz",
            "a second member stops within its header",
            [&member[..], &member[..5]].concat(),
        ),
        DamagedFile {
            is_reported: false,
            outcome: "both calls, and no complaint: a second name for the file is no damage".to_owned(),
            offset: None,
            ..of_calls("gz-named.log", "gzip under the name of a text", 2, member)
        },
    ]
}

/// Files that go wrong amid their content.
fn gzip_insides() -> Vec<DamagedFile> {
    let content = calls(MANY);
    // The end of the last call before the second block.
    let (n_calls, sound) = calls_within(BLOCK_BYTES);
    let mut block = stored_member(content.as_bytes());
    // The length of the second block contradicts its complement.
    block[offset_of(BLOCK_BYTES) + 1] ^= 0xff;
    let inner = stored_member(content.as_bytes());
    let nested = stored_member(&inner[..offset_of(sound)]);
    let second = stored_member(calls(3..5).as_bytes());
    let mut bad_second = [stored_member(calls(1..3).as_bytes()), second].concat();
    let at = stored_member(calls(1..3).as_bytes()).len() + HEADER_BYTES + 1;
    bad_second[at] ^= 0xff;
    vec![
        DamagedFile {
            outcome: "the lines that end before the second block".to_owned(),
            events: lines_of_first_block(),
            offset: Some(BLOCK_BYTES as u64),
            ..of_calls(
                "gz-block.gz",
                "the header of the second block is damaged",
                n_calls,
                block,
            )
        },
        DamagedFile {
            outcome: format!("the {n_calls} calls before the cut"),
            offset: Some(sound as u64),
            ..of_calls(
                "gz-nested-cut.gz",
                "gzip in gzip, of which the inner one is cut",
                n_calls,
                nested,
            )
        },
        DamagedFile {
            outcome: "the two calls of the first member".to_owned(),
            offset: Some(calls(1..3).len() as u64),
            ..of_calls(
                "gz-second-member.gz",
                "the second of two members is damaged",
                2,
                bad_second,
            )
        },
        DamagedFile {
            outcome: "nothing: gzip inside of it is read two deep".to_owned(),
            ..of_calls("gz-three-deep.gz", "gzip in gzip in gzip", 0, {
                (0..3).fold(calls(1..3).into_bytes(), |bytes, _| stored_member(&bytes))
            })
        },
    ]
}

fn zstd() -> Vec<DamagedFile> {
    let content = calls(MANY);
    let frame = raw_frame(content.as_bytes(), WINDOW_EXPONENT);
    let (n_calls, _) = calls_within(BLOCK_BYTES);
    let small = raw_frame(calls(1..3).as_bytes(), WINDOW_EXPONENT);
    let mut kind = frame.clone();
    // Both bits of a block's kind: a kind that is reserved.
    kind[block_at(1)] |= 6;
    let first_block = |name, wrong, bytes| DamagedFile {
        outcome: "the lines that end within the first block".to_owned(),
        events: lines_of_first_block(),
        offset: Some(BLOCK_BYTES as u64),
        ..of_calls(name, wrong, n_calls, bytes)
    };
    vec![
        first_block(
            "zst-block.zst",
            "a zstd file whose second block is of a kind that does not exist",
            kind,
        ),
        first_block(
            "zst-cut.zst",
            "a zstd file that ends behind its first block",
            frame[..block_at(1)].to_vec(),
        ),
        DamagedFile {
            outcome: "nothing".to_owned(),
            offset: Some(0),
            ..of_calls(
                "zst-magic-only.zst",
                "the four bytes of a zstd file and no more",
                0,
                frame[..4].to_vec(),
            )
        },
        DamagedFile {
            outcome: "nothing: so large a window is refused".to_owned(),
            offset: Some(0),
            ..of_calls(
                "zst-window.zst",
                "a zstd file that asks for a window of 2 GiB",
                0,
                raw_frame(calls(1..3).as_bytes(), WINDOW_EXPONENT_HUGE),
            )
        },
        DamagedFile {
            outcome: "both calls".to_owned(),
            offset: Some(calls(1..3).len() as u64),
            ..of_calls(
                "zst-garbage.zst",
                "text behind the end of a zstd file",
                2,
                [&small[..], b"not zstd\n"].concat(),
            )
        },
        DamagedFile {
            outcome: "all four calls: a file of several frames is sound".to_owned(),
            is_reported: false,
            ..of_calls(
                "zst-two-frames.zst",
                "nothing, but readers that stop after the first frame lose half",
                4,
                [&small[..], &raw_frame(calls(3..5).as_bytes(), WINDOW_EXPONENT)].concat(),
            )
        },
    ]
}

/// The lines that end within the first block of [`MANY`] calls, of which `n_calls` are whole.
fn lines_of_first_block() -> usize {
    calls(MANY)[..BLOCK_BYTES].matches('\n').count()
}

/// How many of the calls end within the first `bytes`, and where the last of them ends.
fn calls_within(bytes: usize) -> (usize, usize) {
    (MANY.start..MANY.end)
        .map(|last| (last + 1 - MANY.start, calls(MANY.start..last + 1).len()))
        .take_while(|(_, end)| *end <= bytes)
        .last()
        .unwrap_or((0, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_block_holds_some_calls_and_not_all() {
        let (n_calls, end) = calls_within(BLOCK_BYTES);
        assert!(
            (1..MANY.len()).contains(&n_calls) && end <= BLOCK_BYTES,
            "{n_calls} {end}"
        );
    }
}
