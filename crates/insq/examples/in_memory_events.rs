//! Runs a query over events that a program holds in memory.
//!
//! `cargo run -p insq --example in_memory_events`

#![allow(clippy::print_stdout)]

use insq::{Engine, MemoryEvent, QueryOptions};

fn main() -> Result<(), insq::Error> {
    let events = (0..10).map(|idx| MemoryEvent {
        timestamp_ms: 1_772_582_400_000 + idx * 250,
        message: format!(
            r#"{{"level":"{}","ms":{}}}"#,
            if idx % 3 == 0 { "ERROR" } else { "INFO" },
            idx * 10
        ),
        log_stream: Some("in-memory".to_owned()),
    });
    let engine = Engine::builder().events(events).threads(1).build()?;
    let query = engine.prepare(
        "stats count(*) as n, avg(ms) as mean by level, bin(1s)",
        &QueryOptions::default(),
    )?;
    for row in query.run()?.rows() {
        println!("{:?}", row.values());
    }
    Ok(())
}
