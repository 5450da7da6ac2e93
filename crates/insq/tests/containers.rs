//! One list of events in every container: the same queries have the same answers, less what a container does not keep.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::Path;

use insq::{ConversionOptions, Engine, QueryOptions, Row, RunControl, Value};
use insq_testkit::write::{CONTAINERS, Container, LoggedEvent, Loss, input_in};
use insq_testkit::{Generator, profile};

/// Events of the list.
const EVENTS: usize = 4_000;

/// Ingestion follows an event by this and a little.
const INGESTION_DELAY_MS: i64 = 700;

/// The two parts of every line of `containers/queries.txt`.
fn queries() -> Vec<(Vec<Loss>, &'static str)> {
    let lines = include_str!("containers/queries.txt").lines();
    let lines = lines.filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (needs, query) = line.split_once(" | ").unwrap();
            let loss = |need: &str| match need {
                "group" => Loss::Group,
                "stream" => Loss::Stream,
                "ms" => Loss::Milliseconds,
                "blanks" => Loss::TrailingBlanks,
                "ingestion" => Loss::Ingestion,
                other => panic!("{other}"),
            };
            let needs = needs.split(',').filter(|need| *need != "-");
            (needs.map(loss).collect(), query)
        })
        .collect()
}

/// Events of the middle of an hour of six functions.
fn events() -> Vec<LoggedEvent> {
    let model = profile::sample(5);
    let mut generator = Generator::new(&model);
    let mut events = Vec::new();
    while events.len() < EVENTS {
        let event = generator.next_event().unwrap();
        events.push(LoggedEvent {
            timestamp_ms: event.timestamp_ms,
            ingestion_ms: event.timestamp_ms + INGESTION_DELAY_MS + event.timestamp_ms % 97,
            group: format!("/aws/lambda/{}", event.function.name),
            stream: event.stream.to_owned(),
            message: String::from_utf8(event.message.to_vec()).unwrap(),
        });
    }
    events
}

fn answers(folder: &Path, threads: usize) -> Vec<Vec<Row>> {
    let engine = Engine::builder()
        .path(input_in(folder))
        .threads(threads)
        .build()
        .unwrap();
    let answer = |(_, query): (Vec<Loss>, &str)| {
        let prepared = engine.prepare(query, &QueryOptions::default());
        let result = prepared
            .unwrap_or_else(|error| panic!("{error}: {query}"))
            .run()
            .unwrap();
        assert!(result.damage().is_empty(), "{query}: {:?}", result.damage());
        result.rows()
    };
    queries().into_iter().map(answer).collect()
}

fn answers_of(container: &Container, events: &[LoggedEvent], threads: usize) -> Vec<Vec<Row>> {
    let folder = tempfile::tempdir().unwrap();
    container.write(events, folder.path()).unwrap();
    answers(folder.path(), threads)
}

/// The answers over what was converted of a container.
fn converted_answers(container: &Container, events: &[LoggedEvent]) -> Vec<Vec<Row>> {
    let folder = tempfile::tempdir().unwrap();
    container.write(events, folder.path()).unwrap();
    let made = tempfile::tempdir().unwrap();
    let output = std::fs::File::create(made.path().join("events")).unwrap();
    let input = input_in(folder.path());
    let engine = Engine::builder().path(input).threads(2).build().unwrap();
    let options = ConversionOptions::default();
    let conversion = engine
        .convert(&output, made.path(), &options, &RunControl::default())
        .unwrap();
    assert_eq!(
        (conversion.events, conversion.damage.len()),
        (events.len() as u64, 0)
    );
    answers(made.path(), 1)
}

#[test]
fn every_container_that_was_converted_gives_its_answers() {
    let events = events();
    for name in [
        "export tree",
        "export tree in a zip archive",
        "payloads",
        "console CSV",
        "short tail",
    ] {
        let container = CONTAINERS
            .iter()
            .find(|container| container.name == name)
            .unwrap();
        let original = answers_of(container, &events, 1);
        let queries = queries();
        for ((_, query), (found, expected)) in queries
            .iter()
            .zip(converted_answers(container, &events).iter().zip(&original))
        {
            assert_eq!(found, expected, "{name}: {query}");
        }
    }
}

#[test]
fn every_container_gives_the_same_answers() {
    let events = events();
    let queries = queries();
    assert!(queries.len() >= 30 && CONTAINERS.len() >= 20);
    let complete = CONTAINERS
        .iter()
        .find(|container| container.losses.is_empty())
        .unwrap();
    let expected = answers_of(complete, &events, 1);
    for ((_, query), rows) in queries.iter().zip(&expected) {
        let is_value = |value: &Value| !matches!(value, Value::Null) && *value != Value::Number(0.0);
        let finds = rows.iter().any(|row| row.values().iter().any(is_value));
        assert!(finds, "{query} finds nothing: {rows:?}");
    }
    let mut differences = Vec::new();
    for container in CONTAINERS {
        let found = answers_of(container, &events, 2);
        for ((needs, query), (found, expected)) in queries.iter().zip(found.iter().zip(&expected)) {
            let can_tell = needs.iter().all(|need| !container.losses.contains(need));
            if can_tell && found != expected {
                let first = found.iter().zip(expected).find(|(a, b)| a != b);
                differences.push(format!(
                    "{}: {query}: {} rows instead of {}: {first:?}",
                    container.name,
                    found.len(),
                    expected.len()
                ));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
