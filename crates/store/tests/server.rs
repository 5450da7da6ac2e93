//! Against an S3-compatible server on this machine, which tests/install-server.sh installs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use insq::{Engine, QueryOptions, RunControl};
use insq_store::{CHUNK_BYTES, StoreError, list};

const START_TIME: Duration = Duration::from_secs(120);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A server that lives as long as the test.
struct Server {
    process: Child,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Server {
    fn start() -> Self {
        let install = root().join("crates/store/tests/install-server.sh");
        assert!(
            Command::new(install).status().unwrap().success(),
            "the server can't be installed"
        );
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let process = Command::new(target.join("s3-server/bin/moto_server"))
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { process, port };
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(start.elapsed() < START_TIME, "the server does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    fn settings(&self) -> Vec<(String, String)> {
        [
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ALLOW_HTTP", "true".to_owned()),
            ("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{}", self.port)),
        ]
        .map(|(key, value)| (key.to_owned(), value))
        .to_vec()
    }

    /// PUT in words of HTTP, so that nothing of the client under test is used to fill the bucket.
    fn put(&self, path: &str, body: &[u8]) {
        let escaped: String = path
            .bytes()
            .map(|byte| match byte {
                b'/' | b'-' | b'.' | b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                    char::from(byte).to_string()
                }
                other => format!("%{other:02X}"),
            })
            .collect();
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        write!(
            stream,
            "PUT /{escaped} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAuthorization: AWS4-HMAC-SHA256 Credential=test/20260310/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            self.port,
            body.len()
        )
        .unwrap();
        stream.write_all(body).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
    }

    fn names(&self, url: &str) -> Vec<String> {
        let files = list(url, self.settings()).unwrap();
        files.iter().map(|file| file.name().to_owned()).collect()
    }

    fn refusal(&self, url: &str) -> std::io::Error {
        match list(url, self.settings()) {
            Err(StoreError::Store { cause, .. }) => cause,
            Err(other) => panic!("{url}: {other}"),
            Ok(files) => panic!("{url}: {} files", files.len()),
        }
    }

    fn upload(&self, folder: &Path, bucket: &str) -> usize {
        let mut count = 0;
        let mut waiting = vec![folder.to_owned()];
        while let Some(folder_now) = waiting.pop() {
            for entry in std::fs::read_dir(folder_now).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    waiting.push(path);
                } else {
                    let key = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                    self.put(&format!("{bucket}/{key}"), &std::fs::read(path).unwrap());
                    count += 1;
                }
            }
        }
        count
    }
}

/// The answer as lines; of the stream names, which differ by design, only the end is compared by the queries.
fn answer(engine: &Engine, query: &str) -> String {
    let prepared = engine.prepare(query, &QueryOptions::default()).unwrap();
    let mut stream = prepared.stream(&RunControl::default()).unwrap();
    let batches: Vec<_> = stream.by_ref().map(Result::unwrap).collect();
    assert!(stream.damage().is_empty());
    let rows: usize = batches.iter().map(|batch| batch.num_rows()).sum();
    assert!(rows > 0, "{query}");
    format!("{batches:?}")
}

fn remote_engine(server: &Server, url: &str) -> Engine {
    list(url, server.settings())
        .unwrap()
        .into_iter()
        .fold(Engine::builder(), insq::EngineBuilder::remote)
        .build()
        .unwrap()
}

#[test]
fn an_export_gives_the_same_answers_as_its_local_folder() {
    let server = Server::start();
    let folder = root().join("testdata/sample-logs");
    server.put("logs", b"");
    assert!(server.upload(&folder, "logs") > 10);
    let local = Engine::builder().path(&folder).build().unwrap();
    let remote = remote_engine(&server, "s3://logs");
    for query in [
        "stats count(*), sum(@duration), pct(@duration, 99) by @type",
        "fields @timestamp, @message, @logStream, @requestId | sort @timestamp desc | limit 500",
        "fields @message | limit 300",
        "stats count(*) by bin(1m)",
    ] {
        assert_eq!(answer(&remote, query), answer(&local, query), "{query}");
    }
    // A second run reads again.
    assert_eq!(
        answer(&remote, "stats count(*)"),
        answer(&local, "stats count(*)")
    );
    let one = server
        .names("s3://logs")
        .into_iter()
        .find(|name| name.ends_with(".gz"))
        .unwrap();
    assert!(one.contains('['), "keys are not escaped: {one}");
    assert_eq!(server.names(&one), std::slice::from_ref(&one));
    let first = &server.names("s3://logs")[0];
    assert!(!first.contains("aws-logs-write-test"), "{first}");
}

