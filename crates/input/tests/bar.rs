//! Events behind the bar of a request are left out and counted; what is said of damage stays.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use insq_event::{Bar, DamageKind, ScanRequest, SystemField};

mod support;

use support::{Read, of_bytes, request_of, system};

const LOG: &str = "\
2026-03-04T00:00:00.000Z one
2026-03-04T00:00:01.000Z two
2026-03-04T00:00:02.000Z three
2026-03-04T00:00:03.000Z REPORT RequestId: x\tDuration: 5.00 ms\tMemory Size: 128 MB
2026-03-04T00:00:04.000Z REPORT RequestId: x\tDuration: 7.00 ms\tMemory Size: 128 MB
2026-03-04T00:00:05.000Z REPORT RequestId: x\tDuration: 6.00 ms\tMemory Size: 128 MB
2026-03-04T00:00:06.000Z REPORT RequestId: x\tDuration: 4
";

const MIDNIGHT_MS: i64 = 1_772_582_400_000;

fn read(log: &[u8], bar: &Arc<Bar>) -> Read {
    let columns = vec![
        system(SystemField::Message),
        system(SystemField::Timestamp),
        system(SystemField::Duration),
    ];
    let request = ScanRequest {
        bar: Some(Arc::clone(bar)),
        ..request_of(columns, 100)
    };
    of_bytes(log.to_vec(), request).unwrap()
}

/// The first word or the duration of every message that came.
fn words(read: &Read) -> Vec<String> {
    let word = |message: Option<String>| {
        let message = message.unwrap_or_default();
        let rest = message.split("Duration: ").nth(1).unwrap_or(&message);
        rest.split(' ').next().unwrap_or_default().to_owned()
    };
    read.texts(0).into_iter().map(word).collect()
}

#[test]
fn only_what_passes_comes_out() {
    let seconds = |seconds: i64| MIDNIGHT_MS + 1_000 * seconds;
    for (field, is_descending, place, expected) in [
        (
            SystemField::Timestamp,
            true,
            Bar::place_of_time(seconds(5), true),
            vec!["6.00", "4"],
        ),
        (
            SystemField::Timestamp,
            false,
            Bar::place_of_time(seconds(1), false),
            vec!["one", "two"],
        ),
        (
            SystemField::Duration,
            true,
            Bar::place_of_number(6.0, true),
            vec!["7.00", "6.00"],
        ),
        (
            SystemField::Duration,
            false,
            Bar::place_of_number(4.9, false),
            vec![],
        ),
    ] {
        let bar = Arc::new(Bar::new(field, is_descending));
        let all = read(LOG.as_bytes(), &bar);
        assert_eq!((all.rows(), bar.left_out()), (7, 0));
        bar.lower(place);
        let some = read(LOG.as_bytes(), &bar);
        assert_eq!(words(&some), expected, "{field:?} {is_descending}");
        assert_eq!(bar.left_out(), 7 - expected.len() as u64);
        // Whoever is left out was looked at all the same.
        assert_eq!(some.counters.events_scanned, all.counters.events_scanned);
        assert_eq!(some.damage, all.damage);
        assert!(matches!(&some.damage[..], [damage] if damage.kind == DamageKind::CutReport));
    }
}

/// As long as something is to be said of a message, its neighbours come out with it.
#[test]
fn damaged_messages_are_told_of_wherever_they_stand() {
    let mut log = LOG.as_bytes().to_vec();
    let at = LOG.find("one").unwrap();
    log[at] = 0xff;
    let bar = Arc::new(Bar::new(SystemField::Timestamp, true));
    bar.lower(Bar::place_of_time(i64::MAX, true));
    let read = read(&log, &bar);
    let kinds: Vec<DamageKind> = read.damage.iter().map(|damage| damage.kind).collect();
    assert!(
        kinds.contains(&DamageKind::InvalidUtf8) && kinds.contains(&DamageKind::CutReport),
        "{kinds:?}"
    );
}
