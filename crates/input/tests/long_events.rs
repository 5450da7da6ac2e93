//! Events that are longer than any may be, in the containers that are taken apart record by record: they are left out
//! and told, and the others come out.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use insq_event::{DamageKind, EventKinds, EventSource, MemoryBudget, RunContext, ScanRequest, TimeRange};
use insq_input::{EVENT_BYTES_MAX, Input, LogSource, ReadOptions};

/// Events that come out, and the damage that is noted.
fn read(bytes: Vec<u8>) -> (usize, Vec<DamageKind>) {
    let input = Input::Reader {
        name: "log".to_owned(),
        reader: Box::new(std::io::Cursor::new(bytes)),
    };
    let source = LogSource::new(vec![input], ReadOptions::default());
    let request = Arc::new(ScanRequest {
        columns: Vec::new(),
        kinds: EventKinds::ALL,
        time_range: TimeRange::ALL,
        literals: Vec::new(),
        request_id: None,
        function: None,
        batch_rows: 100,
        bar: None,
    });
    let run = RunContext::new(MemoryBudget::new(128 << 20));
    let mut rows = 0;
    for partition in source.partitions(&request, &run).unwrap() {
        let mut reader = partition.open().unwrap();
        while let Some(batch) = reader.next_batch().unwrap() {
            rows += batch.num_rows();
        }
    }
    let damage = run.damage.entries();
    (rows, damage.iter().map(|entry| entry.kind).collect())
}

/// A length well below the limit, and one well above it.
fn lengths() -> [(usize, usize, Vec<DamageKind>); 2] {
    [
        (EVENT_BYTES_MAX / 2, 3, vec![]),
        (EVENT_BYTES_MAX * 2, 2, vec![DamageKind::EventTooLong]),
    ]
}

#[test]
fn rows_of_csv() {
    for (length, events, damage) in lengths() {
        let long = "x".repeat(length);
        let row = "2026-03-04 00:00:00.000,one\n";
        let text = format!("@timestamp,@message\n{row}2026-03-04 00:00:01.000,\"{long}\"\n{row}");
        assert_eq!(read(text.into_bytes()), (events, damage), "{length}");
    }
}

#[test]
fn texts_of_the_command_line() {
    for (length, events, damage) in lengths() {
        let event = |message: &str| format!("EVENTS\t1772582405001\t{message}\t1772582400123\n");
        let text = event("one") + &event(&"x".repeat(length)) + &event("two");
        assert_eq!(read(text.into_bytes()), (events, damage), "{length}");
    }
}