#[test]
fn folders_prefixes_and_what_is_left_out() {
    let server = Server::start();
    server.put("mixed", b"");
    for key in [
        "a/z.log",
        "a.log/b",
        "ab/c",
        "a/aws-logs-write-test",
        "a/.hidden",
        "a/sub/",
    ] {
        server.put(
            &format!("mixed/{key}"),
            if key.ends_with('/') { b"" } else { b"text\n" },
        );
    }
    let names = |url: &str| server.names(url);
    assert_eq!(
        names("s3://mixed/"),
        ["s3://mixed/a/z.log", "s3://mixed/a.log/b", "s3://mixed/ab/c"]
    );
    assert_eq!(names("s3://mixed/a"), ["s3://mixed/a/z.log"]);
    assert_eq!(names("s3://mixed/a/"), ["s3://mixed/a/z.log"]);
    assert_eq!(names("s3://mixed/ab*"), ["s3://mixed/ab/c"]);
    assert_eq!(names("s3://mixed/a/z*"), ["s3://mixed/a/z.log"]);
    for url in [
        "s3://mixed/none",
        "s3://mixed/none/",
        "s3://mixed/z*",
        "s3://no-such-bucket/a",
        "s3://no-such-bucket",
    ] {
        let error = server.refusal(url);
        assert_eq!(error.kind(), std::io::ErrorKind::NotFound, "{url}: {error}");
    }
}

#[test]
fn listings_have_many_pages() {
    const OBJECTS: usize = 1005;
    let server = Server::start();
    server.put("many", b"");
    for idx in 0..OBJECTS {
        server.put(
            &format!("many/logs/{idx:04}.log"),
            format!("2026-03-10T00:00:00.000Z {idx}\n").as_bytes(),
        );
    }
    let names = server.names("s3://many/logs");
    assert_eq!((names.len(), names.is_sorted()), (OBJECTS, true));
    let counted = answer(
        &remote_engine(&server, "s3://many/logs"),
        "stats count(*) as n, count_distinct(@message) as d",
    );
    assert_eq!(counted.matches("1005").count(), 2, "{counted}");
}

#[test]
fn large_objects_come_in_chunks_and_ranges() {
    let server = Server::start();
    server.put("large", b"");
    for size in [CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES + 7] {
        let body: Vec<u8> = (0..size).map(|idx| (idx % 251) as u8).collect();
        server.put("large/file", &body);
        let file = list("s3://large/file", server.settings()).unwrap().remove(0);
        assert_eq!(file.size_bytes(), size);
        let mut read = Vec::new();
        file.open().unwrap().read_to_end(&mut read).unwrap();
        assert!(read == body, "{size}");
        assert_eq!(file.read_range(5..9).unwrap(), [5, 6, 7, 8]);
        assert_eq!(file.read_range(3..3).unwrap(), [0_u8; 0]);
        let end = usize::try_from(size).unwrap();
        assert_eq!(file.read_range(size - 3..size).unwrap(), &body[end - 3..]);
        assert!(file.read_range(size - 3..size + 1).is_err());
    }
}

#[test]
fn an_object_that_changed_or_went_is_an_error() {
    let server = Server::start();
    server.put("changing", b"");
    server.put("changing/file", b"one\n");
    let file = list("s3://changing/file", server.settings()).unwrap().remove(0);
    assert!(file.open().is_ok());
    // Of the same size, so only the ETag tells.
    server.put("changing/file", b"two\n");
    for error in [file.open().err().unwrap(), file.read_range(1..2).unwrap_err()] {
        assert!(
            error.to_string().contains("changed since it was listed"),
            "{error}"
        );
    }
}

