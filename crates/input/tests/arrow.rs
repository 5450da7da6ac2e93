//! Arrow files and streams: recognised, shared, and read as far as they are sound.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::io::Cursor;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, DictionaryArray, RecordBatch, StringArray};
use arrow_ipc::CompressionType;
use arrow_schema::Field;
use insq_event::{
    DamageKind, EventSource, MemoryBudget, RunContext, ScanColumn, ScanRequest, SourceError, TimeRange,
};
use insq_input::{Input, LogFormat, LogSource, ReadOptions};
use support::columns::{LEAVES, START, batches, file_bytes, stream_bytes};
use support::{Folder, field, of_bytes, of_path_cut, position, read_from, request_of, whole};

/// In batches that are smaller than those of the files.
fn request(columns: Vec<ScanColumn>) -> ScanRequest {
    request_of(columns, 3)
}

#[test]
fn several_requests_share_one_pass() {
    let input = Input::Reader {
        name: "pipe".to_owned(),
        reader: Box::new(Cursor::new(stream_bytes(&batches(4)))),
    };
    let source = LogSource::new(vec![input], ReadOptions::default());
    let requests = [
        Arc::new(request(vec![field("n")])),
        Arc::new(ScanRequest {
            time_range: TimeRange {
                start_ms: Some(START + 5),
                end_ms: None,
            },
            ..request(vec![field("user.id")])
        }),
    ];
    let run = RunContext::new(MemoryBudget::unlimited());
    let mut rows = [0, 0];
    for partition in source.shared_partitions(&requests, &run).unwrap() {
        let mut reader = partition.open().unwrap();
        while let Some((number, batch)) = reader.next_batch().unwrap() {
            rows[number] += batch.num_rows();
            // Who has enough gets no more, and takes nothing from the others.
            reader.stop(0);
        }
    }
    assert_eq!(rows, [3, 11]);
}

#[test]
fn files_that_were_cut_give_their_sound_batches() {
    let folder = Folder::new();
    let batches = batches(6);
    let (file, stream) = (file_bytes(&batches, None), stream_bytes(&batches));
    let columns = || vec![position(), field("level"), field("user.name.first.name")];
    let mut whole_batches = 0;
    for cut in (12..file.len()).step_by(97) {
        let path = folder.file("cut", &file[..cut]);
        for split_bytes in [1, u64::MAX] {
            let found = of_path_cut(&path, request(columns()), split_bytes).unwrap();
            let positions = found.positions(0);
            assert_eq!(positions, (0..positions.len() as u64).collect::<Vec<_>>());
            assert_eq!(positions.len() % 4, 0);
            assert_eq!(found.damage.len(), 1, "cut to {cut}");
            assert_eq!(found.damage[0].kind, DamageKind::BadArrow);
            assert!(found.damage[0].offset <= cut as u64);
            whole_batches = whole_batches.max(positions.len() / 4);
        }
    }
    assert_eq!(whole_batches, 6);
    // A stream may end without a mark, behind any message.
    let mut silent = 0;
    for cut in (16..stream.len()).step_by(8) {
        let found = of_bytes(stream[..cut].to_vec(), request(columns())).unwrap();
        silent += usize::from(found.damage.is_empty());
    }
    // The schema, six batches, the dictionary, and what is behind the last one.
    assert!((8..=9).contains(&silent), "{silent}");
}

#[test]
fn damaged_files_are_told_and_never_end_the_program() {
    insq_input::hide_decoder_panics();
    let folder = Folder::new();
    let batches = batches(4);
    let mut told = 0;
    for compression in [
        None,
        Some(CompressionType::LZ4_FRAME),
        Some(CompressionType::ZSTD),
    ] {
        let sound = file_bytes(&batches, compression);
        for (at, flip) in (8..sound.len())
            .step_by(7)
            .zip([0xff, 0x01, 0x80].into_iter().cycle())
        {
            let mut bytes = sound.clone();
            bytes[at] ^= flip;
            let path = folder.file("broken", &bytes);
            let mut columns: Vec<ScanColumn> = LEAVES.iter().map(|(path, _)| field(path)).collect();
            columns.push(whole("user"));
            for split_bytes in [1, u64::MAX] {
                let found = of_path_cut(&path, request(columns.clone()), split_bytes);
                let found = found.unwrap_or_else(|error| panic!("byte {at} turned: {error}"));
                let rows: usize = found.batches.iter().map(RecordBatch::num_rows).sum();
                assert!(rows <= 16, "byte {at} turned: {rows} rows");
                told += usize::from(!found.damage.is_empty());
                assert!(
                    found.damage.iter().all(|damage| matches!(
                        damage.kind,
                        DamageKind::BadArrow | DamageKind::ExpandsTooMuch
                    )),
                    "byte {at} turned: {:?}",
                    found.damage
                );
            }
        }
    }
    assert!(told > 50, "{told}");
}

