//! Follows a run from another thread and stops it after a tenth of a second.
//!
//! `cargo run -p insq --example stop_a_long_query -- PATH`

#![allow(clippy::print_stdout)]

use std::time::Duration;

use insq::{Engine, ErrorCode, QueryOptions, RunControl};

fn main() -> Result<(), insq::Error> {
    let path = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "testdata/sample-logs".to_owned());
    let engine = Engine::builder().path(path).build()?;
    let query = engine.prepare("stats count(*) by @requestId", &QueryOptions::default())?;
    let control = RunControl::default();
    let outcome = std::thread::scope(|scope| {
        let watcher = control.clone();
        scope.spawn(move || {
            std::thread::sleep(Duration::from_millis(100));
            println!("{} bytes read, stopping", watcher.progress.snapshot().bytes_read);
            watcher.cancellation.cancel();
        });
        query.run_with(&control)
    });
    match outcome {
        Ok(result) => println!("{} rows, before anyone could stop it", result.statistics().rows),
        Err(error) if error.code() == ErrorCode::Cancelled => println!("stopped: {error}"),
        Err(error) => return Err(error),
    }
    Ok(())
}
