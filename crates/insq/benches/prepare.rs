//! How long it takes to read, bind and optimise a query of 2 KB. It reads no log.

#![allow(clippy::unwrap_used)]

use criterion::{Criterion, criterion_group, criterion_main};
use insq::{Engine, QueryOptions};

/// A filter of many conditions, a regex, and many aggregates: 2 KB of a query that somebody could write.
fn query() -> String {
    let mut text = String::from(
        "fields @timestamp, jsonParse(payload) as m\n| parse @message /user=(?<user>\\w+) ms=(?<ms>\\d+)/",
    );
    let mut idx = 0;
    while text.len() < 1_500 {
        text.push_str(&format!(
            "\n| filter status{idx} >= {idx} and (path like /^\\/api\\/v{idx}/ or m.kind != \"k{idx}\")"
        ));
        idx += 1;
    }
    text.push_str("\n| stats count(*) as n");
    while text.len() < 2_000 {
        text.push_str(&format!(", pct(ms * {idx}, 99.5) as p{idx}"));
        idx += 1;
    }
    text.push_str(" by bin(5m), user\n| sort n desc | limit 20");
    text
}

fn prepare(criterion: &mut Criterion) {
    let engine = Engine::builder().threads(1).build().unwrap();
    let text = query();
    let options = QueryOptions::default();
    assert!(engine.prepare(&text, &options).is_ok() && text.len() > 2_000);
    criterion.bench_function("prepare 2 KB", |bencher| {
        bencher.iter(|| engine.prepare(&text, &options).map(|_| ()).unwrap());
    });
}

criterion_group!(benches, prepare);
criterion_main!(benches);
