//! Parquet that is no file on the disk: in stores, where ranges are read, and in streams, which are put aside first.

#![allow(clippy::unwrap_used)]

mod support;

use std::fs::File;
use std::io::{self, Cursor, Read, Write};
use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex};

use arrow_array::RecordBatch;
use insq_event::{
    Damage, DamageKind, EventKinds, EventSource, MemoryBudget, ProgressSnapshot, RunContext, ScanRequest,
    SharedPartition, Spill, SystemField, TimeRange,
};
use insq_input::{
    ConvertOptions, FolderOptions, Input, LogSource, PartitionBy, ReadOptions, RemoteChanged, RemoteFile,
    convert, convert_folder,
};

use support::{field, position, request_of, system};

/// What a store does that is asked for a range.
#[derive(Clone, Copy, PartialEq)]
enum Temper {
    Sound,
    /// Gives all or nothing.
    WithoutRanges,
    /// The object is another one from this request on.
    ChangesAt(usize),
    GoneAt(usize),
}

/// An object that remembers what it was asked for.
struct Object {
    name: String,
    bytes: Vec<u8>,
    temper: Temper,
    asked: Mutex<Vec<Range<u64>>>,
    opened: Mutex<usize>,
}

impl Object {
    fn new(name: &str, bytes: Vec<u8>, temper: Temper) -> Arc<Self> {
        Arc::new(Self {
            name: name.to_owned(),
            bytes,
            temper,
            asked: Mutex::default(),
            opened: Mutex::default(),
        })
    }

    fn requests(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    fn is_streamed(&self) -> bool {
        *self.opened.lock().unwrap() > 0
    }
}

impl RemoteFile for Object {
    fn name(&self) -> &str {
        &self.name
    }

    fn size_bytes(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        *self.opened.lock().unwrap() += 1;
        Ok(Box::new(Cursor::new(self.bytes.clone())))
    }

    fn read_range(&self, range: Range<u64>) -> io::Result<Vec<u8>> {
        let mut asked = self.asked.lock().unwrap();
        asked.push(range.clone());
        match self.temper {
            Temper::WithoutRanges => Err(io::ErrorKind::Unsupported.into()),
            Temper::ChangesAt(first) if asked.len() > first => {
                Err(io::Error::new(io::ErrorKind::InvalidData, RemoteChanged))
            }
            Temper::GoneAt(first) if asked.len() > first => {
                Err(io::Error::new(io::ErrorKind::NotFound, "not found: no such key"))
            }
            _ => Ok(self.bytes[range.start as usize..range.end as usize].to_vec()),
        }
    }
}

fn remote(object: &Arc<Object>) -> Input {
    Input::Remote(Arc::clone(object) as Arc<dyn RemoteFile>)
}

/// Noise, which takes the place in a file that it takes in a log.
fn noise(n: usize) -> String {
    let mut state = n as u64;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^ (mixed >> 27)
    };
    (0..6).map(|_| format!("{:016x}", next())).collect()
}

/// An hour and more per function and day, every fourth event a REPORT.
fn log(day: u32, events: usize) -> String {
    let line = |n: usize| {
        let time = format!(
            "2026-03-{day:02}T{:02}:{:02}:{:02}.000Z",
            n / 3_600,
            n / 60 % 60,
            n % 60
        );
        let id = format!("{:08x}-0000-4000-8000-000000000000", n / 4);
        match n % 4 {
            3 => format!(
                "{time} REPORT RequestId: {id}\tDuration: {n}.50 ms\tBilled Duration: {n} ms\tMemory Size: 128 MB\tMax Memory Used: 64 MB\t\n"
            ),
            _ => format!(
                "{time} {{\"level\":\"INFO\",\"n\":{n},\"noise\":\"{}\"}}\n",
                noise(n)
            ),
        }
    };
    (0..events).map(line).collect()
}

fn options(folder: &Path) -> ConvertOptions {
    ConvertOptions {
        stretch_rows: 10_000,
        ..ConvertOptions::new(NonZeroUsize::MIN, folder.to_owned())
    }
}

fn unlimited() -> RunContext {
    RunContext::new(MemoryBudget::unlimited())
}

fn logs(paths: &[&Path]) -> LogSource {
    let inputs = paths.iter().map(|path| Input::Path(path.to_path_buf())).collect();
    LogSource::new(inputs, ReadOptions::default())
}