/// A server that answers every request with `status`, until the process ends.
fn refusing_server(status: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = [0; 8192];
            let _ = stream.read(&mut head);
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
        }
    });
    port
}

#[test]
fn who_may_not_read_is_told_which_settings_are_read() {
    let port = refusing_server("403 Forbidden");
    let settings = || {
        [
            ("AWS_ACCESS_KEY_ID", "wrong".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "wrong".to_owned()),
            ("AWS_ALLOW_HTTP", "true".to_owned()),
            ("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}")),
        ]
        .map(|(key, value)| (key.to_owned(), value))
    };
    for url in ["s3://logs", "s3://logs/key"] {
        let Err(StoreError::Store { cause, .. }) = list(url, settings()) else {
            panic!("{url} is listed");
        };
        assert_eq!(cause.kind(), std::io::ErrorKind::PermissionDenied, "{cause}");
        assert!(cause.to_string().contains("AWS_ACCESS_KEY_ID"), "{cause}");
    }
}

/// A web server that knows one file and neither ETags nor ranges.
fn plain_web_server(body: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = [0; 8192];
            let count = stream.read(&mut head).unwrap_or(0);
            let head = String::from_utf8_lossy(&head[..count]).into_owned();
            let is_there = head.contains("/a%20b.log ");
            let status = if is_there { "200 OK" } else { "404 Not Found" };
            let size = if is_there { body.len() } else { 0 };
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\nContent-Length: {size}\r\nLast-Modified: Tue, 10 Mar 2026 00:00:00 GMT\r\nConnection: close\r\n\r\n"
            );
            if is_there && head.starts_with("GET ") {
                let _ = stream.write_all(body);
            }
        }
    });
    port
}

#[test]
fn files_on_plain_web_servers_are_read_whole() {
    let body = b"2026-03-10T00:00:00.000Z one\n2026-03-10T00:00:01.000Z two\n";
    let port = plain_web_server(body);
    let url = format!("http://127.0.0.1:{port}/a%20b.log");
    let file = list(&url, []).unwrap().remove(0);
    let mut read = Vec::new();
    file.open().unwrap().read_to_end(&mut read).unwrap();
    assert_eq!(read, body);
    // A part can't be had here, and must not come out wrong.
    assert_eq!(
        file.read_range(1..3).unwrap_err().kind(),
        std::io::ErrorKind::Unsupported
    );
    let Err(StoreError::Store { cause, .. }) = list(&format!("http://127.0.0.1:{port}/none"), []) else {
        panic!("what is not there is listed");
    };
    assert_eq!(cause.kind(), std::io::ErrorKind::NotFound);
}

