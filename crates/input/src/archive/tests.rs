//! Archives are made in memory, and written where one is opened by its path.

use std::io::Write;

use insq_event::Spill;
use insq_testkit::write::{ArchivedFile, gzip};
use proptest::prelude::*;
use rawzip::{CompressionMethod, ZipArchiveWriter};

use super::*;

fn files(named: &[(&str, &str)]) -> Vec<ArchivedFile> {
    let file = |(name, text): &(&str, &str)| ((*name).to_owned(), text.as_bytes().to_vec());
    named.iter().map(file).collect()
}

fn tar_of(named: &[(&str, &str)]) -> Vec<u8> {
    insq_testkit::write::tar(&files(named)).unwrap()
}

fn zip_of(named: &[(&str, &str)]) -> Vec<u8> {
    insq_testkit::write::zip(&files(named)).unwrap()
}

fn run() -> RunContext {
    RunContext::new(MemoryBudget::unlimited())
}

/// What is found in an archive.
fn opened(archive: &[u8], run: &RunContext) -> Result<Option<Archive>, SourceError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.archive");
    std::fs::write(&path, archive).unwrap();
    Archive::open(&path, 250, run)
}

fn bytes_of(archive: Vec<u8>) -> Bytes {
    Bytes {
        length: archive.len() as u64,
        source: Arc::new(bytes::Bytes::from(archive)),
        name: "x".to_owned(),
    }
}

/// The files, less the path of the archive, and what is in them.
fn contents(archive: &Archive) -> Vec<(String, String)> {
    let content = |file: &Arc<dyn RemoteFile>| {
        let (mut text, name) = (String::new(), file.name());
        file.open().unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(file.size_bytes(), text.len() as u64);
        let below = name.split_once("x.archive/").map_or(name, |(_, below)| below);
        (below.to_owned(), text)
    };
    archive.files.iter().map(content).collect()
}

fn wrong(archive: &Archive) -> Vec<(DamageKind, &str)> {
    let wrong = archive.damage.iter();
    wrong.map(|wrong| (wrong.kind, &*wrong.words)).collect()
}

#[test]
fn names_of_archives() {
    for (name, is_archive) in [
        ("logs.zip", true),
        ("a/LOGS.TAR.GZ", true),
        ("a/*.tgz", true),
        ("x.tar", true),
        ("x.tar.zst", true),
        ("x.gz", false),
        ("x.tar/y.log", false),
        ("tar", false),
        ("", false),
    ] {
        assert_eq!(has_ending(Path::new(name)), is_archive, "{name}");
    }
}

#[test]
fn files_are_found_in_every_kind_of_archive() {
    let long = "x".repeat(150);
    let named = [
        ("a.log", "first"),
        ("./b/c.log", "in a folder"),
        (&*long, "of a long name"),
        (".hidden.log", "not read"),
        ("b/.git/d.log", "not read"),
        ("__MACOSX/a.log", "not read"),
        ("aws-logs-write-test", "not read"),
        ("empty.log", ""),
    ];
    let expected = [
        ("a.log", "first"),
        ("b/c.log", "in a folder"),
        (&*long, "of a long name"),
        ("empty.log", ""),
    ];
    let expected = expected.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let tar = tar_of(&named);
    for (kind, archive) in [
        ("tar", tar.clone()),
        ("tar in gzip", gzip(&tar).unwrap()),
        ("tar in zstd", zstd::encode_all(&tar[..], 1).unwrap()),
        (
            "tar in gzip in zstd",
            zstd::encode_all(&gzip(&tar).unwrap()[..], 1).unwrap(),
        ),
        ("zip", zip_of(&named)),
    ] {
        let found = opened(&archive, &run()).unwrap().unwrap();
        assert_eq!(contents(&found), expected, "{kind}");
        assert!(wrong(&found).is_empty(), "{kind}: {:?}", wrong(&found));
    }
}

#[test]
fn names_are_those_of_paths_below_the_archive() {
    let bytes = bytes_of(Vec::new());
    for (member, name) in [
        (&b"a/b.log"[..], Some("x/a/b.log")),
        (b"/a//./b.log", Some("x/a/b.log")),
        (b"../a.log", Some("x/../a.log")),
        (b"a\\b.log", Some("x/a/b.log")),
        (b"\xff.log", Some("x/\u{fffd}.log")),
        (b"a/.b/c.log", None),
        (b"./", None),
        (b"", None),
    ] {
        assert_eq!(bytes.name_of(member).as_deref(), name, "{member:?}");
    }
}

