//! gzip inside gzip: as deep as delivery streams wrap it, and no deeper.

#![allow(clippy::unwrap_used)]

use std::io::Write;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use insq_event::{
    Damage, DamageKind, EventKinds, EventSource, MemoryBudget, RunContext, ScanRequest, TimeRange,
};
use insq_input::{Input, LogSource, ReadOptions};

fn wrapped(bytes: &[u8], depth: usize) -> Vec<u8> {
    (0..depth).fold(bytes.to_vec(), |bytes, _| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&bytes).unwrap();
        encoder.finish().unwrap()
    })
}

/// Events that come out, the damage that is noted, and the memory that was held.
fn read_as(input: Input, options: ReadOptions) -> (usize, Vec<Damage>, usize) {
    let source = LogSource::new(vec![input], options);
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
    let run = RunContext::new(MemoryBudget::unlimited());
    let mut rows = 0;
    for partition in source.partitions(&request, &run).unwrap() {
        let mut reader = partition.open().unwrap();
        while let Some(batch) = reader.next_batch().unwrap() {
            rows += batch.num_rows();
        }
    }
    let nameless = |damage: Damage| Damage {
        file: "".into(),
        ..damage
    };
    let damage = run.damage.entries().into_iter().map(nameless).collect();
    (rows, damage, run.memory.peak_bytes())
}

/// A stream, which can be read once only.
fn stream(bytes: &[u8]) -> Input {
    Input::Reader {
        name: "log".to_owned(),
        reader: Box::new(std::io::Cursor::new(bytes.to_vec())),
    }
}

fn read(bytes: Vec<u8>) -> (usize, Vec<DamageKind>) {
    let (rows, damage, _) = read_as(stream(&bytes), ReadOptions::default());
    (rows, damage.iter().map(|damage| damage.kind).collect())
}

/// Sound files and damaged ones, each of more than a block.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    let text: String = (0..40_000_u32)
        .map(|n| {
            let noise = n.wrapping_mul(2_654_435_761);
            format!(
                "2026-03-04T00:{:02}:{:02}.{:03}Z event {noise}\n",
                n / 60_000,
                n / 1_000 % 60,
                n % 1_000
            )
        })
        .collect();
    let (one, two) = text.as_bytes().split_at(text.len() / 3);
    let sound = [wrapped(one, 1), wrapped(two, 1)].concat();
    let with = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = sound.clone();
        change(&mut bytes);
        bytes
    };
    vec![
        ("cut", with(&|bytes| bytes.truncate(bytes.len() * 3 / 4))),
        (
            "changed",
            with(&|bytes| {
                let middle = bytes.len() / 2;
                bytes[middle..middle + 8].fill(0xff);
            }),
        ),
        (
            "check sum",
            with(&|bytes| {
                let at = bytes.len() - 6;
                bytes[at] ^= 1;
            }),
        ),
        ("more behind it", with(&|bytes| bytes.extend_from_slice(b"more"))),
        ("wrapped twice", wrapped(&sound, 1)),
        ("sound", sound.clone()),
    ]
}

#[test]
fn neither_the_way_nor_the_threads_show() {
    for (what, bytes) in files() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&bytes).unwrap();
        for block_bytes in [1_000, 100_000, 256 << 10] {
            let options = |threads| ReadOptions {
                block_bytes,
                threads,
                ..ReadOptions::default()
            };
            let (rows, damage, _) = read_as(stream(&bytes), options(1));
            assert!(rows > 10_000, "{what}: {rows}");
            assert_eq!(
                damage.is_empty(),
                what == "sound" || what == "wrapped twice",
                "{what}"
            );
            for threads in [1, 2] {
                let path = Input::Path(file.path().to_owned());
                for input in [stream(&bytes), path] {
                    let (found_rows, found_damage, _) = read_as(input, options(threads));
                    assert_eq!(
                        (found_rows, &found_damage),
                        (rows, &damage),
                        "{what} {block_bytes} {threads}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_second_thread_decompresses_ahead_when_it_has_nothing_else_to_do() {
    let (_, bytes) = files().pop().unwrap();
    // Two members are never decoded in one go, before which nothing could be done.
    let bytes = [&bytes[..], &bytes].concat();
    let held = |threads| {
        let options = ReadOptions {
            threads,
            ..ReadOptions::default()
        };
        read_as(stream(&bytes), options).2
    };
    assert!(held(2) > held(1) + (1 << 20), "{} {}", held(2), held(1));
}

#[test]
fn the_depth_has_a_limit() {
    let log = b"2026-03-04T00:00:00.000Z one\n2026-03-04T00:00:01.000Z two\n";
    for depth in 0..=2 {
        assert_eq!(read(wrapped(log, depth)), (2, vec![]), "{depth} deep");
    }
    assert_eq!(read(wrapped(log, 3)), (0, vec![DamageKind::BadCompression]));
}