#[test]
fn a_damaged_batch_does_not_hide_the_next() {
    let folder = Folder::new();
    let sound = file_bytes(&batches(6), None);
    // The head of the third batch: continuation marks begin messages, the first of which are schema and dictionary.
    let marks: Vec<usize> = (8..sound.len() - 8)
        .step_by(8)
        .filter(|at| sound[*at..at + 4] == [0xff; 4] && sound[at + 4..at + 8] != [0xff; 4])
        .collect();
    let mut bytes = sound.clone();
    let third = marks[4];
    bytes[third + 8..third + 12].copy_from_slice(&[0xff; 4]);
    let path = folder.file("broken", &bytes);
    for split_bytes in [1, u64::MAX] {
        let found = of_path_cut(&path, request(vec![position(), field("n")]), split_bytes).unwrap();
        assert_eq!(found.damage.len(), 1);
        assert_eq!(found.damage[0].offset, third as u64);
        assert_eq!(found.texts(1).len(), 20);
    }
    // Read from the first byte on, what follows can't be found.
    let found = of_bytes(bytes, request(vec![field("n")])).unwrap();
    assert_eq!((found.damage.len(), found.texts(0).len()), (1, 8));
}

#[test]
fn two_files_in_one_are_told() {
    let folder = Folder::new();
    let (first, second) = (file_bytes(&batches(2), None), file_bytes(&batches(1), None));
    let path = folder.file("both", &[first, second].concat());
    for split_bytes in [1, u64::MAX] {
        let found = of_path_cut(&path, request(vec![field("n")]), split_bytes).unwrap();
        assert_eq!((found.texts(0).len(), found.damage.len()), (8, 1));
    }
}

#[test]
fn damage_of_a_dictionary_gives_no_wrong_values() {
    let bytes = stream_bytes(&batches(2));
    let values = b"INFOERROR";
    let at = bytes
        .windows(values.len())
        .position(|part| part == values)
        .unwrap();
    let mut broken = bytes.clone();
    broken[at] = 0xff;
    let found = of_bytes(broken, request(vec![field("level")])).unwrap();
    assert!(!found.damage.is_empty());
    assert!(
        found
            .texts(0)
            .iter()
            .flatten()
            .all(|level| level == "ERROR" || level == "INFO")
    );
}

#[test]
fn memory_is_that_of_one_batch() {
    let column = |batch: i64| -> RecordBatch {
        let texts = StringArray::from_iter_values((0..2_000).map(|row| format!("{batch} {row:0500}")));
        RecordBatch::try_from_iter([("t", Arc::new(texts) as ArrayRef)]).unwrap()
    };
    let batches: Vec<RecordBatch> = (0..10).map(column).collect();
    let bytes = stream_bytes(&batches);
    assert!(bytes.len() > 10_000_000);
    let read = |memory| {
        let input = Input::Reader {
            name: "pipe".to_owned(),
            reader: Box::new(Cursor::new(bytes.clone())),
        };
        let source = LogSource::new(vec![input], ReadOptions::default());
        read_from(&source, request(vec![field("t")]), memory)
    };
    let found = read(MemoryBudget::new(3 << 20)).unwrap();
    assert_eq!(found.texts(0).len(), 20_000);
    assert!(found.peak_bytes < 3 << 20);
    let refusal = read(MemoryBudget::new(1 << 20)).map(|_| ()).unwrap_err();
    assert!(matches!(refusal, SourceError::Memory(_)), "{refusal}");
}

#[test]
fn files_are_recognised_whatever_they_are_called() {
    let folder = Folder::new();
    let batches = batches(1);
    folder.file("a.log", &file_bytes(&batches, None));
    folder.file("b.log", &stream_bytes(&batches));
    for format in [None, Some(LogFormat::Arrow), Some(LogFormat::Lines)] {
        let options = ReadOptions {
            format,
            ..ReadOptions::default()
        };
        let run = RunContext::new(MemoryBudget::unlimited());
        let found = support::inspected(&[folder.root()], &options, &run);
        let formats: Vec<Option<LogFormat>> = found.files.iter().map(|file| file.format).collect();
        assert_eq!(formats, [Some(LogFormat::Arrow); 2]);
        assert_eq!((found.events, found.first_ms), (8, Some(START)));
    }
    // What is said to be Arrow and is not.
    let path = folder.file("c.log", b"2026-03-04T00:00:00.123Z hello\n");
    let options = ReadOptions {
        format: Some(LogFormat::Arrow),
        ..ReadOptions::default()
    };
    let source = LogSource::new(vec![Input::Path(path)], options);
    let found = read_from(&source, request(vec![position()]), MemoryBudget::unlimited()).unwrap();
    assert_eq!(found.damage[0].kind, DamageKind::NotALog);
}

