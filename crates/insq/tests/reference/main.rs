//! The engine against the reference interpreter, on random queries and random events.
//!
//! `INSQ_PAIRS=100000 cargo test --release -p insq --test reference` compares so many pairs; `INSQ_SEED` chooses others.

#![allow(clippy::unwrap_used, clippy::panic)]

mod inputs;

use insq::{GATHERED_ROWS, QueryOptions, Spill, TimeRange};
use insq_testkit::Prng;
use insq_testkit::random::{random_events, random_instant, random_query};
use insq_testkit::reference::{self, Answer, LogEvent, Value};

use inputs::{Form, Inputs};

/// Pairs that are compared when nothing else is said.
const PAIRS_DEFAULT: u64 = 3_000;

/// Events of a pair at most.
const EVENTS_MAX: u32 = 16;

/// How far two numbers may differ: the engine's sums are exact, and what is made of them is rounded.
const TOLERANCE: f64 = 1e-9;

#[test]
fn the_engine_answers_as_the_reference() {
    let setting = |name: &str, default: u64| {
        let value = std::env::var(name).ok();
        value.map_or(default, |value| value.parse().unwrap())
    };
    let (pairs, seed) = (setting("INSQ_PAIRS", PAIRS_DEFAULT), setting("INSQ_SEED", 1));
    let mut prng = Prng::new(seed);
    let (mut n_compared, mut n_rows) = (0_u64, 0);
    let mut n_tried = 0_u64;
    while n_compared < pairs {
        n_tried += 1;
        let query = random_query(&mut prng);
        let mut events = random_events(&mut prng, EVENTS_MAX);
        // Files follow each other by their streams; events of one time stand in the order of the files.
        match prng.chance(0.5) {
            true => events.sort_by(|a, b| a.log_stream.cmp(&b.log_stream)),
            false => {
                events.sort_by(|a, b| (&a.log_stream, a.timestamp_ms).cmp(&(&b.log_stream, b.timestamp_ms)))
            }
        }
        let range = random_range(&mut prng, &query);
        match differs(&query, &events, range) {
            Outcome::Same(rows) => {
                n_compared += 1;
                n_rows += rows;
            }
            Outcome::Refused => {}
            Outcome::Differs(_) => {
                let (query, events) = smallest(query, events, range);
                let Outcome::Differs(how) = differs(&query, &events, range) else {
                    unreachable!()
                };
                panic!(
                    "after {n_compared} pairs, {range:?}:\n{query}\n{}\n{how}",
                    shown(&events)
                );
            }
        }
    }
    // A generator whose queries are refused, or find nothing, would test nothing.
    assert!(
        n_compared * 3 > n_tried * 2,
        "{n_compared} of {n_tried} queries are taken"
    );
    assert!(n_rows > n_compared as usize, "{n_rows} rows");
    println!("{n_compared} of {n_tried} pairs compared, {n_rows} rows");
}

enum Outcome {
    Same(usize),
    /// One of the two refuses the query.
    Refused,
    Differs(String),
}

/// The time that a query is about: mostly all.
fn random_range(prng: &mut Prng, query: &str) -> TimeRange {
    // What is in flight at the end of a time is told by events behind it, of which the reference knows nothing.
    if query.contains("concurrency_") || prng.chance(0.6) {
        return TimeRange::ALL;
    }
    let mut bound = || prng.chance(0.7).then(|| random_instant(prng));
    let (start_ms, end_ms) = (bound(), bound());
    TimeRange { start_ms, end_ms }
}

fn differs(query: &str, events: &[LogEvent], range: TimeRange) -> Outcome {
    let Ok(parsed) = insq_syntax::parse(query) else {
        return Outcome::Differs("is no query".to_owned());
    };
    let wanted: Vec<LogEvent> = events
        .iter()
        .filter(|event| range.contains(Some(event.timestamp_ms)))
        .cloned()
        .collect();
    let Ok(expected) = reference::answer(&parsed.query, &wanted) else {
        return Outcome::Refused;
    };
    let plain = Setting {
        form: Form::Memory,
        threads: 1,
        batch_rows: 8_192,
        optimize: true,
        gathered_bytes: usize::MAX,
        gathered_rows: GATHERED_ROWS,
    };
    let settings = [
        plain,
        Setting {
            optimize: false,
            ..plain
        },
        Setting {
            threads: 2,
            batch_rows: 3,
            ..plain
        },
        // Files after every chunk.
        Setting {
            batch_rows: 2,
            gathered_bytes: 0,
            ..plain
        },
        Setting {
            threads: 2,
            batch_rows: 1,
            optimize: false,
            gathered_bytes: 0,
            ..plain
        },
        // Groups put aside after every chunk, and now and then.
        Setting {
            batch_rows: 2,
            gathered_rows: 1,
            ..plain
        },
        Setting {
            threads: 2,
            batch_rows: 1,
            gathered_rows: 3,
            ..plain
        },
        Setting {
            form: Form::Export,
            ..plain
        },
        Setting {
            form: Form::Export,
            optimize: false,
            ..plain
        },
        Setting {
            form: Form::CutExport {
                part_bytes: 150,
                block_bytes: 60,
            },
            threads: 2,
            batch_rows: 3,
            ..plain
        },
        Setting {
            form: Form::Parquet,
            ..plain
        },
        Setting {
            form: Form::Parquet,
            threads: 2,
            batch_rows: 3,
            ..plain
        },
    ];
    let inputs = Inputs::new(events);
    for setting in settings {
        match engine(query, &inputs, range, setting) {
            None => return Outcome::Refused,
            Some(Ok(found)) if is_same(&found, &expected) => {}
            Some(found) => {
                return Outcome::Differs(format!(
                    "{setting:?}\nengine    {found:?}\nreference {expected:?}"
                ));
            }
        }
    }
    Outcome::Same(expected.rows.len())
}

