//! What `insq concurrency` says.

use insq::{
    BinEstimate, Concurrency, Edge, EstimateGap, LeftOut, Load, Overview, SCALING_MAX, SCALING_WINDOW_S,
    ScopeConcurrency,
};

use crate::chart::{Marks, chart};
use crate::table::{Align, table};
use crate::words::{amount, clock, count, duration_ms, length, percent, percentage, plural, time_ms, time_s};

/// Functions of the table, at most; the rest are counted.
const FUNCTIONS_SHOWN: usize = 25;

/// The report about a load: a sentence, a chart, the functions, the quota, Little's law, and what the log does not tell.
pub fn concurrency_report(
    found: &Concurrency,
    load: &Load,
    overview: &Overview,
    width: Option<u16>,
) -> String {
    let marks = Marks {
        quota: Some(found.quotas.account()),
        instants_us: &[found.total.peak_us],
    };
    let mut parts = vec![
        headline(found),
        chart(overview, load, &marks),
        scopes(found, width),
        quota(found),
        estimate(found),
        environments(found),
    ];
    parts.extend(edges(found));
    parts.extend(left_out(found.left_out));
    parts.join("\n\n")
}

fn headline(found: &Concurrency) -> String {
    let total = &found.total;
    let window = &found.window_us;
    let share = f64::from(total.peak) / f64::from(found.quotas.account());
    format!(
        "At most {} in flight at once, at {} UTC: {} of the quota of {}.\n\
         {} of {}, {} to {} UTC ({}). On average {} were in flight; for {} % of the time {} or fewer.",
        plural(u64::from(total.peak), "invocation"),
        time_ms(total.peak_us),
        percent(share),
        count(u64::from(found.quotas.account())),
        plural(total.calls, "invocation"),
        plural(found.functions.len() as u64, "function"),
        time_s(window.start),
        time_s(window.end),
        length(window.end - window.start),
        amount(total.mean),
        percentage(found.percent),
        count(u64::from(total.percentile(found.percent))),
    )
}

fn scopes(found: &Concurrency, width: Option<u16>) -> String {
    let percent_name = format!("p{}", percentage(found.percent));
    let columns = [
        ("", Align::Left),
        ("peak", Align::Right),
        ("at", Align::Left),
        ("of quota", Align::Right),
        ("p50", Align::Right),
        ("p99", Align::Right),
        (percent_name.as_str(), Align::Right),
        ("mean", Align::Right),
        ("invocations", Align::Right),
        ("cold", Align::Right),
    ];
    let all = std::iter::once(("all functions", &found.total));
    let unreserved = found.unreserved.iter().map(|scope| ("unreserved pool", scope));
    let functions = found
        .functions
        .iter()
        .take(FUNCTIONS_SHOWN)
        .map(|scope| (scope.name.as_str(), scope));
    let rows: Vec<Vec<String>> = all
        .chain(unreserved)
        .chain(functions)
        .map(|(name, scope)| scope_row(name, scope, found.percent))
        .collect();
    let mut text = table(&columns, &rows, width);
    if let Some(more) = found
        .functions
        .len()
        .checked_sub(FUNCTIONS_SHOWN)
        .filter(|more| *more > 0)
    {
        text.push_str(&format!(
            "\n … and {more} more functions; `-o csv --rows functions` lists all"
        ));
    }
    text
}

fn scope_row(name: &str, scope: &ScopeConcurrency, percent_shown: f64) -> Vec<String> {
    let quota = scope.quota.filter(|quota| *quota > 0);
    let of_quota = quota.map(|quota| percent(f64::from(scope.peak) / f64::from(quota)));
    let level = |percent| count(u64::from(scope.percentile(percent)));
    vec![
        name.to_owned(),
        count(u64::from(scope.peak)),
        if scope.peak > 0 {
            time_s(scope.peak_us)
        } else {
            String::new()
        },
        of_quota.unwrap_or_default(),
        level(50.0),
        level(99.0),
        level(percent_shown),
        amount(scope.mean),
        count(scope.calls),
        count(scope.cold_starts),
    ]
}

fn quota(found: &Concurrency) -> String {
    let mut lines = Vec::new();
    let mut tell = |name: &str, scope: &ScopeConcurrency| {
        let reached: Vec<String> = scope
            .shares
            .iter()
            .filter(|share| share.time_us > 0)
            .map(|share| {
                let bins = if found.bin_ms == 1_000 {
                    plural(share.bins, "second")
                } else {
                    format!(
                        "{} of {}",
                        plural(share.bins, "bin"),
                        length(found.bin_ms * 1_000)
                    )
                };
                format!(
                    "{} % in {bins} ({} in all)",
                    share.percent,
                    length(share.time_us as i64)
                )
            })
            .collect();
        let quota = scope
            .quota
            .map_or_else(String::new, |quota| count(u64::from(quota)));
        lines.push(if scope.quota == Some(0) {
            format!("Quota of {name}: 0 reserved, which lets nothing run.")
        } else if reached.is_empty() {
            format!("Quota of {name}: never half of {quota}.")
        } else {
            format!("Quota of {name}: of {quota}, {}.", reached.join(", "))
        });
    };
    tell("all functions", &found.total);
    if let Some(unreserved) = &found.unreserved {
        tell("the unreserved pool", unreserved);
    }
    for scope in found.functions.iter().filter(|scope| scope.quota.is_some()) {
        tell(&scope.name, scope);
    }
    for name in &found.unknown_reserved {
        lines.push(format!(
            "`{name}` has a reservation, and no invocations in these logs."
        ));
    }
    lines.extend(scaling(found));
    lines.join("\n")
}