#[test]
fn what_is_no_archive_is_for_others() {
    for other in [
        &b""[..],
        b"PK",
        b"2026-03-04T00:00:00.123Z hello\n",
        &gzip(b"a log").unwrap(),
    ] {
        assert!(opened(other, &run()).unwrap().is_none());
    }
    assert!(Archive::open(Path::new("none"), 250, &run()).unwrap().is_none());
    assert!(Archive::open(Path::new("."), 250, &run()).unwrap().is_none());
    let nothing = opened(&zip_of(&[]), &run()).unwrap().unwrap();
    assert!(nothing.is_empty());
}

#[test]
fn of_one_name_the_last_is_read() {
    let twice = [("a", "old"), ("b", "other"), ("a", "new")];
    let found = opened(&tar_of(&twice), &run()).unwrap().unwrap();
    let expected = [("b", "other"), ("a", "new")].map(|(name, text)| (name.to_owned(), text.to_owned()));
    assert_eq!(contents(&found), expected);
}

#[test]
fn paths_that_are_no_text_are_told_apart() {
    let mut archive = Vec::new();
    for last in [0xe8, 0xe9] {
        let mut file = tar_of(&[("a-x.log", "hello")]);
        let mut head = ::tar::Header::from_byte_slice(&file[..512]).clone();
        head.as_mut_bytes()[2] = last;
        head.set_cksum();
        file[..512].copy_from_slice(head.as_bytes());
        // Without the end, which comes once.
        archive.extend_from_slice(&file[..1024]);
    }
    archive.resize(archive.len() + 1024, 0);
    let found = opened(&archive, &run()).unwrap().unwrap();
    assert_eq!(found.files.len(), 2);
    assert!(wrong(&found).is_empty());
}

#[test]
fn folders_and_links_are_passed_over_and_files_with_holes_are_told() {
    let mut builder = ::tar::Builder::new(Vec::new());
    for (kind, name) in [
        (::tar::EntryType::Directory, "folder/"),
        (::tar::EntryType::Symlink, "link"),
        (::tar::EntryType::Link, "other-link"),
        (::tar::EntryType::Fifo, "pipe"),
        (::tar::EntryType::GNUSparse, "holes"),
    ] {
        let mut head = ::tar::Header::new_gnu();
        head.set_entry_type(kind);
        head.set_size(0);
        head.set_path(name).unwrap();
        head.as_gnu_mut().unwrap().realsize.fill(b'0');
        head.set_cksum();
        builder.append(&head, std::io::empty()).unwrap();
    }
    let found = tar::list(&bytes_of(builder.into_inner().unwrap()));
    assert!(found.files.is_empty());
    assert_eq!(
        wrong(&found),
        [(DamageKind::Unreadable, "it is stored with holes; unpack it first")]
    );
}

#[test]
fn heads_without_a_mark_add_up() {
    let mut archive = tar_of(&[("a.log", "hello")]);
    assert!(tar::begins(&archive));
    let mut head = ::tar::Header::from_byte_slice(&archive[..512]).clone();
    head.as_mut_bytes()[257..265].fill(0);
    archive[..512].copy_from_slice(head.as_bytes());
    assert!(!tar::begins(&archive), "the sum counts the mark");
    head.set_cksum();
    archive[..512].copy_from_slice(head.as_bytes());
    assert!(tar::begins(&archive));
    assert!(!tar::begins(&archive[..511]) && !tar::begins(&[0; 512]) && !tar::begins(&[b' '; 512]));
}

#[test]
fn there_is_a_number_of_files_at_most() {
    let three = [("a", "1"), ("b", "2"), ("c", "3")];
    let (tar, zip) = (bytes_of(tar_of(&three)), bytes_of(zip_of(&three)));
    for files_max in 0..5 {
        for found in [
            tar::list_up_to(files_max, &tar),
            zip::list_up_to(files_max, &zip, 250),
        ] {
            assert_eq!(found.files.len(), files_max.min(3));
            let told = wrong(&found);
            assert_eq!(told.is_empty(), files_max >= 3, "{told:?}");
        }
    }
}