/// A Parquet file of `files` logs, some megabytes.
fn parquet(folder: &Path, files: u32) -> Vec<u8> {
    let paths: Vec<_> = (1..=files)
        .map(|day| {
            let path = folder.join(format!("{day}.log"));
            std::fs::write(&path, log(day, 20_000)).unwrap();
            path
        })
        .collect();
    let paths: Vec<&Path> = paths.iter().map(std::path::PathBuf::as_path).collect();
    let to = folder.join("all.parquet");
    convert(
        &logs(&paths),
        &File::create(&to).unwrap(),
        &options(folder),
        &unlimited(),
    )
    .unwrap();
    std::fs::read(to).unwrap()
}

fn everything() -> ScanRequest {
    let columns = vec![
        system(SystemField::Timestamp),
        system(SystemField::Message),
        field("n"),
        position(),
    ];
    request_of(columns, 1_000)
}

fn durations() -> ScanRequest {
    ScanRequest {
        columns: vec![system(SystemField::Duration)],
        kinds: EventKinds::REPORT,
        ..everything()
    }
}

/// Some minutes of one day.
fn minutes() -> ScanRequest {
    let start = 1_772_323_200_000 + 3_600_000;
    ScanRequest {
        time_range: TimeRange {
            start_ms: Some(start),
            end_ms: Some(start + 120_000),
        },
        ..everything()
    }
}

fn one_invocation() -> ScanRequest {
    ScanRequest {
        request_id: Some("000003e8-0000-4000-8000-000000000000".into()),
        ..everything()
    }
}

struct Answer {
    rows: usize,
    /// The rows, in the order of the partitions.
    all: RecordBatch,
    counters: ProgressSnapshot,
    damage: Vec<Damage>,
}

fn answer_in(inputs: Vec<Input>, request: ScanRequest, run: &RunContext) -> Answer {
    let source = LogSource::new(inputs, ReadOptions::default());
    let request = Arc::new(request);
    let mut batches: Vec<RecordBatch> = Vec::new();
    for partition in source.partitions(&request, run).unwrap() {
        let mut reader = partition.open().unwrap();
        while let Some(batch) = reader.next_batch().unwrap() {
            batches.push(batch);
        }
    }
    let all = arrow_select::concat::concat_batches(&request.schema(), &batches).unwrap();
    Answer {
        rows: all.num_rows(),
        all,
        counters: run.progress.snapshot(),
        damage: run.damage.entries(),
    }
}

fn answer(inputs: Vec<Input>, request: ScanRequest) -> Answer {
    answer_in(inputs, request, &unlimited())
}

#[test]
fn ranges_give_what_the_file_gives_and_no_more_is_fetched_than_that_takes() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = parquet(folder.path(), 2);
    let size = bytes.len() as u64;
    assert!(size > 2 << 20, "{size}");
    let local = || vec![Input::Path(folder.path().join("all.parquet"))];
    for (request, share, requests_max) in [
        (everything as fn() -> ScanRequest, 1.0, 40),
        (durations, 0.06, 20),
        (minutes, 0.2, 12),
        (one_invocation, 0.25, 40),
    ] {
        for name in ["s3://logs/all.parquet", "s3://logs/all"] {
            let object = Object::new(name, bytes.clone(), Temper::Sound);
            let (found, expected) = (
                answer(vec![remote(&object)], request()),
                answer(local(), request()),
            );
            assert!(
                found.rows > 0 && found.all == expected.all,
                "{name}: {} rows",
                found.rows
            );
            assert_eq!((found.damage, object.is_streamed()), (Vec::new(), false));
            let fetched: u64 = object
                .asked
                .lock()
                .unwrap()
                .iter()
                .map(|range| range.end - range.start)
                .sum();
            assert_eq!(
                found.counters.bytes_read, fetched,
                "what is counted is what is fetched"
            );
            // The end of the file comes with every query.
            let bound = share * size as f64 + f64::from(128 << 10);
            assert!((fetched as f64) < bound, "{name}: {fetched} of {size}");
            assert!(
                object.requests() <= requests_max,
                "{name}: {} requests",
                object.requests()
            );
        }
    }
}