/// The fastest growth of a function, and the most requests.
fn scaling(found: &Concurrency) -> Vec<String> {
    let mut lines = Vec::new();
    let fastest = found.functions.iter().max_by_key(|scope| scope.scaling.most);
    if let Some(scope) = fastest.filter(|scope| scope.scaling.most > 0) {
        lines.push(format!(
            "Scaling rate: {} got {} in {SCALING_WINDOW_S} s from {}, {} of the {} that a function may get.",
            scope.name,
            plural(u64::from(scope.scaling.most), "new environment"),
            time_s(scope.scaling.since_us),
            percent(f64::from(scope.scaling.most) / f64::from(SCALING_MAX)),
            count(u64::from(SCALING_MAX)),
        ));
    }
    if let Some(most) = found.total.requests_max_per_s() {
        let (rate, at) = found.total.requests_per_s;
        lines.push(format!(
            "Requests: at most {} a second, at {}; the quota lets {} through.",
            amount(rate),
            time_s(at),
            count(most),
        ));
    }
    lines
}

fn estimate(found: &Concurrency) -> String {
    let mut lines = vec![format!(
        "Little's law over all of the time: rate × mean duration gives {}, exact is {}.",
        amount(found.total.estimated_mean),
        amount(found.total.mean),
    )];
    let width = found.bin_ms;
    if let Some(bin) = &found.total.at_peak {
        lines.push(format!(
            "In the bin of the peak, {}",
            estimated(bin, found.percent, width)
        ));
    }
    let elsewhere = found.total.highest_estimate.filter(|bin| {
        found
            .total
            .at_peak
            .is_none_or(|peak| peak.start_us != bin.start_us)
    });
    if let Some(bin) = &elsewhere {
        lines.push(format!(
            "A query that sorts by the estimate finds another bin: {}",
            estimated(bin, found.percent, width)
        ));
    }
    lines.join("\n")
}

fn estimated(bin: &BinEstimate, percent: f64, bin_ms: i64) -> String {
    let per = if bin_ms == 1_000 {
        String::new()
    } else {
        format!(" / {}", length(bin_ms * 1_000))
    };
    let ratio = bin
        .ratio()
        .map_or_else(String::new, |ratio| format!(", {} times what was", amount(ratio)));
    let why = match bin.gap(bin_ms) {
        EstimateGap::Close => String::new(),
        EstimateGap::LongCalls => {
            ": invocations last longer than the bin, and each counts only where it ends".to_owned()
        }
        EstimateGap::Percentile => ": few last as long as the percentile, which stands for all".to_owned(),
        EstimateGap::Burst => ": they overlap for a part of the bin only".to_owned(),
        EstimateGap::Initialisation => {
            ": initialisations keep environments busy and are no part of the duration".to_owned()
        }
    };
    format!(
        "{}: {} ended × p{} {}{per} = {} (× mean {} = {}); exact: at most {}, mean {}{ratio}{why}.",
        clock(bin.start_us),
        count(u64::from(bin.ends)),
        percentage(percent),
        duration_ms(bin.duration_percentile_ms),
        amount(bin.by_percentile),
        duration_ms(bin.duration_mean_ms),
        amount(bin.by_mean),
        count(u64::from(bin.max)),
        amount(bin.mean),
    )
}

fn environments(found: &Concurrency) -> String {
    let environments = found.environments;
    if environments.distinct == 0 {
        return "Environments: the logs do not tell their log streams.".to_owned();
    }
    let mut text = format!(
        "Environments: {} in all; at least {} alive at once, at most {} busy.",
        count(environments.distinct),
        count(environments.alive_max),
        count(u64::from(found.total.peak)),
    );
    if environments.overlaps > 0 {
        text.push_str(&format!(
            "\n{} overlap another one of the same environment: of managed instances, or a log that was read twice.",
            plural(environments.overlaps, "invocation")
        ));
    }
    text
}

fn edges(found: &Concurrency) -> Option<String> {
    let tell = |edge: &Edge, what: &str| {
        format!(
            "Incomplete: {} to {}, {what}; about {} may be missing there, {} if it was as busy as ever.",
            time_ms(edge.range_us.start),
            time_ms(edge.range_us.end),
            amount(edge.likely),
            count(u64::from(edge.at_most)),
        )
    };
    let head = found.edges.head.as_ref();
    let tail = found.edges.tail.as_ref();
    let lines: Vec<String> = head
        .map(|edge| tell(edge, "before the first REPORT of the logs"))
        .into_iter()
        .chain(tail.map(|edge| tell(edge, "where invocations may not have ended by the last REPORT")))
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn left_out(left_out: LeftOut) -> Option<String> {
    let reasons = [
        (left_out.without_time, "without a time"),
        (left_out.without_duration, "without a duration"),
        (left_out.negative, "with a negative duration"),
        (
            left_out.too_long,
            "with a duration longer than any function may run",
        ),
    ];
    let told: Vec<String> = reasons
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| format!("{} {what}", count(*number)))
        .collect();
    (!told.is_empty()).then(|| format!("Left out: REPORT events {}.", told.join(", ")))
}
