//! A log beside its own compressed copy: `zstd` and `gzip -k` leave `a.log` where they write `a.log.zst`.

use std::collections::HashSet;
use std::fs::File;
use std::hash::Hash;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use insq_event::MemoryBudget;

use crate::decompress::decompressed;
use crate::paths::Listing;

/// What compressors add to the name of a file.
const ENDINGS: [&str; 3] = ["gz", "zst", "zstd"];

/// Bytes that are compared at a time.
const COMPARED_BYTES: usize = 256 << 10;

/// Takes out files that hold nothing but what another one holds, which is called the same without the ending of a
/// compressor: all of its bytes, or the first of them when the log has grown since. `names` go with the listings, and files of
/// different ones are not compared.
///
/// Which log is whose copy is told by the contents. A copy that is damaged, or expands too much, is none.
pub(crate) fn set_copies_apart<T: Eq + Hash>(listings: &mut [Listing], names: &[T], expansion_max: u64) {
    let all = listings.iter().zip(names);
    let all = all.flat_map(|(listing, name)| {
        let files = listing.files.iter().chain(&listing.archives);
        files.map(move |file| (file, name))
    });
    let (compressed, plain): (Vec<_>, Vec<_>) = all.partition(|(file, _)| has_ending(file));
    if compressed.is_empty() || plain.is_empty() {
        return;
    }
    let plain: HashSet<(PathBuf, &T)> = plain
        .into_iter()
        .map(|(file, name)| (file.clone(), name))
        .collect();
    for (listing, name) in listings.iter_mut().zip(names) {
        let is_copy = |file: &PathBuf| {
            let original = plain_name(file).map(|plain| (plain, name));
            let original = original.filter(|original| plain.contains(original));
            original.is_some_and(|(plain, _)| holds_no_more(file, &plain, expansion_max).unwrap_or(false))
        };
        for files in [&mut listing.files, &mut listing.archives] {
            let (copies, others): (Vec<_>, Vec<_>) = std::mem::take(files).into_iter().partition(is_copy);
            *files = others;
            listing.copies.extend(copies);
        }
    }
}

/// True for the name of a file that a compressor made.
fn has_ending(file: &Path) -> bool {
    let ending = file.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| ENDINGS.iter().any(|known| known.eq_ignore_ascii_case(ending)))
}

/// `a.log` for `a.log.gz`.
fn plain_name(file: &Path) -> Option<PathBuf> {
    has_ending(file).then(|| file.with_extension(""))
}