/// A table with a column that is wanted and one that is large.
fn table(path: &Path) {
    const ROWS: i64 = 20_000;
    let columns: [(&str, arrow_array::ArrayRef); 3] = [
        ("n", Arc::new(arrow_array::Int64Array::from_iter_values(0..ROWS))),
        (
            "message",
            Arc::new(arrow_array::StringArray::from_iter_values(
                (0..ROWS).map(|n| noise(n as usize)),
            )),
        ),
        (
            "large",
            Arc::new(arrow_array::StringArray::from_iter_values(
                (ROWS..2 * ROWS).map(|n| noise(n as usize)),
            )),
        ),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer =
        parquet::arrow::ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

#[test]
fn files_of_other_tools_are_read_by_ranges_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.parquet");
    table(&path);
    let bytes = std::fs::read(&path).unwrap();
    let size = bytes.len() as u64;
    let object = Object::new("s3://logs/table.parquet", bytes, Temper::Sound);
    let found = answer(vec![remote(&object)], everything());
    assert!(found.all == answer(vec![Input::Path(path)], everything()).all);
    assert_eq!((found.rows, found.damage), (20_000, Vec::new()));
    // One column is as large as the others together.
    assert!(
        size > 2 << 20 && found.counters.bytes_read < size * 2 / 3,
        "{size}"
    );
}

#[test]
fn small_files_take_one_request() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("a.log"), folder.path().join("a.parquet"));
    std::fs::write(&from, log(1, 100)).unwrap();
    convert(
        &logs(&[&from]),
        &File::create(&to).unwrap(),
        &options(folder.path()),
        &unlimited(),
    )
    .unwrap();
    let object = Object::new("s3://logs/a.parquet", std::fs::read(to).unwrap(), Temper::Sound);
    assert_eq!(answer(vec![remote(&object)], one_invocation()).rows, 0);
    assert_eq!(answer(vec![remote(&object)], everything()).rows, 100);
    assert_eq!(object.requests(), 2);
}

#[test]
fn what_only_ends_like_parquet_is_read_as_the_log_that_it_is() {
    let text = b"2026-03-04T00:00:00.000Z one\n2026-03-04T00:00:00.000Z ends in PAR1".to_vec();
    for name in ["s3://logs/a", "s3://logs/a.parquet", "s3://logs/a.log"] {
        let object = Object::new(name, text.clone(), Temper::Sound);
        let found = answer(vec![remote(&object)], everything());
        assert_eq!((found.rows, found.damage), (2, Vec::new()), "{name}");
    }
    // Names that are meant for logs cost no look.
    let object = Object::new("s3://logs/a.log", text, Temper::Sound);
    answer(vec![remote(&object)], everything());
    assert_eq!(object.requests(), 0);
}

#[test]
fn objects_that_change_or_go_are_told_wherever_that_happens() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = parquet(folder.path(), 1);
    let all = answer(vec![Input::Path(folder.path().join("all.parquet"))], everything()).rows;
    for first in [1, 2, 3] {
        for (temper, kind, words) in [
            (
                Temper::ChangesAt(first),
                DamageKind::Changed,
                "changed since it was listed",
            ),
            (Temper::GoneAt(first), DamageKind::Unreadable, "not found"),
        ] {
            let object = Object::new("s3://logs/all.parquet", bytes.clone(), temper);
            let found = answer(vec![remote(&object)], everything());
            assert!(found.rows < all, "{first}: {}", found.rows);
            let [damage] = &found.damage[..] else {
                unreachable!("{first}: {:?}", found.damage);
            };
            assert_eq!((damage.kind, &*damage.file), (kind, "s3://logs/all.parquet"));
            assert!(damage.detail.as_ref().unwrap().contains(words), "{damage:?}");
        }
    }
}

#[test]
fn a_cut_object_is_damage() {
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = parquet(folder.path(), 1);
    bytes.truncate(bytes.len() / 2);
    for name in ["s3://logs/all.parquet", "s3://logs/all.gz"] {
        let object = Object::new(name, bytes.clone(), Temper::Sound);
        let found = answer(vec![remote(&object)], everything());
        assert_eq!((found.rows, found.damage.len()), (0, 1));
        assert_eq!(found.damage[0].kind, DamageKind::BadParquet);
    }
}

