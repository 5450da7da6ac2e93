//! Columns of other tools are fields, whichever container they come in: Parquet, an Arrow file or an Arrow stream.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::num::NonZeroUsize;
use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, Float64Array, Int64Array, IntervalYearMonthArray, RecordBatch, StringArray, StructArray,
};
use arrow_ipc::CompressionType;
use arrow_schema::{DataType, Field};
use insq_event::{
    DamageKind, EventKinds, MemoryBudget, RunContext, ScanColumn, ScanRequest, SystemField, TimeRange,
};
use insq_input::{ConvertError, ConvertOptions, Converted, Input, LeafType, LogSource, ReadOptions, convert};
use parquet::arrow::ArrowWriter;
use parquet::basic::{BrotliLevel, Compression, GzipLevel, ZstdLevel};
use parquet::file::properties::WriterProperties;
use support::columns::{LEAVES, START, batches, file_bytes, parquet, rows, stream_bytes};
use support::{Folder, field, of_bytes, of_path, of_path_cut, position, request_of, system, whole};

/// In batches that are smaller than those of the files.
fn request(columns: Vec<ScanColumn>) -> ScanRequest {
    request_of(columns, 3)
}

/// Converts a file to insq's own Parquet, beside it.
fn converted(folder: &Folder, from: &str, to: &str) -> Result<Converted, ConvertError> {
    let source = LogSource::new(vec![Input::Path(folder.path(from))], ReadOptions::default());
    let output = File::create(folder.path(to)).unwrap();
    let options = ConvertOptions::new(NonZeroUsize::new(2).unwrap(), folder.root().to_owned());
    convert(
        &source,
        &output,
        &options,
        &RunContext::new(MemoryBudget::unlimited()),
    )
}

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

/// A key that is the whole path wins, also where it has nothing, and also after conversion.
#[test]
fn a_key_with_dots_wins_over_a_path_through_columns() {
    let number = |values: Vec<Option<i64>>| Arc::new(Int64Array::from(values)) as ArrayRef;
    let member = |name: &str, column: &ArrayRef| {
        let field = Arc::new(Field::new(name, column.data_type().clone(), true));
        (field, Arc::clone(column))
    };
    let inner: ArrayRef = Arc::new(StructArray::from(vec![member(
        "c",
        &number(vec![Some(1), Some(2)]),
    )]));
    let outer: ArrayRef = Arc::new(StructArray::from(vec![
        member("b", &inner),
        member("b.c", &number(vec![Some(3), None])),
    ]));
    let batch = RecordBatch::try_from_iter_with_nullable([
        (
            "ts",
            Arc::new(Int64Array::from(vec![START, START + 1])) as ArrayRef,
            true,
        ),
        ("a", outer, true),
        ("d", inner, true),
        ("d.c", number(vec![None, Some(4)]), true),
    ]);
    let folder = Folder::new();
    parquet(&folder.path("a.parquet"), &[batch.unwrap()]);
    converted(&folder, "a.parquet", "b.parquet").unwrap();
    for name in ["a.parquet", "b.parquet"] {
        let found = of_path(&folder.path(name), request(vec![field("a.b.c"), field("d.c")])).unwrap();
        let expected = |cells: [Option<&str>; 2]| cells.map(|cell| cell.map(str::to_owned)).to_vec();
        assert_eq!(found.texts(0), expected([Some("3"), None]), "{name}");
        assert_eq!(found.texts(1), expected([None, Some("4")]), "{name}");
    }
}

/// The numbers from 1001 to 1004, two in each row group, in pages with checksums, as PyArrow wrote them:
/// `pq.write_table(table, file, row_group_size=2, write_page_checksum=True, compression="NONE", use_dictionary=False,
/// store_schema=False)`.
const CHECKSUMS: &[u8] = include_bytes!("data/checksums.parquet");

