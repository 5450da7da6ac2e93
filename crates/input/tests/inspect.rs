//! Inspections of what is no local file.

#![allow(clippy::unwrap_used)]

mod support;

use std::io::{self, Cursor, Read, Write};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use insq_event::{DamageKind, MemoryBudget, RunContext, SourceError};
use insq_input::{FileKind, Input, Inspection, LogFormat, LogSource, ReadOptions, RemoteFile, inspect};

const TEXT: &str = "2026-03-04T00:00:00.000Z one\n2026-03-04T00:00:01.000Z {\"level\":\"INFO\"}\n";

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn inspected(inputs: Vec<Input>) -> Result<(Inspection, RunContext), SourceError> {
    let run = RunContext::new(MemoryBudget::unlimited());
    let found = inspect(&LogSource::new(inputs, ReadOptions::default()), &run)?;
    Ok((found, run))
}

fn reader(name: &str, bytes: Vec<u8>) -> Input {
    Input::Reader {
        name: name.to_owned(),
        reader: Box::new(Cursor::new(bytes)),
    }
}

fn kind(file: &str, bytes: usize, layers: usize, format: Option<LogFormat>) -> FileKind {
    FileKind {
        file: file.to_owned(),
        bytes: bytes as u64,
        layers,
        format,
        lacks_year: false,
    }
}

#[test]
fn streams_are_told_and_nothing_of_them_is_lost() {
    // Longer than what is looked at beforehand.
    let long = TEXT.repeat(10_000);
    let packed = gzip(&long);
    let inputs = vec![
        reader("plain", long.clone().into_bytes()),
        reader("packed", packed.clone()),
        reader("short", TEXT.as_bytes().to_vec()),
        reader("nothing", Vec::new()),
    ];
    let (found, _) = inspected(inputs).unwrap();
    let expected = [
        kind("plain", long.len(), 0, Some(LogFormat::Export)),
        kind("packed", packed.len(), 1, Some(LogFormat::Export)),
        kind("short", TEXT.len(), 0, Some(LogFormat::Export)),
        kind("nothing", 0, 0, None),
    ];
    assert_eq!(found.files, expected);
    assert_eq!((found.events, found.fields[0].0.as_str()), (40_002, "level"));
}

/// Gives some bytes, and then an error.
struct Broken(Cursor<Vec<u8>>);

impl Read for Broken {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::Error::other("the line is dead")),
            read => Ok(read),
        }
    }
}

#[test]
fn a_stream_that_breaks_while_it_is_looked_at_is_told_once() {
    let broken = Input::Reader {
        name: "broken".to_owned(),
        reader: Box::new(Broken(Cursor::new(TEXT.as_bytes().to_vec()))),
    };
    let (found, run) = inspected(vec![broken]).unwrap();
    assert_eq!(
        found.files,
        [kind("broken", TEXT.len(), 0, Some(LogFormat::Export))]
    );
    let damage = run.damage.entries();
    assert_eq!((found.events, damage.len(), damage[0].count), (2, 1, 1));
    assert_eq!(damage[0].detail.as_deref(), Some("the line is dead"));
}

/// An object; where `has_ranges` is false, all of it or nothing can be had.
struct Object {
    name: &'static str,
    bytes: Vec<u8>,
    has_ranges: bool,
}

impl RemoteFile for Object {
    fn name(&self) -> &str {
        self.name
    }

    fn size_bytes(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(Cursor::new(self.bytes.clone())))
    }

    fn read_range(&self, range: Range<u64>) -> io::Result<Vec<u8>> {
        match self.has_ranges {
            true if range.is_empty() => Err(io::ErrorKind::InvalidInput.into()),
            true => Ok(self.bytes[range.start as usize..range.end as usize].to_vec()),
            false => Err(io::ErrorKind::Unsupported.into()),
        }
    }
}

#[test]
fn objects_are_told_in_their_order() {
    let bytes = |number: usize| match number % 2 {
        0 => TEXT.repeat(number + 1).into_bytes(),
        _ => gzip(&TEXT.repeat(number + 1)),
    };
    let inputs = (0..40).map(|number| {
        Input::Remote(Arc::new(Object {
            name: "s3://logs/object",
            bytes: bytes(number),
            has_ranges: number % 3 != 0,
        }))
    });
    let empty = Input::Remote(Arc::new(Object {
        name: "s3://logs/empty",
        bytes: Vec::new(),
        has_ranges: true,
    }));
    let (found, _) = inspected(inputs.chain([empty]).collect()).unwrap();
    let mut expected: Vec<FileKind> = (0..40)
        .map(|number| {
            kind(
                "s3://logs/object",
                bytes(number).len(),
                number % 2,
                Some(LogFormat::Export),
            )
        })
        .collect();
    expected.push(kind("s3://logs/empty", 0, 0, None));
    assert_eq!(found.files, expected);
    assert_eq!(found.events, 2 * (1..=40).sum::<u64>());
}

