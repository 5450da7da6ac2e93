//! Laws that hold for any query and any events.

#![allow(clippy::unwrap_used)]

use insq::{Engine, MemoryEvent, QueryOptions, Row};
use proptest::prelude::*;

/// A value of a JSON field: numbers, numbers as text, words, truth values, null, or none at all.
fn value() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        (-3i32..4).prop_map(|n| Some(n.to_string())),
        (-3i32..4).prop_map(|n| Some(format!("\"{n}\""))),
        Just(Some("2.50".to_owned())),
        Just(Some("\"x9\"".to_owned())),
        Just(Some("\"x10\"".to_owned())),
        Just(Some("\"\"".to_owned())),
        Just(Some("true".to_owned())),
        Just(Some("null".to_owned())),
        Just(Some("12345678901234567890".to_owned())),
        Just(None),
    ]
}

fn event() -> impl Strategy<Value = String> {
    let report = (1u32..5000).prop_map(|n| {
        format!(
            "REPORT RequestId: r{}\tDuration: {}.{:02} ms\tBilled Duration: {n} ms\t",
            n % 7,
            n / 100,
            n % 100
        )
    });
    let json = (value(), value()).prop_map(|(a, b)| {
        let member = |name: &str, value: Option<String>| value.map(|value| format!("\"{name}\":{value}"));
        let members: Vec<String> = [member("a", a), member("b", b)].into_iter().flatten().collect();
        format!("{{{}}}", members.join(","))
    });
    prop_oneof![1 => report, 4 => json, 1 => Just("2".to_owned()),
        1 => Just("plain words, x9 among them".to_owned())]
}

fn events() -> impl Strategy<Value = Vec<MemoryEvent>> {
    proptest::collection::vec((0i64..20, event()), 0..25).prop_map(|events| {
        let event = |(second, message): (i64, String)| MemoryEvent {
            timestamp_ms: 1_772_582_400_000 + second * 1_000,
            message,
            log_stream: Some(format!("stream-{}", second % 3)),
        };
        events.into_iter().map(event).collect()
    })
}

fn operand() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("a".to_owned()),
        Just("b".to_owned()),
        Just("@duration".to_owned()),
        Just("a + b".to_owned()),
        Just("strlen(@message)".to_owned()),
        Just("coalesce(a, b, 1)".to_owned()),
        (-2i32..4).prop_map(|n| n.to_string()),
        Just("\"x9\"".to_owned()),
        Just("\"2\"".to_owned()),
    ]
}

fn condition() -> impl Strategy<Value = String> {
    let operator = prop_oneof![
        Just("="),
        Just("!="),
        Just("<"),
        Just("<="),
        Just(">"),
        Just(">=")
    ];
    let leaf = prop_oneof![
        4 => (operand(), operator, operand()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        1 => Just("ispresent(a)".to_owned()),
        1 => Just("a in [1, \"x9\", 2.5]".to_owned()),
        1 => Just("b not in [\"x10\", 0]".to_owned()),
        1 => Just("@message like \"x9\"".to_owned()),
        1 => Just("@message = \"2.0\"".to_owned()),
        1 => Just("a like /x\\d+/".to_owned()),
        1 => Just("@type = \"REPORT\"".to_owned()),
        1 => Just("@timestamp >= 1772582405000".to_owned()),
        1 => Just("not a".to_owned()),
        1 => Just("@requestId = \"r3\"".to_owned()),
        1 => Just("b = \"x10\"".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) and ({b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) or ({b})")),
            inner.prop_map(|a| format!("not ({a})")),
        ]
    })
}

fn rows_with(
    events: &[MemoryEvent],
    query: &str,
    threads: usize,
    batch_rows: usize,
    optimize: bool,
) -> Vec<Row> {
    let engine = Engine::builder()
        .events(events.to_vec())
        .threads(threads)
        .build()
        .unwrap();
    let options = QueryOptions {
        batch_rows,
        optimize,
        ..QueryOptions::default()
    };
    let query = engine
        .prepare(query, &options)
        .unwrap_or_else(|error| unreachable!("{error}: {query}"));
    query.run().unwrap().rows()
}

fn rows(events: &[MemoryEvent], query: &str) -> Vec<Row> {
    rows_with(events, query, 1, 8_192, true)
}

fn sorted(rows: Vec<Row>) -> Vec<String> {
    let mut rows: Vec<String> = rows.iter().map(|row| format!("{:?}", row.values())).collect();
    rows.sort();
    rows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_condition_its_negation_and_neither_are_all_events(events in events(), condition in condition()) {
        let parts = [
            format!("filter {condition} | fields @ptr"),
            format!("filter not ({condition}) | fields @ptr"),
            format!("fields ({condition}) as c, @ptr | filter not ispresent(c) | display @ptr"),
        ];
        let together: Vec<Row> = parts.iter().flat_map(|query| rows(&events, query)).collect();
        prop_assert_eq!(sorted(together), sorted(rows(&events, "fields @ptr")), "{}", condition);
    }

    #[test]
    fn no_setting_shows(events in events(), condition in condition(), tail in prop_oneof![
        Just("fields @timestamp, a, b | sort a, b desc"),
        Just("fields @message | limit 3"),
        Just("stats count(*) as n, sum(a) as s, avg(@duration) as m, pct(a, 50) as p, stddev(a) as d by b, bin(5s)"),
        Just("stats latest(a) as l, earliest(b) as e, max(a) as hi, min(b) as lo, count_distinct(a) as c by @logStream"),
        Just("fields a, b | sort b | dedup a"),
        Just("parse @message \"RequestId: r*\\t\" as id | stats count(*) as n by id | sort n desc, id"),
    ]) {
        let query = format!("filter {condition} | {tail}");
        let expected = rows(&events, &query);
        for (threads, batch_rows, optimize) in [(1, 1, true), (3, 2, true), (1, 8_192, false)] {
            prop_assert_eq!(&rows_with(&events, &query, threads, batch_rows, optimize), &expected, "{}", &query);
        }
    }

    #[test]
    fn filters_in_a_row_are_one(events in events(), a in condition(), b in condition()) {
        let split = format!("filter {a} | filter {b} | fields @ptr");
        let joined = format!("filter ({a}) and ({b}) | fields @ptr");
        prop_assert_eq!(rows(&events, &split), rows(&events, &joined));
    }

    #[test]
    fn groups_add_up(events in events(), condition in condition()) {
        let total = rows(&events, &format!("filter {condition} | stats count(*) as n"));
        let again = rows(&events, &format!("filter {condition} | stats count(*) as n by a, b | stats coalesce(sum(n), 0) as n"));
        prop_assert_eq!(&total[0].values(), &again[0].values(), "{}", condition);
    }
}