#[test]
fn a_page_that_is_not_what_its_checksum_says_is_damage() {
    let folder = Folder::new();
    let read = |bytes: &[u8]| of_path(&folder.file("a.parquet", bytes), request(vec![field("n")])).unwrap();
    let texts = |numbers: &[&str]| -> Vec<Option<String>> {
        numbers.iter().map(|number| Some((*number).to_owned())).collect()
    };
    let sound = read(CHECKSUMS);
    assert_eq!(
        (sound.texts(0), sound.damage),
        (texts(&["1001", "1002", "1003", "1004"]), Vec::new())
    );
    for (pair, others) in [
        ([1_001_i64, 1_002], ["1003", "1004"]),
        ([1_003, 1_004], ["1001", "1002"]),
    ] {
        // Only in the page do they stand side by side; statistics hold each of them, too.
        let pair = pair.map(i64::to_le_bytes).concat();
        let place = CHECKSUMS.windows(16).position(|bytes| bytes == pair).unwrap();
        let mut bytes = CHECKSUMS.to_vec();
        bytes[place] ^= 4;
        let found = read(&bytes);
        assert_eq!(found.texts(0), texts(&others));
        let [damage] = &found.damage[..] else {
            panic!("{:?}", found.damage);
        };
        assert_eq!(damage.kind, DamageKind::BadParquet);
        assert!(
            damage.detail.as_deref().unwrap().contains("checksum"),
            "{damage:?}"
        );
        // The place is that of the row group, which begins with the head of the page.
        let start = damage.offset as usize;
        assert!(start < place && place - start < 100, "{start} and {place}");
    }
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
        let paths = LEAVES.iter().map(|(path, _)| field(path));
        let found = of_path(&folder.path("a.parquet"), request(paths.collect())).unwrap();
        assert!(found.damage.is_empty(), "{codec:?}: {:?}", found.damage);
        for (number, (path, cells)) in LEAVES.iter().enumerate() {
            let expected = cells.map(|cell| cell.map(str::to_owned));
            assert_eq!(found.texts(number), expected, "{path} in {codec:?}");
        }
    }
}

#[test]
fn columns_are_fields_of_an_inspection() {
    let folder = Folder::new();
    parquet(&folder.path("a.parquet"), &batches(1));
    let inspected = || {
        let run = RunContext::new(MemoryBudget::unlimited());
        support::inspected(&[folder.root()], &ReadOptions::default(), &run)
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
    // It is told, and named.
    let why = found.columns_left_out.unwrap();
    assert!(
        why.contains("b.arrows: column `span` is of type Interval"),
        "{why}"
    );
    // A stream can't be read again without it.
    let stream = Input::Reader {
        name: "pipe".to_owned(),
        reader: Box::new(std::fs::File::open(folder.path("b.arrows")).unwrap()),
    };
    let run = RunContext::new(MemoryBudget::unlimited());
    let refusal =
        insq_input::inspect(&LogSource::new(vec![stream], ReadOptions::default()), &run).unwrap_err();
    let expected = "pipe: column `span` is of type Interval";
    assert!(refusal.to_string().contains(expected), "{refusal}");
    // What is damaged is counted once, whether the columns are read or not.
    folder.file("a.jsonl", b"{\"a\":1}\n{\"a\":\n");
    for is_taken in [false, true] {
        if is_taken {
            std::fs::remove_file(folder.path("b.arrows")).unwrap();
        }
        let run = RunContext::new(MemoryBudget::unlimited());
        let found = support::inspected(&[folder.root()], &ReadOptions::default(), &run);
        assert_eq!(found.columns_left_out.is_none(), is_taken);
        let counts: Vec<u64> = run.damage.entries().iter().map(|damage| damage.count).collect();
        assert_eq!(counts, [1]);
    }
    std::fs::remove_file(folder.path("a.jsonl")).unwrap();
    // System fields are told as such.
    let id: ArrayRef = Arc::new(StringArray::from(vec!["4facf443-808c-467a-a878-b91a88a33686"]));
    let key: ArrayRef = Arc::new(StringArray::from(vec!["x"]));
    let batch = RecordBatch::try_from_iter([("@requestId", id), ("@key", key)]).unwrap();
    folder.file("a.parquet", &stream_bytes(&[batch]));
    let names: Vec<String> = inspected().fields.into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["@@key"]);
}
