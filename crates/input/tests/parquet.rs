//! Parquet: what is written is read back, damage is told, and only what is wanted is read.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::fs::File;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, TimestampMillisecondType, UInt64Type};
use arrow_array::{
    Array, ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow_schema::DataType;
use insq_event::{
    DamageKind, EventKinds, EventSource, MemoryBudget, RunContext, ScanColumn, ScanRequest, SourceError,
    SystemField, TimeRange,
};
use insq_input::{ConvertOptions, Converted, Input, LogSource, ReadOptions, convert};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use support::{Folder, Read, field, position, read_from, request_of, system};

/// Times 1 s apart, and every fourth event a REPORT.
fn log(events: usize) -> String {
    (0..events)
        .map(|n| {
            let time = format!("2026-03-04T{:02}:{:02}:{:02}.000Z", n / 3_600, n / 60 % 60, n % 60);
            let id = format!("{:08x}-0000-4000-8000-000000000000", n / 4);
            match n % 4 {
                0 => format!("{time} START RequestId: {id} Version: 1\n"),
                1 => format!("{time} {{\"level\":\"INFO\",\"n\":{n},\"requestId\":\"{id}\",\"text\":\"{}\"}}\n", "x".repeat(n % 90)),
                2 => format!("{time} END RequestId: {id}\n"),
                _ => format!(
                    "{time} REPORT RequestId: {id}\tDuration: {n}.50 ms\tBilled Duration: {n} ms\tMemory Size: 128 MB\tMax Memory Used: 64 MB\t\n"
                ),
            }
        })
        .collect()
}

fn options(folder: &Path) -> ConvertOptions {
    ConvertOptions {
        stretch_rows: 500,
        ..ConvertOptions::new(NonZeroUsize::new(2).unwrap(), folder.to_owned())
    }
}

fn source(paths: &[&Path]) -> LogSource {
    let inputs = paths.iter().map(|path| Input::Path(path.to_path_buf())).collect();
    LogSource::new(inputs, ReadOptions::default())
}

fn converted(paths: &[&Path], to: &Path, options: &ConvertOptions) -> Converted {
    let run = RunContext::new(MemoryBudget::unlimited());
    let output = File::create(to).unwrap();
    convert(&source(paths), &output, options, &run).unwrap()
}

fn request(columns: Vec<ScanColumn>) -> ScanRequest {
    request_of(columns, 100)
}

fn try_read(paths: &[&Path], request: ScanRequest) -> Result<Read, SourceError> {
    read_from(&source(paths), request, MemoryBudget::unlimited())
}

fn read(paths: &[&Path], request: ScanRequest) -> Read {
    try_read(paths, request).unwrap()
}

/// Everything of every event, in the order of positions.
fn everything(paths: &[&Path]) -> Vec<Vec<Option<String>>> {
    let mut columns = vec![position()];
    columns.extend(insq_event::SYSTEM_FIELDS.iter().map(|field| system(*field)));
    columns.extend(
        [
            "level",
            "n",
            "requestId",
            "text",
            "version",
            "none",
            "@aws.account",
        ]
        .map(field),
    );
    let found = read(paths, request(columns));
    assert!(found.damage.is_empty(), "{:?}", found.damage);
    let mut rows: Vec<(u64, Vec<Option<String>>)> = Vec::new();
    for batch in &found.batches {
        for row in 0..batch.num_rows() {
            let cell = |column: &ArrayRef| -> Option<String> {
                if column.is_null(row) {
                    return None;
                }
                if let Some(texts) = column.as_string_view_opt() {
                    return Some(texts.value(row).to_owned());
                }
                if let Some(numbers) = column.as_primitive_opt::<Float64Type>() {
                    return Some(numbers.value(row).to_string());
                }
                if let Some(times) = column.as_primitive_opt::<TimestampMillisecondType>() {
                    return Some(times.value(row).to_string());
                }
                Some(column.as_primitive::<UInt64Type>().value(row).to_string())
            };
            let position = batch.column(0).as_primitive::<UInt64Type>().value(row);
            rows.push((position, batch.columns().iter().map(cell).collect()));
        }
    }
    rows.sort();
    rows.into_iter().map(|(_, row)| row).collect()
}

#[test]
fn everything_comes_back_wherever_it_waited() {
    let folder = Folder::new();
    let (a, b) = (
        folder.file("a.log", &log(3_000)),
        folder.file("b.log", &log(1_500)),
    );
    let to = folder.root().join("out");
    let expected = everything(&[&a, &b]);
    for buffer_bytes in [1, 64 << 10, 1 << 30] {
        let options = ConvertOptions {
            buffer_bytes,
            ..options(folder.root())
        };
        let made = converted(&[&a, &b], &to, &options);
        assert_eq!(made.events, 4_500);
        assert_eq!(made.fields, ["level", "n", "requestId", "text"]);
        assert_eq!(everything(&[&to]), expected, "{buffer_bytes}");
    }
    // Of a converted file and what comes behind it, every event has a place of its own.
    let c = folder.file("c.log", &log(10));
    assert_eq!(everything(&[&to, &c]), everything(&[&a, &b, &c]));
    // And what was made of Parquet is the same again.
    let again = folder.root().join("again");
    converted(&[&to], &again, &options(folder.root()));
    assert_eq!(everything(&[&again]), expected);
}

#[test]
fn rows_are_in_the_order_of_time_within_each_kind() {
    let folder = Folder::new();
    let mut lines: Vec<&str> = Vec::new();
    let text = log(2_000);
    lines.extend(text.lines().rev());
    let (a, to) = (folder.file("a.log", &lines.join("\n")), folder.root().join("out"));
    converted(&[&a], &to, &options(folder.root()));
    let found = read(
        &[&to],
        request(vec![system(SystemField::Timestamp), system(SystemField::Type)]),
    );
    let mut last = [i64::MIN; 2];
    for batch in &found.batches {
        let times = batch.column(0).as_primitive::<TimestampMillisecondType>();
        let types = batch.column(1).as_string_view();
        for row in 0..batch.num_rows() {
            let is_report = usize::from(types.is_valid(row) && types.value(row) == "REPORT");
            assert!(times.value(row) > last[is_report]);
            last[is_report] = times.value(row);
        }
    }
}

#[test]
fn only_the_wanted_columns_rows_and_times_are_read() {
    let folder = Folder::new();
    let (a, to) = (folder.file("a.log", &log(40_000)), folder.root().join("out"));
    let options = ConvertOptions {
        stretch_rows: 10_000,
        ..options(folder.root())
    };
    converted(&[&a], &to, &options);
    let size = std::fs::metadata(&to).unwrap().len();
    let all = read(&[&to], request(vec![system(SystemField::Message)]));
    assert_eq!(all.rows(), 40_000);
    let counted = read(&[&to], request(Vec::new()));
    assert_eq!(counted.rows(), 40_000);
    let footer = counted.counters.bytes_read;

    let durations = || vec![system(SystemField::Timestamp), system(SystemField::Duration)];
    let reports = read(
        &[&to],
        ScanRequest {
            kinds: EventKinds::REPORT,
            ..request(durations())
        },
    );
    assert_eq!(reports.rows(), 10_000);
    assert!(
        reports.counters.bytes_read - footer < size / 5,
        "{} of {size}",
        reports.counters.bytes_read
    );

    // Ten minutes: one stretch of four, and few of its pages.
    let start = 1_772_582_400_000;
    let minutes = TimeRange {
        start_ms: Some(start),
        end_ms: Some(start + 600_000),
    };
    let some = read(
        &[&to],
        ScanRequest {
            time_range: minutes,
            ..request(vec![system(SystemField::Message)])
        },
    );
    assert_eq!(some.rows(), 600);
    assert!(
        some.counters.bytes_read - footer < (all.counters.bytes_read - footer) / 2,
        "{} of {}",
        some.counters.bytes_read,
        all.counters.bytes_read
    );

    // One request of ten thousand.
    let id = "00001f40-0000-4000-8000-000000000000";
    let one = read(
        &[&to],
        ScanRequest {
            request_id: Some(id.into()),
            ..request(vec![system(SystemField::RequestId), system(SystemField::Message)])
        },
    );
    let ids = one.texts(0);
    assert_eq!(
        ids.iter().filter(|found| found.as_deref() == Some(id)).count(),
        ids.len()
    );
    assert!((3..=4).contains(&ids.len()), "{ids:?}");
    assert!(
        one.counters.bytes_read < all.counters.bytes_read,
        "{} of {}",
        one.counters.bytes_read,
        all.counters.bytes_read
    );
}

#[test]
fn times_and_kinds_are_exact_at_every_bound() {
    let folder = Folder::new();
    let (a, to) = (folder.file("a.log", &log(2_000)), folder.root().join("out"));
    converted(&[&a], &to, &options(folder.root()));
    let start = 1_772_582_400_000;
    for (from, until) in [
        (0, 1),
        (249, 251),
        (374, 1_126),
        (499, 500),
        (500, 1_000),
        (1_999, 5_000),
        (2_000, 9_000),
    ] {
        for kinds in [EventKinds::ALL, EventKinds::REPORT, EventKinds::TYPED] {
            let wanted = || ScanRequest {
                time_range: TimeRange {
                    start_ms: Some(start + from * 1_000),
                    end_ms: Some(start + until * 1_000),
                },
                kinds,
                ..request(vec![position(), system(SystemField::Message)])
            };
            let mut found = read(&[&to], wanted()).positions(0);
            found.sort_unstable();
            assert_eq!(
                found,
                read(&[&a], wanted()).positions(0),
                "{from} to {until}, {kinds}"
            );
        }
    }
}

#[test]
fn a_field_whose_type_was_guessed_wrong_becomes_text() {
    // In JSON, `version` is a whole number; in the columns of a DNS query it is `1.0`.
    let folder = Folder::new();
    let query = "1.0 2017-12-13T08:16:02.130Z Z123412341234 example.com A NOERROR UDP FRA6 192.0.2.1 -";
    let text =
        format!("2026-03-04T00:00:00.000Z {{\"version\":7,\"n\":1}}\n2026-03-04T00:00:01.000Z {query}\n");
    let (a, to) = (folder.file("a.log", &text), folder.root().join("out"));
    let made = converted(&[&a], &to, &options(folder.root()));
    assert_eq!(made.fields, ["n", "version"]);
    assert_eq!(everything(&[&to]), everything(&[&a]));
    let versions = read(&[&to], request(vec![field("version")])).texts(0);
    assert_eq!(versions, [Some("7".to_owned()), Some("1.0".to_owned())]);
}

/// As a footer may tell that damage has changed.
#[test]
fn columns_of_other_types_and_names_than_are_written_are_damage() {
    let folder = Folder::new();
    let (a, to) = (folder.file("a.log", &log(100)), folder.root().join("out"));
    converted(&[&a], &to, &options(folder.root()));
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(&to).unwrap()).unwrap();
    let entries = builder
        .metadata()
        .file_metadata()
        .key_value_metadata()
        .unwrap()
        .clone();
    let sound = builder.build().unwrap().next().unwrap().unwrap();
    let names: Vec<String> = sound
        .schema()
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect();
    let wanted: Vec<ScanColumn> = std::iter::once(position())
        .chain(insq_event::SYSTEM_FIELDS.iter().map(|field| system(*field)))
        .chain(names.iter().map(|name| field(name)))
        .collect();
    let written = |odd: Option<usize>, renamed: Option<usize>| {
        let column = |(number, column): (usize, &ArrayRef)| match Some(number) == odd {
            true => arrow_array::new_null_array(&DataType::Date32, sound.num_rows()),
            false => Arc::clone(column),
        };
        let columns = sound.columns().iter().enumerate().map(column);
        let batch = RecordBatch::try_from_iter_with_nullable(names.iter().enumerate().zip(columns).map(
            |((number, name), column)| {
                let ending = if Some(number) == renamed { "~" } else { "" };
                (format!("{name}{ending}"), column, true)
            },
        ))
        .unwrap();
        let path = folder.root().join("odd");
        let mut writer = ArrowWriter::try_new(File::create(&path).unwrap(), batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        entries
            .iter()
            .filter(|entry| entry.key != "ARROW:schema")
            .for_each(|entry| writer.append_key_value_metadata(entry.clone()));
        writer.close().unwrap();
        read(&[&path], request(wanted.clone()))
    };
    let unchanged = written(None, None);
    assert!(unchanged.damage.is_empty(), "{:?}", unchanged.damage);
    assert_eq!(unchanged.rows(), sound.num_rows());
    for (number, name) in names.iter().enumerate() {
        for (found, told) in [
            (written(Some(number), None), name.clone()),
            (written(None, Some(number)), format!("{name}~")),
        ] {
            assert_eq!(found.rows(), 0, "{told} {:?}", found.damage);
            let kinds: Vec<DamageKind> = found.damage.iter().map(|damage| damage.kind).collect();
            assert_eq!(kinds, [DamageKind::BadParquet], "{told}");
            let detail = found.damage[0].detail.as_deref().unwrap_or_default();
            assert!(detail.contains(&format!("{told:?}")), "{told}: {detail}");
        }
    }
}

#[test]
fn damaged_files_are_told_and_never_end_the_program() {
    let folder = Folder::new();
    let (a, to) = (folder.file("a.log", &log(900)), folder.root().join("out"));
    converted(&[&a], &to, &options(folder.root()));
    let sound = std::fs::read(&to).unwrap();
    let columns = || {
        let mut columns = vec![position(), field("n"), field("none")];
        columns.extend(insq_event::SYSTEM_FIELDS.iter().map(|field| system(*field)));
        columns
    };
    let broken = folder.root().join("broken");
    let mut told = 0;
    let mut check = |bytes: &[u8], what: &str| {
        std::fs::write(&broken, bytes).unwrap();
        let range = TimeRange {
            start_ms: Some(0),
            end_ms: Some(1_772_582_900_000),
        };
        for time_range in [TimeRange::ALL, range] {
            let wanted = ScanRequest {
                time_range,
                ..request(columns())
            };
            let found = try_read(&[&broken], wanted).unwrap_or_else(|error| panic!("{what}: {error}"));
            assert!(found.rows() <= 900, "{what}");
            told += usize::from(!found.damage.is_empty());
            assert!(found.damage.iter().all(|damage| damage.kind == DamageKind::BadParquet
                || damage.kind == DamageKind::NotALog), "{what}: {:?}", found.damage);
        }
    };
    let step =
        |default: usize| std::env::var("INSQ_DAMAGE_STEP").map_or(default, |step| step.parse().unwrap());
    for at in (4..sound.len()).step_by(step(211)) {
        let mut bytes = sound.clone();
        bytes[at] ^= 0xff;
        check(&bytes, &format!("byte {at} turned"));
    }
    // The footer is where a reader is led astray.
    for at in (sound.len() - 2_000..sound.len()).step_by(step(37)) {
        let mut bytes = sound.clone();
        bytes[at] ^= 1 << (at % 8);
        check(&bytes, &format!("bit of byte {at} turned"));
    }
    for length in (4..sound.len()).step_by(step(997) * 3) {
        check(&sound[..length], &format!("cut to {length}"));
    }
    assert!(told > 100, "{told}");
}

#[test]
fn a_strict_run_ends_at_damage() {
    let folder = Folder::new();
    let (a, to) = (folder.file("a.log", &log(100)), folder.root().join("out"));
    converted(&[&a], &to, &options(folder.root()));
    let sound = std::fs::read(&to).unwrap();
    std::fs::write(&to, &sound[..sound.len() - 1]).unwrap();
    let mut run = RunContext::new(MemoryBudget::unlimited());
    run.strict = true;
    let result = source(&[&to]).partitions(&Arc::new(request(Vec::new())), &run);
    assert!(matches!(result.map(|_| ()), Err(SourceError::Damaged { .. })));
}

fn foreign(path: &Path, columns: Vec<(&str, ArrayRef)>) {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer = ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

#[test]
fn columns_of_other_tools_are_fields() {
    let folder = Folder::new();
    let path = folder.root().join("other.parquet");
    let times =
        TimestampMicrosecondArray::from(vec![Some(1_000_500), Some(2_000_000), None]).with_timezone("UTC");
    foreign(
        &path,
        vec![
            ("time", Arc::new(times)),
            (
                "status",
                Arc::new(Int64Array::from(vec![Some(200), None, Some(500)])),
            ),
            ("latency", Arc::new(Float64Array::from(vec![1.5, 2.0, f64::NAN]))),
            (
                "message",
                Arc::new(StringArray::from(vec!["a", "{\"user\":{\"id\":7}}", "c"])),
            ),
            ("@duration", Arc::new(Int64Array::from(vec![5, 6, 7]))),
        ],
    );
    let columns = || {
        vec![
            system(SystemField::Message),
            field("status"),
            field("latency"),
            field("user.id"),
            system(SystemField::Ptr),
            field("none"),
        ]
    };
    let found = read(&[&path], request(columns()));
    let row = |cells: [Option<&str>; 3]| cells.map(|cell| cell.map(str::to_owned)).to_vec();
    assert_eq!(
        found.texts(0),
        row([Some("a"), Some("{\"user\":{\"id\":7}}"), Some("c")])
    );
    assert_eq!(found.texts(1), row([Some("200"), None, Some("500")]));
    assert_eq!(found.texts(2), row([Some("1.5"), Some("2"), None]));
    assert_eq!(found.texts(3), row([None, Some("7"), None]));
    assert_eq!(
        found.texts(4)[2].as_deref(),
        Some(&*format!("{}:2", path.display()))
    );
    assert_eq!(found.texts(5), row([None, None, None]));

    let second = TimeRange {
        start_ms: Some(1_001),
        end_ms: None,
    };
    let late = read(
        &[&path],
        ScanRequest {
            time_range: second,
            ..request(vec![
                position(),
                system(SystemField::Duration),
                system(SystemField::Timestamp),
            ])
        },
    );
    assert_eq!(late.positions(0), [1]);
    assert_eq!(
        late.batches[0].column(1).as_primitive::<Float64Type>().value(0),
        6.0
    );
    assert_eq!(
        late.batches[0]
            .column(2)
            .as_primitive::<TimestampMillisecondType>()
            .value(0),
        2_000
    );
}
