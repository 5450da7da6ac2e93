//! Columns of other tools are fields, whichever container they come in: Parquet, an Arrow file or an Arrow stream.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Cursor, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::builder::{Int64Builder, ListBuilder, MapBuilder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{Int8Type, Int32Type, UInt64Type};
use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float64Array,
    Int64Array, IntervalYearMonthArray, RecordBatch, StringArray, StringViewArray, StructArray,
    TimestampMicrosecondArray, TimestampMillisecondArray, UInt64Array,
};
use arrow_buffer::NullBuffer;
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use arrow_schema::{DataType, Field};
use insq_event::{
    Damage, DamageKind, EventKinds, EventSource, FieldPath, MemoryBudget, RunContext, ScanColumn, ScanField,
    ScanRequest, SourceError, SystemField, TimeRange,
};
use insq_input::{
    ConvertError, ConvertOptions, Converted, Input, LeafType, LogFormat, LogSource, ReadOptions, convert,
    inspect,
};
use parquet::arrow::ArrowWriter;
use parquet::basic::{BrotliLevel, Compression, GzipLevel, ZstdLevel};
use parquet::file::properties::WriterProperties;

const START: i64 = 1_772_582_400_000;

/// Four rows of everything that lies within something else, `first` rows after the start.
fn rows(first: i64) -> RecordBatch {
    let names = StringArray::from(vec![Some("ann"), None, Some("bob"), Some("eve")]);
    let name: ArrayRef = Arc::new(StructArray::from(vec![(
        Arc::new(Field::new("first.name", DataType::Utf8, true)),
        Arc::new(names) as ArrayRef,
    )]));
    let user = StructArray::new(
        vec![
            Field::new("id", DataType::Int64, true),
            Field::new("name", name.data_type().clone(), true),
        ]
        .into(),
        vec![Arc::new(Int64Array::from(vec![7, 8, 9, 10])), name],
        Some(NullBuffer::from(vec![true, true, false, true])),
    );
    let mut tags = ListBuilder::new(StringBuilder::new());
    tags.append_value([Some("a"), None, Some("c\"")]);
    tags.append_null();
    tags.append_value([] as [Option<&str>; 0]);
    tags.append_value([Some("d")]);
    let mut attributes = MapBuilder::new(None, StringBuilder::new(), Int64Builder::new());
    for row in 0..4 {
        attributes.keys().append_value("a.b");
        attributes.values().append_value(row);
        attributes.keys().append_value("k");
        attributes.values().append_option((row != 1).then_some(row * 10));
        attributes.append(row != 2).unwrap();
    }
    let prices = Decimal128Array::from(vec![Some(-5), None, Some(1_250), Some(i128::MAX / 10)]);
    let columns: Vec<(&str, ArrayRef)> = vec![
        (
            "ts",
            Arc::new(TimestampMillisecondArray::from_iter_values(
                (first..first + 4).map(|row| START + row),
            )),
        ),
        (
            "at",
            Arc::new(TimestampMicrosecondArray::from(vec![1_500; 4]).with_timezone("+02:00")),
        ),
        ("user", Arc::new(user)),
        ("tags", Arc::new(tags.finish())),
        ("attributes", Arc::new(attributes.finish())),
        ("price", Arc::new(prices.with_precision_and_scale(38, 2).unwrap())),
        ("u", Arc::new(UInt64Array::from(vec![u64::MAX; 4]))),
        ("day", Arc::new(Date32Array::from(vec![20_516; 4]))),
        (
            "bytes",
            Arc::new(BinaryArray::from(vec![&b"text"[..], b"\xff\x00", b"", b"x"])),
        ),
        (
            "level",
            Arc::new(DictionaryArray::<Int8Type>::from_iter([
                Some("INFO"),
                None,
                Some("ERROR"),
                Some("INFO"),
            ])),
        ),
        (
            "text",
            Arc::new(StringViewArray::from(vec!["a text that is no small one"; 4])),
        ),
        ("ok", Arc::new(BooleanArray::from(vec![true; 4]))),
        ("n", Arc::new(Int64Array::from_iter_values(first..first + 4))),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true)))
        .unwrap()
}

fn batches(count: i64) -> Vec<RecordBatch> {
    (0..count).map(|number| rows(number * 4)).collect()
}

fn parquet(path: &Path, batches: &[RecordBatch]) {
    let file = File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batches[0].schema(), None).unwrap();
    for batch in batches {
        writer.write(batch).unwrap();
    }
    writer.close().unwrap();
}

