//! Runs a query over log files from another program.
//!
//! `cargo run -p insq --example embed_query -- testdata/sample-logs`

#![allow(clippy::print_stdout)]

use insq::{Engine, QueryOptions};

fn main() -> Result<(), insq::Error> {
    let path = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "testdata/sample-logs".to_owned());
    let engine = Engine::builder().path(path).build()?;
    let query = engine.prepare(
        "filter @type = 'REPORT'
         | stats count(*) as invocations, pct(@duration, 99) as p99 by bin(5m)
         | sort p99 desc
         | limit 5",
        &QueryOptions::default(),
    )?;
    let result = query.run()?;
    for row in result.rows() {
        let cells: Vec<String> = row.values().iter().map(ToString::to_string).collect();
        println!("{}", cells.join("  "));
    }
    println!("{} events looked at", result.statistics().counters.events_scanned);
    Ok(())
}