/// Functions over days with noise in the messages, as one Parquet file and as a folder of parts.
fn parquet_of(folder: &Path) {
    const EVENTS: usize = 30_000;
    for (function, day) in [("orders", 1), ("orders", 2), ("payments", 1), ("payments", 2)] {
        let path = folder.join(format!("logs/aws/lambda/{function}/{day}.log"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut noise = 7_u64;
        let line = |n: usize| {
            noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let time = format!(
                "2026-03-{day:02}T{:02}:{:02}:{:02}.000Z",
                n / 3_600,
                n / 60 % 60,
                n % 60
            );
            match n % 4 {
                3 => format!(
                    "{time} REPORT RequestId: {noise:08x}-0000-4000-8000-000000000000\tDuration: {n}.50 ms\tBilled Duration: {n} ms\tMemory Size: 128 MB\tMax Memory Used: 64 MB\t\n"
                ),
                _ => format!(
                    "{time} {{\"n\":{n},\"a\":\"{noise:x}\",\"b\":\"{:x}\"}}\n",
                    noise.rotate_left(17) ^ 0x5555
                ),
            }
        };
        let text: String = (0..EVENTS).map(line).collect();
        std::fs::write(path, text).unwrap();
    }
    let engine = Engine::builder().path(folder.join("logs")).build().unwrap();
    let control = RunControl::default();
    let files = insq::ConversionOptions {
        stretch_rows: 20_000,
        ..insq::ConversionOptions::default()
    };
    let file = std::fs::File::create(folder.join("all.parquet")).unwrap();
    engine.convert(&file, folder, &files, &control).unwrap();
    let options = insq::FolderConversionOptions {
        files,
        partition_by: vec![insq::PartitionBy::Date, insq::PartitionBy::Function],
        group_bytes: None,
    };
    engine
        .convert_folder(&folder.join("parts"), &options, &control)
        .unwrap();
}

/// What a query reads of the inputs, bytes.
fn bytes_read(engine: &Engine, query: &str) -> u64 {
    let prepared = engine.prepare(query, &QueryOptions::default()).unwrap();
    prepared.run().unwrap().statistics().counters.bytes_read
}

#[test]
fn parquet_gives_the_same_answers_by_ranges() {
    let server = Server::start();
    let folder = tempfile::tempdir().unwrap();
    parquet_of(folder.path());
    server.put("lake", b"");
    let bytes = std::fs::read(folder.path().join("all.parquet")).unwrap();
    server.put("lake/all.parquet", &bytes);
    // What it is shows in it, whatever it is called.
    server.put("lake/unload_0001", &bytes);
    server.upload(&folder.path().join("parts"), "lake/parts");
    let local = |path: &str| Engine::builder().path(folder.path().join(path)).build().unwrap();
    let durations = "filter @type = \"REPORT\" | stats count(*), sum(@duration), pct(@duration, 99)";
    for (url, path) in [
        ("s3://lake/all.parquet", "all.parquet"),
        ("s3://lake/unload_0001", "all.parquet"),
        ("s3://lake/parts", "parts"),
        ("s3://lake/parts/", "parts"),
    ] {
        let (remote, local) = (remote_engine(&server, url), local(path));
        for query in [
            durations,
            "stats count(*), sum(n), min(@timestamp), max(@ptr) by @function",
            "fields @timestamp, @ptr, @message | sort @timestamp desc, @ptr asc | limit 500",
            "filter @function = \"orders\" and a like \"ff\" | fields @ptr, a | limit 300",
            "fields @ptr, @requestId | limit 100",
        ] {
            assert_eq!(answer(&remote, query), answer(&local, query), "{url}: {query}");
        }
    }
    let size = bytes.len() as u64;
    for url in ["s3://lake/all.parquet", "s3://lake/unload_0001"] {
        let read = bytes_read(&remote_engine(&server, url), durations);
        assert!(size > 2 << 20 && read < size / 10, "{url}: {read} of {size}");
    }
}

#[test]
fn parquet_that_changes_or_goes_while_it_is_read_is_told() {
    let server = Server::start();
    let folder = tempfile::tempdir().unwrap();
    parquet_of(folder.path());
    server.put("lake", b"");
    let bytes = std::fs::read(folder.path().join("all.parquet")).unwrap();
    server.put("lake/all.parquet", &bytes);
    let engine = remote_engine(&server, "s3://lake/all.parquet");
    let mut other = bytes.clone();
    other.rotate_left(8);
    server.put("lake/all.parquet", &other);
    let prepared = engine
        .prepare("stats count(*)", &QueryOptions::default())
        .unwrap();
    let found = prepared.run().unwrap();
    let [damage] = found.damage() else {
        panic!("{:?}", found.damage());
    };
    assert_eq!(&*damage.file, "s3://lake/all.parquet");
    let detail = damage.detail.as_deref().unwrap();
    assert!(detail.contains("changed since it was listed"), "{detail}");
}

/// A web server that gives files whole, however they are asked for.
#[test]
fn parquet_on_plain_web_servers_is_read_whole() {
    let folder = tempfile::tempdir().unwrap();
    parquet_of(folder.path());
    let bytes = std::fs::read(folder.path().join("all.parquet")).unwrap();
    let port = plain_web_server(bytes.clone().leak());
    let file = list(&format!("http://127.0.0.1:{port}/a%20b.log"), [])
        .unwrap()
        .remove(0);
    let engine = Engine::builder().remote(file).build().unwrap();
    let local = Engine::builder()
        .path(folder.path().join("all.parquet"))
        .build()
        .unwrap();
    let query = "stats count(*), sum(n), sum(@duration)";
    assert_eq!(answer(&engine, query), answer(&local, query));
    assert_eq!(bytes_read(&engine, query), bytes.len() as u64);
}