fn file_bytes(batches: &[RecordBatch], compression: Option<CompressionType>) -> Vec<u8> {
    let options = IpcWriteOptions::default()
        .try_with_compression(compression)
        .unwrap();
    let mut writer = FileWriter::try_new_with_options(Vec::new(), &batches[0].schema(), options).unwrap();
    for batch in batches {
        writer.write(batch).unwrap();
    }
    writer.into_inner().unwrap()
}

fn stream_bytes(batches: &[RecordBatch]) -> Vec<u8> {
    let mut writer = StreamWriter::try_new(Vec::new(), &batches[0].schema()).unwrap();
    for batch in batches {
        writer.write(batch).unwrap();
    }
    writer.into_inner().unwrap()
}

fn system(field: SystemField) -> ScanColumn {
    ScanColumn {
        name: field.name().into(),
        field: ScanField::System(field),
    }
}

fn field(path: &str) -> ScanColumn {
    ScanColumn {
        name: path.into(),
        field: ScanField::Discovered(FieldPath::new(path)),
    }
}

fn whole(path: &str) -> ScanColumn {
    ScanColumn {
        name: path.into(),
        field: ScanField::Structure(FieldPath::new(path)),
    }
}

fn position() -> ScanColumn {
    ScanColumn {
        name: "position".into(),
        field: ScanField::Position,
    }
}

fn request(columns: Vec<ScanColumn>) -> ScanRequest {
    ScanRequest {
        columns,
        kinds: EventKinds::ALL,
        time_range: TimeRange::ALL,
        literals: Vec::new(),
        request_id: None,
        function: None,
        batch_rows: 3,
    }
}

struct Read {
    batches: Vec<RecordBatch>,
    damage: Vec<Damage>,
    peak_bytes: usize,
}

impl Read {
    fn texts(&self, column: usize) -> Vec<Option<String>> {
        let cells = |batch: &RecordBatch| -> Vec<Option<String>> {
            let texts = batch.column(column).as_string_view();
            texts.iter().map(|text| text.map(str::to_owned)).collect()
        };
        self.batches.iter().flat_map(cells).collect()
    }

    fn positions(&self, column: usize) -> Vec<u64> {
        let cells = |batch: &RecordBatch| {
            batch
                .column(column)
                .as_primitive::<UInt64Type>()
                .values()
                .to_vec()
        };
        self.batches.iter().flat_map(cells).collect()
    }
}

fn read_from(source: &LogSource, request: ScanRequest, memory: MemoryBudget) -> Result<Read, SourceError> {
    let run = RunContext::new(memory);
    let mut batches = Vec::new();
    for partition in source.partitions(&Arc::new(request), &run)? {
        let mut reader = partition.open()?;
        while let Some(batch) = reader.next_batch()? {
            batches.push(batch);
        }
    }
    Ok(Read {
        batches,
        damage: run.damage.entries(),
        peak_bytes: run.memory.peak_bytes(),
    })
}

fn of_path(path: &Path, request: ScanRequest) -> Result<Read, SourceError> {
    of_path_cut(path, request, insq_input::SPLIT_BYTES_DEFAULT)
}

fn of_path_cut(path: &Path, request: ScanRequest, split_bytes: u64) -> Result<Read, SourceError> {
    let options = ReadOptions {
        split_bytes,
        ..ReadOptions::default()
    };
    let source = LogSource::new(vec![Input::Path(path.to_owned())], options);
    read_from(&source, request, MemoryBudget::unlimited())
}

fn of_bytes(bytes: Vec<u8>, request: ScanRequest) -> Result<Read, SourceError> {
    let input = Input::Reader {
        name: "pipe".to_owned(),
        reader: Box::new(Cursor::new(bytes)),
    };
    let source = LogSource::new(vec![input], ReadOptions::default());
    read_from(&source, request, MemoryBudget::unlimited())
}

/// Converts a file to insq's own Parquet, beside it.
fn converted(folder: &Folder, from: &str, to: &str) -> Result<Converted, ConvertError> {
    let source = LogSource::new(vec![Input::Path(folder.path(from))], ReadOptions::default());
    let output = File::create(folder.path(to)).unwrap();
    let options = ConvertOptions::new(NonZeroUsize::new(2).unwrap(), folder.0.path().to_owned());
    convert(
        &source,
        &output,
        &options,
        &RunContext::new(MemoryBudget::unlimited()),
    )
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        std::fs::write(self.path(name), bytes).unwrap();
        self.path(name)
    }
}