#[test]
fn what_a_zip_archive_promises_is_limited() {
    let promising = |bytes: u32| {
        let mut archive = zip_of(&[("a.log", "hello")]);
        let directory = archive
            .windows(4)
            .rposition(|mark| mark == b"PK\x01\x02")
            .unwrap();
        archive[directory + 24..directory + 28].copy_from_slice(&bytes.to_le_bytes());
        zip::list(&bytes_of(archive), 250)
    };
    let free = crate::expansion::EXPANSION_FREE_BYTES as u32;
    assert_eq!(
        (promising(free).files.len(), promising(free + 1).files.len()),
        (1, 0)
    );
    assert_eq!(wrong(&promising(free + 1))[0].0, DamageKind::ExpandsTooMuch);
    // What does not keep its promise is damaged.
    let read = promising(7).files[0].open().unwrap().read_to_end(&mut Vec::new());
    assert_eq!(read.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
}

#[test]
fn files_of_a_zip_archive_may_be_stored_or_in_zstd() {
    let text = b"hello, hello, hello";
    for (method, packed) in [
        (CompressionMethod::STORE, text.to_vec()),
        (CompressionMethod::ZSTD, zstd::encode_all(&text[..], 1).unwrap()),
    ] {
        let mut archive = ZipArchiveWriter::new(Vec::new());
        let (mut entry, config) = archive
            .new_file("a.log")
            .compression_method(method)
            .start()
            .unwrap();
        // What is summed up is the text, whatever stands in the archive.
        let mut summed = config.wrap(io::sink());
        summed.write_all(text).unwrap();
        let (_, descriptor) = summed.finish().unwrap();
        entry.write_all(&packed).unwrap();
        entry.finish(descriptor).unwrap();
        let found = zip::list(&bytes_of(archive.finish().unwrap()), 250);
        let expected = ("x/a.log".to_owned(), "hello, hello, hello".to_owned());
        assert_eq!(contents(&found), [expected], "{method}");
        let part = found.files[0].read_range(7..12);
        match method {
            CompressionMethod::STORE => assert_eq!(part.unwrap(), b"hello"),
            _ => assert_eq!(part.unwrap_err().kind(), io::ErrorKind::Unsupported),
        }
        assert!(found.files[0].read_range(7..20).is_err());
    }
}

#[test]
fn an_archive_that_is_compressed_is_put_aside() {
    let text = "hello ".repeat(1 << 19);
    let archive = gzip(&tar_of(&[("a.log", &text)])).unwrap();
    let limited = || RunContext::new(MemoryBudget::new(1 << 20));
    assert!(matches!(
        opened(&archive, &limited()),
        Err(SourceError::Memory(_))
    ));
    let folder = tempfile::tempdir().unwrap();
    let spilling = |folder: &Path| RunContext {
        spill: Some(Spill::to(folder)),
        ..limited()
    };
    let found = opened(&archive, &spilling(folder.path())).unwrap().unwrap();
    assert_eq!(contents(&found), [("a.log".to_owned(), text)]);
    let found = opened(&archive, &spilling(&folder.path().join("none")))
        .unwrap()
        .unwrap();
    assert!(wrong(&found)[0].1.contains("temporary file"));
    let run = run();
    run.cancellation.cancel();
    assert!(opened(&archive, &run).unwrap().unwrap().is_empty());
    // Where it is cut, the files before are there.
    let cut = &archive[..archive.len() - 8];
    let found = opened(cut, &self::run()).unwrap().unwrap();
    assert_eq!(found.files.len(), 1);
    assert_eq!(wrong(&found), [(DamageKind::BadCompression, "they end early")]);
}

proptest! {
    /// Whatever is changed in an archive: what is read of its files is not more than it holds or promises, and nothing breaks
    /// down.
    #[test]
    fn archives_of_any_bytes_are_listed(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        kept in prop::option::of(any::<prop::sample::Index>()),
        is_zip: bool,
    ) {
        let named = [("a.log", "hello hello hello"), ("b/c.log", "again"), ("d.log", "")];
        let mut archive = if is_zip { zip_of(&named) } else { tar_of(&named) };
        for (at, byte) in changes {
            let at = at.index(archive.len());
            archive[at] = byte;
        }
        if let Some(kept) = kept {
            archive.truncate(kept.index(archive.len()));
        }
        let bytes = bytes_of(archive);
        let found = if is_zip { zip::list(&bytes, 250) } else { tar::list(&bytes) };
        prop_assert!(found.files.len() <= 3 || !is_zip);
        for file in &found.files {
            let mut text = Vec::new();
            if let Ok(mut stream) = file.open() {
                let _ = stream.read_to_end(&mut text);
            }
            prop_assert!(text.len() as u64 <= file.size_bytes());
        }
    }
}
