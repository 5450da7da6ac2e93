//! The tables of a page.

use insq::{Concurrency, Hunt, HuntMinute, HuntedFunction, ScopeConcurrency};

use super::html::{Cell, Column, escaped, number, table};
use crate::words::{amount, clock, count, duration_ms, percent, percentage, time_ms, time_s};

/// Functions of a hunt, at most.
const HUNTED_SHOWN: usize = 12;

/// Every function, with its peak and its percentiles.
pub(super) fn functions(found: &Concurrency) -> String {
    let percentile = format!("p{}", percentage(found.percent));
    let columns = [
        Column::Text("Function"),
        Column::Number("Peak"),
        Column::Text("At"),
        Column::Number("Of quota"),
        Column::Number("p50"),
        Column::Number("p99"),
        Column::Number(&percentile),
        Column::Number("Mean"),
        Column::Number("Invocations"),
        Column::Number("Cold starts"),
    ];
    let row = |(name, scope): (&str, &ScopeConcurrency)| {
        let level = |percent| {
            let level = scope.percentile(percent);
            number(f64::from(level), count(u64::from(level)))
        };
        let share = scope
            .quota
            .filter(|quota| *quota > 0)
            .map(|quota| f64::from(scope.peak) / f64::from(quota));
        vec![
            Cell::from(name),
            number(f64::from(scope.peak), count(u64::from(scope.peak))),
            Cell::from(if scope.peak > 0 {
                time_s(scope.peak_us)
            } else {
                String::new()
            }),
            share.map_or_else(|| Cell::from(""), |share| number(share, percent(share))),
            level(50.0),
            level(99.0),
            level(found.percent),
            number(scope.mean, amount(scope.mean)),
            number(scope.calls as f64, count(scope.calls)),
            number(scope.cold_starts as f64, count(scope.cold_starts)),
        ]
    };
    let rows: Vec<Vec<Cell>> = scopes(found).map(row).collect();
    table("Concurrency of every function", &columns, &rows)
}

/// All together, the pool if there is one, and every function.
pub(super) fn scopes(found: &Concurrency) -> impl Iterator<Item = (&str, &ScopeConcurrency)> {
    let all = std::iter::once(("all functions", &found.total));
    let unreserved = found.unreserved.iter().map(|scope| ("unreserved pool", scope));
    let functions = found.functions.iter().map(|scope| (scope.name.as_str(), scope));
    all.chain(unreserved).chain(functions)
}

/// Little's law beside what was, in the bin of every peak and over all of the time.
pub(super) fn estimates(found: &Concurrency) -> String {
    let columns = [
        Column::Text("Function"),
        Column::Text("Peak at"),
        Column::Number("Exact most"),
        Column::Number("Estimate"),
        Column::Number("Ratio"),
        Column::Text("Highest estimate"),
        Column::Number("Estimate there"),
        Column::Number("Exact there"),
        Column::Number("Mean"),
        Column::Number("Estimated"),
    ];
    let row = |(name, scope): (&str, &ScopeConcurrency)| {
        let bin = |bin: Option<insq::BinEstimate>| match bin {
            Some(bin) => (
                Cell::from(time_s(bin.start_us)),
                number(bin.by_percentile, amount(bin.by_percentile)),
                number(f64::from(bin.max), count(u64::from(bin.max))),
            ),
            None => (Cell::from(""), Cell::from(""), Cell::from("")),
        };
        let (peak_at, peak_estimate, peak_exact) = bin(scope.at_peak);
        let (high_at, high_estimate, high_exact) = bin(scope.highest_estimate);
        let ratio = scope.at_peak.and_then(|bin| bin.ratio());
        vec![
            Cell::from(name),
            peak_at,
            peak_exact,
            peak_estimate,
            ratio.map_or_else(|| Cell::from(""), |ratio| number(ratio, amount(ratio))),
            high_at,
            high_estimate,
            high_exact,
            number(scope.mean, amount(scope.mean)),
            number(scope.estimated_mean, amount(scope.estimated_mean)),
        ]
    };
    let rows: Vec<Vec<Cell>> = scopes(found).map(row).collect();
    table("Estimates beside exact figures", &columns, &rows)
}

/// The minutes around the highest peaks.
pub(super) fn hunts(hunts: &[Hunt]) -> String {
    let mut text = String::new();
    for hunt in hunts {
        text.push_str(&format!(
            "<h3>{} in flight at {}</h3>",
            count(u64::from(hunt.peak)),
            time_ms(hunt.peak_us)
        ));
        for function in hunt.functions.iter().take(HUNTED_SHOWN) {
            text.push_str(&format!(
                "<p><b>{}</b>, {} at the peak</p>{}",
                escaped(&function.name),
                count(u64::from(function.at_peak)),
                minutes(function, hunt)
            ));
        }
        let more = hunt.functions.len().saturating_sub(HUNTED_SHOWN);
        if more > 0 {
            text.push_str(&format!("<p class=\"dim\">… and {more} more functions.</p>"));
        }
    }
    text
}

fn minutes(function: &HuntedFunction, hunt: &Hunt) -> String {
    let columns = [
        Column::Text("Minute"),
        Column::Number("Invocations"),
        Column::Number("Mean duration"),
        Column::Number("Cold starts"),
        Column::Number("Most in flight"),
        Column::Number("Mean in flight"),
        Column::Number("Estimate"),
    ];
    let row = |minute: &HuntMinute| {
        let is_peak = (minute.start_us..minute.start_us + 60_000_000).contains(&hunt.peak_us);
        let ms = minute.stats.duration_ms();
        vec![
            Cell::from(format!(
                "{}{}",
                clock(minute.start_us),
                if is_peak { " ◀ peak" } else { "" }
            )),
            number(minute.stats.starts as f64, count(minute.stats.starts)),
            number(
                ms.unwrap_or(f64::NAN),
                ms.map_or_else(|| "–".to_owned(), duration_ms),
            ),
            number(minute.stats.cold_starts as f64, count(minute.stats.cold_starts)),
            number(minute.max as f64, count(minute.max)),
            number(minute.mean, amount(minute.mean)),
            number(minute.estimate, amount(minute.estimate)),
        ]
    };
    let rows: Vec<Vec<Cell>> = function.minutes.iter().map(row).collect();
    table(&format!("Minutes of {}", function.name), &columns, &rows)
}
