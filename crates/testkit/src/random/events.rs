//! Random events: JSON of few fields with many types, REPORT lines, plain text.

use crate::Prng;
use crate::reference::LogEvent;

/// The first instant, 2026-03-04 00:00:00 UTC.
pub(super) const START_MS: i64 = 1_772_582_400_000;

/// What a JSON field can be.
const VALUES: &[&str] = &[
    "0",
    "1",
    "2",
    "3",
    "-1",
    "2.5",
    "0.1",
    "10",
    "9",
    "1e2",
    "100",
    "12345678901234567890",
    "12345678901234567891",
    "12345678901234567000.0",
    "\"1\"",
    "\"01\"",
    "\"2.50\"",
    "\"x9\"",
    "\"x10\"",
    "\"X9\"",
    "\"\"",
    "\" \"",
    "\"user=bob ms=12\"",
    "\"10.1.2.3\"",
    "\"10.9.0.1\"",
    "\"2001:db8::1\"",
    "\"user=\\\"bob x9\\\" ms= x9\"",
    "\"1,\\\"x,9\\\",\"",
    "\"user= ms=\"",
    "\"true\"",
    "\"é\"",
    "true",
    "false",
    "null",
    "[1,\"x9\",null]",
    "{\"x\":1}",
    "{\"x\":\"x9\",\"y\":[2]}",
    "[{\"x\":2},{\"x\":null},[1]]",
    "[]",
    "{\"x\": [1, \"a b\"] }",
    "\"[1, \\\"x9\\\"]\"",
    "\"{\\\"x\\\":1}\"",
];

/// A time at which events are.
pub fn random_instant(prng: &mut Prng) -> i64 {
    START_MS + i64::from(prng.below(12)) * 1_500 * if prng.chance(0.1) { 600 } else { 1 }
}

/// So many events at most, of which many share their instant.
pub fn random_events(prng: &mut Prng, count_max: u32) -> Vec<LogEvent> {
    let count = prng.below(count_max + 1);
    (0..count)
        .map(|_| {
            let timestamp_ms = random_instant(prng);
            LogEvent {
                timestamp_ms,
                message: message(prng),
                log_stream: format!("stream-{}", prng.below(3)),
            }
        })
        .collect()
}

fn message(prng: &mut Prng) -> String {
    match prng.below(10) {
        0 | 9 => words(prng),
        1 => format!("user=u{} ms={} user=v ms=7", prng.below(3), prng.below(30)),
        2 | 3 => report(prng),
        _ => object(prng),
    }
}

/// Text that is no document, though one may be in it.
fn words(prng: &mut Prng) -> String {
    let id = prng.below(5);
    match prng.below(8) {
        0 => "plain words, x9 among them".to_owned(),
        1 => format!("START RequestId: r{id} Version: $LATEST"),
        2 => format!("END RequestId: r{id}"),
        3 => format!("INFO {} and {}", object(prng), object(prng)),
        4 => format!("{{broken {} \"a\": {{", object(prng)),
        5 => format!("Traceback x9:\n  in r{id}\n\n  {}", object(prng)),
        6 => format!("{} tail", object(prng)),
        _ => format!("[{}, {}]", object(prng), object(prng)),
    }
}

fn object(prng: &mut Prng) -> String {
    let members: Vec<String> = ["a", "b", "o"]
        .into_iter()
        .filter(|_| prng.chance(0.8))
        .collect::<Vec<_>>()
        .into_iter()
        .map(|name| format!("\"{name}\":{}", prng.pick(VALUES)))
        .collect();
    format!("{{{}}}", members.join(","))
}

fn report(prng: &mut Prng) -> String {
    // Some run for seconds, so that they are in flight in several bins.
    let (id, ms) = (prng.below(5), prng.below(90_000) * prng.pick(&[1, 1, 10]));
    let mut line = format!(
        "REPORT RequestId: r{id}\tDuration: {}.{:02} ms\tBilled Duration: {} ms\tMemory Size: 128 MB\tMax Memory Used: {} MB\t",
        ms / 100,
        ms % 100,
        ms / 100 + 1,
        prng.between(20, 120)
    );
    if prng.chance(0.3) {
        line.push_str(&format!("Init Duration: {}.25 ms\t", prng.below(400)));
    }
    line
}
