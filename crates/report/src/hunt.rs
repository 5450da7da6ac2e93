//! What `insq hunt` says.

use insq::{Hunt, HuntMinute, HuntedFunction};

use crate::table::{Align, table};
use crate::words::{amount, clock, count, duration_ms, percent, plural, time_ms, time_s};

/// Functions of a hunt, at most, told minute by minute; the others are counted.
const FUNCTIONS_SHOWN: usize = 8;

/// A change by less than this factor is none.
const CHANGE_MIN: f64 = 1.25;

/// The report about the highest peaks: who was there, and what every function did in the minutes around.
pub fn hunt_report(hunts: &[Hunt], quota: u32, width: Option<u16>) -> String {
    let told = hunts
        .iter()
        .enumerate()
        .map(|(idx, hunt)| one(idx + 1, hunt, quota, width));
    told.collect::<Vec<_>>().join("\n\n")
}

fn one(place: usize, hunt: &Hunt, quota: u32, width: Option<u16>) -> String {
    let mut parts = vec![format!(
        "{place}  {} in flight at {} UTC, {} of the quota of {}. The minutes from {} on:",
        count(u64::from(hunt.peak)),
        time_ms(hunt.peak_us),
        percent(f64::from(hunt.peak) / f64::from(quota.max(1))),
        count(u64::from(quota)),
        time_s(hunt.window_us.start),
    )];
    parts.push(ranking(hunt, width));
    for function in hunt.functions.iter().take(FUNCTIONS_SHOWN) {
        parts.push(format!("{}\n{}", function.name, minutes(function, hunt, width)));
    }
    if hunt.functions.len() > FUNCTIONS_SHOWN {
        let more = hunt.functions.len() - FUNCTIONS_SHOWN;
        parts.push(format!(
            "… and {} more; -o csv tells all.",
            plural(more as u64, "function")
        ));
    }
    parts.join("\n\n")
}

/// Who was in flight at the peak, and how their minute differs from their normal one.
fn ranking(hunt: &Hunt, width: Option<u16>) -> String {
    let columns = [
        ("", Align::Left),
        ("at peak", Align::Right),
        ("share", Align::Right),
        ("in that minute", Align::Left),
    ];
    let rows: Vec<Vec<String>> = hunt
        .functions
        .iter()
        .take(FUNCTIONS_SHOWN)
        .map(|function| {
            vec![
                function.name.clone(),
                count(u64::from(function.at_peak)),
                percent(f64::from(function.at_peak) / f64::from(hunt.peak.max(1))),
                difference(function),
            ]
        })
        .collect();
    table(&columns, &rows, width)
}

/// The minute of the peak against the function's normal.
fn difference(function: &HuntedFunction) -> String {
    const MINUTE_S: f64 = 60.0;
    let (Some(minute), Some(normal)) = (function.peak_minute(), function.normal) else {
        return "no other time to compare with".to_owned();
    };
    if normal.starts == 0 {
        return "runs at no other time".to_owned();
    }
    let mut told = Vec::new();
    let calls = minute.stats.starts as f64;
    let usual = normal.rate_per_s() * MINUTE_S;
    told.extend(times("calls", calls, usual, amount));
    if let (Some(ms), Some(usual)) = (minute.stats.duration_ms(), normal.duration_ms()) {
        told.extend(times("durations", ms, usual, duration_ms));
    }
    if told.is_empty() {
        "as always".to_owned()
    } else {
        told.join(", ")
    }
}

/// `12 × the usual calls (600, usually 50.1)`, if it is worth telling.
fn times(what: &str, value: f64, usual: f64, show: fn(f64) -> String) -> Option<String> {
    let factor = value / usual;
    let is_change = !(1.0 / CHANGE_MIN..=CHANGE_MIN).contains(&factor);
    (is_change && factor.is_finite()).then(|| {
        format!(
            "{} × the usual {what} ({}, usually {})",
            amount(factor),
            show(value),
            show(usual)
        )
    })
}

fn minutes(function: &HuntedFunction, hunt: &Hunt, width: Option<u16>) -> String {
    let columns = [
        ("minute", Align::Left),
        ("invocations", Align::Right),
        ("mean duration", Align::Right),
        ("cold starts", Align::Right),
        ("most in flight", Align::Right),
        ("mean in flight", Align::Right),
        ("estimate", Align::Right),
    ];
    let row = |minute: &HuntMinute| {
        let is_peak = (minute.start_us..minute.start_us + 60_000_000).contains(&hunt.peak_us);
        vec![
            format!(
                "{}{}",
                clock(minute.start_us),
                if is_peak { " ◀ peak" } else { "" }
            ),
            count(minute.stats.starts),
            minute
                .stats
                .duration_ms()
                .map_or_else(|| "–".to_owned(), duration_ms),
            count(minute.stats.cold_starts),
            count(minute.max),
            amount(minute.mean),
            amount(minute.estimate),
        ]
    };
    let mut rows: Vec<Vec<String>> = function.minutes.iter().map(row).collect();
    if let Some(normal) = function.normal {
        rows.push(vec![
            "normal".to_owned(),
            amount(normal.rate_per_s() * 60.0),
            normal.duration_ms().map_or_else(|| "–".to_owned(), duration_ms),
            String::new(),
            String::new(),
            amount(normal.concurrency()),
            String::new(),
        ]);
    }
    table(&columns, &rows, width)
}