/// The fields of `rows`, and what is in them.
const LEAVES: [(&str, [Option<&str>; 4]); 22] = [
    ("user.id", [Some("7"), Some("8"), None, Some("10")]),
    ("user.name.first.name", [Some("ann"), None, None, Some("eve")]),
    ("user.name", [None; 4]),
    ("user.none", [None; 4]),
    ("user", [None; 4]),
    ("tags", [None; 4]),
    ("tags.0", [Some("a"), None, None, Some("d")]),
    ("tags.1", [None; 4]),
    ("tags.2", [Some("c\""), None, None, None]),
    ("tags.00", [None; 4]),
    ("tags.0.x", [None; 4]),
    ("attributes.a.b", [Some("0"), Some("1"), None, Some("3")]),
    ("attributes.k", [Some("0"), None, None, Some("30")]),
    ("attributes.none", [None; 4]),
    (
        "price",
        [
            Some("-0.05"),
            None,
            Some("12.50"),
            Some("170141183460469231731687303715884105.72"),
        ],
    ),
    ("u", [Some("18446744073709551615"); 4]),
    ("day", [Some("2026-03-04 00:00:00.000"); 4]),
    ("at", [Some("1970-01-01 00:00:00.001"); 4]),
    ("bytes", [Some("text"), Some("/wA="), Some(""), Some("x")]),
    ("level", [Some("INFO"), None, Some("ERROR"), Some("INFO")]),
    ("text", [Some("a text that is no small one"); 4]),
    ("ok", [Some("true"); 4]),
];

