//! Files that change while they are read: a prefix of whole events and a mark, never a crash or a silent loss.

#![allow(clippy::unwrap_used)]

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use insq_event::{
    DamageKind, EventKinds, EventSource, MemoryBudget, RunContext, ScanRequest, SourceError, TimeRange,
};
use insq_input::{Input, LogSource, ReadOptions};

const LINES: usize = 20_000;

fn lines(range: std::ops::Range<usize>) -> String {
    range
        .map(|n| format!("2026-03-04T00:00:{:02}.{:03}Z event {n}\n", n / 1_000, n % 1_000))
        .collect()
}

/// Rows that come out, and the damage, when `change` happens after `batches` batches have been read. The same for a file
/// that is mapped: what is cut off lies in parts that are mapped later.
fn read(
    change: impl Fn(&Path),
    batches: usize,
    strict: bool,
) -> Result<(usize, Vec<DamageKind>), SourceError> {
    let mapped = read_as(&change, batches, strict, true);
    let read = read_as(&change, batches, strict, false);
    match (&mapped, &read) {
        (Ok(mapped), Ok(read)) => assert_eq!(mapped, read),
        (Err(mapped), Err(read)) => assert_eq!(
            std::mem::discriminant(mapped),
            std::mem::discriminant(read),
            "{mapped} {read}"
        ),
        _ => assert_eq!(mapped.is_ok(), read.is_ok(), "mapped, read"),
    }
    read
}

fn read_as(
    change: impl Fn(&Path),
    batches: usize,
    strict: bool,
    mmap: bool,
) -> Result<(usize, Vec<DamageKind>), SourceError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.log");
    std::fs::write(&path, lines(0..LINES)).unwrap();
    let options = ReadOptions {
        block_bytes: 4 << 10,
        split_bytes: 64 << 10,
        mmap,
        ..ReadOptions::default()
    };
    let source = LogSource::new(vec![Input::Path(path.clone())], options);
    let request = Arc::new(ScanRequest {
        columns: Vec::new(),
        kinds: EventKinds::ALL,
        time_range: TimeRange::ALL,
        literals: Vec::new(),
        request_id: None,
        function: None,
        batch_rows: 100,
        bar: None,
    });
    let mut run = RunContext::new(MemoryBudget::unlimited());
    run.strict = strict;
    let (mut rows, mut n_batches) = (0, 0);
    for partition in source.partitions(&request, &run)? {
        if n_batches == batches {
            change(&path);
        }
        let mut reader = partition.open()?;
        while let Some(batch) = reader.next_batch()? {
            n_batches += 1;
            rows += batch.num_rows();
            if n_batches == batches {
                change(&path);
            }
        }
    }
    let damage = run.damage.entries();
    Ok((rows, damage.iter().map(|damage| damage.kind).collect()))
}

#[test]
fn a_file_that_stands_still_is_no_damage() {
    assert_eq!(read(|_| {}, 1, true).unwrap(), (LINES, vec![]));
}

#[test]
fn a_file_that_grows_gives_what_it_held_at_the_start() {
    let grow = |path: &Path| {
        let mut file = File::options().append(true).open(path).unwrap();
        file.write_all(lines(LINES..LINES + 50).as_bytes()).unwrap();
    };
    assert_eq!(read(grow, 1, false).unwrap(), (LINES, vec![DamageKind::Changed]));
    assert!(
        read(grow, 1, true)
            .unwrap_err()
            .to_string()
            .contains("it grew from")
    );
}

#[test]
fn a_file_that_shrinks_gives_the_whole_events_of_the_rest() {
    let shrink = |path: &Path| {
        let file = File::options().write(true).open(path).unwrap();
        let kept = lines(0..LINES / 2).len() as u64;
        file.set_len(kept - 3).unwrap();
    };
    let (rows, damage) = read(shrink, 1, false).unwrap();
    assert_eq!((rows, damage), (LINES / 2 - 1, vec![DamageKind::Changed]));
    assert!(
        read(shrink, 1, true)
            .unwrap_err()
            .to_string()
            .contains("it shrank from")
    );
}

#[test]
fn a_file_that_is_rotated_is_not_mixed_with_the_next() {
    let rotate = |path: &Path| {
        std::fs::rename(path, path.with_extension("log.1")).unwrap();
        std::fs::write(path, lines(0..LINES)).unwrap();
    };
    let (rows, damage) = read(rotate, 1, false).unwrap();
    assert_eq!(damage, [DamageKind::Changed]);
    assert!(rows > 0 && rows < LINES, "{rows}");
    assert!(
        read(rotate, 1, true)
            .unwrap_err()
            .to_string()
            .contains("another file")
    );
}
