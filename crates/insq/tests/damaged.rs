//! Damaged inputs: the sound events come out, what is not sound is named, and nothing else is lost.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::Write;
use std::path::PathBuf;

use insq::{DamageKind, Engine, Error, ErrorCode, QueryOptions, ReadOptions, Value};
use insq_testkit::damaged::{damaged_files, write_gzip_bomb, write_long_event};

fn number(engine: &Engine, query: &str) -> Result<(f64, Vec<insq::Damage>), Error> {
    let result = engine.prepare(query, &QueryOptions::default())?.run()?;
    let rows = result.rows();
    let [Value::Number(value)] = rows[0].values() else {
        panic!("{query}: {rows:?}")
    };
    Ok((*value, result.damage().to_vec()))
}

fn engine(paths: &[PathBuf]) -> Engine {
    let builder = paths
        .iter()
        .fold(Engine::builder(), |builder, path| builder.path(path));
    builder.build().unwrap()
}

/// What a file gives: events, REPORT events, durations, and the damage that is noted.
fn outcome(path: PathBuf) -> (usize, usize, usize, Vec<insq::Damage>) {
    let engine = engine(&[path]);
    // Looks at every field that can be damaged.
    let all = "stats count(*) + 0 * max(strlen(@message)) + 0 * sum(@billedDuration) as n";
    let (_, damage) = number(&engine, &format!("{all}, 1 as one | display coalesce(n, 0)")).unwrap();
    let count = |query: &str| number(&engine, query).unwrap().0 as usize;
    (
        count("stats count(*)"),
        count(r#"filter @type = "REPORT" | stats count(*)"#),
        count("stats count(@duration)"),
        damage,
    )
}

#[test]
fn every_damaged_file_gives_its_sound_events() {
    let folder = tempfile::tempdir().unwrap();
    let mut failures = Vec::new();
    let files = damaged_files();
    for file in &files {
        let path = folder.path().join(file.name);
        std::fs::write(&path, &file.bytes).unwrap();
        let (events, reports, durations, damage) = outcome(path);
        let first = damage.iter().map(|entry| entry.offset).min();
        let is_right = (events, reports, durations) == (file.events, file.reports, file.durations)
            && damage.is_empty() != file.is_reported
            && (file.offset.is_none() || first == file.offset);
        if !is_right {
            failures.push(format!(
                "{}: {events} events, {reports} REPORT, {durations} durations, {damage:?}\n\
                 instead of {}, {}, {}, reported: {}, at {:?}",
                file.name, file.events, file.reports, file.durations, file.is_reported, file.offset
            ));
        }
        for entry in &damage {
            // A file of an archive is named under it.
            assert!(entry.file.contains(file.name) && entry.count > 0, "{entry:?}");
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {}:\n{}",
        failures.len(),
        files.len(),
        failures.join("\n")
    );
}

#[test]
fn damage_ends_a_strict_run() {
    let folder = tempfile::tempdir().unwrap();
    for file in damaged_files().iter().filter(|file| file.is_reported) {
        let path = folder.path().join(file.name);
        std::fs::write(&path, &file.bytes).unwrap();
        let engine = engine(&[path]);
        let options = QueryOptions {
            strict: true,
            ..QueryOptions::default()
        };
        let query = engine
            .prepare("stats max(@message), sum(@billedDuration)", &options)
            .unwrap();
        let error = query.run().map(|_| ()).expect_err(file.name);
        assert_eq!(error.code(), ErrorCode::Input, "{}: {error}", file.name);
        assert!(error.to_string().contains(file.name), "{error}");
    }
}

#[test]
fn a_line_of_a_hundred_megabytes_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.log");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
    write_long_event(&mut file, 100 << 20).unwrap();
    file.write_all(b"2026-03-04T01:00:00.000Z the last one\n")
        .unwrap();
    file.into_inner().unwrap();
    let engine = Engine::builder()
        .path(&path)
        .memory_limit_bytes(64 << 20)
        .build()
        .unwrap();
    let (count, damage) = number(&engine, r#"filter @message like "the last one" | stats count(*)"#).unwrap();
    assert_eq!(count, 1.0);
    assert_eq!(
        damage.iter().map(|entry| entry.kind).collect::<Vec<_>>(),
        [DamageKind::EventTooLong]
    );
}

/// A member of ten million bytes, over and over: 1.1 GB out of one megabyte.
#[test]
fn a_bomb_meets_a_limit_and_what_came_before_is_used() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bomb.gz");
    let mut member = Vec::new();
    write_gzip_bomb(&mut member, 10_000_000).unwrap();
    std::fs::write(&path, member.repeat(110)).unwrap();
    let run = |expansion_max: u64| {
        let read_options = ReadOptions {
            expansion_max,
            ..ReadOptions::default()
        };
        let engine = Engine::builder()
            .path(&path)
            .read_options(read_options)
            .memory_limit_bytes(64 << 20)
            .build()
            .unwrap();
        let (count, damage) = number(&engine, "stats count(*)").unwrap();
        (count, damage.iter().map(|entry| entry.kind).collect::<Vec<_>>())
    };
    // Three events a member; 107 members and the beginning of one more fit into the first GiB.
    assert_eq!(run(250), (3.0 * 107.0 + 1.0, vec![DamageKind::ExpandsTooMuch]));
    assert_eq!(run(2_000), (3.0 * 110.0, vec![]));
}

#[test]
fn inputs_that_cannot_be_opened() {
    let folder = tempfile::tempdir().unwrap();
    let sound = folder.path().join("sound.log");
    std::fs::write(&sound, "2026-03-04T00:00:00.000Z hello\n").unwrap();
    let missing = folder.path().join("missing.log");

    // Beside others, a missing file is damage; alone, it is an error.
    let (count, damage) = number(&engine(&[missing.clone(), sound]), "stats count(*)").unwrap();
    assert_eq!(
        (count, damage.len(), damage[0].kind),
        (1.0, 1, DamageKind::Unreadable)
    );
    let error = number(&engine(&[missing]), "stats count(*)").unwrap_err();
    assert!(error.to_string().contains("missing.log"), "{error}");

    let empty = tempfile::tempdir().unwrap();
    let error = number(&engine(&[empty.path().to_owned()]), "stats count(*)").unwrap_err();
    assert!(error.to_string().contains("no log files"), "{error}");
    assert_eq!(error.code(), ErrorCode::Input);
}

#[test]
fn the_memory_limit_is_an_error_that_names_the_operator() {
    let events = |count: i64| {
        (0..count).map(|n| insq::MemoryEvent {
            timestamp_ms: n,
            message: format!("event {n}"),
            log_stream: None,
        })
    };
    let query = "stats count(*) by @message";
    let run = |count: i64| {
        let engine = Engine::builder()
            .events(events(count))
            .memory_limit_bytes(4 << 20)
            .build()
            .unwrap();
        engine
            .prepare(query, &QueryOptions::default())
            .unwrap()
            .run()
            .map(|result| result.statistics().rows)
    };
    assert_eq!(run(1_000).unwrap(), 1_000);
    let error = run(100_000).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Memory, "{error}");
    assert!(
        error.to_string().contains("`stats`") && error.help().is_some(),
        "{error}"
    );
}
