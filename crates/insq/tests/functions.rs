//! Runs the example of every scalar function of the table through the whole engine.

#![allow(clippy::unwrap_used)]

use insq::{Engine, MemoryEvent, QueryOptions};

#[test]
fn every_function_does_what_its_example_says() {
    let event = MemoryEvent {
        timestamp_ms: 1_772_582_400_123,
        message: "hello".to_owned(),
        log_stream: None,
    };
    let engine = Engine::builder().events([event]).threads(1).build().unwrap();
    let options = QueryOptions {
        now_ms: 1_772_582_400_000,
        time_range: insq::TimeRange {
            start_ms: Some(1_772_582_400_000),
            end_ms: Some(1_772_586_000_000),
        },
        ..QueryOptions::default()
    };
    let functions = insq_functions::scalar_functions();
    // All in one query, since events in memory are read once.
    let items: Vec<String> = functions
        .iter()
        .enumerate()
        .map(|(idx, function)| format!("{} as f{idx}", function.example.0))
        .collect();
    let query = engine
        .prepare(&format!("fields {}", items.join(", ")), &options)
        .unwrap();
    let rows = query.run().unwrap().rows();
    assert!(functions.len() > 50, "only {} functions", functions.len());
    for (function, found) in functions.iter().zip(rows[0].values()) {
        let (call, expected) = function.example;
        assert_eq!(found.to_string(), expected, "{}: {call}", function.name);
        assert!(
            call.contains(function.name),
            "{} is not in its example",
            function.name
        );
    }
}
