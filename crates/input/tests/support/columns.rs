//! Columns as other tools write them.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::{Int64Builder, ListBuilder, MapBuilder, StringBuilder};
use arrow_array::types::Int8Type;
use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Int64Array,
    RecordBatch, StringArray, StringViewArray, StructArray, TimestampMicrosecondArray,
    TimestampMillisecondArray, UInt64Array,
};
use arrow_buffer::NullBuffer;
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use arrow_schema::{DataType, Field};
use parquet::arrow::ArrowWriter;

pub(crate) const START: i64 = 1_772_582_400_000;

/// Four rows of everything that lies within something else, `first` rows after the start.
pub(crate) fn rows(first: i64) -> RecordBatch {
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

pub(crate) fn batches(count: i64) -> Vec<RecordBatch> {
    (0..count).map(|number| rows(number * 4)).collect()
}

pub(crate) fn parquet(path: &Path, batches: &[RecordBatch]) {
    let file = File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batches[0].schema(), None).unwrap();
    for batch in batches {
        writer.write(batch).unwrap();
    }
    writer.close().unwrap();
}

pub(crate) fn file_bytes(batches: &[RecordBatch], compression: Option<CompressionType>) -> Vec<u8> {
    let options = IpcWriteOptions::default()
        .try_with_compression(compression)
        .unwrap();
    let mut writer = FileWriter::try_new_with_options(Vec::new(), &batches[0].schema(), options).unwrap();
    for batch in batches {
        writer.write(batch).unwrap();
    }
    writer.into_inner().unwrap()
}

pub(crate) fn stream_bytes(batches: &[RecordBatch]) -> Vec<u8> {
    let mut writer = StreamWriter::try_new(Vec::new(), &batches[0].schema()).unwrap();
    for batch in batches {
        writer.write(batch).unwrap();
    }
    writer.into_inner().unwrap()
}

/// The fields of `rows`, and what is in them.
pub(crate) const LEAVES: [(&str, [Option<&str>; 4]); 22] = [
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