/// The same as JSON.
const WHOLES: [(&str, [Option<&str>; 4]); 5] = [
    (
        "user",
        [
            Some(r#"{"id":7,"name":{"first.name":"ann"}}"#),
            Some(r#"{"id":8,"name":{"first.name":null}}"#),
            None,
            Some(r#"{"id":10,"name":{"first.name":"eve"}}"#),
        ],
    ),
    (
        "user.name",
        [
            Some(r#"{"first.name":"ann"}"#),
            Some(r#"{"first.name":null}"#),
            None,
            Some(r#"{"first.name":"eve"}"#),
        ],
    ),
    (
        "tags",
        [Some(r#"["a",null,"c\""]"#), None, Some("[]"), Some(r#"["d"]"#)],
    ),
    (
        "attributes",
        [
            Some(r#"{"a.b":0,"k":0}"#),
            Some(r#"{"a.b":1,"k":null}"#),
            None,
            Some(r#"{"a.b":3,"k":30}"#),
        ],
    ),
    (
        "level",
        [Some("\"INFO\""), None, Some("\"ERROR\""), Some("\"INFO\"")],
    ),
];

#[test]
fn every_container_gives_the_same_fields() {
    let folder = Folder::new();
    let batches = batches(3);
    parquet(&folder.path("a.parquet"), &batches);
    folder.file("b.arrow", &file_bytes(&batches, None));
    folder.file(
        "lz4.arrow",
        &file_bytes(&batches, Some(CompressionType::LZ4_FRAME)),
    );
    folder.file("zstd.arrow", &file_bytes(&batches, Some(CompressionType::ZSTD)));
    folder.file("c.arrows", &stream_bytes(&batches));
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&file_bytes(&batches, None)).unwrap();
    folder.file("d.gz", &gzip.finish().unwrap());
    for (from, to) in [
        ("a.parquet", "of-parquet.parquet"),
        ("c.arrows", "of-arrow.parquet"),
    ] {
        converted(&folder, from, to).unwrap();
    }
    let columns = || -> Vec<ScanColumn> {
        let leaves = LEAVES.iter().map(|(path, _)| field(path));
        leaves.chain(WHOLES.iter().map(|(path, _)| whole(path))).collect()
    };
    for name in [
        "a.parquet",
        "b.arrow",
        "lz4.arrow",
        "zstd.arrow",
        "c.arrows",
        "d.gz",
        "of-parquet.parquet",
        "of-arrow.parquet",
    ] {
        for split_bytes in [1, u64::MAX] {
            let found = of_path_cut(&folder.path(name), request(columns()), split_bytes).unwrap();
            assert!(found.damage.is_empty(), "{name}: {:?}", found.damage);
            for (number, (path, cells)) in LEAVES.iter().chain(&WHOLES).enumerate() {
                let expected = [*cells; 3].concat();
                let texts = found.texts(number);
                let texts: Vec<Option<&str>> = texts.iter().map(Option::as_deref).collect();
                assert_eq!(texts, expected, "{path} of {name}");
            }
        }
    }
}

#[test]
fn times_kinds_and_positions_are_those_of_parquet() {
    let folder = Folder::new();
    let batches = batches(5);
    parquet(&folder.path("a.parquet"), &batches);
    let file = folder.file("a.arrow", &file_bytes(&batches, None));
    for (from, to) in [(0, 20), (3, 4), (4, 9), (19, 30), (20, 30)] {
        let wanted = || ScanRequest {
            time_range: TimeRange {
                start_ms: Some(START + from),
                end_ms: Some(START + to),
            },
            ..request(vec![position(), field("n"), system(SystemField::Ptr)])
        };
        let expected = of_path(&folder.path("a.parquet"), wanted()).unwrap();
        assert_eq!(
            expected.positions(0),
            (from as u64..(to as u64).min(20)).collect::<Vec<_>>()
        );
        for found in [
            of_path(&file, wanted()).unwrap(),
            of_path_cut(&file, wanted(), 1).unwrap(),
            of_bytes(stream_bytes(&batches), wanted()).unwrap(),
        ] {
            assert_eq!(found.positions(0), expected.positions(0));
            assert_eq!(found.texts(1), expected.texts(1));
        }
    }
    let reports = ScanRequest {
        kinds: EventKinds::REPORT,
        ..request(vec![position()])
    };
    assert!(of_path(&file, reports).unwrap().batches.is_empty());
    let ptr = of_path_cut(&file, request(vec![system(SystemField::Ptr)]), 1).unwrap();
    assert_eq!(ptr.texts(0)[17], Some(format!("{}:17", file.display())));
}

#[test]
fn messages_of_columns_are_read_for_what_is_no_column() {
    let messages = StringArray::from(vec!["{\"n\":1,\"m\":2}", "plain"]);
    let batch = RecordBatch::try_from_iter([
        ("message", Arc::new(messages) as ArrayRef),
        ("n", Arc::new(Float64Array::from(vec![7.5, f64::NAN])) as ArrayRef),
    ]);
    let columns = vec![field("n"), field("m"), system(SystemField::Message), field("n.x")];
    let found = of_bytes(stream_bytes(&[batch.unwrap()]), request(columns)).unwrap();
    let own = |cells: [Option<&str>; 2]| cells.map(|cell| cell.map(str::to_owned)).to_vec();
    assert_eq!(found.texts(0), own([Some("7.5"), None]));
    assert_eq!(found.texts(1), own([Some("2"), None]));
    assert_eq!(found.texts(2), own([Some("{\"n\":1,\"m\":2}"), Some("plain")]));
    assert_eq!(found.texts(3), own([None, None]));
}

#[test]
fn what_cannot_be_represented_is_refused_by_name_where_it_is_wanted() {
    let spans: ArrayRef = Arc::new(IntervalYearMonthArray::from(vec![14]));
    let inside = StructArray::from(vec![
        (
            Arc::new(Field::new("span", spans.data_type().clone(), true)),
            Arc::clone(&spans),
        ),
        (
            Arc::new(Field::new("n", DataType::Int64, true)),
            Arc::new(Int64Array::from(vec![1])) as ArrayRef,
        ),
    ]);
    let batch = RecordBatch::try_from_iter([("span", spans), ("s", Arc::new(inside) as ArrayRef)]);
    let bytes = stream_bytes(&[batch.unwrap()]);
    for sound in [field("s.n"), field("s"), field("none"), field("span.x")] {
        let found = of_bytes(bytes.clone(), request(vec![sound])).unwrap();
        assert_eq!(found.batches[0].num_rows(), 1);
    }
    // What keeps all of a row must not lose some of it.
    let folder = Folder::new();
    folder.file("span.arrows", &bytes);
    let refusal = converted(&folder, "span.arrows", "span.parquet")
        .map(|_| ())
        .unwrap_err();
    assert!(
        refusal.to_string().contains("column `span` is of type Interval"),
        "{refusal}"
    );
    for (wanted, column) in [(field("span"), "span"), (field("s.span"), "s"), (whole("s"), "s")] {
        let refusal = of_bytes(bytes.clone(), request(vec![wanted])).map(|_| ());
        let message = refusal.unwrap_err().to_string();
        let expected = format!("pipe: column `{column}` is of type Interval(YearMonth), which is not taken");
        assert_eq!(message, expected);
    }
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

/// Four numbers from 1001 on in a page with a checksum, as PyArrow wrote them:
/// `pq.write_table(table, file, write_page_checksum=True, compression="NONE", use_dictionary=False, store_schema=False)`.
const CHECKSUMS: &[u8] = include_bytes!("data/checksums.parquet");

#[test]
fn a_page_that_is_not_what_its_checksum_says_is_damage() {
    let folder = Folder::new();
    let read = |bytes: &[u8]| of_path(&folder.file("a.parquet", bytes), request(vec![field("n")])).unwrap();
    let sound = read(CHECKSUMS);
    let expected = ["1001", "1002", "1003", "1004"].map(|n| Some(n.to_owned()));
    assert_eq!((sound.texts(0), sound.damage), (expected.to_vec(), Vec::new()));
    let number = 1_003_i64.to_le_bytes();
    let place = CHECKSUMS.windows(8).position(|bytes| bytes == number).unwrap();
    let mut bytes = CHECKSUMS.to_vec();
    bytes[place] ^= 1;
    let found = read(&bytes);
    assert!(found.batches.is_empty());
    assert_eq!(found.damage[0].kind, DamageKind::BadParquet);
    assert!(
        found.damage[0].detail.as_deref().unwrap().contains("checksum"),
        "{:?}",
        found.damage
    );
}

#[test]
fn every_codec_is_taken() {
    let folder = Folder::new();
    let codecs = [
        Compression::SNAPPY,
        Compression::GZIP(GzipLevel::default()),
        Compression::BROTLI(BrotliLevel::default()),
        Compression::LZ4_RAW,
        Compression::ZSTD(ZstdLevel::default()),
    ];
    for codec in codecs {
        let file = File::create(folder.path("a.parquet")).unwrap();
        let properties = WriterProperties::builder().set_compression(codec).build();
        let batch = rows(0);
        let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        let found = of_path(
            &folder.path("a.parquet"),
            request(vec![field("level"), field("u")]),
        )
        .unwrap();
        assert!(found.damage.is_empty(), "{codec:?}: {:?}", found.damage);
        let level =
            ["INFO", "", "ERROR", "INFO"].map(|level| Some(level.to_owned()).filter(|l| !l.is_empty()));
        assert_eq!(found.texts(0), level, "{codec:?}");
        assert_eq!(found.texts(1)[3].as_deref(), Some("18446744073709551615"));
    }
}

#[test]
fn columns_are_fields_of_an_inspection() {
    let folder = Folder::new();
    parquet(&folder.path("a.parquet"), &batches(1));
    let inspected = || {
        let run = RunContext::new(MemoryBudget::unlimited());
        inspect(&[folder.0.path()], &ReadOptions::default(), &run).unwrap()
    };
    let found = inspected();
    let kinds = |path: &str| {
        let (_, kinds) = found.fields.iter().find(|(name, _)| name == path).unwrap();
        kinds.clone()
    };
    assert_eq!(kinds("n"), BTreeMap::from([(LeafType::Number, 4)]));
    assert_eq!(kinds("level"), BTreeMap::from([(LeafType::Text, 3)]));
    assert_eq!(kinds("user.id"), BTreeMap::from([(LeafType::Number, 3)]));
    assert_eq!(
        kinds("tags.1"),
        BTreeMap::from([(LeafType::Null, 1)]),
        "an element that is null"
    );
    // A column that is not taken does not hide the file.
    let spans: ArrayRef = Arc::new(IntervalYearMonthArray::from(vec![14]));
    let batch = RecordBatch::try_from_iter([("span", spans)]).unwrap();
    folder.file("b.arrows", &stream_bytes(&[batch]));
    let found = inspected();
    assert_eq!((found.events, found.fields.len()), (5, 0));
    // System fields are told as such.
    std::fs::remove_file(folder.path("b.arrows")).unwrap();
    let id: ArrayRef = Arc::new(StringArray::from(vec!["4facf443-808c-467a-a878-b91a88a33686"]));
    let key: ArrayRef = Arc::new(StringArray::from(vec!["x"]));
    let batch = RecordBatch::try_from_iter([("@requestId", id), ("@key", key)]).unwrap();
    folder.file("a.parquet", &stream_bytes(&[batch]));
    let names: Vec<String> = inspected().fields.into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["@@key"]);
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
        let found = inspect(&[folder.0.path()], &options, &run).unwrap();
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