/// Another spelling of dictionaries: keys of another width, with lists inside.
#[test]
fn dictionaries_within_lists_are_values() {
    let levels = DictionaryArray::<Int32Type>::from_iter(["a", "b", "a"]);
    let lists = arrow_array::ListArray::new(
        Arc::new(Field::new("item", levels.data_type().clone(), true)),
        arrow_buffer::OffsetBuffer::from_lengths([2, 1]),
        Arc::new(levels),
        None,
    );
    let batch = RecordBatch::try_from_iter([("l", Arc::new(lists) as ArrayRef)]).unwrap();
    let found = of_bytes(
        stream_bytes(&[batch]),
        request(vec![field("l.0"), field("l.1"), whole("l")]),
    );
    let found = found.unwrap();
    let own = |cells: [Option<&str>; 2]| cells.map(|cell| cell.map(str::to_owned)).to_vec();
    assert_eq!(found.texts(0), own([Some("a"), Some("a")]));
    assert_eq!(found.texts(1), own([Some("b"), None]));
    assert_eq!(found.texts(2), own([Some("[\"a\",\"b\"]"), Some("[\"a\"]")]));
}

/// The messages of a stream, without the mark of its end.
fn messages(stream: &[u8]) -> Vec<&[u8]> {
    let (mut messages, mut at) = (Vec::new(), 0);
    loop {
        let length = u32::from_le_bytes(stream[at + 4..at + 8].try_into().unwrap()) as usize;
        if length == 0 {
            return messages;
        }
        let head = arrow_ipc::root_as_message(&stream[at + 8..at + 8 + length]).unwrap();
        let end = at + 8 + length + head.bodyLength() as usize;
        messages.push(&stream[at..end]);
        at = end;
    }
}

/// A file of these messages, with `padding` zeros behind the magic. Its table of contents is none.
fn file_of(padding: usize, messages: &[&[u8]]) -> Vec<u8> {
    let mut file = b"ARROW1\0\0".to_vec();
    file.resize(8 + padding, 0);
    messages
        .iter()
        .for_each(|message| file.extend_from_slice(message));
    file.extend_from_slice(&[0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]);
    file.extend_from_slice(b"contents\x08\0\0\0ARROW1");
    file
}

#[test]
fn files_of_other_writers_are_read_from_their_first_byte() {
    let stream = stream_bytes(&batches(3));
    let messages = messages(&stream);
    let (schema, dictionary, batches) = (messages[0], messages[1], &messages[2..]);
    assert_eq!(batches.len(), 3);
    let read = |file: Vec<u8>| of_bytes(file, request(vec![position(), field("level")])).unwrap();
    let in_order: Vec<&[u8]> = messages.clone();
    // Without a length before the schema; with the dictionary behind the batches.
    let bare: Vec<&[u8]> = std::iter::once(&schema[8..])
        .chain(messages[1..].iter().copied())
        .collect();
    let late: Vec<&[u8]> = [&[schema], batches, &[dictionary]].concat();
    for (padding, messages) in [
        (0, &in_order),
        (56, &in_order),
        (0, &bare),
        (56, &bare),
        (0, &late),
    ] {
        let found = read(file_of(padding, messages));
        assert!(found.damage.is_empty(), "{padding}: {:?}", found.damage);
        assert_eq!(found.positions(0), (0..12).collect::<Vec<_>>());
        assert_eq!(found.texts(1)[2].as_deref(), Some("ERROR"));
    }
    let too_far = read(file_of(64, &in_order));
    assert_eq!((too_far.batches.len(), too_far.damage.len()), (0, 1));
    // A dictionary that never comes is damage of the batches that need it.
    let none: Vec<&[u8]> = [&[schema], batches].concat();
    let found = read(file_of(0, &none));
    assert_eq!((found.batches.len(), found.damage[0].count), (0, 3));
}

#[test]
fn a_compressed_batch_must_not_expand_too_much() {
    let texts: ArrayRef = Arc::new(StringArray::from(vec!["x".repeat(12_345)]));
    let batch = RecordBatch::try_from_iter([("t", texts)]).unwrap();
    let sound = file_bytes(&[batch], Some(CompressionType::LZ4_FRAME));
    let told = 12_345_u64.to_le_bytes();
    let at = sound.windows(8).rposition(|bytes| bytes == told).unwrap();
    for (length, kind) in [
        (insq_input::EXPANSION_FREE_BYTES / 2, DamageKind::BadArrow),
        (insq_input::EXPANSION_FREE_BYTES + 1, DamageKind::ExpandsTooMuch),
        (u64::MAX / 2, DamageKind::ExpandsTooMuch),
    ] {
        let mut bytes = sound.clone();
        bytes[at..at + 8].copy_from_slice(&length.to_le_bytes());
        let found = of_bytes(bytes, request(vec![field("t")])).unwrap();
        assert_eq!(found.damage[0].kind, kind, "{length}");
    }
}