/// True when the plain file begins with all that the compressed one holds, which is something.
fn holds_no_more(compressed: &Path, plain: &Path, expansion_max: u64) -> io::Result<bool> {
    // A pipe gives its bytes once, and opening one waits for who writes.
    if !compressed.metadata()?.is_file() || !plain.metadata()?.is_file() {
        return Ok(false);
    }
    let raw = Box::new(File::open(compressed)?);
    let (bytes, depth) = decompressed(raw, expansion_max, &Arc::default(), &MemoryBudget::unlimited())?;
    if depth == 0 {
        return Ok(false);
    }
    let (mut copy, mut original) = (bytes.into_stream(), File::open(plain)?);
    let (mut copied, mut expected) = (vec![0; COMPARED_BYTES], vec![0; COMPARED_BYTES]);
    let mut is_any = false;
    loop {
        let count = copy.read(&mut copied)?;
        if count == 0 {
            return Ok(is_any);
        }
        is_any = true;
        match original.read_exact(&mut expected[..count]) {
            Ok(()) if copied[..count] == expected[..count] => {}
            _ => return Ok(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::expansion::EXPANSION_MAX_DEFAULT;

    const LOG: &[u8] = b"2026-03-04T00:00:00.000Z hello\n2026-03-04T00:00:01.000Z again\n";

    fn gz(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zst(bytes: &[u8]) -> Vec<u8> {
        zstd::encode_all(bytes, 1).unwrap()
    }

    /// The names of those that are told to be copies.
    fn found(files: &[(&str, Vec<u8>)]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for (name, bytes) in files {
            std::fs::write(path(name), bytes).unwrap();
        }
        let mut listings = [Listing {
            files: files.iter().map(|(name, _)| path(name)).collect(),
            ..Listing::default()
        }];
        set_copies_apart(&mut listings, &[()], EXPANSION_MAX_DEFAULT);
        assert_eq!(listings[0].files.len() + listings[0].copies.len(), files.len());
        let name = |copy: &PathBuf| copy.file_name().unwrap().to_string_lossy().into_owned();
        listings[0].copies.iter().map(name).collect()
    }

    #[test]
    fn copies_are_told_by_name_and_content() {
        let plain = ("a.log", LOG.to_vec());
        assert_eq!(found(&[plain.clone(), ("a.log.gz", gz(LOG))]), ["a.log.gz"]);
        assert_eq!(found(&[("a.log.ZST", zst(LOG)), plain.clone()]), ["a.log.ZST"]);
        let both = [plain.clone(), ("a.log.gz", gz(LOG)), ("a.log.zst", zst(LOG))];
        assert_eq!(found(&both), ["a.log.gz", "a.log.zst"]);
        // Of another name, or without its original, a file is a log.
        assert!(found(&[plain.clone(), ("b.log.gz", gz(LOG))]).is_empty());
        assert!(found(&[("a.log.gz", gz(LOG))]).is_empty());
        // What is called so and is plain is a log.
        assert!(found(&[plain, ("a.log.gz", LOG.to_vec())]).is_empty());
    }

    #[test]
    fn inputs_of_other_names_are_not_compared() {
        let folder = tempfile::tempdir().unwrap();
        let (plain, copy) = (folder.path().join("a.log"), folder.path().join("a.log.gz"));
        std::fs::write(&plain, LOG).unwrap();
        std::fs::write(&copy, gz(LOG)).unwrap();
        for (names, left) in [(["x", "x"], 0), (["x", "y"], 1)] {
            let mut listings = [&plain, &copy].map(|file| Listing {
                files: vec![file.clone()],
                ..Listing::default()
            });
            set_copies_apart(&mut listings, &names, EXPANSION_MAX_DEFAULT);
            assert_eq!(listings.map(|listing| listing.files.len()), [1, left]);
        }
    }

    #[test]
    fn an_archive_may_lie_beside_its_copy() {
        let folder = tempfile::tempdir().unwrap();
        let tar = insq_testkit::write::tar(&[("a.log".to_owned(), LOG.to_vec())]).unwrap();
        let archives = [("a.tar", tar.clone()), ("a.tar.gz", gz(&tar))].map(|(name, bytes)| {
            std::fs::write(folder.path().join(name), bytes).unwrap();
            folder.path().join(name)
        });
        let mut listings = [Listing {
            archives: archives.to_vec(),
            ..Listing::default()
        }];
        set_copies_apart(&mut listings, &[()], EXPANSION_MAX_DEFAULT);
        assert_eq!(
            (&listings[0].archives[..], &listings[0].copies[..]),
            (&archives[..1], &archives[1..])
        );
    }

    #[test]
    fn a_log_may_have_grown_since_it_was_compressed() {
        let compare =
            |plain: &[u8], copy: &[u8]| found(&[("a.log", plain.to_vec()), ("a.log.gz", gz(copy))]).len();
        assert_eq!(compare(LOG, &LOG[..31]), 1);
        assert_eq!(compare(&LOG[..31], LOG), 0, "there is more in the copy");
        assert_eq!(compare(&LOG[31..], LOG), 0);
        assert_eq!(compare(LOG, b""), 0);
        let large: Vec<u8> = LOG.repeat(2 * COMPARED_BYTES / LOG.len() + 1);
        let mut other = large.clone();
        *other.last_mut().unwrap() = b'x';
        assert_eq!(compare(&large, &large), 1);
        assert_eq!(compare(&large, &other), 0, "they differ in the last byte");
    }

    #[test]
    fn what_is_damaged_is_no_copy() {
        let mut cut = gz(LOG);
        cut.truncate(cut.len() - 4);
        assert!(found(&[("a.log", LOG.to_vec()), ("a.log.gz", cut)]).is_empty());
    }
}
