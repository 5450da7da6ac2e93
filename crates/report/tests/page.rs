//! The page for a browser: sound whatever the names are, and sufficient to itself.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use insq::{
    ConcurrencyOptions, Engine, Evidence, LoadOptions, Overview, Quotas, RunControl, Sign, SpikesOptions,
};
use insq_report::{PAGE_COLUMNS, PageContent, page};

/// 2026-03-04 00:00:00 UTC.
const MIDNIGHT_MS: i64 = 1_772_582_400_000;

/// A name that would be markup, end a script, and leave an attribute.
const HOSTILE: &str = "</script><img src=x onerror=alert(1)>\"'&";

/// Payloads of a subscription with `per_s` invocations of a function in every second.
fn events(function: &str, seconds: i64, per_s: impl Fn(i64) -> i64) -> String {
    let group = format!("/aws/lambda/{function}").replace('"', "\\\"");
    let mut events = String::new();
    for second in 0..seconds {
        for number in 0..per_s(second) {
            let end_ms = MIDNIGHT_MS + second * 1_000 + number * 7 + 500;
            events.push_str(&format!(
                "{{\"owner\":\"1\",\"logGroup\":\"{group}\",\"logStream\":\"s\",\"messageType\":\"DATA_MESSAGE\",\
                 \"subscriptionFilters\":[\"f\"],\"logEvents\":[{{\"id\":\"1\",\"timestamp\":{end_ms},\"message\":\
                 \"REPORT RequestId: x\\tDuration: 300.00 ms\\tBilled Duration: 300 ms\\t\"}}]}}"
            ));
        }
    }
    events
}

/// The page of a log, with a picture of every spike.
fn made(log: String, quota: u32) -> String {
    made_with(log, quota, usize::MAX)
}

/// The page of a log, with pictures of so many spikes.
fn made_with(log: String, quota: u32, pictures: usize) -> String {
    let log = std::io::Cursor::new(log.into_bytes());
    let engine = Engine::builder().reader("payload.json", log).build().unwrap();
    let read = engine
        .load(&LoadOptions::default(), &RunControl::default())
        .unwrap();
    let load = &read.load;
    let (first, last) = load.span_us().unwrap();
    let quotas = Quotas::new(quota, Vec::new()).unwrap();
    let options = ConcurrencyOptions {
        quotas: quotas.clone(),
        ..ConcurrencyOptions::default()
    };
    let mut overview = Overview::new(first..last, PAGE_COLUMNS, 1_000);
    let concurrency = engine
        .concurrency(load, &options, |slice| overview.add(slice))
        .unwrap();
    let options = SpikesOptions {
        quotas,
        ..SpikesOptions::default()
    };
    let spikes = engine.spikes(load, &options, |_| {});
    let mut evidence = vec![Evidence::default(); spikes.len()];
    for found in &mut evidence {
        found.add(Sign::Throttled, HOSTILE, HOSTILE, MIDNIGHT_MS);
    }
    let zooms: Vec<(usize, Overview)> = (0..spikes.len().min(pictures))
        .map(|idx| (idx, overview.clone()))
        .collect();
    page(&PageContent {
        load,
        concurrency: &concurrency,
        overview: &overview,
        spikes: &spikes,
        zooms: &zooms,
        evidence: &evidence,
        hunts: &engine.hunt(load, None, 2),
    })
}

