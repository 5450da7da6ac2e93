//! Files that lie elsewhere are read as those on the disk.

#![allow(clippy::unwrap_used)]

use std::io::{self, Cursor, Read};
use std::ops::Range;
use std::sync::Arc;

use insq_event::{DamageKind, EventKinds, EventSource, MemoryBudget, RunContext, ScanRequest, TimeRange};
use insq_input::{Input, LogSource, ReadOptions, RemoteFile};

struct Memory {
    name: &'static str,
    bytes: &'static [u8],
}

impl RemoteFile for Memory {
    fn name(&self) -> &str {
        self.name
    }

    fn size_bytes(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        match self.bytes {
            b"" => Err(io::Error::from(io::ErrorKind::PermissionDenied)),
            bytes => Ok(Box::new(Cursor::new(bytes))),
        }
    }

    fn read_range(&self, range: Range<u64>) -> io::Result<Vec<u8>> {
        Ok(self.bytes[range.start as usize..range.end as usize].to_vec())
    }
}

#[test]
fn remote_files_are_read_and_their_trouble_is_noted() {
    let file = |name, bytes| Input::Remote(Arc::new(Memory { name, bytes }) as Arc<dyn RemoteFile>);
    let late = "s3://b/e/t/2026-03-09-[1]00aa11bb22cc33dd44ee55ff66007788/000000";
    let inputs = vec![
        file(
            "s3://b/a.log",
            b"2026-03-04T00:00:00.000Z one\n2026-03-05T00:00:00.000Z two\n",
        ),
        file("s3://b/refused.log", b""),
        file(late, b"2026-03-09T00:00:00.000Z three\n"),
    ];
    let source = LogSource::new(inputs, ReadOptions::default());
    let request = Arc::new(ScanRequest {
        columns: Vec::new(),
        kinds: EventKinds::ALL,
        time_range: TimeRange {
            start_ms: None,
            end_ms: Some(1_772_668_800_000),
        },
        literals: Vec::new(),
        request_id: None,
        function: None,
        batch_rows: 10,
        bar: None,
    });
    let run = RunContext::new(MemoryBudget::unlimited());
    let mut rows = 0;
    for partition in source.partitions(&request, &run).unwrap() {
        let mut reader = partition.open().unwrap();
        while let Some(batch) = reader.next_batch().unwrap() {
            rows += batch.num_rows();
        }
    }
    assert_eq!(rows, 1);
    let damage = run.damage.entries();
    assert_eq!(
        (damage.len(), damage[0].kind, &*damage[0].file),
        (1, DamageKind::Unreadable, "s3://b/refused.log")
    );
    // The last one can hold nothing of the wanted time, by its name.
    assert_eq!(run.progress.snapshot().bytes_skipped, 31);
}
