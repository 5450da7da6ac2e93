//! An analysis as one page that needs nothing else: no network, no fonts, no scripts from elsewhere.
//!
//! Pictures are drawn here, as SVG; the script only reads them out and sorts tables.

mod curve;
mod html;
mod labels;
mod layers;
mod little;
mod rise;
mod spike;
mod stack;
mod tables;

use insq::{Concurrency, Evidence, Hunt, Load, Overview, Spike};

use crate::words::{amount, count, length, percent, percentage, plural, time_ms, time_s};
use html::escaped;
use layers::{Layers, patterns};
use stack::{Frame, Mark, stack};

/// Columns of the picture of all of the time.
pub const PAGE_COLUMNS: usize = 1_000;

/// Columns of the picture of a spike, at most.
pub const ZOOM_COLUMNS: usize = 400;

/// Time before and after a spike that its picture shows, microseconds.
pub const ZOOM_MARGIN_US: i64 = 60_000_000;

/// Spikes with a picture and tables of their own, at most; the highest. The others are in the list.
pub const ZOOMS_MAX: usize = 20;

/// What a page shows.
pub struct PageContent<'a> {
    /// The invocations.
    pub load: &'a Load,
    /// Their concurrency.
    pub concurrency: &'a Concurrency,
    /// The picture of all of the time, of up to [`PAGE_COLUMNS`] columns.
    pub overview: &'a Overview,
    /// Spikes, in the order of time.
    pub spikes: &'a [Spike],
    /// Pictures of some of them, each with its index in `spikes`.
    pub zooms: &'a [(usize, Overview)],
    /// What the log tells of the time of every spike; empty where it was not read.
    pub evidence: &'a [Evidence],
    /// The highest peaks.
    pub hunts: &'a [Hunt],
}

/// The page.
///
/// # Examples
/// ```
/// use insq::{ConcurrencyOptions, Engine, LoadOptions, Overview, RunControl};
/// use insq_report::{PAGE_COLUMNS, PageContent, page};
///
/// let log = "2026-03-04T00:00:00.131Z REPORT RequestId: 0b9d\tDuration: 7.31 ms\tBilled Duration: 8 ms\t\n";
/// let engine = Engine::builder().reader("orders.log", log.as_bytes()).build()?;
/// let load = engine.load(&LoadOptions::default(), &RunControl::default())?.load;
/// let (first, last) = load.span_us().ok_or("no invocations")?;
/// let options = ConcurrencyOptions::default();
/// let mut overview = Overview::new(first..last, PAGE_COLUMNS, options.bin_ms);
/// let concurrency = engine.concurrency(&load, &options, |slice| overview.add(slice));
/// let text = page(&PageContent {
///     load: &load,
///     concurrency: &concurrency.ok_or("no invocations")?,
///     overview: &overview,
///     spikes: &[],
///     zooms: &[],
///     evidence: &[],
///     hunts: &[],
/// });
/// assert!(text.starts_with("<!doctype html>") && !text.contains("://"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn page(content: &PageContent<'_>) -> String {
    let found = content.concurrency;
    let title = format!(
        "Lambda concurrency, {} to {} UTC",
        time_s(found.window_us.start),
        time_s(found.window_us.end)
    );
    let charts = content.zooms.iter().map(|(_, zoom)| zoom);
    let layers = Layers::of(charts.chain([content.overview]), content.load);
    let mut body = format!("{}<h1>{}</h1>{}", patterns(), escaped(&title), figures(found));
    body.push_str(&format!("<h2>In flight</h2>{}", in_flight(content, &layers)));
    if !content.spikes.is_empty() {
        body.push_str(&format!("<h2>Spikes</h2>{}", spike::spikes(content, &layers)));
    }
    body.push_str(&format!(
        "<h2>By share of the time</h2><p class=\"dim\">For so much of the time, at most so many were in flight; idle time \
         included.</p>{}",
        curve::curve(&found.total)
    ));
    body.push_str(&format!("<h2>Functions</h2>{}", tables::functions(found)));
    body.push_str(&format!(
        "<h2>Little’s law against what was</h2><p class=\"dim\">A query that counts REPORT events of a bin and multiplies \
         by the {}th percentile of their durations, beside the exact figures.</p>{}{}",
        percentage(found.percent),
        little::bars(found),
        tables::estimates(found)
    ));
    if !content.hunts.is_empty() {
        body.push_str(&format!(
            "<h2>Minute by minute</h2>{}",
            tables::hunts(content.hunts)
        ));
    }
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width,initial-scale=1\"><title>{}</title><style>{}</style></head><body><main>{body}\
         <p class=\"dim\">All times are UTC.</p><noscript><p class=\"dim\">Without scripts, charts are not read out and tables \
         not sorted; nothing is missing.</p></noscript></main><script>{}</script></body></html>\n",
        escaped(&title),
        include_str!("style.css"),
        include_str!("script.js")
    )
}