#[test]
fn a_row_group_takes_no_more_memory_than_there_is() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = parquet(folder.path(), 1);
    let read = |limit: usize| {
        let object = Object::new("s3://logs/all.parquet", bytes.clone(), Temper::Sound);
        let source = LogSource::new(vec![remote(&object)], ReadOptions::default());
        let run = RunContext::new(MemoryBudget::new(limit));
        let mut partitions = source.partitions(&Arc::new(everything()), &run).unwrap();
        let largest = partitions.remove(1).open().map(|_| ());
        largest.map_err(|error| error.to_string())
    };
    assert_eq!(read(64 << 20), Ok(()));
    let refused = read(100 << 10).unwrap_err();
    assert!(refused.contains("Parquet"), "{refused}");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn reader(bytes: Vec<u8>) -> Input {
    Input::Reader {
        name: "standard input".to_owned(),
        reader: Box::new(Cursor::new(bytes)),
    }
}

#[test]
fn streams_and_compressed_files_give_what_the_file_gives() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = parquet(folder.path(), 2);
    let expected = answer(vec![Input::Path(folder.path().join("all.parquet"))], everything()).all;
    let (gz, zst) = (gzip(&bytes), zstd::encode_all(&bytes[..], 1).unwrap());
    let path = folder.path().join("all.parquet.gz");
    std::fs::write(&path, &gz).unwrap();
    let far = |name, bytes: &[u8], temper| remote(&Object::new(name, bytes.to_vec(), temper));
    let inputs: [(&str, &dyn Fn() -> Input); 9] = [
        ("a stream", &|| reader(bytes.clone())),
        ("a gzip stream", &|| reader(gz.clone())),
        ("a zstd stream", &|| reader(zst.clone())),
        ("wrapped twice", &|| reader(gzip(&zst))),
        ("a gzip file", &|| Input::Path(path.clone())),
        ("a gzip object", &|| far("s3://logs/all.gz", &gz, Temper::Sound)),
        ("a zstd object", &|| far("s3://logs/all", &zst, Temper::Sound)),
        ("a web server without ranges", &|| {
            far("http://logs/all.parquet", &bytes, Temper::WithoutRanges)
        }),
        ("an object of another name", &|| {
            far("s3://logs/all.log", &bytes, Temper::Sound)
        }),
    ];
    for (name, input) in inputs {
        let mut with_folder = unlimited();
        with_folder.spill = Some(Spill::to(folder.path()));
        for run in [unlimited(), with_folder] {
            let found = answer_in(vec![input()], everything(), &run);
            assert_eq!(
                (found.all == expected, found.damage),
                (true, Vec::new()),
                "{name}"
            );
        }
    }
    // Files without a name leave nothing behind.
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 4);
}

#[test]
fn what_comes_as_a_stream_is_counted_once() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = parquet(folder.path(), 1);
    let size = bytes.len() as u64;
    assert_eq!(
        answer(vec![reader(bytes.clone())], everything())
            .counters
            .bytes_read,
        size
    );
    let gz = gzip(&bytes);
    let size = gz.len() as u64;
    assert_eq!(answer(vec![reader(gz)], everything()).counters.bytes_read, size);
}

#[test]
fn streams_that_break_off_are_damage() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = parquet(folder.path(), 1);
    let gz = gzip(&bytes);
    for (bytes, kind, words) in [
        (&bytes[..bytes.len() - 1], DamageKind::BadParquet, ""),
        (&bytes[..5], DamageKind::BadParquet, ""),
        (
            &gz[..gz.len() / 2],
            DamageKind::BadCompression,
            "can't be read without its end",
        ),
    ] {
        let found = answer(vec![reader(bytes.to_vec())], everything());
        assert_eq!((found.rows, found.damage.len()), (0, 1), "{words}");
        assert_eq!(found.damage[0].kind, kind);
        assert!(
            found.damage[0].detail.as_ref().unwrap().contains(words),
            "{:?}",
            found.damage
        );
    }
}

#[test]
fn compressed_parquet_of_many_files_has_no_place_among_others() {
    let folder = tempfile::tempdir().unwrap();
    let gz = gzip(&parquet(folder.path(), 2));
    let (zipped, log) = (folder.path().join("a.gz"), folder.path().join("1.log"));
    std::fs::write(&zipped, gz).unwrap();
    let path = |path: &Path| Input::Path(path.to_owned());
    let last = answer(vec![path(&log), path(&zipped)], everything());
    assert_eq!((last.rows, last.damage), (60_000, Vec::new()));
    let first = answer(vec![path(&zipped), path(&log)], everything());
    assert_eq!((first.rows, first.damage.len()), (20_000, 1));
    assert!(
        first.damage[0].detail.as_ref().unwrap().contains("name it last"),
        "{:?}",
        first.damage
    );
}

