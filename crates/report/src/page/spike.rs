//! Spikes on a page: the list, and for the highest a picture second by second and the shares of the rise.

use insq::{FunctionRise, Sign, Spike};

use super::PageContent;
use super::html::{Cell, Column, escaped, number, table};
use super::stack::{Layers, Mark, stack};
use crate::words::{amount, change, count, duration_ms, length, percent, time_ms, time_s};

/// Functions of a spike's table, at most.
const FUNCTIONS_SHOWN: usize = 12;

/// Where on the page a spike is.
pub(super) fn anchor(idx: usize) -> String {
    format!("spike-{}", idx + 1)
}

pub(super) fn spikes(content: &PageContent<'_>, layers: &Layers) -> String {
    let mut text = list(content);
    for (idx, zoom) in content.zooms {
        let Some(spike) = content.spikes.get(*idx) else {
            continue;
        };
        let id = anchor(*idx);
        text.push_str(&format!(
            "<h3 id=\"{id}\">Spike {}: {} in flight at {}</h3><p>{}</p>",
            idx + 1,
            count(u64::from(spike.peak)),
            time_ms(spike.peak_us),
            escaped(&facts(content, spike))
        ));
        let own = Layers::of(zoom, content.load);
        let layers = if own.legend().is_empty() { layers } else { &own };
        let marks = [Mark {
            at_us: spike.onset_us,
            href: id.clone(),
            label: "Onset".to_owned(),
        }];
        text.push_str(&stack(
            zoom,
            layers,
            content.concurrency.quotas.account(),
            &marks,
            &format!("{id}-chart"),
            &format!("Spike {} by function; the mark is its onset", idx + 1),
        ));
        text.push_str(&layers.legend());
        text.push_str(&rise(spike));
        text.push_str(&signs(content, *idx));
    }
    text
}

fn facts(content: &PageContent<'_>, spike: &Spike) -> String {
    let expected = spike.main.map_or_else(String::new, |main| {
        format!(
            " Up to {} where {} was expected.",
            amount(main.episode.peak_value),
            amount(main.episode.expected)
        )
    });
    let quota = f64::from(content.concurrency.quotas.account());
    format!(
        "From {} to {} ({}), {} of the quota.{expected} On average {} in flight before and {} meanwhile.",
        time_s(spike.onset_us),
        time_s(spike.end_us),
        length(spike.end_us - spike.onset_us),
        percent(f64::from(spike.peak) / quota),
        amount(spike.attribution.before),
        amount(spike.attribution.during)
    )
}

fn list(content: &PageContent<'_>) -> String {
    let columns = [
        Column::Number("Spike"),
        Column::Text("From"),
        Column::Number("For"),
        Column::Number("Peak"),
        Column::Number("Before"),
        Column::Number("Meanwhile"),
        Column::Text("Largest rise"),
    ];
    let row = |(idx, spike): (usize, &Spike)| {
        let attribution = &spike.attribution;
        let length_us = spike.end_us - spike.onset_us;
        vec![
            number(idx as f64, (idx + 1).to_string()),
            Cell::from(time_s(spike.onset_us)),
            number(length_us as f64, length(length_us)),
            number(f64::from(spike.peak), count(u64::from(spike.peak))),
            number(attribution.before, amount(attribution.before)),
            number(attribution.during, amount(attribution.during)),
            Cell::from(
                attribution
                    .functions
                    .first()
                    .map_or("", |first| first.name.as_str()),
            ),
        ]
    };
    let rows: Vec<Vec<Cell>> = content.spikes.iter().enumerate().map(row).collect();
    table(&columns, &rows)
}

/// Who holds which share of the rise, and why; the parts add up.
fn rise(spike: &Spike) -> String {
    let columns = [
        Column::Text("Function"),
        Column::Number("Of the rise"),
        Column::Number("Rise"),
        Column::Number("By rate"),
        Column::Number("By duration"),
        Column::Number("By cold starts"),
        Column::Number("Carried in"),
        Column::Number("A second"),
        Column::Number("Mean duration"),
        Column::Number("At the peak"),
    ];
    let functions = &spike.attribution.functions;
    let mut rows: Vec<Vec<Cell>> = functions.iter().take(FUNCTIONS_SHOWN).map(row).collect();
    let sum = |of: fn(&FunctionRise) -> f64| functions.iter().map(of).sum::<f64>();
    let total = |of: fn(&FunctionRise) -> f64| number(sum(of), change(sum(of)));
    rows.push(vec![
        Cell::from(format!("all {}", functions.len())),
        number(sum(|found| found.share), percent(sum(|found| found.share))),
        total(|found| found.rise),
        total(|found| found.parts.rate),
        total(|found| found.parts.duration),
        total(|found| found.parts.cold_start),
        total(|found| found.parts.carried_in),
        Cell::from(""),
        Cell::from(""),
        number(f64::from(spike.peak), count(u64::from(spike.peak))),
    ]);
    table(&columns, &rows)
}

fn row(found: &FunctionRise) -> Vec<Cell> {
    let ms = |ms: Option<f64>| ms.map_or_else(|| "–".to_owned(), duration_ms);
    let part = |value: f64| number(value, change(value));
    vec![
        Cell::from(found.name.as_str()),
        number(found.share, percent(found.share)),
        part(found.rise),
        part(found.parts.rate),
        part(found.parts.duration),
        part(found.parts.cold_start),
        part(found.parts.carried_in),
        number(
            found.during.rate_per_s(),
            format!(
                "{} → {}",
                amount(found.before.rate_per_s()),
                amount(found.during.rate_per_s())
            ),
        ),
        number(
            found.during.duration_ms().unwrap_or(f64::NAN),
            format!(
                "{} → {}",
                ms(found.before.duration_ms()),
                ms(found.during.duration_ms())
            ),
        ),
        number(f64::from(found.at_peak), count(u64::from(found.at_peak))),
    ]
}

fn signs(content: &PageContent<'_>, idx: usize) -> String {
    let Some(evidence) = content
        .evidence
        .get(idx)
        .filter(|evidence| !evidence.signs.is_empty())
    else {
        return String::new();
    };
    let columns = [
        Column::Text("In the log"),
        Column::Text("By"),
        Column::Text("Of"),
        Column::Number("Messages"),
        Column::Text("From"),
    ];
    let rows: Vec<Vec<Cell>> = evidence
        .signs
        .iter()
        .map(|found| {
            let what = match found.sign {
                Sign::Throttled => "throttled calls",
                Sign::OutOfMemory => "kills for want of memory",
                Sign::Timeout => "timeouts",
                Sign::Crash => "crashes",
                Sign::Error => "error messages",
            };
            vec![
                Cell::from(what),
                Cell::from(found.function.as_str()),
                Cell::from(found.service.as_str()),
                number(found.count as f64, count(found.count)),
                Cell::from(time_ms(found.first_ms * 1_000)),
            ]
        })
        .collect();
    table(&columns, &rows)
}
