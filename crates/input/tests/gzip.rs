//! gzip inside gzip: as deep as delivery streams wrap it, and no deeper.

#![allow(clippy::unwrap_used)]

use std::io::Write;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use insq_event::{DamageKind, EventKinds, EventSource, MemoryBudget, RunContext, ScanRequest, TimeRange};
use insq_input::{Input, LogSource, ReadOptions};

fn wrapped(bytes: &[u8], depth: usize) -> Vec<u8> {
    (0..depth).fold(bytes.to_vec(), |bytes, _| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&bytes).unwrap();
        encoder.finish().unwrap()
    })
}

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
    });
    let run = RunContext::new(MemoryBudget::unlimited());
    let mut rows = 0;
    for partition in source.partitions(&request, &run).unwrap() {
        let mut reader = partition.open().unwrap();
        while let Some(batch) = reader.next_batch().unwrap() {
            rows += batch.num_rows();
        }
    }
    (
        rows,
        run.damage.entries().iter().map(|damage| damage.kind).collect(),
    )
}

#[test]
fn the_depth_has_a_limit() {
    let log = b"2026-03-04T00:00:00.000Z one\n2026-03-04T00:00:01.000Z two\n";
    for depth in 0..=2 {
        assert_eq!(read(wrapped(log, depth)), (2, vec![]), "{depth} deep");
    }
    assert_eq!(read(wrapped(log, 3)), (0, vec![DamageKind::BadCompression]));
}
