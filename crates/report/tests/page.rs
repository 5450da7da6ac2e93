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

fn made(log: String, quota: u32) -> String {
    let log = std::io::Cursor::new(log.into_bytes());
    let engine = Engine::builder().reader("payload.json", log).build().unwrap();
    let read = engine
        .load(&LoadOptions::default(), &RunControl::default())
        .unwrap();
    let load = &read.load;
    let (first, last) = load.span_us().unwrap();
    let options = ConcurrencyOptions {
        quotas: Quotas::new(quota, Vec::new()).unwrap(),
        ..ConcurrencyOptions::default()
    };
    let mut overview = Overview::new(first..last, PAGE_COLUMNS, 1_000);
    let concurrency = engine
        .concurrency(load, &options, |slice| overview.add(slice))
        .unwrap();
    let spikes = engine.spikes(load, &SpikesOptions::default());
    let mut evidence = vec![Evidence::default(); spikes.len()];
    for found in &mut evidence {
        found.add(Sign::Throttled, HOSTILE, HOSTILE, MIDNIGHT_MS);
    }
    let zooms: Vec<(usize, Overview)> = (0..spikes.len()).map(|idx| (idx, overview.clone())).collect();
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
    assert!(!text.contains("<h2>Spikes</h2>") && !text.contains("NaN"));
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