fn figures(found: &Concurrency) -> String {
    let total = &found.total;
    let quota = found.quotas.account();
    let level = |percent: f64| count(u64::from(total.percentile(percent)));
    let environments = match found.environments.distinct {
        0 => (
            "–".to_owned(),
            "environments: the logs name no streams".to_owned(),
        ),
        number => (count(number), "environments".to_owned()),
    };
    let list = [
        (
            count(u64::from(total.peak)),
            format!("most in flight, {} UTC", time_ms(total.peak_us)),
        ),
        (
            percent(f64::from(total.peak) / f64::from(quota)),
            format!("of the quota of {}", count(u64::from(quota))),
        ),
        (amount(total.mean), "in flight on average".to_owned()),
        (level(50.0), "or fewer for half of the time".to_owned()),
        (level(99.0), "or fewer for 99 % of the time".to_owned()),
        (
            level(found.percent),
            format!("or fewer for {} % of the time", percentage(found.percent)),
        ),
        (
            count(total.calls),
            format!(
                "invocations of {}",
                plural(found.functions.len() as u64, "function")
            ),
        ),
        (count(total.cold_starts), "cold starts".to_owned()),
        environments,
        (
            length(found.window_us.end - found.window_us.start),
            "looked at".to_owned(),
        ),
    ];
    let items = list.iter().map(|(figure, what)| {
        format!(
            "<li><b>{}</b><span>{}</span></li>",
            escaped(figure),
            escaped(what)
        )
    });
    format!("<ul class=\"figures\">{}</ul>", items.collect::<String>())
}

fn in_flight(content: &PageContent<'_>, layers: &Layers) -> String {
    let marks: Vec<Mark> = content
        .spikes
        .iter()
        .enumerate()
        .map(|(idx, spike)| Mark {
            at_us: spike.peak_us,
            text: (idx + 1).to_string(),
            label: format!(
                "Spike {}: {} in flight at {} UTC",
                idx + 1,
                count(u64::from(spike.peak)),
                time_ms(spike.peak_us)
            ),
            href: Some(spike::anchor(idx)),
        })
        .collect();
    let overview = content.overview;
    let frame = Frame {
        quota: content.concurrency.quotas.account(),
        marks: &marks,
        id: "all",
        label: "Most invocations in flight over time, stacked by function",
    };
    let mut text = stack(overview, layers, &frame);
    text.push_str(&format!(
        "<p class=\"dim\">Every column is {} and shows its highest {}, shared out by busy time. Marks are spikes, and lead \
         to them.</p>",
        length(overview.column_us),
        length(content.concurrency.bin_ms * 1_000)
    ));
    let edges = &content.concurrency.edges;
    for edge in edges.head.iter().chain(&edges.tail) {
        text.push_str(&format!(
            "<p class=\"dim\">Incomplete from {} to {} UTC: about {} may be missing there, {} if it was as busy as ever.</p>",
            time_ms(edge.range_us.start),
            time_ms(edge.range_us.end),
            amount(edge.likely),
            count(u64::from(edge.at_most))
        ));
    }
    text
}