/// What a shell makes of `<(command)`: a path that gives its bytes once.
#[cfg(unix)]
#[test]
fn pipes_with_a_name_are_read_once() {
    let folder = support::Folder::new();
    let path = folder.path("pipe");
    let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
    assert!(made.success());
    let long = TEXT.repeat(10_000);
    let writer = {
        let (path, long) = (path.clone(), long.clone());
        std::thread::spawn(move || std::fs::write(path, long))
    };
    let source = LogSource::new(vec![Input::Path(path.clone())], ReadOptions::default());
    let run = RunContext::new(MemoryBudget::unlimited());
    let found = inspect(&source, &run).unwrap();
    writer.join().unwrap().unwrap();
    let name = path.display().to_string();
    assert_eq!(found.files, [kind(&name, long.len(), 0, Some(LogFormat::Export))]);
    assert_eq!((found.events, run.damage.entries().len()), (20_000, 0));
    // Who asks again gets no empty answer.
    let again = inspect(&source, &run);
    assert!(
        matches!(&again, Err(SourceError::NoInput(why)) if why.contains("can be read once only")),
        "{again:?}"
    );
}

#[test]
fn compressed_copies_are_told_and_not_read() {
    let folder = support::Folder::new();
    let logs = folder.root();
    folder.file("a.log", TEXT);
    folder.file("a.log.gz", &gzip(TEXT));
    folder.file("b.log.gz", &gzip(TEXT));
    let read = || support::of_path(logs, support::request_of(Vec::new(), 100)).unwrap();
    let (found, _) = inspected(vec![Input::Path(logs.to_owned())]).unwrap();
    assert_eq!((found.files.len(), found.copies, found.events), (2, 1, 4));
    assert_eq!(read().rows(), 4);
    let named = ["a.log.gz", "a.log"].map(|name| Input::Path(logs.join(name)));
    let (found, _) = inspected(named.into()).unwrap();
    assert_eq!((found.files.len(), found.copies, found.events), (1, 1, 2));
    // The log of another day may have the same name.
    folder.file("a.log.gz", &gzip(&TEXT.replace("03-04", "03-05")));
    let (found, _) = inspected(vec![Input::Path(logs.to_owned())]).unwrap();
    assert_eq!((found.files.len(), found.copies, found.events), (3, 0, 6));
    assert_eq!(read().rows(), 6);
}

#[test]
fn archives_are_opened_where_they_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().join("logs");
    std::fs::create_dir(&logs).unwrap();
    let packed = gzip(TEXT);
    let archive = insq_testkit::write::tar(&[("sub/c.log.gz".to_owned(), packed.clone())]).unwrap();
    let archive = insq_testkit::write::gzip(&archive).unwrap();
    let (log, named) = (logs.join("a.log"), logs.join("b.tar.gz"));
    std::fs::write(&log, TEXT).unwrap();
    std::fs::write(&named, &archive).unwrap();
    let path = |path: &Path| Input::Path(path.to_owned());
    let name = |path: &Path| path.display().to_string();

    let (found, run) = inspected(vec![path(&named)]).unwrap();
    let inside = kind(
        &format!("{}/sub/c.log.gz", name(&named)),
        packed.len(),
        1,
        Some(LogFormat::Export),
    );
    assert_eq!((found.files, found.events), (vec![inside.clone()], 2));
    assert!(run.damage.is_empty());
    let read = run.progress.snapshot();
    assert_eq!(read.bytes_read, (archive.len() + packed.len()) as u64);
    assert_eq!(read.bytes_read, read.bytes_total);

    let (found, run) = inspected(vec![path(&logs)]).unwrap();
    let log = kind(&name(&log), TEXT.len(), 0, Some(LogFormat::Export));
    let closed = kind(&name(&named), archive.len(), 1, None);
    assert_eq!((found.files, found.events), (vec![log.clone(), closed], 2));
    let damage = run.damage.entries();
    assert_eq!(
        (&*damage[0].file, damage[0].kind),
        (&*name(&named), DamageKind::NotALog)
    );

    let (found, run) = inspected(vec![path(&logs), path(&named)]).unwrap();
    assert_eq!((found.files, found.events), (vec![log, inside], 4));
    assert!(run.damage.is_empty());
}
