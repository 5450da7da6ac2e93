//! PATHs that lie elsewhere.

use crate::sample::Sample;

#[cfg(not(feature = "object-store"))]
#[test]
fn urls_are_never_taken_for_local_files() {
    let sample = Sample::new();
    for url in ["s3://logs/key", "gs://logs", "az://logs", "https://host/a.log"] {
        for arguments in [["stats count(*)", url], ["inspect", url]] {
            let run = sample.insq(&arguments);
            assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{run:?}");
            let help = "cargo install --path crates/cli --features object-store";
            assert!(run.stderr.contains(url) && run.stderr.contains(help), "{run:?}");
        }
    }
}

#[cfg(feature = "object-store")]
#[test]
fn a_file_on_a_web_server_is_queried() {
    use std::io::{Read, Write};

    let body = "2026-03-10T00:00:00.000Z one\n2026-03-10T00:00:01.000Z two\n";
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = [0; 8192];
            let count = stream.read(&mut head).unwrap_or(0);
            let head = String::from_utf8_lossy(&head[..count]).into_owned();
            let (status, size) = if head.contains("/a.log ") {
                ("200 OK", body.len())
            } else {
                ("404 None", 0)
            };
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\nContent-Length: {size}\r\nLast-Modified: Tue, 10 Mar 2026 00:00:00 GMT\r\nConnection: close\r\n\r\n"
            );
            if size > 0 && head.starts_with("GET ") {
                let _ = stream.write_all(body.as_bytes());
            }
        }
    });
    let sample = Sample::new();
    let run = sample.insq(&["stats count(*) as n", &format!("http://127.0.0.1:{port}/a.log")]);
    assert_eq!((run.code, run.stdout.trim()), (Some(0), "n\n2"), "{run:?}");
    let run = sample.insq(&["stats count(*) as n", &format!("http://127.0.0.1:{port}/none")]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{run:?}");
    assert!(run.stderr.contains("not found"), "{run:?}");
    let url = format!("http://127.0.0.1:{port}/a.log");
    let run = sample.insq(&["stats count(*) as n", &url, &url]);
    assert_eq!((run.code, run.stdout.trim()), (Some(0), "n\n2"), "{run:?}");
    let run = sample.insq(&["inspect", &format!("http://127.0.0.1:{port}/a.log")]);
    assert_eq!(run.code, Some(0), "{run:?}");
    for expected in ["files        1 (58 B)\n  export  ", "events       2\n"] {
        assert!(run.stdout.contains(expected), "{run:?}");
    }
}