/// What never changes an answer.
#[derive(Clone, Copy, Debug)]
struct Setting {
    form: Form,
    threads: usize,
    batch_rows: usize,
    optimize: bool,
    gathered_bytes: usize,
    gathered_rows: usize,
}

fn engine(
    query: &str,
    inputs: &Inputs<'_>,
    time_range: TimeRange,
    setting: Setting,
) -> Option<Result<Answer, insq::Error>> {
    let spill = Spill {
        folder: std::env::temp_dir().into(),
        gathered_bytes: setting.gathered_bytes,
    };
    let builder = inputs.engine(setting.form).threads(setting.threads);
    let builder = builder.gathered_rows(setting.gathered_rows);
    let engine = builder.spill(spill).build().unwrap();
    let options = QueryOptions {
        batch_rows: setting.batch_rows,
        optimize: setting.optimize,
        time_range,
        ..QueryOptions::default()
    };
    let result = match engine.prepare(query, &options).ok()?.run() {
        Ok(result) => result,
        Err(error) => return Some(Err(error)),
    };
    let value = |value: &insq::Value| match value {
        insq::Value::Number(number) => Value::Number(*number),
        insq::Value::Time(ms) => Value::Time(*ms),
        insq::Value::Bool(value) => Value::Bool(*value),
        insq::Value::Text(text) => Value::Text(text.clone()),
        _ => Value::Null,
    };
    Some(Ok(Answer {
        columns: result
            .schema()
            .fields()
            .iter()
            .map(|field| field.name().clone())
            .collect(),
        rows: result
            .rows()
            .iter()
            .map(|row| row.values().iter().map(value).collect())
            .collect(),
    }))
}

fn is_same(a: &Answer, b: &Answer) -> bool {
    let same_row = |(a, b): (&Vec<Value>, &Vec<Value>)| {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_close(a, b))
    };
    a.columns == b.columns && a.rows.len() == b.rows.len() && a.rows.iter().zip(&b.rows).all(same_row)
}

fn is_close(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => is_near(*a, *b),
        (Value::Text(a), Value::Text(b)) => a == b || is_same_text(a, b),
        (a, b) => a == b,
    }
}

/// True when the texts differ by no more than the rounding of numbers within them.
fn is_same_text(a: &str, b: &str) -> bool {
    let pieces = |text: &str| -> Vec<String> {
        let mut pieces = vec![String::new()];
        let (mut was_numeric, mut has_point) = (false, false);
        for c in text.chars() {
            let is_numeric = c.is_ascii_digit() || c == '.';
            // A second point begins a second number: numbers may be joined without a sign between them.
            if is_numeric != was_numeric || (c == '.' && has_point) {
                pieces.push(String::new());
                has_point = false;
            }
            was_numeric = is_numeric;
            has_point |= c == '.';
            pieces.last_mut().unwrap().push(c);
        }
        pieces
    };
    let (a, b) = (pieces(a), pieces(b));
    let is_same_piece = |(a, b): (&String, &String)| match (a.parse(), b.parse()) {
        (Ok(a), Ok(b)) => is_near(a, b),
        _ => a == b,
    };
    a.len() == b.len() && a.iter().zip(&b).all(is_same_piece)
}

fn is_near(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() <= TOLERANCE * a.abs().max(b.abs())
}

/// Leaves out what the difference does not need.
fn smallest(mut query: String, mut events: Vec<LogEvent>, range: TimeRange) -> (String, Vec<LogEvent>) {
    let still =
        |query: &str, events: &[LogEvent]| matches!(differs(query, events, range), Outcome::Differs(_));
    loop {
        let before = (query.len(), events.len());
        for idx in (0..events.len()).rev() {
            let mut fewer = events.clone();
            fewer.remove(idx);
            if still(&query, &fewer) {
                events = fewer;
            }
        }
        let commands: Vec<&str> = query.split("\n| ").collect();
        let fewer = (0..commands.len()).map(|left_out| {
            let kept = commands.iter().enumerate().filter(|(idx, _)| *idx != left_out);
            kept.map(|(_, command)| *command).collect::<Vec<_>>().join("\n| ")
        });
        if let Some(shorter) = fewer.into_iter().find(|shorter| still(shorter, &events)) {
            query = shorter;
        }
        if (query.len(), events.len()) == before {
            return (query, events);
        }
    }
}

fn shown(events: &[LogEvent]) -> String {
    let lines = events
        .iter()
        .map(|event| format!("{} {} {}", event.timestamp_ms, event.log_stream, event.message));
    lines.collect::<Vec<_>>().join("\n")
}