/// Panics unless every element that is opened is closed in order. Scripts and styles are no markup.
fn assert_balanced(page: &str) {
    const VOID: [&str; 2] = ["meta", "!doctype"];
    let mut open: Vec<&str> = Vec::new();
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        let end = start + rest[start..].find('>').expect("a tag ends");
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap();
        if tag.starts_with('/') {
            let shown: String = rest.chars().take(80).collect();
            assert_eq!(open.pop(), Some(name), "before {shown}");
        } else if !tag.ends_with('/') && !VOID.contains(&name) {
            open.push(name);
            if ["script", "style"].contains(&name) {
                let close = format!("</{name}>");
                rest = &rest[rest.find(&close).expect("a script ends")..];
            }
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn hostile_names_stay_names() {
    let spike = |second| if (800..830).contains(&second) { 30 } else { 3 };
    let log = events(HOSTILE, 1_200, spike) + &events("orders", 1_200, |_| 2);
    let text = made(log, 1_000);
    assert_balanced(&text);
    assert!(text.contains("Spike 1:"), "the spike is on the page");
    assert!(!text.contains("<img"));
    assert!(text.contains("&lt;img src=x onerror=alert(1)&gt;"));
    assert!(!text.contains("http://") && !text.contains("https://"));
    assert!(!text.contains("NaN") && !text.contains(">inf"));
}

#[test]
fn little_is_enough() {
    let text = made(events("orders", 1, |_| 1), 1);
    assert_balanced(&text);
    assert!(text.contains("quota 1<"), "{text}");
    // One of one is a rule broken, without a rise that anything could be expected of.
    assert!(text.contains(">at the quota") && !text.contains("<dt>expected</dt>"));
    assert!(!text.contains("NaN"));
    let text = made(events("orders", 1, |_| 1), 1_000);
    assert_balanced(&text);
    assert!(!text.contains("<h2>Spikes</h2>") && !text.contains("quota 1,000<"));
}

#[test]
fn a_page_of_many_columns_and_functions_is_small() {
    let log: String = (0..20)
        .map(|number| {
            events(&format!("function-{number}"), 300, move |second| {
                1 + (second * 7 + number) % 5
            })
        })
        .collect();
    let text = made(log, 1_000);
    assert!(text.len() < 1 << 20, "{} bytes", text.len());
    assert_balanced(&text);
}

/// What stands between two texts, wherever they are.
fn between<'a>(text: &'a str, start: &str, end: &str) -> Vec<&'a str> {
    let parts = text.split(start).skip(1);
    parts.filter_map(|part| part.split(end).next()).collect()
}

/// The values of the cells of a row.
fn keys(row: &str) -> Vec<f64> {
    let keys = between(row, "data-k=\"", "\"").into_iter();
    keys.map(|key| key.parse().unwrap()).collect()
}

/// Twenty functions of which all rise at once: more than have rows of their own.
fn rush() -> String {
    let rate = |second| if (800..830).contains(&second) { 8 } else { 1 };
    (0..20)
        .map(|number| events(&format!("function-{number}"), 1_000, rate))
        .collect()
}

#[test]
fn the_parts_of_a_rise_add_up() {
    let text = made(rush(), 1_000);
    let table = between(&text, "Why concurrency rose", "</table>")[0];
    let rows: Vec<Vec<f64>> = between(table, "<tr>", "</tr>")
        .into_iter()
        .map(keys)
        .filter(|keys| !keys.is_empty())
        .collect();
    assert!(table.contains(">8 others<"), "12 functions have rows");
    let (total, rows) = rows.split_last().unwrap();
    assert_eq!(rows.len(), 13);
    for (column, sum) in total.iter().enumerate() {
        let shown: f64 = rows.iter().map(|row| row[column]).sum();
        assert!(
            (shown - sum).abs() < 1e-9,
            "column {column}: {shown} is not {sum}"
        );
    }
    // Share, rise, the bar, and the four parts.
    for row in rows.iter().chain([total]) {
        assert!((row[3..].iter().sum::<f64>() - row[1]).abs() < 1e-9, "{row:?}");
    }
    assert!((total[0] - 1.0).abs() < 1e-9);
}

#[test]
fn every_link_and_every_colour_leads_somewhere() {
    for pictures in [usize::MAX, 0] {
        let text = made_with(rush(), 100, pictures);
        assert!(text.contains("href=\"#spike-1\""));
        let ids = between(&text, " id=\"", "\"");
        for id in &ids {
            assert_eq!(ids.iter().filter(|other| *other == id).count(), 1, "{id}");
        }
        let urls = between(&text, "url(#", ")");
        for target in between(&text, "href=\"#", "\"").iter().chain(&urls) {
            assert!(ids.contains(target), "{target}");
        }
    }
}

#[test]
fn broken_rules_are_told() {
    let text = made(rush(), 30);
    assert!(
        text.contains(">near the quota<"),
        "8 × 20 × 0.3 s are more than 30"
    );
    assert!(!made(rush(), 1_000).contains("Rule broken"));
}

#[test]
fn names_do_not_turn_what_stands_beside_them() {
    let text = made(events("a\u{202e}b\u{2066}", 1, |_| 1), 1_000);
    assert!(!text.contains('\u{202e}') && !text.contains('\u{2066}'));
    assert!(text.contains("a\u{fffd}b\u{fffd}"));
}
