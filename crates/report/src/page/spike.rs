//! Spikes on a page: the list, and for the highest a picture second by second, what rose and why, and what else the
//! log tells.

use insq::detect::QuotaRule;
use insq::{QuotaBreach, Sign, Spike, SpikeScope, SpikeSeries};

use super::PageContent;
use super::html::{Cell, Column, Table, facts, link, number, table};
use super::layers::Layers;
use super::rise::{change_of_functions, rise};
use super::stack::{Frame, Mark, stack};
use crate::words::{amount, count, length, percent, time_ms, time_s};

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
            "<section><h3 id=\"{id}\">Spike {}: {} in flight at {} UTC</h3>{}",
            idx + 1,
            count(u64::from(spike.peak)),
            time_ms(spike.peak_us),
            facts(&told(content, spike))
        ));
        let frame = Frame {
            quota: content.concurrency.quotas.account(),
            marks: &marks(spike),
            id: &format!("{id}-chart"),
            label: &format!(
                "Spike {} by function, with its onset, its peak and its end",
                idx + 1
            ),
        };
        text.push_str(&stack(zoom, layers, &frame));
        text.push_str(&rise(spike));
        text.push_str(&change_of_functions(spike));
        text.push_str(&breaches(content, spike));
        text.push_str(&signs(content, *idx));
        text.push_str("</section>");
    }
    text
}

fn marks(spike: &Spike) -> [Mark; 3] {
    [
        ("onset", spike.onset_us),
        ("peak", spike.peak_us),
        ("end", spike.end_us),
    ]
    .map(|(what, at_us)| Mark {
        at_us,
        text: what.to_owned(),
        label: format!("{what} at {} UTC", time_ms(at_us)),
        href: None,
    })
}

fn told(content: &PageContent<'_>, spike: &Spike) -> Vec<(&'static str, String)> {
    let quota = f64::from(content.concurrency.quotas.account());
    let open = if spike.open {
        ", not over when the log ended"
    } else {
        ""
    };
    let mut told = vec![
        ("onset", format!("{} UTC", time_s(spike.onset_us))),
        (
            "peak",
            format!("{} at {}", count(u64::from(spike.peak)), time_ms(spike.peak_us)),
        ),
        ("end", format!("{}{open}", time_s(spike.end_us))),
        ("lasted", length(spike.end_us - spike.onset_us)),
        ("of the quota", percent(f64::from(spike.peak) / quota)),
    ];
    if let Some(main) = &spike.main {
        let what = match main.series {
            SpikeSeries::Concurrency => "in flight",
            SpikeSeries::Starts => "started a second",
        };
        let (peak, expected) = (main.episode.peak_value, main.episode.expected);
        let whose = whose(content, main.scope);
        told.push(("observed", format!("{} {what}, {whose}", amount(peak))));
        told.push(("expected", amount(expected)));
    }
    let attribution = &spike.attribution;
    let means = [attribution.before, attribution.during].map(amount);
    told.push(("mean, before → meanwhile", means.join(" → ")));
    told
}

fn whose(content: &PageContent<'_>, scope: SpikeScope) -> String {
    match scope {
        SpikeScope::Total => "all functions".to_owned(),
        SpikeScope::Unreserved => "unreserved pool".to_owned(),
        SpikeScope::Function(id) => content.load.name(id).to_owned(),
    }
}

fn list(content: &PageContent<'_>) -> String {
    let columns = [
        Column::Number("Spike"),
        Column::Text("From (UTC)"),
        Column::Number("For"),
        Column::Number("Peak"),
        Column::Number("Before"),
        Column::Number("Meanwhile"),
        Column::Text("Largest rise"),
    ];
    let has_zoom = |idx: &usize| content.zooms.iter().any(|(known, _)| known == idx);
    let row = |(idx, spike): (usize, &Spike)| {
        let attribution = &spike.attribution;
        let length_us = spike.end_us - spike.onset_us;
        vec![
            if has_zoom(&idx) {
                link(idx as f64, (idx + 1).to_string(), anchor(idx))
            } else {
                number(idx as f64, (idx + 1).to_string())
            },
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
    // Spikes without a picture of their own are found in the list.
    let others = (0..content.spikes.len()).filter(|idx| !has_zoom(idx));
    let anchors: Vec<(usize, String)> = others.map(|idx| (idx, anchor(idx))).collect();
    let table = Table {
        label: "Spikes",
        columns: &columns,
        rows: &rows,
        total: None,
        anchors: &anchors,
    };
    table.html()
}

/// Rules of the service that were broken meanwhile.
fn breaches(content: &PageContent<'_>, spike: &Spike) -> String {
    if spike.breaches.is_empty() {
        return String::new();
    }
    let columns = [
        Column::Text("Rule broken"),
        Column::Text("By"),
        Column::Number("Highest"),
        Column::Number("Limit"),
        Column::Number("Seconds"),
        Column::Text("From (UTC)"),
    ];
    let row = |found: &QuotaBreach| {
        let breach = &found.breach;
        let rule = match breach.rule {
            QuotaRule::NearQuota => "near the quota",
            QuotaRule::AtQuota => "at the quota: what came on top was throttled",
            QuotaRule::ScalingRate => "new environments in 10 s",
            QuotaRule::RequestRate => "requests a second",
        };
        vec![
            Cell::from(rule),
            Cell::from(whose(content, found.scope)),
            number(breach.peak, count(breach.peak.round() as u64)),
            number(breach.limit, count(breach.limit.ceil() as u64)),
            number(breach.seconds as f64, count(breach.seconds)),
            Cell::from(time_s(breach.start_s.saturating_mul(1_000_000))),
        ]
    };
    let rows: Vec<Vec<Cell>> = spike.breaches.iter().map(row).collect();
    table("Rules of the service that were broken", &columns, &rows)
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
        Column::Text("From (UTC)"),
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
    table("What the log tells of the time of the spike", &columns, &rows)
}