#[test]
fn many_requests_over_a_late_file_get_what_each_gets_alone() {
    let folder = tempfile::tempdir().unwrap();
    let gz = gzip(&parquet(folder.path(), 1));
    let requests = [Arc::new(minutes()), Arc::new(durations())];
    let source = LogSource::new(vec![reader(gz.clone())], ReadOptions::default());
    let run = unlimited();
    let partitions: Vec<Box<dyn SharedPartition>> = source.shared_partitions(&requests, &run).unwrap();
    let mut rows = [0, 0];
    for partition in partitions {
        let mut opened = partition.open().unwrap();
        while let Some((request, batch)) = opened.next_batch().unwrap() {
            rows[request] += batch.num_rows();
        }
    }
    let alone = [minutes(), durations()].map(|request| answer(vec![reader(gz.clone())], request).rows);
    assert_eq!(rows, alone);
    assert_eq!(rows, [120, 5_000]);
}

/// The objects of a folder of parts, by day and function, and the bytes of each.
fn folder_objects(folder: &Path) -> Vec<Arc<Object>> {
    let inputs = [("orders", 1), ("orders", 2), ("payments", 1), ("payments", 2)].map(|(function, day)| {
        let path = folder.join(format!("logs/{function}-{day}.log"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, log(day, 2_000)).unwrap();
        Input::Named {
            path,
            log_group: Some(format!("/aws/lambda/{function}")),
            data_source: None,
        }
    });
    let source = LogSource::new(inputs.into(), ReadOptions::default());
    let options = FolderOptions {
        files: options(folder),
        partition_by: vec![PartitionBy::Date, PartitionBy::Function],
        group_bytes: None,
    };
    convert_folder(&source, &folder.join("parts"), &options, &unlimited()).unwrap();
    let mut objects = Vec::new();
    for (number, (day, function)) in [(1, "orders"), (1, "payments"), (2, "orders"), (2, "payments")]
        .into_iter()
        .enumerate()
    {
        let key = format!("parts/date=2026-03-{day:02}/function={function}/part-{number:05}.parquet");
        let bytes = std::fs::read(folder.join(&key)).unwrap();
        objects.push(Object::new(&format!("s3://logs/{key}"), bytes, Temper::Sound));
    }
    objects
}

#[test]
fn parts_of_other_days_and_functions_are_not_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let objects = folder_objects(folder.path());
    let local = || vec![Input::Path(folder.path().join("parts"))];
    let of_function = |request: ScanRequest| ScanRequest {
        function: Some("payments".into()),
        ..request
    };
    let first_day = ScanRequest {
        time_range: TimeRange {
            start_ms: Some(1_772_323_200_000),
            end_ms: Some(1_772_323_200_000 + 86_400_000),
        },
        ..everything()
    };
    for (request, touched) in [
        (everything(), vec![0, 1, 2, 3]),
        (first_day.clone(), vec![0, 1]),
        (of_function(everything()), vec![1, 3]),
        (of_function(first_day), vec![1]),
    ] {
        objects
            .iter()
            .for_each(|object| object.asked.lock().unwrap().clear());
        let found = answer(objects.iter().map(remote).collect(), request.clone());
        let expected = answer(local(), request);
        assert_eq!(
            (found.all == expected.all, found.rows),
            (true, 2_000 * touched.len())
        );
        let asked = (0..objects.len()).filter(|number| objects[*number].requests() > 0);
        assert_eq!(asked.collect::<Vec<_>>(), touched);
        assert_eq!(found.counters.bytes_skipped, expected.counters.bytes_skipped);
    }
}

/// Folders of the same names that another tool wrote may mean another clock.
#[test]
fn folders_of_others_are_read_whatever_they_are_called() {
    let folder = tempfile::tempdir().unwrap();
    let part = folder_objects(folder.path()).remove(0);
    let moved = Object::new(
        "s3://logs/x/date=2020-01-01/function=other/part-00000.parquet",
        part.bytes.clone(),
        Temper::Sound,
    );
    let request = ScanRequest {
        function: Some("orders".into()),
        ..minutes()
    };
    let request = ScanRequest {
        time_range: TimeRange {
            start_ms: Some(1_772_323_200_000),
            end_ms: None,
        },
        ..request
    };
    assert_eq!(answer(vec![remote(&moved)], request).rows, 2_000);
}
